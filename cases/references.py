"""References (Aktenzeichen, Geschäftszeichen): compared without regard to the ways of writing them."""

from __future__ import annotations

import re
import unicodedata

KEY_LENGTH, HOLDER_LENGTH = 200, 100
_COURT = re.compile(r"(?=.*\d)[A-Z0-9]{5,6}S?")
_SPACE = re.compile(r"\s+")
_BETWEEN_OTHERS = re.compile(r"(?<!\d) | (?!\d)")
_ZEROS = re.compile(r"(?<![\d.])0+(?=\d)")


def key(reference: str) -> str:
    """The form in which two references are compared: NFKC, upper case, no leading zeros, blanks only between digits.

    ``"12 K 345/26"``, ``"0012 K 0345/26"`` and ``"12k345/26"`` have the same key. At most 200 characters.
    """
    text = _SPACE.sub(" ", unicodedata.normalize("NFKC", reference)).strip().upper()
    return _BETWEEN_OTHERS.sub("", _ZEROS.sub("", text))[:KEY_LENGTH]


def identifies(reference: str) -> bool:
    """True when a reference can name a matter: it has a digit other than zero ("wird nachgereicht" has none)."""
    return any(char in "123456789" for char in unicodedata.normalize("NFKC", reference))


def is_court(holder: str) -> bool:
    """True when ``holder`` is a code of GDS.Gerichte (``D6262``, ``R2400S``), not a mailbox."""
    return bool(_COURT.fullmatch(holder))
