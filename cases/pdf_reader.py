"""Looks into PDFs, one after another. Run as a program of its own (by ``cases.pdfs``), never imported by the house.

A PDF of a few kilobytes may ask for gigabytes of memory or for hours: here it can have neither, and takes nobody with
it. Standard input: for each PDF its size in bytes and the seconds for the search (``HEAD``), then the PDF. Standard
output: ``ready``, then for each a line of JSON: ``{"pages": n or null, "flags": [value of cases.fileflags.Flag, …],
"last": …}``; after ``last`` the program has ended.
"""

from __future__ import annotations

import io
import json
import resource
import signal
import struct
import sys
import time
from collections.abc import Iterator
from typing import Any

import pikepdf

HEAD = struct.Struct(">Qd")
UNPACKED_BYTES = 100 * 1024 * 1024
"""How far one stream of a PDF may unpack while it is opened."""
MEMORY_BYTES = 1 << 30
"""How much memory the program may have."""
MUCH_BYTES = MEMORY_BYTES // 3
"""Who needs so much was near the limit: something may have been left out, and the memory is given back by ending."""
ALARM_SECONDS = 20
"""After so long the kernel ends the program, wherever it is."""
MAX_WARNINGS = 1000

_BY_ACTION = {"/JavaScript": "javascript", "/Launch": "launch"}
_BY_KEY = {"/JS": "javascript", "/XFA": "xfa", "/EF": "embedded_files"}


def main() -> None:
    """Answer until standard input ends."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    pikepdf.settings.set_qpdf_limits(flate_max_memory=UNPACKED_BYTES, doc_max_warnings=MAX_WARNINGS)
    print("ready", flush=True)
    is_last = False
    while not is_last and len(head := sys.stdin.buffer.read(HEAD.size)) == HEAD.size:
        size, seconds = HEAD.unpack(head)
        signal.alarm(ALARM_SECONDS)
        result = examine(sys.stdin.buffer.read(size), seconds)
        signal.alarm(0)
        is_last = _most_memory() > MUCH_BYTES
        if is_last:
            result["flags"] = sorted({*result["flags"], "too_large"})
        print(json.dumps(result | {"last": is_last}), flush=True)


def _most_memory() -> int:
    """The most memory that this program has had, in bytes (``ru_maxrss`` counts what its parent had, too)."""
    with open("/proc/self/status", encoding="ascii") as status:
        return next(int(line.split()[1]) * 1024 for line in status if line.startswith("VmHWM:"))


def examine(data: bytes, seconds: float) -> dict[str, Any]:
    """The number of pages and the flags of a PDF; without pages when it cannot be opened."""
    try:
        with pikepdf.open(io.BytesIO(data), suppress_warnings=True) as pdf:
            pages = len(pdf.pages)
            encrypted = ["encrypted"] if pdf.is_encrypted else []
            return {"pages": pages, "flags": sorted({*encrypted, *_active(pdf, time.monotonic() + seconds)})}
    except pikepdf.PasswordError:
        return {"pages": None, "flags": ["encrypted"]}
    except MemoryError:
        return {"pages": None, "flags": ["too_large"]}
    except Exception:  # what a library makes of hostile bytes is a fact about the bytes
        return {"pages": None, "flags": ["broken"]}


def _active(pdf: pikepdf.Pdf, until: float) -> set[str]:
    """What the objects of ``pdf`` hold; all of them are visited, wherever an action may hide."""
    found: set[str] = set()
    for indirect in pdf.objects:
        for item in _dictionaries(indirect):
            if time.monotonic() > until:
                return found | {"too_large"}
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


if __name__ == "__main__":
    main()
