"""Writes the letters of the sample mail as small PDF files, the same bytes every time."""

from __future__ import annotations

import io
import textwrap
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

import pikepdf
import zxingcpp
from pikepdf import Array, Dictionary, Name

PAGE_WIDTH, PAGE_HEIGHT = 595, 842  # A4 in points
LEFT = 70
TOP = 785
BOTTOM = 75
LEADING = 15
SIZE = 10.5
CODE_SIZE = 85  # points: three centimetres
CHARACTERS = 84  # per line: what fits between the margins in Helvetica of that size

# Glyphs beyond WinAnsi that every substitute for Helvetica has; they get the codes from 1 on.
EXTRA_GLYPHS = {
    "ł": "lslash", "Ł": "Lslash", "ı": "dotlessi",
    "˘": "breve", "ˇ": "caron", "˛": "ogonek", "˝": "hungarumlaut", "˙": "dotaccent",
}  # fmt: skip
EXTRA_CODES = {letter: number for number, letter in enumerate(EXTRA_GLYPHS, start=1)}

# Other letters are put together from a base letter and an accent, as combining mark → accent by itself.
ACCENTS = {
    "\u0301": "´", "\u0306": "˘", "\u0307": "˙", "\u030b": "˝", "\u030c": "ˇ",
    "\u0326": "¸", "\u0327": "¸", "\u0328": "˛",
}  # fmt: skip
ACCENT_WIDTH = 333
# Widths of the base letters that take an accent (Helvetica, Helvetica-Bold), in thousandths of the size.
WIDTHS = {
    "a": (556, 556), "c": (500, 556), "d": (556, 611), "e": (556, 556), "g": (556, 611), "n": (556, 611),
    "o": (556, 611), "r": (333, 389), "s": (500, 556), "t": (278, 333), "u": (556, 611), "z": (500, 500),
    "S": (667, 667), "T": (611, 611),
}  # fmt: skip


@dataclass(frozen=True)
class Page:
    """What a letter consists of. Without ``to`` it is an enclosure: no address field, no closing."""

    letterhead: str
    subject: str
    paragraphs: tuple[str, ...]
    place_and_date: str = ""
    to: tuple[str, ...] = ()
    references: tuple[str, ...] = ()
    closing: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Line:
    text: str
    font: str = "F1"
    size: float = SIZE
    advance: float = LEADING


def letter(page: Page) -> bytes:
    """The PDF of a letter, on as many A4 pages as it needs."""
    pdf = pikepdf.new()
    fonts = Dictionary(F1=_font(pdf, "Helvetica"), F2=_font(pdf, "Helvetica-Bold"))
    sheets = list(_sheets(_lines(page)))
    for number, sheet in enumerate(sheets, start=1):
        footer = f"Seite {number} von {len(sheets)}" if len(sheets) > 1 else ""
        _add_page(pdf, fonts, sheet, footer)
    pdf.trailer.Info = pdf.make_indirect(Dictionary(Title=page.subject))
    out = io.BytesIO()
    pdf.save(out, deterministic_id=True, object_stream_mode=pikepdf.ObjectStreamMode.disable)
    return out.getvalue()


def with_code(content: bytes, text: str) -> bytes:
    """The PDF ``content`` with a QR code of ``text`` at the top right of its first page, as our letters carry it."""
    drawn = memoryview(zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.QRCode).to_image(scale=4))
    described = Dictionary(
        Type=Name.XObject,
        Subtype=Name.Image,
        Width=drawn.shape[1],
        Height=drawn.shape[0],
        ColorSpace=Name.DeviceGray,
        BitsPerComponent=8,
    )
    pdf = pikepdf.open(io.BytesIO(content))
    page = pdf.pages[0]
    page.Resources.XObject = Dictionary(Code=pdf.make_indirect(pikepdf.Stream(pdf, drawn.tobytes(), described)))
    place = f"q {CODE_SIZE} 0 0 {CODE_SIZE} {PAGE_WIDTH - LEFT - CODE_SIZE} {TOP - CODE_SIZE + 30} cm /Code Do Q"
    page.contents_add(place.encode())
    out = io.BytesIO()
    pdf.save(out, deterministic_id=True, object_stream_mode=pikepdf.ObjectStreamMode.disable)
    return out.getvalue()


