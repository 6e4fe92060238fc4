"""Reads the codes and the text layer of a scanned document. Run as a program of its own, never imported by the house.

PDF and image decoders are native code that reads what strangers wrote: here they can crash, hang or eat memory without
harm. The document comes on standard input (a regular file), the result leaves as one line of JSON on standard output:
``{"codes": [text, …], "text": …, "pages": n, "read": n}``, or ``{"error": "encrypted" | "broken"}``.
"""

from __future__ import annotations

import json
import resource
import signal
import sys
import time
from collections.abc import Iterator
from typing import Any, BinaryIO

import pypdfium2
import zxingcpp
from PIL import Image, ImageSequence, UnidentifiedImageError

MAX_PAGES = 50
READ_SECONDS = 25
"""After so long no further page is begun."""
ALARM_SECONDS = 40
"""After so long the kernel ends the program, wherever it is."""
MEMORY_BYTES = 3 << 30
DPI = 200
MAX_PIXELS = 24_000_000  # of a rendered page: A2 at 200 dpi
MAX_IMAGE_PIXELS = 150_000_000  # of a scanned image: A3 at 800 dpi
MAX_CODES = 100
MAX_CODE_LENGTH = 500
MAX_TEXT = 100_000
_PASSWORD_NEEDED = 4  # FPDF_ERR_PASSWORD
_FORMATS = (
    zxingcpp.BarcodeFormat.QRCode
    | zxingcpp.BarcodeFormat.DataMatrix
    | zxingcpp.BarcodeFormat.Aztec
    | zxingcpp.BarcodeFormat.PDF417
    | zxingcpp.BarcodeFormat.Code128
    | zxingcpp.BarcodeFormat.Code39
)


def main() -> None:
    """Read standard input within fixed limits of time and memory, and write the result."""
    signal.alarm(ALARM_SECONDS)
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    json.dump(read(sys.stdin.buffer), sys.stdout)


def read(stream: BinaryIO) -> dict[str, Any]:
    """The result for the document in ``stream`` (seekable): a PDF, else an image."""
    is_pdf = b"%PDF-" in stream.read(1024)
    stream.seek(0)
    try:
        return _read_pdf(stream) if is_pdf else _read_image(stream)
    except pypdfium2.PdfiumError as error:
        encrypted = getattr(error, "err_code", None) == _PASSWORD_NEEDED
        return {"error": "encrypted" if encrypted else "broken"}
    except (UnidentifiedImageError, Image.DecompressionBombError, OSError, ValueError, SyntaxError, MemoryError):
        return {"error": "broken"}


def _read_pdf(stream: BinaryIO) -> dict[str, Any]:
    document = pypdfium2.PdfDocument(stream)
    count = len(document)
    if count == 0:
        return {"error": "broken"}
    codes: dict[str, None] = {}
    texts: list[str] = []
    done = 0
    for index in _within_limits(count):
        page = document[index]
        texts.append(page.get_textpage().get_text_bounded()[:MAX_TEXT])
        _note_codes(_rendered(page), codes)
        page.close()
        done += 1
    return {"codes": list(codes), "text": "\n".join(texts)[:MAX_TEXT], "pages": count, "read": done}


def _read_image(stream: BinaryIO) -> dict[str, Any]:
    Image.MAX_IMAGE_PIXELS = MAX_IMAGE_PIXELS // 2  # Pillow refuses from twice this number on, and warns before
    image = Image.open(stream, formats=("TIFF", "PNG", "JPEG"))
    count = getattr(image, "n_frames", 1)
    codes: dict[str, None] = {}
    done = 0
    for _, frame in zip(_within_limits(count), ImageSequence.Iterator(image), strict=False):
        _note_codes(frame.convert("L"), codes)
        done += 1
    return {"codes": list(codes), "text": "", "pages": count, "read": done}


def _within_limits(count: int) -> Iterator[int]:
    """The numbers of the pages to read, as long as there is time."""
    until = time.monotonic() + READ_SECONDS
    for index in range(min(count, MAX_PAGES)):
        if time.monotonic() > until:
            return
        yield index


def _rendered(page: pypdfium2.PdfPage) -> Image.Image:
    """The page as a grey image at ``DPI``, smaller where it is very large."""
    width, height = page.get_size()
    scale = DPI / 72
    pixels = max(width * height, 1) * scale**2
    if pixels > MAX_PIXELS:
        scale *= (MAX_PIXELS / pixels) ** 0.5
    return page.render(scale=scale, grayscale=True).to_pil()


def _note_codes(image: Image.Image, codes: dict[str, None]) -> None:
    for code in zxingcpp.read_barcodes(image, formats=_FORMATS):
        if len(codes) < MAX_CODES:
            codes[code.text[:MAX_CODE_LENGTH]] = None


if __name__ == "__main__":
    main()
