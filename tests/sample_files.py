"""Small files of every kind for tests, built here so that each is what it says."""

from __future__ import annotations

import io
import zipfile
from typing import Any

import pikepdf


def _page() -> bytes:
    """A valid PDF of one empty page, written by hand: the same bytes in every run."""
    objects = (
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Resources<<>>>>",
    )
    out, table = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n", b"0000000000 65535 f \n"
    for number, content in enumerate(objects, 1):
        table += b"%010d 00000 n \n" % len(out)
        out += b"%d 0 obj" % number + content + b"endobj\n"
    start = len(out)
    return out + b"xref\n0 4\n" + table + b"trailer<</Size 4/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % start


PDF = _page()
EICAR = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR" + b"-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"


def pdf(pages: int = 1, *, password: str = "", owner: str = "", root: dict[str, Any] | None = None) -> bytes:
    """A PDF with ``pages``, encrypted when a password is given; ``root``: further entries of its catalogue."""
    made = pikepdf.new()
    for _ in range(pages):
        made.add_blank_page()
    for key, value in (root or {}).items():
        made.Root[key] = made.make_indirect(value) if isinstance(value, pikepdf.Object) else value
    out = io.BytesIO()
    locked = pikepdf.Encryption(user=password, owner=owner or password) if password or owner else False
    made.save(out, encryption=locked)
    return out.getvalue()


def pdf_with_attachment() -> bytes:
    """A PDF that carries another file."""
    made = pikepdf.new()
    made.add_blank_page()
    made.attachments["rechnung.xml"] = b"<rechnung/>"
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


def zipped(*names: str, first: bytes = b"") -> bytes:
    """A ZIP with files of these names; ``first`` is the content of an uncompressed file ``mimetype`` in front."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        if first:
            archive.writestr("mimetype", first)
        for name in names:
            archive.writestr(name, b"x")
    return out.getvalue()


def ole(*names: str, raw: bytes = b"") -> bytes:
    """Something like an old Office file: its mark, and the names in its directory."""
    return b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504) + raw + b"".join(n.encode("utf-16-le") for n in names)


DOCX = zipped("[Content_Types].xml", "word/document.xml")
DOCM = zipped("[Content_Types].xml", "word/document.xml", "word/vbaProject.bin")
XLSX = zipped("[Content_Types].xml", "xl/workbook.xml")
ODT = zipped("content.xml", first=b"application/vnd.oasis.opendocument.text")
JAR = zipped("META-INF/MANIFEST.MF", "Haupt.class")
PNG = b"\x89PNG\r\n\x1a\n" + bytes(20)
JPEG = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00" + bytes(20)
TIFF = b"II*\x00" + bytes(20)
MP4 = b"\x00\x00\x00\x20ftypisom" + bytes(20)
P7S = bytes.fromhex("308206a206092a864886f70d010702a0820693") + bytes(20)
EXE = b"MZ\x90\x00" + bytes(60)
ELF = b"\x7fELF\x02\x01\x01" + bytes(60)
MSI = ole(raw=bytes.fromhex("84100c0000000000c000000000000046"))