def _font(pdf: pikepdf.Pdf, base: str) -> pikepdf.Object:
    differences = Array([1, *(Name("/" + glyph) for glyph in EXTRA_GLYPHS.values())])
    encoding = Dictionary(Type=Name.Encoding, BaseEncoding=Name.WinAnsiEncoding, Differences=differences)
    font = Dictionary(Type=Name.Font, Subtype=Name.Type1, BaseFont=Name("/" + base), Encoding=encoding)
    return pdf.make_indirect(font)


def _lines(page: Page) -> Iterator[_Line]:
    head, *below = page.letterhead.split("\n")
    yield _Line(head, "F2", 13, 18)
    for text in below:
        yield _Line(text, size=9, advance=12)
    yield _Line("", advance=22)
    yield from map(_Line, page.to)
    if page.to:
        yield _Line("", advance=20)
    if page.place_and_date:
        yield _Line(page.place_and_date)
    yield from (_Line(text, size=9, advance=12) for text in page.references)
    yield _Line("", advance=12)
    yield from (_Line(text, "F2", 11) for text in textwrap.wrap(page.subject, 74))
    yield _Line("", advance=8)
    for paragraph in page.paragraphs:
        for part in paragraph.split("\n"):
            yield from (_Line(text) for text in textwrap.wrap(part, CHARACTERS) or [""])
        yield _Line("", advance=8)
    yield from map(_Line, page.closing)


def _sheets(lines: Iterator[_Line]) -> Iterator[list[_Line]]:
    room = (TOP - BOTTOM) // LEADING
    while sheet := list(islice(lines, room)):
        yield sheet


def _add_page(pdf: pikepdf.Pdf, fonts: Dictionary, lines: list[_Line], footer: str) -> None:
    pdf.add_blank_page(page_size=(PAGE_WIDTH, PAGE_HEIGHT))
    page = pdf.pages[-1]
    page.Resources = Dictionary(Font=fonts)
    page.Contents = pdf.make_stream(_content(lines, footer))


def _content(lines: list[_Line], footer: str) -> bytes:
    parts = [b"BT"]
    y: float = TOP
    for line in lines:
        if line.text:
            parts.append(_show(line, y))
        y -= line.advance
    if footer:
        parts.append(_show(_Line(footer, size=8), 40))
    parts.append(b"ET")
    return b"\n".join(parts)


def _show(line: _Line, y: float) -> bytes:
    parts = [f"/{line.font} {line.size} Tf 1 0 0 1 {LEFT} {y:.1f} Tm".encode()]
    plain = bytearray()
    for character in line.text:
        if encoded := _encode(character):
            plain += encoded
            continue
        if plain:
            parts.append(b"<" + plain.hex().encode() + b"> Tj")
            plain.clear()
        parts.append(_composed(character, bold=line.font == "F2"))
    if plain:
        parts.append(b"<" + plain.hex().encode() + b"> Tj")
    return b" ".join(parts)


def _encode(character: str) -> bytes:
    """The character in the font's encoding (WinAnsi and the extra glyphs), or nothing."""
    if character in EXTRA_CODES:
        return bytes([EXTRA_CODES[character]])
    return character.encode("cp1252", "ignore")


def _composed(character: str, *, bold: bool) -> bytes:
    """Base letter and accent on top of each other, copied as the one letter; unknown accents are left out."""
    base, mark = (unicodedata.normalize("NFD", character) + " ")[:2]
    actual = ("\ufeff" + character).encode("utf-16-be").hex()
    letter_code = (_encode(base) or b"?").hex()
    shown = f"[<{letter_code}>]"
    if mark in ACCENTS and base in WIDTHS:
        half = WIDTHS[base][bold] / 2
        accent = _encode(ACCENTS[mark]).hex()
        shown = f"[<{letter_code}> {half + ACCENT_WIDTH / 2:.1f} <{accent}> {ACCENT_WIDTH / 2 - half:.1f}]"
    return f"/Span <</ActualText <{actual}>>> BDC {shown} TJ EMC".encode()
