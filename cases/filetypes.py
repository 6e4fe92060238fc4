"""What a file is, by its bytes; which types an authority expects; what a computer would carry out.

The allow list follows § 2 ERVV and the ERVB (PDF, TIFF) and adds the formats that come with applications and replies:
images, office documents without macros, tables, XML, e-mail, signatures, video as evidence. Nothing outside of it is
refused: it is kept and named.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import BinaryIO

import puremagic

from cases.fileflags import Flag

EMPTY = "application/x-empty"
PDF, XML, TEXT, HTML = "application/pdf", "application/xml", "text/plain", "text/html"
PNG, JPEG, TIFF = "image/png", "image/jpeg", "image/tiff"
ZIP, OLE, RTF = "application/zip", "application/x-ole-storage", "application/rtf"
SIGNATURE, PROGRAM, UNKNOWN = "application/pkcs7-signature", "application/x-executable", "application/octet-stream"
_OFFICE = "application/vnd.openxmlformats-officedocument."
DOCX = _OFFICE + "wordprocessingml.document"
XLSX = _OFFICE + "spreadsheetml.sheet"
PPTX = _OFFICE + "presentationml.presentation"
_OPEN = "application/vnd.oasis.opendocument."
ODT, ODS, ODP, ODG = (_OPEN + kind for kind in ("text", "spreadsheet", "presentation", "graphics"))
DOC, XLS = "application/msword", "application/vnd.ms-excel"
PPT, MSG = "application/vnd.ms-powerpoint", "application/vnd.ms-outlook"
EML, MP4, MP3 = "message/rfc822", "video/mp4", "audio/mpeg"

ALLOWED = frozenset(
    {PDF, XML, TEXT, PNG, JPEG, TIFF, RTF, SIGNATURE, DOCX, XLSX, PPTX, ODT, ODS, ODP, ODG, DOC, XLS, PPT, MSG, EML}
    | {MP4, MP3}
)

_WORDS = frozenset({TEXT, XML, EML})
ENDINGS: dict[str, frozenset[str]] = {
    "pdf": frozenset({PDF}), "png": frozenset({PNG}), "tif": frozenset({TIFF}), "tiff": frozenset({TIFF}),
    "jpg": frozenset({JPEG}), "jpeg": frozenset({JPEG}), "xml": frozenset({XML}), "txt": _WORDS, "csv": _WORDS,
    "rtf": frozenset({RTF}), "docx": frozenset({DOCX, OLE}), "xlsx": frozenset({XLSX, OLE}),
    "pptx": frozenset({PPTX, OLE}), "odt": frozenset({ODT}), "ods": frozenset({ODS}), "odp": frozenset({ODP}),
    "doc": frozenset({DOC, RTF, OLE}), "xls": frozenset({XLS, OLE}), "zip": frozenset({ZIP}), "mp4": frozenset({MP4}),
}  # fmt: skip
"""Ending → what such a file may be; other endings promise nothing. (An encrypted .docx is an OLE file.)"""

SIGNATURE_ENDINGS = frozenset({"p7s", "p7m", "pkcs7", "p7b", "p7c", "ocsp", "tsr"})
_PROGRAM_ENDINGS = (
    "exe com scr pif msi msp dll cpl bat cmd ps1 psm1 vbs vbe js jse mjs wsf wsh wsc hta lnk url jar reg scf inf sh "
    "bash py pl rb app command appref-ms application gadget chm iso img vhd vhdx xll one"
)
PROGRAM_ENDINGS = frozenset(_PROGRAM_ENDINGS.split(" "))
"""Endings that a computer carries out or mounts on a double click, whatever the bytes are."""
_MACRO_ENDINGS = "docm dotm xlsm xltm xlam xlsb pptm potm ppam ppsm sldm"
MACRO_ENDINGS = frozenset(_MACRO_ENDINGS.split(" "))

HEAD = 4096
_EOCD, _EOCD_SIZE, _MAX_DIRECTORY = b"PK\x05\x06", 22, 8 * 1024 * 1024
_PROGRAMS = (
    b"MZ", b"\x7fELF", b"\xfe\xed\xfa\xce", b"\xfe\xed\xfa\xcf", b"\xce\xfa\xed\xfe", b"\xcf\xfa\xed\xfe",
    b"\xca\xfe\xba\xbe", b"#!", b"L\x00\x00\x00\x01\x14\x02\x00",
)  # fmt: skip
"""How programs begin: PE, ELF, Mach-O (and Java classes), scripts, Windows shortcuts."""
_SCRIPT_WORDS = (b"<hta:application", b"@echo off", b"<job", b"wscript.", b"<?php")
_MSI = bytes.fromhex("84100c0000000000c000000000000046")  # CLSID of an installer package
_OLE_KINDS = {"WordDocument": DOC, "Workbook": XLS, "PowerPoint Document": PPT, "__substg1.0_": MSG}
_ZIP_KINDS = {b"word/document": DOCX, b"xl/workbook": XLSX, b"ppt/presentation": PPTX}
_ZIP_MACROS = (b"vbaproject.bin", b"xl/macrosheets/", b"basic/script", b"scripts/")
_PKCS7 = b"\x2a\x86\x48\x86\xf7\x0d\x01\x07"


@dataclass(frozen=True)
class Kind:
    """A media type, with what is dangerous about the bytes."""

    media_type: str
    flags: tuple[Flag, ...] = ()


def ending(name: str) -> str:
    """The ending of a file name in lower case, without the dot; trailing dots and blanks hide none."""
    last = name.replace("\\", "/").rsplit("/", 1)[-1].rstrip(" .")
    return last.rsplit(".", 1)[-1].lower() if "." in last else ""


def is_signature_name(name: str) -> bool:
    """Whether a file is a signature, certificate or time stamp by its name."""
    return ending(name) in SIGNATURE_ENDINGS


def is_program_name(name: str) -> bool:
    """Whether a computer would carry the file out because of its name."""
    return ending(name) in PROGRAM_ENDINGS


def is_macro_name(name: str) -> bool:
    """Whether an Office program would look for macros because of the name."""
    return ending(name) in MACRO_ENDINGS


def contradicts(name: str, media_type: str) -> bool:
    """Whether the ending of ``name`` promises something else than the bytes are."""
    return media_type not in ENDINGS.get(ending(name), frozenset({media_type}))


def recognise(stream: BinaryIO, size: int, *, max_read: int) -> Kind:
    """What the ``size`` bytes of ``stream`` are; of containers at most ``max_read`` bytes are searched for macros."""
    stream.seek(0)
    head = stream.read(HEAD)
    if head.startswith(_PROGRAMS):
        return Kind(PROGRAM, (Flag.EXECUTABLE,))
    if head.startswith(b"PK\x03\x04") or head.startswith(_EOCD):
        return _zip(stream, size, head)
    if head.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):
        return _ole(stream, size, max_read)
    if b"%PDF-" in head[:1024]:  # readers accept the mark anywhere in here; a ZIP may hold a PDF there
        return Kind(PDF)
    if head[:1] == b"\x30" and _PKCS7 in head[:64]:
        return Kind(SIGNATURE)
    return _text(head) or Kind(_by_magic(head))


def _text(head: bytes) -> Kind | None:
    """XML, HTML, a script or plain text; None when it is no text."""
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        words = head.decode("utf-16", "ignore")
    elif b"\0" in head or any(byte < 32 and byte not in b"\t\n\r\f\x1b" for byte in head):
        return None
    else:
        words = head.removeprefix(b"\xef\xbb\xbf").decode("latin-1")
    low = words.lstrip().lower()
    if any(word.decode() in low for word in _SCRIPT_WORDS):
        return Kind(TEXT, (Flag.EXECUTABLE,))
    if low.startswith("{\\rtf"):
        return Kind(RTF)
    if low.startswith(("<!doctype html", "<html", "<script", "<body", "<svg")) or "<html" in low[:1024]:
        return Kind(HTML)
    if low.startswith("<"):
        return Kind(XML)
    return Kind(EML if low.startswith(("from:", "return-path:", "received:", "mime-version:")) else TEXT)


def _zip(stream: BinaryIO, size: int, head: bytes) -> Kind:
    """An Office document, a Java archive or some ZIP, by the names in its directory; nothing is unpacked."""
    names = _zip_directory(stream, size).lower()
    flags = (Flag.MACRO,) if any(mark in names for mark in _ZIP_MACROS) else ()
    if head[30:38] == b"mimetype":
        length = struct.unpack("<I", head[18:22])[0]
        declared = head[38 : 38 + min(length, 100)].decode("latin-1")
        if declared in ALLOWED:
            return Kind(declared, flags)
    office = next((kind for mark, kind in _ZIP_KINDS.items() if mark in names), "")
    if office and b"[content_types].xml" in names:
        return Kind(office, flags)
    if b"meta-inf/manifest.mf" in names and b".class" in names:
        return Kind(PROGRAM, (Flag.EXECUTABLE,))
    return Kind(ZIP)


def _zip_directory(stream: BinaryIO, size: int) -> bytes:
    """The central directory of a ZIP as bytes, at most ``_MAX_DIRECTORY``; empty when there is none."""
    tail_size = min(size, 65_535 + _EOCD_SIZE)
    stream.seek(size - tail_size)
    tail = stream.read(tail_size)
    at = tail.rfind(_EOCD)
    if at < 0 or len(tail) - at < _EOCD_SIZE:
        return b""
    length, offset = struct.unpack("<II", tail[at + 12 : at + 20])
    if offset > size:
        return b""
    stream.seek(offset)
    return stream.read(min(length, _MAX_DIRECTORY))


def _ole(stream: BinaryIO, size: int, max_read: int) -> Kind:
    """An old Office file, an Outlook message or an installer, by the names in its directory (UTF-16)."""
    stream.seek(0)
    data = stream.read(min(size, max_read))
    cut = (Flag.TOO_LARGE,) if size > max_read else ()
    if _MSI in data:
        return Kind(PROGRAM, (Flag.EXECUTABLE,))
    if _wide("EncryptedPackage") in data:
        return Kind(OLE, (Flag.ENCRYPTED, *cut))
    kind = next((kind for name, kind in _OLE_KINDS.items() if _wide(name) in data), OLE)
    macro = (Flag.MACRO,) if _wide("_VBA_PROJECT") in data else ()
    return Kind(kind, (*macro, *cut))


def _wide(name: str) -> bytes:
    return name.encode("utf-16-le")


def _by_magic(head: bytes) -> str:
    """The type that is known by its first bytes: one of the allow list before others; else unknown."""
    try:
        matches = puremagic.magic_string(head)
    except puremagic.PureError:
        return UNKNOWN
    found = [match.mime_type for match in matches if match.mime_type]
    return next((kind for kind in found if kind in ALLOWED), found[0] if found else UNKNOWN)
