"""Our own Aktenzeichen in free text, by the patterns that the authority has named (``OWN_REFERENCE_PATTERNS``).

A pattern is a picture, not a regular expression, so that none can hang: ``#`` stands for a digit, ``?`` for a letter or
a digit, ``\\#`` and ``\\?`` for themselves, all else for itself. ``30.?-####-######`` finds ``30.4-2026-000123``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

from django.conf import settings

from cases import references

MAX_FOUND = 50
"""How many references of one text are looked at."""
MAX_PATTERN = 60
MIN_DIGITS = 3
"""With fewer places for digits a pattern would find half of every text."""


class PatternError(ValueError):
    """A pattern that says too little or too much; the message is a German sentence."""


def find(text: str) -> list[str]:
    """The keys of our references in ``text``, in order, each once, at most ``MAX_FOUND``."""
    found: dict[str, None] = {}
    for picture in settings.OWN_REFERENCE_PATTERNS:
        for match in compiled(picture).finditer(text.replace("\xa0", " ")):
            if len(found) == MAX_FOUND:
                return list(found)
            found[references.key(match[0])] = None
    return list(found)


def check(pictures: Iterable[str]) -> None:
    """Raise PatternError for the first pattern that cannot be used."""
    for picture in pictures:
        compiled(picture)


@lru_cache(maxsize=100)
def compiled(picture: str) -> re.Pattern[str]:
    """The pattern as a regular expression in which nothing repeats. Raises PatternError."""
    parts = re.findall(r"\\.|.", picture, re.DOTALL)
    if len(picture) > MAX_PATTERN or parts.count("#") < MIN_DIGITS:
        raise PatternError(
            f"OWN_REFERENCE_PATTERNS: „{picture[:MAX_PATTERN]}“ ist länger als {MAX_PATTERN} Zeichen oder hat weniger "
            f"als {MIN_DIGITS} Stellen für Ziffern (#). Bitte das Muster berichtigen."
        )
    if not picture.isprintable() or "*" in parts or parts[-1] == "\\":
        raise PatternError(
            f"OWN_REFERENCE_PATTERNS: „{picture}“ enthält * oder ein anderes nicht erlaubtes Zeichen. Erlaubt sind # "
            "für eine Ziffer, ? für einen Buchstaben oder eine Ziffer und feste Zeichen."
        )
    return re.compile(rf"(?<![\w.-]){''.join(map(_part, parts))}(?![\w]|[.-]\w)", re.IGNORECASE)


def _part(part: str) -> str:
    match part:
        case "#":
            return r"\d"
        case "?":
            return r"[^\W_]"
        case " ":
            return r"\s"
    return re.escape(part[-1])
