"""Large bodies lie in files that are mapped into memory: what has been looked at is given back piece by piece.

Mapped pages count as memory of the process. Without this a body of 200 MB would be held by the process that only looks
for the ends of its parts.
"""

from __future__ import annotations

import hashlib
import mmap

WINDOW = 1 << 22
"""How many bytes are looked at before they are given back."""


def let_go(buffer: bytes | memoryview | mmap.mmap) -> None:
    """Give back the memory of a mapped file; it stays readable, and is read from the file again where it is asked for.

    What is no mapped file, nor a part of one, is left alone.
    """
    whole = buffer.obj if isinstance(buffer, memoryview) else buffer
    if isinstance(whole, mmap.mmap):
        whole.madvise(mmap.MADV_DONTNEED)


def find(mapped: mmap.mmap, wanted: bytes, position: int) -> int:
    """As ``mapped.find``, window by window."""
    while position < len(mapped):
        found = mapped.find(wanted, position, position + WINDOW + len(wanted) - 1)
        if found >= 0:
            return found
        position += WINDOW
        let_go(mapped)
    return -1


def sha256(mapped: mmap.mmap, start: int, size: int) -> str:
    """The SHA-256 of a part, in hex."""
    digest = hashlib.sha256()
    for position in range(start, start + size, WINDOW):
        digest.update(memoryview(mapped)[position : min(position + WINDOW, start + size)])
        let_go(mapped)
    return digest.hexdigest()
