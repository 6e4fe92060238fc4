"""What people have to know about a file before they open it: the words that the house has for it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Flag(StrEnum):
    """One thing that was noticed about stored bytes; the value is kept in the database."""

    EMPTY = "empty"
    EXECUTABLE = "executable"
    MACRO = "macro"
    ENCRYPTED = "encrypted"
    BROKEN = "broken"
    JAVASCRIPT = "javascript"
    LAUNCH = "launch"
    EMBEDDED_FILES = "embedded_files"
    XFA = "xfa"
    TOO_LARGE = "too_large"  # not looked into, or not to the end


ACTIVE = frozenset({Flag.JAVASCRIPT, Flag.LAUNCH, Flag.EMBEDDED_FILES, Flag.XFA})
"""What makes a PDF active; the words for it are in ``ACTIVE_WORDS``."""

ACTIVE_WORDS = {
    Flag.JAVASCRIPT: "JavaScript",
    Flag.LAUNCH: "Programmaufruf",
    Flag.EMBEDDED_FILES: "eingebettete Dateien",
    Flag.XFA: "XFA-Formular",
}


class ScanState(StrEnum):
    """What the virus scanner says of a file."""

    UNSCANNED = "ungeprueft"
    CLEAN = "sauber"
    INFECTED = "befallen"


@dataclass(frozen=True)
class Inspection:
    """``media_type`` by content, ``pages`` of a readable PDF, ``flags`` for what people have to know."""

    media_type: str
    pages: int | None = None
    flags: tuple[Flag, ...] = ()

    @property
    def is_active(self) -> bool:
        """True for a PDF that does something by itself or carries other files."""
        return not ACTIVE.isdisjoint(self.flags)

    @property
    def is_program(self) -> bool:
        """True for what a computer carries out: programs, scripts, Office files with macros."""
        return Flag.EXECUTABLE in self.flags or Flag.MACRO in self.flags
