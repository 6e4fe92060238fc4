"""A letter becomes a PDF: Typst sets ``letter.typ`` with the letter's content, and enforces the two standards.

The content enters as one JSON string, never as markup. The same letter gives the same bytes in every process: only the
fonts of ``fonts.py`` (and those that are part of Typst) are used, and the only date is that of the letter.
"""

from __future__ import annotations

import json
import threading
from datetime import UTC, datetime, time
from functools import cache
from pathlib import Path
from typing import Any

import typst

from cases.letters import fonts
from cases.letters.characters import printable
from cases.letters.letter import Letter
from cases.letters.wording import content

TEMPLATE = Path(__file__).parent / "letter.typ"
STANDARDS: list[Any] = ["a-3a", "ua-1"]

_one_at_a_time = threading.Lock()


class LetterError(Exception):
    """The letter cannot be set; the message says why (German), the cause is what Typst says."""


def render(letter: Letter) -> bytes:
    """The letter as PDF/A-3a and PDF/UA-1.

    Raises LetterError when it cannot be set, e.g. because the address does not fit into its window.
    """
    folder = fonts.directory()
    covers = fonts.covers(folder)
    data = json.dumps(content(letter, lambda text: printable(text, covers)), ensure_ascii=False)
    inputs = {"letter": data, "borrowed": fonts.borrowed(folder)}
    at = datetime.combine(letter.date, time(), UTC)
    try:
        with _one_at_a_time:  # a compiler cannot be used by two threads at once
            made, warnings = _compiler(folder).compile_with_warnings(
                format="pdf",
                sys_inputs=inputs,
                pdf_standards=STANDARDS,
                timestamp=at,
            )
    except typst.TypstError as error:
        raise LetterError(f"Das Schreiben lässt sich nicht setzen: {_reason(error)}") from error
    if warnings or not isinstance(made, bytes):
        reason = warnings[0].message if warnings else "Es kam kein Ergebnis."
        raise LetterError(f"Das Schreiben lässt sich nicht einwandfrei setzen: {reason}")
    return made


def _reason(error: typst.TypstError) -> str:
    return error.message.removeprefix("panicked with: ").strip('"')


@cache
def _compiler(folder: Path) -> typst.Compiler:
    """The template and the fonts, read once."""
    faces = typst.Fonts(include_system_fonts=False, include_embedded_fonts=True, font_paths=[folder])
    return typst.Compiler(TEMPLATE, root=TEMPLATE.parent, font_paths=faces, ignore_system_fonts=True)
