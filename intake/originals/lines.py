"""Numbered lines of a text, decoded as the readers decode it."""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass, field

from intake.standards.mail_parts import decoded

_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_DECLARED = re.compile(rb"^<\?xml[^>]{0,100}\sencoding=[\"']([A-Za-z0-9._-]{1,40})[\"']")
_BREAK = re.compile(r"\r\n|\r|\n")


@dataclass(frozen=True)
class Line:
    """One line: its number and its text."""

    number: int
    text: str


@dataclass(frozen=True)
class Found:
    """All lines of a file, what to know about them, and the line of each finding (by its place in the list)."""

    lines: list[Line]
    remarks: list[str] = field(default_factory=list)
    places: dict[int, int] = field(default_factory=dict)


def numbered(texts: list[str]) -> list[Line]:
    """These lines, numbered from 1."""
    return [Line(number, text) for number, text in enumerate(texts, 1)]


def split(text: str) -> list[str]:
    """The lines of a text, broken where parsers break them (not at the rarer marks of Unicode)."""
    return _BREAK.split(text)


def decode(data: bytes) -> str:
    """Bytes as text: by their mark, else by what an XML declaration says, else UTF-8, else Windows-1252."""
    for mark, name in _BOMS:
        if data.startswith(mark):
            return data.decode(name, "replace")
    declared = _DECLARED.match(data)
    return decoded(data, declared[1].decode("ascii") if declared else "")


def raw_lines(data: bytes, remarks: list[str] | None = None) -> Found:
    """The file as it stands there."""
    return Found(numbered(split(decode(data))), remarks or [])
