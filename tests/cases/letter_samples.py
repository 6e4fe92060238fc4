"""Letters for the tests: a complete one of each kind, and how a PDF is read back."""

from __future__ import annotations

from datetime import date
from typing import Any

import pypdfium2

from cases.letters import Facts, Heading, Item, Items, Kind, Letter, Letterhead, Recipient, Signatory, Text

PUBLIC_ID = "V-7K3M-9QTR-G"
HEAD = Letterhead(
    authority="Stadt Musterhausen",
    unit="Wohngeldstelle",
    street="Rathausplatz 1",
    city="12345 Musterhausen",
    telephone="01234 56-7890",
    email="wohngeld@musterhausen.example",
    website="www.musterhausen.example",
    contact="Sabine Sommer",
    opening_hours="Montag bis Freitag 8 bis 12 Uhr",
)
RECIPIENT = Recipient(("Frau", "Erika Mustermann"), "Lange Straße 12 a", "12345", "Musterhausen")
REMEDY = "Gegen diesen Bescheid können Sie innerhalb eines Monats nach Bekanntgabe Widerspruch erheben."
SIGNATORY = Signatory("Sabine Sommer")

_OF_KIND: dict[Kind, dict[str, Any]] = {
    Kind.INFORMATION_REQUEST: {
        "subject": "Ihr Antrag auf Wohngeld: Bitte um Unterlagen",
        "blocks": (
            Text("für Ihren Antrag fehlt noch etwas:"),
            Items((Item("Mietvertrag", "alle Seiten"), Item("Lohnabrechnungen"))),
        ),
        "due_date": date(2026, 12, 14),
        "signatory": SIGNATORY,
    },
    Kind.NOTICE: {"subject": "Ihre neue Ansprechperson", "blocks": (Text("ab Dezember ist Herr Winter für Sie da."),)},
    Kind.DECISION: {
        "subject": "Wohngeld ab 1. Dezember 2026",
        "blocks": (
            Heading("Entscheidung"),
            Text("Ihnen wird Wohngeld bewilligt."),
            Facts((("Wohngeld im Monat", "312,00 €"), ("Beginn", "1. Dezember 2026"))),
        ),
        "remedy_notice": REMEDY,
        "signatory": SIGNATORY,
        "enclosures": ("Berechnungsbogen",),
    },
    Kind.RECEIPT: {"subject": "Ihr Antrag ist eingegangen", "blocks": (Text("wir haben Ihren Antrag erhalten."),)},
    Kind.NOTE: {"subject": "Telefonat", "blocks": (Text("Unterlagen folgen."),), "recipient": None},
}


def letter(kind: Kind = Kind.NOTICE, **changes: Any) -> Letter:
    """A complete letter of ``kind``; ``changes`` are fields of ``Letter``."""
    values = {
        "letterhead": HEAD,
        "recipient": RECIPIENT,
        "date": date(2026, 11, 24),
        "public_id": PUBLIC_ID,
        "file_reference": "50.2-2026-000123",
        **_OF_KIND[kind],
    }
    return Letter(kind=kind, **values | changes)


def pages_of(pdf: bytes) -> list[str]:
    """The text of each page, in the order of the file; a word that was hyphenated is whole again."""
    return [_joined(page.get_textpage().get_text_bounded()) for page in pypdfium2.PdfDocument(pdf)]


def body_of(pdf: bytes) -> str:
    """The text between the salutation and the closing, without what stands above and below on each page."""
    mm = 72 / 25.4
    pages = pypdfium2.PdfDocument(pdf)
    inner = [page.get_textpage().get_text_bounded(bottom=30 * mm, top=275 * mm) for page in pages]
    return _joined("\r\n".join(inner)).partition("Guten Tag,\n")[2].partition("Mit freundlichen")[0]


def text_of(pdf: bytes) -> str:
    """The text of all pages, with one blank for all white space."""
    return " ".join(" ".join(pages_of(pdf)).split())


def _joined(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\x02\n", "").replace("\x02", "")
