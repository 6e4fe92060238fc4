"""Looking into a PDF: can it be opened, how many pages has it, does it do something by itself?

A PDF from outside is hostile until proven otherwise: its object streams are unpacked up to ``UNPACKED_BYTES`` only, and
the search for active content ends after ``SECONDS``.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from typing import BinaryIO

import pikepdf

from cases.fileflags import Flag

UNPACKED_BYTES = 100 * 1024 * 1024
"""How far one stream of a PDF may unpack while it is opened."""
SECONDS = 2.0
"""How long active content is searched for in one file."""
MAX_WARNINGS = 1000

_BY_ACTION = {"/JavaScript": Flag.JAVASCRIPT, "/Launch": Flag.LAUNCH}
_BY_KEY = {"/JS": Flag.JAVASCRIPT, "/XFA": Flag.XFA, "/EF": Flag.EMBEDDED_FILES}

log = logging.getLogger("laufmappe.files")
pikepdf.settings.set_qpdf_limits(flate_max_memory=UNPACKED_BYTES, doc_max_warnings=MAX_WARNINGS)


def examine(stream: BinaryIO) -> tuple[int | None, tuple[Flag, ...]]:
    """The number of pages and the flags of the PDF in ``stream``; (None, …) when it cannot be opened.

    Flags: ``encrypted``, ``broken``, ``javascript``, ``launch``, ``embedded_files``, ``xfa`` and, when the search took
    too long, ``too_large``.
    """
    try:
        with pikepdf.open(stream, suppress_warnings=True) as pdf:
            pages = len(pdf.pages)
            encrypted = [Flag.ENCRYPTED] if pdf.is_encrypted else []
            return pages, tuple(sorted({*encrypted, *_active(pdf, time.monotonic() + SECONDS)}))
    except pikepdf.PasswordError:
        return None, (Flag.ENCRYPTED,)
    except OSError:
        raise
    except Exception as error:  # what a library makes of hostile bytes is a fact about the bytes
        log.debug("a PDF cannot be read: %s", type(error).__name__)
        return None, (Flag.BROKEN,)


def _active(pdf: pikepdf.Pdf, until: float) -> set[Flag]:
    """What the objects of ``pdf`` hold; all of them are visited, wherever an action may hide."""
    found: set[Flag] = set()
    for indirect in pdf.objects:
        for item in _dictionaries(indirect):
            if time.monotonic() > until:
                return found | {Flag.TOO_LARGE}
            keys = item.keys()
            found |= {flag for key, flag in _BY_KEY.items() if key in keys}
            if "/S" in keys:
                found |= {_BY_ACTION[kind] for kind in [str(item["/S"])] if kind in _BY_ACTION}
    return found


def _dictionaries(indirect: pikepdf.Object) -> Iterator[pikepdf.Dictionary]:
    """The dictionaries in one indirect object, at any depth, without those that are indirect themselves."""
    pending = [indirect]
    while pending:
        item = pending.pop()
        if isinstance(item, pikepdf.Stream):
            item = item.stream_dict
        if isinstance(item, pikepdf.Dictionary):
            yield item
            pending += [value for value in item.as_dict().values() if _is_direct(value)]
        elif isinstance(item, pikepdf.Array):
            pending += [value for value in item.as_list() if _is_direct(value)]


def _is_direct(value: object) -> bool:
    return isinstance(value, pikepdf.Dictionary | pikepdf.Array) and not value.is_indirect
