"""The body of a request: taken to disk while it is counted, and only then read."""

from __future__ import annotations

import hashlib
import mmap
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import BinaryIO

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.http import parse_header_parameters

from intake.api import multipart
from intake.api.problems import Problem
from intake.channels import portal
from intake.findings import Finding
from intake.gates import Refused, limits
from intake.gates import mapped as mapping
from intake.standards.application import Unreadable

CHUNK = 1 << 20
LINGER_SECONDS, LINGER_PAUSE = 10, 2  # how long a caller may go on sending in vain, and be silent meanwhile
TOO_LARGE = frozenset({"json_too_large", "too_many_files"})


class Lingering(HttpResponse):
    """An answer to a body that was not read: it is told first, then what is still coming is passed over for a while.

    A connection that is closed while the caller is still sending is reset, and the caller never sees the answer.
    """

    def __init__(self, told: HttpResponse, request: HttpRequest) -> None:
        super().__init__(told.content, status=told.status_code, headers=told.headers)
        self._request = request

    def close(self) -> None:
        """Called by the server when the answer is on its way."""
        super().close()
        connection = self._request.META.get("gunicorn.socket")
        if connection is None:
            return
        until, patience = time.monotonic() + LINGER_SECONDS, connection.gettimeout()
        connection.settimeout(LINGER_PAUSE)
        with suppress(OSError):  # nobody sends any more
            while time.monotonic() < until and _source(self._request).read(CHUNK):
                pass
        connection.settimeout(patience)


@dataclass
class Upload:
    """What came: what was said, or what is wrong with it; ``digest`` says which body it was either way."""

    digest: str
    message: portal.Message | None = None
    problem: Problem | None = None


@contextmanager
def received(request: HttpRequest, form: portal.Form = portal.APPLICATION_FORM) -> Iterator[Upload]:
    """The body of ``request``, of this ``form``, as long as the block runs.

    Raises ``Problem``: 415 for what nobody reads, 413 as soon as it is known to be too large, before it is read whole.
    """
    kind, parameters = parse_header_parameters(request.headers.get("Content-Type", ""))
    is_json = kind == "application/json" and parameters.get("charset", "utf-8").lower() in ("utf-8", "utf8")
    if (
        not (is_json or (form.parts and kind == "multipart/form-data"))
        or request.headers.get("Content-Encoding", "identity") != "identity"
    ):
        raise Problem("unsupported_media_type")
    with portal.scratch() as file, portal.scratch() as decoded:
        size = _store(request, file)
        yield _read(file, size, decoded, form, boundary=None if is_json else parameters.get("boundary", ""))


def _store(request: HttpRequest, target: BinaryIO) -> int:
    """Write the body to ``target``; returns its size in bytes."""
    limit = limits.max_bytes()
    announced = request.META.get("CONTENT_LENGTH") or "0"
    if not announced.isdigit():
        raise Problem("bad_request")
    if int(announced) > limit:
        raise _too_large()
    size = 0
    source = _source(request)
    while chunk := source.read(CHUNK):
        size += len(chunk)
        if size > limit:
            raise _too_large()
        target.write(chunk)
    target.flush()
    if size < int(announced):
        raise Problem("bad_request", detail="Die Anfrage ist abgebrochen: Es kamen weniger Bytes als angekündigt.")
    return size


def _source(request: HttpRequest) -> BinaryIO:
    """Where the body is read from; one without Content-Length (chunked) ends where the server says."""
    if request.META.get("wsgi.input_terminated") and not request.META.get("CONTENT_LENGTH"):
        return request.META["wsgi.input"]
    return request


def _read(file: BinaryIO, size: int, decoded: BinaryIO, form: portal.Form, *, boundary: str | None) -> Upload:
    body = portal.Body(file, 0, size, name=form.file)
    try:
        if boundary is not None:
            body = _body_of_parts(file, size, boundary, form)
        message = portal.read(body, decoded, at_most=settings.MAX_MESSAGE_FILES, form=form)
        _require_few(message)
    except Refused as refused:
        errors, code = [refused.finding], "too_large" if refused.finding.code in TOO_LARGE else "invalid_body"
    except Unreadable as unreadable:
        errors, code = unreadable.findings, "invalid_body"
    else:
        return Upload(message.digest, message)
    problem = Problem(code, errors=errors, detail=errors[0].message if len(errors) == 1 else "")
    if code == "too_large":
        raise problem
    return Upload(_raw_digest(body), problem=problem)


def _body_of_parts(file: BinaryIO, size: int, boundary: str, form: portal.Form) -> portal.Body:
    if not size:
        raise Unreadable([Finding("not_an_object", "Der Körper der Anfrage ist leer.")])
    mapped = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    found, others = None, []
    for part in multipart.parts(mapped, boundary):
        if part.name in form.parts and found is None:
            found = part
            continue
        if len(others) >= settings.MAX_MESSAGE_FILES:
            raise Refused(portal.too_many(settings.MAX_MESSAGE_FILES))
        sha256 = mapping.sha256(mapped, part.start, part.size)
        others.append(portal.Part(part.filename or part.name, part.start, part.size, sha256, part.name))
    if found is None:
        raise Unreadable([Finding("missing", f"Es fehlt der Teil „{form.parts[0]}“ mit dem JSON.")])
    return portal.Body(file, found.start, found.size, others, form.file)


def _require_few(message: portal.Message) -> None:
    if len(message.files) - 1 > settings.MAX_MESSAGE_FILES:
        raise Refused(portal.too_many(settings.MAX_MESSAGE_FILES))


def _too_large() -> Problem:
    return Problem("too_large", detail=f"Die Anfrage ist größer als {settings.MAX_MESSAGE_MB} MB.")


def _raw_digest(body: portal.Body) -> str:
    """By what a body is known again that cannot be read: the bytes of its JSON and of its files."""
    hashes = [body.json_file.sha256(), *(part.sha256 for part in body.parts)]
    return hashlib.sha256("\n".join(hashes).encode()).hexdigest()
