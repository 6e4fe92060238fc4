"""References (Aktenzeichen, Geschäftszeichen): compared without regard to the ways of writing them."""

from __future__ import annotations

import re
import unicodedata

_SPACE = re.compile(r"\s+")
_ZEROS = re.compile(r"(?<![\d.])0+(?=\d)")


def key(reference: str) -> str:
    """The form in which two references are compared: NFKC, no blanks, upper case, no leading zeros of a number.

    ``"12 K 345/26"``, ``"0012 K 0345/26"`` and ``"12k345/26"`` have the same key.
    """
    text = unicodedata.normalize("NFKC", reference).upper()
    return _SPACE.sub("", _ZEROS.sub("", text))
