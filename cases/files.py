"""Serving stored bytes: what they are is read from the bytes themselves, never from a name or a claim."""

from __future__ import annotations

import logging

from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import render

from cases import blobs

log = logging.getLogger("laufmappe.files")

MAGIC = {b"%PDF-": "application/pdf", b"\x89PNG\r\n\x1a\n": "image/png", b"\xff\xd8\xff": "image/jpeg"}
POLICY = "default-src 'none'; frame-ancestors 'self'"


def shown_as(head: bytes) -> str:
    """The media type under which bytes with this beginning may be shown in the browser; empty: not at all."""
    return next((kind for magic, kind in MAGIC.items() if head.startswith(magic)), "")


def safe_name(name: str) -> str:
    """The last part of a name, fit for a header: no directories, no control characters."""
    last = name.replace("\\", "/").rsplit("/", 1)[-1]
    return "".join(char if char.isprintable() else "_" for char in last) or "datei"


def file_answer(request: HttpRequest, sha256: str, name: str) -> FileResponse | HttpResponse:
    """Stream a blob: PDF and images inline, everything else as an attachment; a page that says so when it has gone."""
    try:
        stream = blobs.open_blob(sha256)
    except FileNotFoundError:
        log.error("blob %s is missing", sha256)
        return render(request, "cases/file_missing.html", {"name": name, "sha256": sha256}, status=500)
    kind = shown_as(stream.read(16))
    stream.seek(0)
    answer = FileResponse(
        stream, as_attachment=not kind, filename=safe_name(name), content_type=kind or "application/octet-stream"
    )
    answer["Content-Security-Policy"] = POLICY
    answer["X-Frame-Options"] = "SAMEORIGIN"
    answer["X-Content-Type-Options"] = "nosniff"
    answer["Cache-Control"] = "private, no-store"
    return answer
