"""The Vorgangs-ID: ``V-7K3M-9QTR-G``, unguessable, dictatable, with a check character.

Eight random characters of Crockford's base 32 (no I, L, O, U) and the check character of ISO 7064
MOD 37,36 over them; drawn again until the check character is in that alphabet too. The check character
finds every single substitution and more than 99.8 % of adjacent transpositions.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterator

from stdnum.iso7064 import mod_37_36

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_MISREAD = str.maketrans({"O": "0", "I": "1", "L": "1"})
_GAP = r"[\s._\-\u2010-\u2014]{0,3}"  # word processors make dashes long, and wrap lines at them
_CANDIDATE = re.compile(
    rf"(?<![0-9A-Za-z])V{_GAP}(?P<a>[0-9A-Z]{{4}}){_GAP}(?P<b>[0-9A-Z]{{4}}){_GAP}(?P<c>[0-9A-Z])(?![0-9A-Za-z])",
    re.IGNORECASE,
)

MAX_TOKENS = 50
"""How many tokens of one text are looked at as ids with a slip."""
_DASH = r"[\-\u2010-\u2014]?"  # somebody may have put it in the wrong place
_CHAR = "[0-9A-Za-z]"
_FOUR = _DASH.join([_CHAR] * 4)
_NEARLY = re.compile(rf"(?<!{_CHAR})(?=({_CHAR}{_GAP}{_FOUR}{_GAP}{_FOUR}{_GAP}{_CHAR})(?!{_CHAR}))")


def draw() -> str:
    """A new random Vorgangs-ID in canonical form; that it is free, the database's UNIQUE says."""
    while True:
        body = "".join(secrets.choice(ALPHABET) for _ in range(8))
        check = mod_37_36.calc_check_digit(body)
        if check in ALPHABET:
            return f"V-{body[:4]}-{body[4:]}-{check}"


def normalise(text: str) -> str | None:
    """The canonical form of a Vorgangs-ID as people write it (lower case, no dashes, O for 0, l or I for 1).

    None when ``text`` is none, or when its check character does not fit.
    """
    match = _CANDIDATE.fullmatch(text.strip())
    return _canonical(match) if match else None


def find(text: str) -> list[str]:
    """All Vorgangs-IDs in a text, in canonical form, in order, each once; wrong check characters are no ids."""
    found = (_canonical(match) for match in _CANDIDATE.finditer(text))
    return list(dict.fromkeys(number for number in found if number))


def near(text: str) -> list[str]:
    """Valid Vorgangs-IDs that a writer of ``text`` may have meant, in canonical form, each once.

    Every token of ten letters or digits that would be an id but for one mistyped character, or for two adjacent ones
    that changed places, gives all ids that it can be repaired to: at most 19, since the check character leaves one
    substitution for each place. Whether any of them exists only the database knows. What ``find`` finds is not among
    them, but what it becomes by a transposition is (of these the check character misses a few).
    """
    tokens = dict.fromkeys(match[1].strip() for match in _NEARLY.finditer(text))
    plain = dict.fromkeys(_plain(token) for token in tokens if not token.isalpha())  # an ordinary word is no id
    likely = sorted(plain, key=lambda token: not token.startswith("V"))[:MAX_TOKENS]
    written = set(find(text))
    found = dict.fromkeys(number for token in likely for number in _repairs(token))
    return [number for number in found if number not in written]


def _plain(token: str) -> str:
    return "".join(char for char in token.upper() if char.isalnum())


def _repairs(token: str) -> Iterator[str]:
    """All valid ids that are one substitution or one adjacent transposition away from the ten characters ``token``."""
    head, rest = token[0], token[1:].translate(_MISREAD)
    if head != "V":
        if rest[0] == "V":  # the letter in front has changed places with the first character
            yield from _if_valid(head.translate(_MISREAD) + rest[1:])
        yield from _if_valid(rest)
        return
    yield from _if_valid(rest)  # only its dashes are in the wrong places
    for place in range(len(rest)):
        for char in ALPHABET:
            if char != rest[place]:
                yield from _if_valid(rest[:place] + char + rest[place + 1 :])
    for place in range(len(rest) - 1):
        yield from _if_valid(rest[:place] + rest[place + 1] + rest[place] + rest[place + 2 :])


def _if_valid(nine: str) -> Iterator[str]:
    if all(char in ALPHABET for char in nine) and mod_37_36.is_valid(nine):
        yield f"V-{nine[:4]}-{nine[4:8]}-{nine[8]}"


def _canonical(match: re.Match[str]) -> str | None:
    body, check = (part.upper().translate(_MISREAD) for part in (match["a"] + match["b"], match["c"]))
    if not all(char in ALPHABET for char in body + check) or not mod_37_36.is_valid(body + check):
        return None
    return f"V-{body[:4]}-{body[4:]}-{check}"
