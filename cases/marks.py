"""What stands beside a file wherever it is listed: a word with an icon for each thing to know before opening it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from django.conf import settings

from cases import filetypes
from cases.fileflags import ACTIVE_WORDS, Flag
from cases.models import Blob, BlobCheck


@dataclass(frozen=True)
class Mark:
    """A badge: its words, its kind (danger, warning, info or neutral) and its icon."""

    text: str
    kind: str
    icon: str


def marks_of(blob: Blob, name: str) -> list[Mark]:
    """The marks of a file with these bytes and this name; ``blob.result`` should be selected with it."""
    check = blob.known
    if check is None:
        return [Mark("noch nicht untersucht", "", "question-mark")]
    return [*_scan_marks(check), *_content_marks(check, name)]


def pages_of(blob: Blob) -> str:
    """``1 Seite``, ``3 Seiten``; empty where pages are not counted."""
    pages = blob.known.pages if blob.known else None
    return "" if pages is None else "1 Seite" if pages == 1 else f"{pages} Seiten"


def is_held_back(blob: Blob, name: str) -> bool:
    """Whether the file is given out only to who confirms it: programs, scripts, documents with macros."""
    by_name = filetypes.is_program_name(name) or filetypes.is_macro_name(name)
    return by_name or (blob.known is not None and blob.known.inspection.is_program)


def _scan_marks(check: BlobCheck) -> Iterator[Mark]:
    if check.is_infected:
        yield Mark("befallen", "danger", "danger")
    elif check.scan_state == BlobCheck.Scan.UNSCANNED and settings.CLAMAV_SOCKET and check.blob.size:
        if check.trouble == BlobCheck.Trouble.TOO_LARGE:
            yield Mark("zu groß für die Virenprüfung", "warning", "warning")
        else:
            yield Mark("Virenprüfung ausstehend", "", "autorenew")


def _content_marks(check: BlobCheck, name: str) -> Iterator[Mark]:
    found = check.inspection
    if Flag.EXECUTABLE in found.flags or filetypes.is_program_name(name):
        yield Mark("Programm", "danger", "danger")
    elif Flag.MACRO in found.flags or filetypes.is_macro_name(name):
        yield Mark("Makros", "danger", "danger")
    if Flag.EMPTY in found.flags:
        yield Mark("leer", "warning", "warning")
    if Flag.ENCRYPTED in found.flags:
        yield Mark("verschlüsselt", "warning", "visibility-off")
    if Flag.BROKEN in found.flags:
        yield Mark("beschädigt", "warning", "warning")
    if found.is_active:
        what = ", ".join(words for flag, words in ACTIVE_WORDS.items() if flag in found.flags)
        yield Mark(f"aktiver Inhalt: {what}", "warning", "warning")
    if Flag.TOO_LARGE in found.flags:
        yield Mark("nicht ganz untersucht", "", "question-mark")
