"""References (Aktenzeichen, Geschäftszeichen): compared without regard to the ways of writing them."""

from __future__ import annotations

import re
import unicodedata

KEY_LENGTH, HOLDER_LENGTH = 200, 100
LONGEST_NEAR = 40
"""Of longer texts no misspellings are thought of: they are no Aktenzeichen."""
_WRITTEN_WITH = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÜ-./# "
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


def near(reference: str) -> set[str]:
    """The keys of all references that a writer of ``reference`` may have meant but for one slip.

    A slip is one mistyped, one missing or one superfluous character, or two adjacent ones that changed places. The
    key of ``reference`` itself is not among them. Empty for what is no reference, or is longer than ``LONGEST_NEAR``.
    """
    text = _SPACE.sub(" ", unicodedata.normalize("NFKC", reference)).strip().upper()
    if not identifies(text) or len(text) > LONGEST_NEAR:
        return set()
    cuts = [(text[:place], text[place:]) for place in range(len(text) + 1)]
    forms = {head + tail[1:] for head, tail in cuts if tail}
    forms |= {head + tail[1] + tail[0] + tail[2:] for head, tail in cuts if len(tail) > 1}
    forms |= {head + char + tail[1:] for head, tail in cuts if tail for char in _WRITTEN_WITH}
    forms |= {head + char + tail for head, tail in cuts for char in _WRITTEN_WITH}
    return {key(form) for form in forms if identifies(form)} - {key(reference), ""}
