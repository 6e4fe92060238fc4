"""The channel of what people record by hand: post, the counter, a call. It has no folder and reads none."""

from __future__ import annotations

import io
import json
from collections.abc import Collection, Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

from intake.channels import register
from intake.channels.base import Channel, Skipped
from intake.envelope import Envelope, MessageFile
from intake.gates import filenames
from intake.standards.layout import RECORD, RECORD_DIR


@dataclass(frozen=True)
class Record:
    """What somebody recorded. ``key`` is drawn with the form, so that a form sent twice is one Eingang.

    ``way`` is how it came (post, counter, call, fax), ``received_at`` the legal arrival with its zone, ``case_id`` the
    Vorgangs-ID or ``service`` the slug of the Leistung that it belongs to, ``role`` a value of ``Document.Role``.
    """

    key: str
    way: str
    received_at: datetime
    sender: str
    subject: str
    note: str
    service: str = ""
    case_id: str = ""
    role: str = "schreiben"


@register
class Manual(Channel):
    """Turns a record and its files into an envelope."""

    slug = "manual"
    label = "Erfassung von Hand"

    def envelope(self, record: Record, files: Sequence[MessageFile]) -> Envelope:
        """The envelope of a record; the files keep their names, each in a folder with its number."""
        said = asdict(record) | {"received_at": record.received_at.isoformat()}
        content = json.dumps(said, ensure_ascii=False, indent=1).encode()
        stored = [
            MessageFile(f"{RECORD_DIR}/{number}/{filenames.storable(file.name)}", file.size, file.open)
            for number, file in enumerate(files, 1)
        ]
        return Envelope(
            channel=self.slug,
            external_id=record.key,
            files=[MessageFile(RECORD, len(content), lambda: io.BytesIO(content)), *stored],
            received_at=record.received_at,
            source=record.way,
        )

    def envelopes(self, path: Path) -> Iterator[Envelope | Skipped]:
        """Nothing lies in files: what is recorded comes from the page."""
        yield Skipped(str(path), "Von Hand erfasst wird auf der Seite „Eingang erfassen“, nicht aus Dateien.")

    def inbox(self, folder: Path, *, ignore: Collection[str] = ()) -> Iterator[Envelope | Skipped]:
        """As ``envelopes``."""
        yield from self.envelopes(folder)
