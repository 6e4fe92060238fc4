"""A court that writes to the town by EGVP and asks for an Empfangsbekenntnis, and an EGVP client that answers."""

from __future__ import annotations

import os
import time
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from audit.acting import Actor
from cases.models import Case, User
from intake import schemas
from intake.facts import Facts
from intake.gates.xml import parse
from intake.models import Submission
from intake.standards import xjustiz
from returnchannel.models import CourtMessage
from tests import factories as make
from tests.intake import builders

SAMPLES = Path(__file__).parents[3] / "shared" / "samples"
needs_schemas = pytest.mark.skipif(not SAMPLES.is_dir(), reason="The official schemas are not beside this checkout.")
COURT, TOWN = (
    "DE.Justiz.233a8870-2319-4dbc-9f68-a4cc9da8f429.9999",
    "DE.Justiz.00000000-0000-4000-8000-000000000001.abcd",
)
THEIR_ID = "f8c5ce63-dbae-465f-a0cd-1d7b149b438e"
END = "</informationen>"
MAILBOX = "<routingInformationAusSafeverzeichnis>{}</routingInformationAusSafeverzeichnis>"


class Registry:
    """A team with a Vorgang in which a court asks for an Empfangsbekenntnis, and the folders of the EGVP client."""

    def __init__(self, settings: Any) -> None:
        self.outbox: Path = settings.EGVP_OUTBOX
        settings.INBOX_SETTLE_SECONDS = 0
        self.receipts = self.outbox / "quittungen"
        self.receipts.mkdir()
        schemas.install(SAMPLES / "xjustiz" / "xsd" / "3.6.2")
        self.unit = make.team()
        make.rule("Zustellung", unit=self.unit)
        self.person: User = make.user(self.unit, first_name="Wanda", last_name="Amt")
        self.by = Actor.of(self.person)
        self.asked = demand()
        self.case: Case = self.asked.case

    def sent(self, message: CourtMessage) -> Facts:
        """What our own reader understands of the message that lies in the outbox."""
        content = (self.outbox / str(message.message_id) / "attachments" / "xjustiz_nachricht.xml").read_bytes()
        facts, findings = xjustiz.read(parse(content))
        assert [each.code for each in findings if each.is_blocking] == []
        return facts

    def waiting(self) -> list[str]:
        """What the EGVP client finds to send."""
        return sorted(each.name for each in self.outbox.iterdir() if each != self.receipts)

    def accept(self, message: CourtMessage, at: datetime, status: str = "valid") -> Path:
        """The EGVP client puts down that the message has arrived."""
        return self.put(
            f"{message.message_id}.xml",
            f'<EGVPMessageProps status="{status}"><MessageID>govapp_4711</MessageID>'
            f"<ServerEntryTime>{at.isoformat()}</ServerEntryTime></EGVPMessageProps>",
        )

    def refuse(self, message: CourtMessage, why: str = "Das Postfach nimmt nichts an.") -> Path:
        """The EGVP client puts down that the message was not accepted."""
        return self.put(f"{message.message_id}.fehler.txt", f"\n{why}\nEinzelheiten\n")

    def put(self, name: str, content: str) -> Path:
        """A file among the receipts, written a moment ago."""
        path = self.receipts / name
        path.write_text(content)
        os.utime(path, (time.time() - 5, time.time() - 5))
        return path


def demand(
    *, own: str = builders.OWN, foreign: str = builders.FOREIGN, message_id: str = THEIR_ID, safe_id: str = COURT
) -> Submission:
    """A message of a court that asks for an Empfangsbekenntnis (XJustiz 3.6.2), filed in its Vorgang."""
    head = builders.header("3.6.2", own=own, foreign=foreign).replace(builders.MESSAGE_ID, message_id)
    head = (MAILBOX.format(TOWN) + END).join(head.rsplit(END, 1))
    body = builders.proceedings("3.6.2").replace(builders.FOREIGN, foreign)
    return _arrived(builders.message("3.6.2", head=head, body=body), safe_id)


def returned(reply_to: str, on: str, *, own: str, safe_id: str = COURT) -> Submission:
    """An Empfangsbekenntnis that was returned to us (XJustiz 3.6.2), filed in the Vorgang with our reference."""
    head = builders.header("3.6.2", own=own, reply_to=reply_to).replace(builders.MESSAGE_ID, str(uuid4()))
    content = f"{head}<fachdaten><empfangsbestaetigung>{on}</empfangsbestaetigung></fachdaten>"
    return _arrived(builders.xml("nachricht.eeb.zuruecklaufend.2200007", content), safe_id, {})


def _arrived(message: bytes, safe_id: str, attachments: dict[str, bytes] | None = None) -> Submission:
    number = f"govapp_{uuid4().int}"[:30]
    files = builders.container(message, attachments, message_id=number)
    mailbox = b"DE.Justiz.11111111-2222-3333-4444-555555555555.0001"
    files["MsgProps.xml"] = files["MsgProps.xml"].replace(mailbox, safe_id.encode())
    return make.processed(make.envelope(files, external_id=number))
