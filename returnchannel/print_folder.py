"""The folder that is shared with the print shop: what lies there is printed. The README describes it to the other side.

``<name>.pdf`` is the letter, ``<name>.json`` the control file, written last: only with it a letter may be taken, by
renaming it to ``<name>.in-arbeit``. So of taking a letter and calling it back exactly one succeeds. The other side
answers with ``<name>.versandt`` or ``<name>.fehler``. Every file is written aside, synced and then renamed.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import BinaryIO

from django.utils import timezone

PREPARED, CONTROL, TAKEN, WITHDRAWN = ".json.part", ".json", ".in-arbeit", ".zurueck"
POSTED, FAILED = ".versandt", ".fehler"
UNCLEAR = "unklar"
DONE = "erledigt"
LONGEST_ANSWER = 20_000  # bytes
CHUNK = 1 << 20


class Damaged(Exception):
    """The stored bytes are not those that were stored."""


@dataclass(frozen=True)
class Answer:
    """What the print shop says of a letter: posted on a day, or why not. Both None: it cannot be understood."""

    path: Path
    name: str
    posted_on: date | None
    error: str | None


def write_letter(folder: Path, name: str, stream: BinaryIO, sha256: str) -> None:
    """Write the PDF; Damaged when its bytes have another hash. Twice is once."""
    target, aside = folder / f"{name}.pdf", folder / f"{name}.pdf.part"
    digest = hashlib.sha256()
    with aside.open("wb") as out:
        while chunk := stream.read(CHUNK):
            digest.update(chunk)
            out.write(chunk)
        _sync(out)
    if digest.hexdigest() != sha256:
        aside.unlink()
        raise Damaged
    aside.rename(target)


def prepare_control(folder: Path, name: str, control: dict[str, object]) -> None:
    """Write the control file aside; it does not count yet."""
    with (folder / f"{name}.tmp").open("wb") as out:
        out.write(json.dumps(control, ensure_ascii=False, indent=1).encode())
        _sync(out)
    (folder / f"{name}.tmp").rename(folder / (name + PREPARED))
    _sync_folder(folder)


def release(folder: Path, name: str) -> None:
    """Let the letter be taken. One that was released before is not released again."""
    prepared = folder / (name + PREPARED)
    if (folder / (name + CONTROL)).exists() or was_taken(folder, name):
        prepared.unlink(missing_ok=True)
    else:
        prepared.rename(folder / (name + CONTROL))
    _sync_folder(folder)


def was_taken(folder: Path, name: str) -> bool:
    """True when the print shop has taken the letter."""
    return any((folder / (name + suffix)).exists() for suffix in (TAKEN, POSTED, FAILED))


def call_back(folder: Path, name: str, *, was_released: bool) -> bool:
    """Take a letter back before anybody else takes it; False when somebody has. ``undo`` or ``clear`` follows."""
    try:
        (folder / (name + CONTROL)).rename(folder / (name + WITHDRAWN))
    except FileNotFoundError:
        return not was_released and not was_taken(folder, name)
    return True


def undo(folder: Path, name: str) -> None:
    """What was called back shall be printed after all (what called it back has failed)."""
    withdrawn = folder / (name + WITHDRAWN)
    if withdrawn.exists():
        withdrawn.rename(folder / (name + CONTROL))


def clear(folder: Path, name: str) -> None:
    """Remove what lies there of a letter that is over; an answer is kept in ``erledigt``."""
    for suffix in (CONTROL, WITHDRAWN, PREPARED, ".pdf", ".pdf.part", ".tmp", TAKEN):
        (folder / (name + suffix)).unlink(missing_ok=True)
    for suffix in (POSTED, FAILED):
        if (folder / (name + suffix)).exists():
            _move(folder / (name + suffix), folder / DONE)


def set_aside(path: Path) -> None:
    """Move an answer that cannot be understood to ``unklar``, for a person."""
    _move(path, path.parent / UNCLEAR)


def answers(folder: Path) -> Iterator[Answer]:
    """What the print shop has answered, in order of names."""
    for path in sorted(folder.iterdir()):
        if path.suffix in (POSTED, FAILED) and path.is_file() and not path.is_symlink():
            yield _read(path)


def withdrawn(folder: Path) -> list[str]:
    """The names of letters that were called back and not cleared away."""
    return [path.name.removesuffix(WITHDRAWN) for path in sorted(folder.glob(f"*{WITHDRAWN}"))]


def _read(path: Path) -> Answer:
    with path.open("rb") as file:
        text = file.read(LONGEST_ANSWER).decode("utf-8", "replace").strip()
    name = path.name.removesuffix(path.suffix)
    try:
        said = json.loads(text) if text.startswith("{") else {}
    except ValueError:
        return Answer(path, name, None, None)
    if path.suffix == FAILED:
        error = said.get("error") if said else text
        return Answer(path, name, None, str(error or "Die Druckstraße hat keinen Grund genannt."))
    if text and not said:
        said = {"posted_on": text}
    on = said.get("posted_on")
    if on is None:
        return Answer(path, name, timezone.localdate(_written_at(path)), None)
    try:
        return Answer(path, name, date.fromisoformat(str(on)), None)
    except ValueError:
        return Answer(path, name, None, None)


def _written_at(path: Path) -> datetime:
    return datetime.fromtimestamp(path.stat().st_mtime, timezone.get_current_timezone())


def _move(path: Path, folder: Path) -> None:
    folder.mkdir(exist_ok=True)
    path.replace(folder / path.name)


def _sync(out: BinaryIO) -> None:
    out.flush()
    os.fsync(out.fileno())


def _sync_folder(folder: Path) -> None:
    number = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(number)
    finally:
        os.close(number)
