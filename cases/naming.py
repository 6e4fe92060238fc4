"""File names of filed documents: one authority-wide pattern, safe on every file system.

Only ASCII letters, digits, ``.``, ``_`` and ``-``, at most 90 characters with the extension (the limit
for electronic legal communication), never a reserved name of Windows. The original name is kept in
the database.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import date
from pathlib import PurePosixPath

from django.conf import settings

LENGTH = 90
_UMLAUTS = str.maketrans(
    {"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "Ä": "Ae", "Ö": "Oe", "Ü": "Ue", "ẞ": "Ss", "ł": "l", "ø": "o"}
)
_UNSAFE = re.compile(r"[^A-Za-z0-9._-]+")
_EXTENSION = re.compile(r"[a-z0-9]{1,8}")
_RESERVED = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\.|$)", re.IGNORECASE)


def safe(text: str) -> str:
    """``text`` with nothing in it that a file system or a shell could stumble over; may be empty."""
    plain = unicodedata.normalize("NFKD", text.translate(_UMLAUTS))
    return _UNSAFE.sub("-", "".join(c for c in plain if not unicodedata.combining(c))).strip("-. ")


def extension(original_name: str) -> str:
    """The extension of a file name, lower case; ``p7s`` signatures keep what they sign (``pdf.p7s``); else ``bin``."""
    suffixes = [suffix[1:].lower() for suffix in PurePosixPath(original_name).suffixes]
    if not suffixes or not _EXTENSION.fullmatch(suffixes[-1]):
        return "bin"
    if suffixes[-1] in {"p7s", "pkcs7", "p7m"} and len(suffixes) > 1 and _EXTENSION.fullmatch(suffixes[-2]):
        return f"{suffixes[-2]}.{suffixes[-1]}"
    return suffixes[-1]


def file_name(*, on: date, file_reference: str, role: str, number: int, original_name: str, version: int = 1) -> str:
    """The name of a file as filed, by ``DOCUMENT_NAME_PATTERN``; later versions end in ``_v2``, ``_v3``, …"""
    ext = extension(original_name)
    name = settings.DOCUMENT_NAME_PATTERN.format(
        date=on.isoformat(), file_reference=safe(file_reference), role=safe(role), nn=f"{number:02d}", ext=ext
    )
    stem = safe(name.removesuffix(f".{ext}"))
    later = f"_v{version}" if version > 1 else ""
    if _RESERVED.match(stem):
        stem = f"_{stem}"
    tail = f"{later}.{ext}"
    if len(stem) + len(tail) > LENGTH:  # the running number at the end must survive
        head, _, last = stem.rpartition("_")
        stem = f"{head[: LENGTH - len(tail) - len(last) - 1]}_{last}" if head else stem[: LENGTH - len(tail)]
    return stem + tail
