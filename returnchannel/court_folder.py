"""The folders that are shared with the EGVP client: what it is to send, and what it says became of it.

A message lies in ``EGVP_OUTBOX`` as the folder ``<our message id>``, in the layout in which containers arrive::

    attachments/xjustiz_nachricht.xml    the message, beside it its documents
    additionals/nachricht.xml            the mailbox of the recipient, subject, both file references

It is written as ``.<id>.tmp`` first (names that nobody takes), made durable, and gets its name by one rename.
Receipts lie in ``EGVP_RECEIPTS`` (default ``EGVP_OUTBOX/quittungen``)::

    <id>.xml           EGVPMessageProps as in a container that arrives: MessageID, ServerEntryTime, status="valid"
    <id>.fehler.txt    it was not accepted; the first line says why

What was read is moved to ``processed``, what could not be understood to ``failed``.
"""

from __future__ import annotations

import os
import re
import shutil
import time
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from uuid import UUID

from django.conf import settings
from lxml import etree

from intake.channels.folder import FAILED, PROCESSED
from intake.gates import Refused
from intake.gates.xml import check_size, parse
from intake.inbox import unfinished
from intake.standards import values

OFF = (
    "Der Versand über EGVP ist nicht eingerichtet (EGVP_OUTBOX). Bitte im EGVP-Client von Hand senden und hier "
    "vermerken."
)
_NAME = re.compile(r"^(?P<id>[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\.(?P<kind>xml|fehler\.txt)$")
_LONGEST_REASON = 4000  # bytes of a file that says why


@dataclass(frozen=True)
class Receipt:
    """What the EGVP client says: ``at`` is the arrival on the server of the recipient, or None when it was refused."""

    message_id: UUID
    path: Path
    at: datetime | None = None
    carrier_id: str = ""
    error: str = ""


def outbox() -> Path | None:
    """The folder from which the EGVP client sends; None: the channel is off."""
    return settings.EGVP_OUTBOX


def receipts_folder() -> Path | None:
    """Where the EGVP client puts its receipts; None: the channel is off."""
    folder = outbox()
    return settings.EGVP_RECEIPTS or (folder / "quittungen" if folder else None)


def stage(message_id: UUID, files: Iterable[tuple[str, bytes]]) -> None:
    """Write a container (names with folders, bytes) durably beside its place. What was half-written is replaced."""
    target = _staged(message_id)
    if target.exists():
        shutil.rmtree(target)
    target.mkdir(parents=True)
    for name, content in files:
        path = target / name
        path.parent.mkdir(exist_ok=True)
        with path.open("wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
    for folder in [*(each for each in target.iterdir() if each.is_dir()), target, target.parent]:
        _sync(folder)


def publish(message_id: UUID) -> bool:
    """Give a staged container its name. False when it is not there any more: it has its name, or was taken since."""
    staged = _staged(message_id)
    target, aside = staged.parent / str(message_id), staged.parent / f".{message_id}.alt.tmp"
    if aside.exists():
        shutil.rmtree(aside)
    if not staged.is_dir():
        return False
    if target.exists():  # it was not accepted, lies there still, and is sent again
        os.rename(target, aside)
    os.rename(staged, target)
    _sync(target.parent)
    if aside.exists():
        shutil.rmtree(aside)
    return True


def complete() -> list[Path]:
    """What the EGVP client has put down and does not write to any more. May raise OSError."""
    folder = receipts_folder()
    if folder is None or not folder.is_dir():
        return []
    before = time.time() - settings.INBOX_SETTLE_SECONDS
    found = [path for path in folder.iterdir() if path.name not in (PROCESSED, FAILED) and not unfinished(path)]
    return sorted(path for path in found if path.lstat().st_mtime <= before)


def read(path: Path) -> Receipt | None:
    """What a file says; None when it cannot be understood. May raise OSError."""
    match = _NAME.match(path.name.lower())
    if match is None or path.is_symlink() or not path.is_file():
        return None
    if match["kind"] == "xml":
        return _delivered(UUID(match["id"]), path)
    return Receipt(UUID(match["id"]), path, error=_reason(path))


def put_away(path: Path, where: str) -> None:
    """Move a receipt to ``processed`` or ``failed``; one of the same name there is kept, with a number."""
    folder = path.parent / where
    folder.mkdir(exist_ok=True)
    target, number = folder / path.name, 1
    while target.exists():
        number += 1
        target = folder / f"{path.name}~{number}"
    os.rename(path, target)


def _delivered(message_id: UUID, path: Path) -> Receipt | None:
    """The receipt, when it says that the message is there and when."""
    try:
        check_size(path.stat().st_size, path.name)
        root = parse(path.read_bytes(), path.name)
    except Refused:
        return None
    at = values.timestamp(root.findtext("ServerEntryTime"))
    if etree.QName(root).localname != "EGVPMessageProps" or at is None:
        return None
    status = values.text(root.get("status"))
    if status not in ("", "valid"):
        return Receipt(message_id, path, error=f"Der EGVP-Client meldet den Prüfstatus „{status[:60]}“.")
    return Receipt(message_id, path, at=at, carrier_id=values.clean(values.text(root.findtext("MessageID")))[:300])


def _reason(path: Path) -> str:
    with path.open("rb") as stream:
        said = stream.read(_LONGEST_REASON).decode("utf-8", "replace")
    first = next((each for each in said.splitlines() if each.strip()), "")
    return values.clean(values.text(first))[:300] or "Der EGVP-Client nennt keinen Grund."


def _staged(message_id: UUID) -> Path:
    folder = outbox()
    if folder is None:
        raise OSError(OFF)
    return folder / f".{message_id}.tmp"


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
