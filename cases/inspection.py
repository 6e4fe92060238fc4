"""What stored bytes are and what is wrong with them: read from the bytes alone, never from a name or a claim.

The result is the same for the same bytes, so each is inspected once (``cases.models.BlobCheck`` keeps it). What the
*name* of a file adds to it (an ending that says something else, a script) is said by ``cases.filetypes``.
"""

from __future__ import annotations

from typing import BinaryIO

from cases import filetypes, pdfs
from cases.fileflags import Flag, Inspection

MAX_INSPECTED = 50 * 1024 * 1024
"""Up to how many bytes a PDF or an old Office file is looked into; of a larger one only the type is read."""


def inspect(stream: BinaryIO, size: int) -> Inspection:
    """Look at the ``size`` bytes of a seekable ``stream``. Whatever they hold, it ends with an Inspection.

    Raises OSError only, when the bytes cannot be read.
    """
    if size == 0:
        return Inspection(filetypes.EMPTY, flags=(Flag.EMPTY,))
    found = filetypes.recognise(stream, size, max_read=MAX_INSPECTED)
    if found.media_type != filetypes.PDF:
        return Inspection(found.media_type, flags=found.flags)
    if size > MAX_INSPECTED:
        return Inspection(filetypes.PDF, flags=(Flag.TOO_LARGE,))
    stream.seek(0)
    pages, flags = pdfs.examine(stream, size)
    return Inspection(filetypes.PDF, pages, flags)
