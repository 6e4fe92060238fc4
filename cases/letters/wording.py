"""From a letter to what ``letter.typ`` prints: every string printable, every date in German words, nothing computed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import zxingcpp

from cases.letters.letter import Block, Facts, Heading, Items, Kind, Letter, Letterhead, Text

Clean = Callable[[str], str]

# The words of this file, not those of the locale or the reader's language: the same letter in every process
MONTHS = (
    *("Januar", "Februar", "März", "April", "Mai", "Juni"),
    *("Juli", "August", "September", "Oktober", "November", "Dezember"),
)
WEEKDAYS = ("Montag", "Dienstag", "Mittwoch", "Donnerstag", "Freitag", "Samstag", "Sonntag")
DRAFT = "ENTWURF"
DRAFT_EXPLAINED = "Entwurf: nicht freigegeben und nicht zum Versand bestimmt."
GREETING = "Guten Tag,"
CLOSING = "Mit freundlichen Grüßen"
_DUE = {
    Kind.INFORMATION_REQUEST: "Bitte reichen Sie alles ein bis spätestens",
    Kind.NOTE: "Frist:",
}
_DUE_OTHERWISE = "Bitte antworten Sie bis spätestens"


def day(of: date) -> str:
    """``24. November 2026``."""
    return f"{of.day}. {MONTHS[of.month - 1]} {of.year}"


def day_of_week(of: date) -> str:
    """``Dienstag, 24. November 2026``."""
    return f"{WEEKDAYS[of.weekday()]}, {day(of)}"


def content(letter: Letter, clean: Clean) -> dict[str, Any]:
    """All that is printed, as JSON values. ``clean`` makes a text printable (see ``characters.printable``)."""
    is_note = letter.kind is Kind.NOTE
    line = _one_line(clean)
    return {
        "title": _title(letter, line),
        "author": line(letter.letterhead.authority),
        "date": [letter.date.year, letter.date.month, letter.date.day],
        "public_id": letter.public_id,
        "qr": qr_code(letter.public_id),
        "letterhead": _letterhead(letter.letterhead, line),
        "recipient": _recipient(letter, line),
        "information": _information(letter, line),
        "label": letter.kind.label if letter.kind in (Kind.DECISION, Kind.NOTE) else "",
        "subject": line(letter.subject),
        "salutation": line(letter.salutation) or ("" if is_note else GREETING),
        "blocks": [block for given in letter.blocks for block in [_block(given, clean)] if block],
        "due": {"says": _DUE.get(letter.kind, _DUE_OTHERWISE), "day": day_of_week(letter.due_date)}
        if letter.due_date
        else None,
        "remedy_heading": "Rechtsbehelfsbelehrung",
        "remedy_notice": _paragraphs(letter.remedy_notice, clean),
        "closing": "" if is_note else CLOSING,
        "signatory": _signatory(letter, line),
        "enclosures": _present(map(line, letter.enclosures)),
        "running": _running(letter, line),
        "draft": [DRAFT, DRAFT_EXPLAINED] if letter.draft else [],
    }


def qr_code(public_id: str) -> str:
    """The Vorgangs-ID as a QR code, an SVG image; the scan channel reads it back."""
    code = zxingcpp.create_barcode(public_id, zxingcpp.BarcodeFormat.QRCode, ec_level="M")
    return code.to_svg(add_quiet_zones=False)


def _one_line(clean: Clean) -> Clean:
    """For what stands in one line: white space is one blank."""
    return lambda text: " ".join(clean(text).split())


def _present(values: Any) -> list[str]:
    return [value for value in values if value]


def _title(letter: Letter, line: Clean) -> str:
    name = f"{letter.kind.label}: {line(letter.subject)} ({letter.public_id})"
    return f"{DRAFT} {name}" if letter.draft else name


def _signatory(letter: Letter, line: Clean) -> list[str]:
    """Who signs; without a person the authority, and nobody below an Aktenvermerk."""
    if letter.signatory:
        return _present([line(letter.signatory.on_behalf), line(letter.signatory.name)])
    return [] if letter.kind is Kind.NOTE else [line(letter.letterhead.authority)]


def _running(letter: Letter, line: Clean) -> str:
    """What stands above the second and each further page."""
    reference = line(letter.file_reference)
    parts = [line(letter.letterhead.authority), f"{letter.kind.label} vom {day(letter.date)}"]
    return " · ".join([*parts, f"Aktenzeichen {reference}"] if reference else parts)


def _letterhead(head: Letterhead, line: Clean) -> dict[str, Any]:
    address = _present([line(head.street), line(head.city)])
    return {
        "authority": line(head.authority),
        "unit": line(head.unit),
        "return_address": _present([line(head.authority), *address]),
        "foot": [
            _present([line(head.authority), *address]),
            _present([line(head.email), line(head.website)]),
        ],
    }


def _recipient(letter: Letter, line: Clean) -> list[str]:
    """The lines of the address; abroad the city and the country are written in capitals (DIN 5008)."""
    to = letter.recipient
    if to is None:
        return []
    city = line(f"{to.postcode} {to.city}")
    country = line(to.country).upper()
    return _present([*map(line, to.names), line(to.street), city.upper() if country else city, country])


def _information(letter: Letter, line: Clean) -> list[list[str]]:
    """The block on the right: (what, value, how); without what is not there."""
    head = letter.letterhead
    rows = (
        ("Vorgangs-ID", letter.public_id, "mono"),
        ("Aktenzeichen", line(letter.file_reference), ""),
        ("Ihr Zeichen", line(letter.foreign_reference), ""),
        ("Datum", day(letter.date), ""),
        ("Auskunft erteilt", line(head.contact), ""),
        ("Telefon", line(head.telephone), ""),
        ("E-Mail", line(head.email), ""),
        ("Öffnungszeiten", line(head.opening_hours), ""),
    )
    return [list(row) for row in rows if row[1]]


def _block(block: Block, clean: Clean) -> dict[str, Any] | None:
    """A block as ``letter.typ`` takes it; None where there is nothing in it."""
    line = _one_line(clean)
    match block:
        case Text(text=text):
            paragraphs = _paragraphs(text, clean)
            return {"is": "text", "paragraphs": paragraphs} if paragraphs else None
        case Heading(text=text):
            return {"is": "heading", "text": line(text)} if line(text) else None
        case Items(items=items):
            entries = [{"title": line(item.title), "note": _paragraphs(item.note, clean)} for item in items]
            return {"is": "items", "items": entries} if entries else None
        case Facts(rows=rows, columns=columns):
            cells = [[line(what), _paragraphs(value, clean)] for what, value in rows]
            return {"is": "facts", "columns": [line(name) for name in columns], "rows": cells} if cells else None


def _paragraphs(text: str, clean: Clean) -> list[dict[str, Any]]:
    """The paragraphs as typed: the lines of each, and how many blank lines more than one are before it."""
    paragraphs: list[dict[str, Any]] = []
    blank = 0
    for line in map(str.rstrip, clean(text).split("\n")):
        if not line:
            blank += 1
        elif blank or not paragraphs:
            paragraphs.append({"gap": max(blank - 1, 0) if paragraphs else 0, "lines": [line]})
            blank = 0
        else:
            paragraphs[-1]["lines"].append(line)
    return paragraphs
