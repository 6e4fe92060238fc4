"""What a message to a court or lawyer holds, independent of the version that it is written in."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from intake.facts import Correspondent, Facts

LONGEST_NAME = 90  # characters of a file name with its ending (ERVB)
_COURT = re.compile(r"^(?:[A-Z]\d{4,5}[A-Z]?|9[A-Z]0000)$")  # GDS.Gerichte
_UUID = re.compile(r"^[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}$")


@dataclass(frozen=True)
class Partner:
    """Who sends or receives: a court by its code (GDS.Gerichte), anybody else by name; the SAFE-ID of the mailbox."""

    name: str = ""
    court: str = ""
    safe_id: str = ""

    @classmethod
    def of(cls, said: Correspondent) -> Partner:
        """The sender of a message as somebody to write to; other authorities than courts go by their name."""
        court = line(said.code)
        court = court if _COURT.match(court) else ""
        return cls(line(said.name), court, line(said.safe_id))


@dataclass(frozen=True)
class Head:
    """The Nachrichtenkopf. ``own_reference`` is the sender's (ours), ``foreign_reference`` the recipient's.

    ``reply_to`` is the recipient's id of the message that this one answers, "" for none.
    """

    message_id: UUID
    created_at: datetime
    sender: Partner
    recipient: Partner
    own_reference: str = ""
    foreign_reference: str = ""
    reply_to: str = ""


@dataclass(frozen=True)
class Received:
    """An Empfangsbekenntnis: the day on which a person took note of what was served (§ 173 Abs. 3 ZPO)."""

    on: date


@dataclass(frozen=True)
class Failure:
    """Why no Empfangsbekenntnis is given: the code of EEB.StoerungsID and an explanation."""

    code: str
    text: str = ""


@dataclass(frozen=True)
class Attachment:
    """A Schriftstück with its one file. ``kind`` is a code of GDS.Dokumentklasse."""

    document_id: UUID
    title: str
    file_name: str
    kind: str = "001"
    on: date | None = None
    demands_receipt: bool = False


FAILURES = {
    "1": "Zustellungsempfänger nicht am Verfahren beteiligt",
    "2": "Inhalt der Sendung unklar oder unvollständig",
    "3": "Zertifikatsprüfung fehlgeschlagen",
}
"""EEB.StoerungsID, with the official designations."""


def answer_head(facts: Facts, *, message_id: UUID, created_at: datetime, sender: Partner, own_reference: str) -> Head:
    """The head of an answer: sender and recipient, and with them both file references, change places.

    ``own_reference`` stands in for ours where the message that is answered did not name it.
    """
    said = line(facts.message_id)
    return Head(
        message_id=message_id,
        created_at=created_at,
        sender=sender,
        recipient=Partner.of(facts.sender),
        own_reference=line(facts.own_reference) or line(own_reference),
        foreign_reference=line(facts.foreign_reference) or line(facts.court_reference),
        reply_to=said if _UUID.match(said) else "",
    )


def line(value: str) -> str:
    """``value`` as it may stand in a message: composed (NFC), on one line, without control characters."""
    kept = "".join(" " if unicodedata.category(each) in ("Cc", "Cs", "Zl", "Zp") else each for each in value)
    return " ".join(unicodedata.normalize("NFC", kept).split())


def file_name(wanted: str, ending: str, taken: set[str]) -> str:
    """``wanted`` as the standard allows a file name: letters, digits, ``_`` and ``-``, at most 90 characters.

    ``ending`` is without its dot. Unique among ``taken`` (in lower case), to which it is added.
    """
    stem = re.sub(r"[^0-9A-Za-zÄÖÜäöüß_-]+", "_", unicodedata.normalize("NFC", wanted)).strip("_-") or "Dokument"
    number = 1
    while True:
        mark = "" if number == 1 else f"_{number}"
        name = f"{stem[: LONGEST_NAME - len(mark) - len(ending) - 1]}{mark}.{ending}"
        if name.lower() not in taken:
            taken.add(name.lower())
            return name
        number += 1
