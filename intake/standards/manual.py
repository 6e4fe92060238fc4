"""Reader for the standard ``manual``: what somebody recorded of a letter, a visit or a call, and its files."""

from __future__ import annotations

import json
from datetime import datetime

from intake.envelope import MessageFile
from intake.facts import Correspondent, DocumentFacts, Facts, FileFacts
from intake.standards.layout import Layout, basename

STANDARD = "manual"


def read(record: MessageFile, layout: Layout) -> Facts:
    """The Facts of a record (``intake.channels.manual.Record`` as JSON) with the files of ``layout`` as documents."""
    said = json.loads(record.read())
    files = layout.content
    return Facts(
        standard=STANDARD,
        message_id=said["key"],
        sender=Correspondent(name=said["sender"]),
        subject=said["subject"],
        text=said["note"],
        service=said["service"],
        case_id=said["case_id"],
        received_at=datetime.fromisoformat(said["received_at"]),
        documents=[
            DocumentFacts(name=basename(file.name), role=said["role"], number=number, files=[FileFacts(name=file.name)])
            for number, file in enumerate(files, 1)
        ],
    )
