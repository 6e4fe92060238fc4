"""``multipart/form-data`` (RFC 7578) in a file on disk: the parts are found where they lie, and nothing is copied."""

from __future__ import annotations

import mmap
import re
from collections.abc import Iterator
from dataclasses import dataclass

from django.utils.http import parse_header_parameters

from intake.gates import mapped
from intake.gates.strict_json import refused

MAX_HEAD = 16 * 1024  # bytes that the headers of one part may have
_BOUNDARY = re.compile(r"[0-9A-Za-z'()+_,\-./:=? ]{1,70}(?<! )")  # RFC 2046, section 5.1.1
_PADDING = re.compile(rb"[ \t]*\r\n")


@dataclass(frozen=True)
class FilePart:
    """One part: its name in the form, its file name ("" for a plain field), its place in the body."""

    name: str
    filename: str
    start: int
    size: int


def parts(body: mmap.mmap, boundary: str) -> Iterator[FilePart]:
    """The parts of ``body`` in order. Raises ``Refused`` when it is not what its Content-Type says."""
    if not _BOUNDARY.fullmatch(boundary):
        raise _broken("In Content-Type fehlt eine gültige „boundary“.")
    delimiter = b"--" + boundary.encode()
    position = 0 if body[: len(delimiter)] == delimiter else _next(body, delimiter, 0) + 2
    while True:
        position += len(delimiter)
        if body[position : position + 2] == b"--":
            return
        padding = _PADDING.match(body, position)
        head = padding.end() if padding else position
        blank = body.find(b"\r\n\r\n", head - 2, head + MAX_HEAD)
        if padding is None or blank < 0:
            raise _broken("Ein Teil hat keine lesbaren Kopfzeilen.")
        start = blank + 4
        end = _next(body, delimiter, start - 2)
        name, filename = _names(body[head:blank])
        yield FilePart(name, filename, start, max(0, end - start))
        position = end + 2


def _next(body: mmap.mmap, delimiter: bytes, position: int) -> int:
    """Where the line end before the next delimiter stands; a longer line that only begins like one is content."""
    wanted = b"\r\n" + delimiter
    while (found := mapped.find(body, wanted, position)) >= 0:
        after = found + len(wanted)
        if body[after : after + 2] == b"--" or _PADDING.match(body, after):
            return found
        position = found + 2
    raise _broken("Der Körper endet vor der letzten Trennzeile.")


def _names(head: bytes) -> tuple[str, str]:
    """Form name and file name of a part."""
    for line in head.decode("utf-8", "replace").split("\r\n"):
        label, _, value = line.partition(":")
        if label.strip().lower() == "content-transfer-encoding" and value.strip().lower() not in (
            "binary",
            "8bit",
            "7bit",
        ):
            raise _broken("Content-Transfer-Encoding ist in Teilen nicht vorgesehen (RFC 7578, Abschnitt 4.7).")
    for line in head.decode("utf-8", "replace").split("\r\n"):
        label, _, value = line.partition(":")
        if label.strip().lower() == "content-disposition":
            kind, values = parse_header_parameters(value.strip())
            if kind == "form-data" and "name" in values:
                return values["name"], values.get("filename", "")
    raise _broken("Ein Teil hat keine Kopfzeile „Content-Disposition: form-data; name=…“.")


def _broken(sentence: str) -> Exception:
    return refused("multipart_invalid", f"{sentence} Erwartet wird multipart/form-data nach RFC 7578.")
