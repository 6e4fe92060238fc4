"""The Vorgangs-ID: ``V-7K3M-9QTR-G``, unguessable, dictatable, with a check character.

Eight random characters of Crockford's base 32 (no I, L, O, U) and the check character of ISO 7064
MOD 37,36 over them; drawn again until the check character is in that alphabet too. The check character
finds every single substitution and more than 99.8 % of adjacent transpositions.
"""

from __future__ import annotations

import re
import secrets

from stdnum.iso7064 import mod_37_36

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_MISREAD = str.maketrans({"O": "0", "I": "1", "L": "1"})
_GAP = r"[\s._\-\u2010-\u2014]{0,3}"  # word processors make dashes long, and wrap lines at them
_CANDIDATE = re.compile(
    rf"(?<![0-9A-Za-z])V{_GAP}(?P<a>[0-9A-Z]{{4}}){_GAP}(?P<b>[0-9A-Z]{{4}}){_GAP}(?P<c>[0-9A-Z])(?![0-9A-Za-z])",
    re.IGNORECASE,
)


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


def _canonical(match: re.Match[str]) -> str | None:
    body, check = (part.upper().translate(_MISREAD) for part in (match["a"] + match["b"], match["c"]))
    if not all(char in ALPHABET for char in body + check) or not mod_37_36.is_valid(body + check):
        return None
    return f"V-{body[:4]}-{body[4:]}-{check}"
