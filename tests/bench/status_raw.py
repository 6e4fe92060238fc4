"""The bound that ``status.py`` compares with: a bare WSGI application that sends the statement of the status itself.

No framework on the way of a request: one psycopg connection per thread, which prepares the statement.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import threading
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import django
import psycopg

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup()

from django.conf import settings  # noqa: E402

from cases.models import ServiceVersion  # noqa: E402
from returnchannel.case_status import CALL  # noqa: E402

HERE, BERLIN = threading.local(), ZoneInfo("Europe/Berlin")
TAG = re.compile(r'"v(\d+)"')
DATABASE = settings.DATABASES["default"]
SERVICES: dict[int, tuple[str, dict[str, str]]] = {}


def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """Answer ``GET /api/v1/cases/{id}``."""
    case_id = environ["PATH_INFO"].rpartition("/")[2]
    sha256 = hashlib.sha256(environ["HTTP_AUTHORIZATION"].removeprefix("Bearer ").encode()).hexdigest()
    known = [int(number) for number in TAG.findall(environ.get("HTTP_IF_NONE_MATCH", ""))]
    row = _connection().execute(CALL, [sha256, case_id, known, False, []]).fetchone()
    tag = ("ETag", f'"v{row[10]}"')
    if row[11]:
        start_response("304 Not Modified", [tag])
        return [b""]
    content = json.dumps(_body(case_id, row), ensure_ascii=False).encode()
    start_response("200 OK", [tag, ("Content-Type", "application/json"), ("Content-Length", str(len(content)))])
    return [content]


def _body(case_id: str, row: tuple[Any, ...]) -> dict[str, Any]:
    received_at, version_id, status = row[3], row[6], row[8]
    slug, notes = _service(version_id)
    steps = [("eingegangen", received_at)]
    for each, since in json.loads(row[12]):
        if each != steps[-1][0]:
            steps.append((each, datetime.fromisoformat(since)))
    return {
        "case_id": case_id,
        "file_reference": row[7],
        "service": slug,
        "status": status,
        "status_since": _moment(steps[-1][1]),
        "version": row[10],
        "public_note": notes.get(status),
        "open_information_request": json.loads(row[14]) if row[14] else None,
        "expected_by": row[13] and row[13].isoformat(),
        "outcome": None,
        "external": {"zbp": "RECEIVED"},
        "history": [{"status": each, "at": _moment(at)} for each, at in steps],
    }


def _moment(at: datetime) -> str:
    return at.astimezone(BERLIN).isoformat(timespec="milliseconds")


def _connection() -> psycopg.Connection:
    if not hasattr(HERE, "connection"):
        HERE.connection = psycopg.connect(
            host=DATABASE["HOST"], user=DATABASE["USER"], dbname=DATABASE["NAME"], autocommit=True
        )
    return HERE.connection


def _service(version_id: int) -> tuple[str, dict[str, str]]:
    if version_id not in SERVICES:
        version = ServiceVersion.objects.select_related("service").get(pk=version_id)
        SERVICES[version_id] = version.service.slug, version.declaration["public_notes"]
    return SERVICES[version_id]
