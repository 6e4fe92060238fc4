"""The channel for scanned paper: a folder into which the scanner or the scan station writes PDF files or images.

Each file is one letter. Its arrival is the day that its name begins with (``2026-11-24_0815.pdf``), at noon, because
the hour is not known then; else the time at which the file was written. A day in the future is none.
"""

from __future__ import annotations

import re
from datetime import datetime, time
from pathlib import Path

from django.utils import timezone

from intake.channels import register
from intake.channels.folder import FolderChannel, name_findings, own_id, source, written_at
from intake.envelope import Envelope, MessageFile
from intake.gates import filenames
from intake.standards import scan, values

_DAY = re.compile(r"^\d{4}-\d{2}-\d{2}(?!\d)")


@register
class Scan(FolderChannel):
    """Reads scanned letters, each a PDF or an image."""

    slug = "scan"
    label = "Scan"

    def message(self, path: Path) -> Envelope:
        """The letter at ``path``; whatever else lies there is kept for a person."""
        file = MessageFile.from_path(path, filenames.storable(path.name))
        if path.is_dir() or not scan.is_scan([file]):
            return self.unknown(path, "weder ein PDF noch ein Bild (TIFF, PNG, JPEG)")
        return Envelope(
            channel=self.slug,
            external_id=own_id(path, [file]),
            files=[file],
            received_at=_arrival(path),
            source=source(path),
            findings=name_findings([file]),
        )


def _arrival(path: Path) -> datetime | None:
    """When the letter arrived (see the module); None, which is now, when nothing says it."""
    written = written_at(path)
    match = _DAY.match(path.name)
    day = values.day(match.group()) if match else None
    if day is None or day > timezone.localdate() or (written and written.date() == day):
        return written
    return datetime.combine(day, time(12), tzinfo=values.BERLIN)
