"""Letters of the authority as PDF: what stands in one is data (``Letter``), how it looks is ``letter.typ``.

``render(letter)`` gives one file that is PDF/A-3a (for the archive) and PDF/UA-1 (accessible), the same bytes for the
same letter. Nothing is read from or written to the database here.
"""

from cases.letters.letter import (
    Block,
    Facts,
    Heading,
    Item,
    Items,
    Kind,
    Letter,
    Letterhead,
    LetterRefused,
    Recipient,
    Signatory,
    Text,
)
from cases.letters.typeset import LetterError, render

__all__ = [
    "Block",
    "Facts",
    "Heading",
    "Item",
    "Items",
    "Kind",
    "Letter",
    "LetterError",
    "LetterRefused",
    "Letterhead",
    "Recipient",
    "Signatory",
    "Text",
    "render",
]
