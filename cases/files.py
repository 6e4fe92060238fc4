"""Serving stored bytes: what they are is read from the bytes themselves, never from a name or a claim.

What a virus was found in is not given out at all; programs and documents with macros only to who confirms it.
"""

from __future__ import annotations

import logging
from typing import Any

from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.views import View

from audit.acting import Actor
from audit.actions import log_access
from cases import blobs, marks
from cases.models import Blob

log = logging.getLogger("laufmappe.files")

MAGIC = {b"%PDF-": "application/pdf", b"\x89PNG\r\n\x1a\n": "image/png", b"\xff\xd8\xff": "image/jpeg"}
POLICY = "default-src 'none'; frame-ancestors 'self'"


class StoredFileView(View):
    """A stored file. GET shows or downloads it; POST downloads what is held back ("trotzdem herunterladen")."""

    http_method_names = ["get", "head", "post", "options"]

    def find(self, request: HttpRequest, **kwargs: Any) -> tuple[Blob, str, str]:
        """The Blob (with ``result``) that the address means, its name, and the Vorgangs-ID for the access log.

        Raises Http404 when there is none that the person may see.
        """
        raise NotImplementedError

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponseBase:
        """Stream it, or say why not."""
        return self._answer(request, *self.find(request, **kwargs), confirmed=False)

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponseBase:
        """Stream it although it is held back."""
        return self._answer(request, *self.find(request, **kwargs), confirmed=True)

    def _answer(
        self, request: HttpRequest, blob: Blob, name: str, subject: str, *, confirmed: bool
    ) -> HttpResponseBase:
        if blob.known and blob.known.is_infected:
            return render(request, "cases/file_infected.html", {"name": name, "check": blob.known}, status=403)
        held_back = marks.is_held_back(blob, name)
        if held_back and not confirmed:
            return render(request, "cases/file_held_back.html", {"name": name, "blob": blob})
        log_access(by=Actor.of(request.user), what="file_taken", subject=subject)
        return file_answer(request, blob, name, inline=not held_back)


def shown_as(head: bytes) -> str:
    """The media type under which bytes with this beginning may be shown in the browser; empty: not at all."""
    return next((kind for magic, kind in MAGIC.items() if head.startswith(magic)), "")


def safe_name(name: str) -> str:
    """The last part of a name, fit for a header: no directories, no control characters."""
    last = name.replace("\\", "/").rsplit("/", 1)[-1]
    return "".join(char if char.isprintable() else "_" for char in last) or "datei"


def file_answer(request: HttpRequest, blob: Blob, name: str, *, inline: bool) -> FileResponse | HttpResponse:
    """Stream a blob: PDF and images inline (if wanted), everything else as an attachment; a page when it has gone."""
    try:
        stream = blobs.open_blob(blob.sha256)
    except FileNotFoundError:
        log.error("blob %s is missing", blob.sha256)
        return render(request, "cases/file_missing.html", {"name": name, "sha256": blob.sha256}, status=500)
    kind = shown_as(stream.read(16)) if inline else ""
    stream.seek(0)
    answer = FileResponse(
        stream, as_attachment=not kind, filename=safe_name(name), content_type=kind or "application/octet-stream"
    )
    answer["Content-Security-Policy"] = POLICY
    answer["X-Frame-Options"] = "SAMEORIGIN"
    answer["X-Content-Type-Options"] = "nosniff"
    answer["Cache-Control"] = "private, no-store"
    return answer
