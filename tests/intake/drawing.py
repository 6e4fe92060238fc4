"""Scans for tests: pages with codes and text, as PDF or image."""

from __future__ import annotations

import io
import zlib

import pikepdf
import zxingcpp
from pikepdf import Dictionary, Name
from PIL import Image


def code(text: str, kind: zxingcpp.BarcodeFormat = zxingcpp.BarcodeFormat.QRCode, scale: int = 6) -> Image.Image:
    """A grey image of a QR code or bar code."""
    drawn = memoryview(zxingcpp.create_barcode(text, kind).to_image(scale=scale))
    height, width = drawn.shape[:2]
    return Image.frombytes("L", (width, height), drawn.tobytes())


def sheet(*codes: Image.Image, size: tuple[int, int] = (1240, 1754), turn: int = 0) -> Image.Image:
    """A white page (A4 at 150 dpi) with the codes below each other."""
    page = Image.new("L", size, 255)
    for number, each in enumerate(codes):
        page.paste(each, (120, 120 + number * 450))
    return page.rotate(turn, expand=True)


def pdf(*pages: Image.Image | None, text: str = "", encrypt: bool = False) -> bytes:
    """A PDF with a page for each image (None: an empty page); ``text`` stands on the last one, as OCR leaves it."""
    made = pikepdf.new()
    font = made.make_indirect(Dictionary(Type=Name.Font, Subtype=Name.Type1, BaseFont=Name.Helvetica))
    for number, image in enumerate(pages, 1):
        made.add_blank_page(page_size=(595, 842))
        page = made.pages[-1]
        page.Resources = Dictionary(Font=Dictionary(F1=font))
        content = b""
        if image is not None:
            page.Resources.XObject = Dictionary(Im1=_image(made, image))
            content += b"q 595 0 0 842 0 0 cm /Im1 Do Q "
        if text and number == len(pages):
            content += b"BT /F1 10 Tf 3 Tr 60 60 Td (" + text.encode("latin-1") + b") Tj ET"
        page.Contents = made.make_stream(content)
    out = io.BytesIO()
    made.save(
        out, encryption=pikepdf.Encryption(owner="a", user="b") if encrypt else None, deterministic_id=not encrypt
    )
    return out.getvalue()


def picture(kind: str, *pages: Image.Image) -> bytes:
    """The pages as TIFF, PNG or JPEG."""
    out = io.BytesIO()
    first, *more = pages
    first.save(out, kind, **({"save_all": True, "append_images": more} if more else {}))
    return out.getvalue()


def _image(made: pikepdf.Pdf, image: Image.Image) -> pikepdf.Object:
    described = Dictionary(Type=Name.XObject, Subtype=Name.Image, ColorSpace=Name.DeviceGray, BitsPerComponent=8)
    stream = pikepdf.Stream(made, zlib.compress(image.tobytes()), described)
    stream.Width, stream.Height, stream.Filter = image.width, image.height, Name.FlateDecode
    return made.make_indirect(stream)
