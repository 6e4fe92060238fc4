"""What can be printed of a text: everything that the letters' fonts have, which is more than DIN 91379 asks for.

Nothing disappears that has a meaning, and nothing acts that has none: invisible format characters (directions of
writing, joiners, marks of byte order) are removed, what no font has is named by its number, e.g. ``[U+1F600]``.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet

TAB = " " * 4
_LINE_ENDS = re.compile("\r\n|[\n\r\v\f\x1c-\x1e\x85\u2028\u2029]")
_LETTERS = re.compile("LATIN |GREEK |CYRILLIC |MODIFIER LETTER |FEMININE |MASCULINE |SUPERSCRIPT |MICRO |OHM ")
_SPACES = {" ", "\u00a0", "\u2007", "\u2009", "\u202f"}
_MARKS = range(0x0300, 0x0370)
_MOST_MARKS = 4

Covers = Sequence[AbstractSet[int]]
"""The characters (code points) of each font, in the order in which the fonts are tried."""


def printable(text: str, covers: Covers) -> str:
    """``text`` (any Unicode) as it can be printed, in NFC, with ``\\n`` as its only line end.

    A letter and the marks on it come from one font; marks that no font has together with their letter are named.
    """
    text = unicodedata.normalize("NFC", _LINE_ENDS.sub("\n", text).replace("\t", TAB))
    return "".join(_shown(cluster, covers) for cluster in _clusters(text))


def is_blank(text: str) -> bool:
    """Whether nothing of ``text`` is to be seen."""
    return all(char.isspace() or _is_invisible(char) for char in text)


def _is_invisible(char: str) -> bool:
    return unicodedata.category(char) == "Cf" or 0xFE00 <= ord(char) <= 0xFE0F


def _clusters(text: str) -> Iterator[str]:
    """A character each, together with the marks on it; what has no width or meaning of its own is left out."""
    cluster = ""
    for char in text:
        if _is_invisible(char):
            continue
        if cluster and unicodedata.category(char)[0] == "M":
            cluster += char
            continue
        if cluster:
            yield cluster
        cluster = char
    if cluster:
        yield cluster


def _shown(cluster: str, covers: Covers) -> str:
    base, marks = cluster[0], cluster[1:]
    if base == "\n":
        return base + "".join(map(_named, marks))
    if not _is_plain(base) or not any(_has(base, cover) for cover in covers):
        return "".join(map(_named, cluster))
    if not marks:
        return base
    together = base.isalpha() and len(marks) <= _MOST_MARKS and all(ord(mark) in _MARKS for mark in marks)
    if together and any(all(_has(char, cover) for char in cluster) for cover in covers):
        return cluster
    return base + "".join(map(_named, marks))


def _is_plain(char: str) -> bool:
    """Whether the character stands for itself wherever it is: no script that must be shaped, no mark alone."""
    match unicodedata.category(char)[0]:
        case "L":
            return bool(_LETTERS.match(unicodedata.name(char, "")))
        case "Z":
            return char in _SPACES
        case "N" | "P" | "S":
            return unicodedata.bidirectional(char) not in ("R", "AL", "AN")
    return False


def _has(char: str, cover: AbstractSet[int]) -> bool:
    """Whether a font has the character, or the letter and marks that it is made of."""
    if ord(char) in cover:
        return True
    parts = unicodedata.normalize("NFD", char)
    return parts != char and all(ord(part) in cover for part in parts)


def _named(char: str) -> str:
    return f"[U+{ord(char):04X}]"
