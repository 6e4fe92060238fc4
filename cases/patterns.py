"""Regular expressions that people write, matched in linear time (RE2): none of them can hang the machine.

Syntax: https://github.com/google/re2/wiki/Syntax. No difference between upper and lower case; a pattern may match
anywhere in the text unless it says ``^`` or ``$``.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

import re2

MAX_LENGTH = 200
"""Of a pattern, in characters."""
MAX_MEMORY = 2**20
"""Bytes that one pattern may take; RE2 refuses what needs more, such as ``(a{999}){999}``."""
PROBES = ("a", "7", "-", "ä b", "§")
"""Texts that have nothing in common: a pattern that matches all of them distinguishes nothing."""
FAULTS = {
    "missing )": "eine Klammer wird nicht geschlossen",
    "unexpected )": "eine Klammer wird geschlossen, die nicht geöffnet wurde",
    "missing ]": "eine eckige Klammer wird nicht geschlossen",
    "no argument for repetition operator": "vor *, + oder ? fehlt, was sich wiederholen soll",
    "bad repetition operator": "zwei Wiederholungszeichen stehen hintereinander",
    "invalid repetition size": "die Zahl der Wiederholungen ist zu groß",
    "invalid escape sequence": "nach einem \\ steht ein Zeichen, das dort keine Bedeutung hat",
    "invalid character class": "in eckigen Klammern steht ein unmöglicher Bereich",
    "invalid perl operator": "eine Klammer (?…) gibt es so nicht; Vor- und Rückschau sind nicht möglich",
    "trailing \\": "am Ende steht ein einzelner \\",
    "too large": "es ist zu umfangreich",
}

_TOKEN = re.compile(r"(\\.|\[\^?\]?(?:\[:\^?\w+:\]|\\.|[^\]\\])*\]|.)([*+?]\??|\{\d+(?:,\d*)?\}\??)?", re.DOTALL)
"""One piece of a pattern (an escape, a class in square brackets, a character) and how often it is repeated."""
_UNCLEAR = re.compile(r"\\[pPxQC\d]|\(\?[a-zA-Z-]*\)[*+?{]")
"""Escapes that take what follows them with them; flags before a repetition, which is of what stands before them."""
_ESCAPED = re.compile(r"\\[^\w\s]")
_SPECIAL = frozenset("^$.|()[]*+?\\")

_options = re2.Options()
_options.case_sensitive = False
_options.log_errors = False
_options.max_mem = MAX_MEMORY


@lru_cache(maxsize=1024)
def compiled(pattern: str) -> re2._Regexp:
    """The pattern, ready to be searched for. Raises ``re2.error``."""
    return re2.compile(unicodedata.normalize("NFC", pattern), _options)


def matches(text: str, pattern: str) -> bool:
    """True when the pattern is found in the text (as ``conditions.plain`` makes it)."""
    return compiled(pattern).search(text) is not None


def fault(pattern: str) -> str:
    """What is wrong with a pattern, as a German sentence; "" when it can be used."""
    if len(pattern) > MAX_LENGTH:
        return f"Das Muster ist länger als {MAX_LENGTH} Zeichen; bitte kürzen oder auf zwei Bedingungen verteilen."
    try:
        compiled(pattern)
    except re2.error as error:
        said = str(error.args[0].decode() if isinstance(error.args[0], bytes) else error.args[0])
        why = next((german for english, german in FAULTS.items() if english in said), "es ist nicht zu verstehen")
        return f"Das Muster „{pattern}“ ist kein regulärer Ausdruck: {why}."
    if matches("", pattern) or all(matches(probe, pattern) for probe in PROBES):
        return f"Das Muster „{pattern}“ passt auf jeden Text und unterscheidet nichts; bitte genauer fassen."
    return ""


def literals(pattern: str) -> list[str]:
    """Texts without all of which the (valid) pattern cannot match, as far as that is plain to see."""
    if _UNCLEAR.search(pattern):
        return []
    runs, run, group = [], "", 0
    for piece, repeat in _TOKEN.findall(unicodedata.normalize("NFC", pattern)):
        if piece == "|" and group == 0:
            return []
        char = piece[1] if _ESCAPED.fullmatch(piece) else piece
        plain = group == 0 and len(char) == 1 and char not in _SPECIAL or _ESCAPED.fullmatch(piece)
        if group or not plain:
            group += (piece == "(") - (piece == ")")
            runs, run = [*runs, run], ""
        elif repeat:  # what is repeated may be missing, and does not stand beside what follows
            runs, run = [*runs, run], ""
        else:
            run += char
    return [each for each in [*runs, run] if each.strip()]
