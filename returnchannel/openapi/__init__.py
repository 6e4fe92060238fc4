"""The description of the REST interface (OpenAPI 3.1): one module per resource, put together here.

A new call gets a module with ``PATHS`` and ``SCHEMAS`` in ``RESOURCES``; the tests then send what it describes.
"""

from __future__ import annotations

import json
from functools import lru_cache
from typing import Any

from returnchannel.openapi import cases, changes, messages, parts, replies, reports, submissions, webhooks

RESOURCES = (submissions, cases, messages, replies, changes, webhooks, reports)
ABOUT = """Anträge übergeben und erfahren, was aus ihnen wird.

Jeder Aufruf trägt ein Token (`Authorization: Bearer …`), das `manage.py api_client create` einmal ausgibt.
Zeiten stehen in RFC 3339 mit Abstand zu UTC. Fehler kommen als `application/problem+json` (RFC 9457); `type` führt auf
eine Seite, die sagt, was zu tun ist. Fremde und unbekannte Vorgangs-IDs sind beide 404.

**Aufzählungen sind offen:** Zu den genannten Werten können weitere kommen (`x-extensible-enum`), zu Objekten weitere
Angaben. Bitte Unbekanntes übergehen, nicht ablehnen."""


@lru_cache
def document() -> dict[str, Any]:
    """The whole description."""
    paths: dict[str, Any] = {}
    schemas = dict(parts.SCHEMAS)
    for resource in RESOURCES:
        paths |= resource.PATHS
        schemas |= resource.SCHEMAS
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Laufmappe",
            "version": "1",
            "summary": "Schnittstelle für Portale und Fachverfahren",
            "description": ABOUT,
        },
        "servers": [{"url": "/", "description": "Diese Behörde"}],
        "security": [{"token": []}],
        "tags": [{"name": resource.TAG, "description": resource.ABOUT} for resource in RESOURCES],
        "paths": paths,
        "components": {
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer", "description": "Das Token des Zugangs."}},
            "parameters": parts.PARAMETERS,
            "headers": parts.HEADERS,
            "responses": parts.RESPONSES,
            "schemas": schemas,
        },
    }


@lru_cache
def as_text() -> str:
    """The description as JSON."""
    return json.dumps(document(), ensure_ascii=False)
