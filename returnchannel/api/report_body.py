"""The JSON object that ``POST /api/v1/cases/{case_id}/status-reports`` takes, read by its own rules."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.utils import timezone

from cases.models import Case
from cases.standard_texts import RequestedItem
from intake.channels import portal
from intake.findings import Finding
from intake.gates import strict_json
from intake.gates.strict_json import Buffer
from intake.standards import application as applications
from intake.standards.application import Entry, Unreadable

CONTENT = "/document/content"
LONGEST_WAIT = 365  # days from today that a Nachforderung may leave
MOST_ITEMS = 100
_KEY = re.compile(r"[-a-zA-Z0-9_]{1,60}")
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)", re.IGNORECASE)


@dataclass(frozen=True)
class Report:
    """A report as it was written. Of ``items``, ``due`` and so on there is what its ``status`` needs."""

    status: str
    items: list[RequestedItem] = field(default_factory=list)
    due: date | None = None
    text: str = ""
    outcome: Case.Outcome | None = None
    decided_by: str = ""
    decided_at: datetime | None = None
    attachments: list[Entry] = field(default_factory=list)  # the document


def read(buffer: Buffer) -> tuple[Report, dict[str, Any]]:
    """The report in ``buffer``, and the JSON object that it was read from.

    Raises ``intake.gates.Refused`` for what is no JSON, ``Unreadable`` for what is no report.
    """
    value = strict_json.read(buffer, keep_long=CONTENT.__eq__)
    errors = list(_errors(value))
    if errors:
        raise Unreadable(errors)
    report = Report(
        status=value["status"],
        items=[RequestedItem(item["key"], item["title"].strip()) for item in value.get("items") or []],
        due=date.fromisoformat(value["due"]) if value.get("due") else None,
        text=value.get("text") or "",
        outcome=Case.Outcome(value["outcome"]) if value.get("outcome") else None,
        decided_by=(value.get("decided_by") or "").strip(),
        decided_at=moment_of(value["decided_at"]) if value.get("decided_at") else None,
        attachments=[applications.entry(value["document"])] if value.get("document") else [],
    )
    return report, value


FORM = portal.Form(
    "status-report.json",
    read,
    parts=(),
    entries=lambda value: [value["document"]] if value.get("document") else [],
    pointer=lambda index: "/document",
)


def moment_of(said: str) -> datetime | None:
    """The time that a text of RFC 3339 says; None when it says none."""
    if not _MOMENT.fullmatch(said):
        return None
    try:
        at = datetime.fromisoformat(said.upper())
        timezone.localtime(at)
    except (ValueError, OverflowError):
        return None
    return at


def _errors(value: Any) -> Iterator[Finding]:
    if not isinstance(value, dict):
        yield Finding("not_an_object", "Erwartet wird ein JSON-Objekt mit „status“.")
        return
    status = value.get("status")
    yield from applications.text_errors(value, "status", "", limit=20, required=True)
    if isinstance(status, str) and status.strip() and status not in Case.Status.values:
        yield Finding("unknown_status", f"Erwartet wird einer von: {', '.join(Case.Status.values)}.", path="/status")
    yield from _request_errors(value, required=status == Case.Status.INFORMATION_REQUESTED)
    yield from _decision_errors(value, required=status == Case.Status.DECIDED)


def _request_errors(value: dict[str, Any], *, required: bool) -> Iterator[Finding]:
    yield from applications.text_errors(value, "text", "", limit=10_000)
    yield from applications.text_errors(value, "due", "", limit=10, required=required)
    if _is_said(value.get("due"), required=required):
        yield from _due_errors(value["due"])
    items = value.get("items")
    if items is None and not required:
        return
    if items is None or items == []:
        if required or items is not None:
            yield Finding("missing", "Es fehlt: items (was nachzureichen ist).", path="/items")
    elif not isinstance(items, list):
        yield Finding("wrong_type", "„items“ muss eine Liste sein.", path="/items")
    elif len(items) > MOST_ITEMS:
        yield Finding("too_many", f"„items“ hat mehr als {MOST_ITEMS} Einträge.", path="/items")
    else:
        yield from _items_errors(items)


def _is_said(value: Any, *, required: bool) -> bool:
    """True for a text; a blank one where something is required is told as missing already."""
    return isinstance(value, str) and (bool(value.strip()) or not required)


def _due_errors(said: str) -> Iterator[Finding]:
    try:
        due = date.fromisoformat(said) if re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", said) else None
    except ValueError:
        due = None
    if due is None:
        yield Finding("date_invalid", "„due“ ist ein Datum wie 2026-12-24.", path="/due")
    elif not 1 <= (due - timezone.localdate()).days <= LONGEST_WAIT:
        sentence = f"„due“ liegt nicht zwischen morgen und {LONGEST_WAIT} Tagen von heute an."
        yield Finding("date_out_of_range", sentence, path="/due")


def _items_errors(items: list[Any]) -> Iterator[Finding]:
    seen: set[str] = set()
    for index, item in enumerate(items):
        pointer = f"/items/{index}"
        if not isinstance(item, dict):
            yield Finding("wrong_type", "Ein Eintrag muss ein JSON-Objekt sein.", path=pointer)
            continue
        yield from applications.text_errors(item, "key", pointer, limit=60, required=True)
        yield from applications.text_errors(item, "title", pointer, limit=300, required=True)
        key = item.get("key")
        if isinstance(key, str) and key.strip() and len(key) <= 60 and not _KEY.fullmatch(key):
            sentence = "„key“ besteht aus Buchstaben ohne Umlaute, Ziffern, „-“ und „_“."
            yield Finding("key_invalid", sentence, path=f"{pointer}/key")
        elif isinstance(key, str) and key in seen:
            yield Finding("key_twice", "Dieser Punkt steht zweimal da.", path=f"{pointer}/key")
        if isinstance(key, str):
            seen.add(key)


def _decision_errors(value: dict[str, Any], *, required: bool) -> Iterator[Finding]:
    outcome, decided_at = value.get("outcome"), value.get("decided_at")
    yield from applications.text_errors(value, "outcome", "", limit=30, required=required)
    if _is_said(outcome, required=required) and outcome not in Case.Outcome.values:
        yield Finding("unknown_outcome", f"Erwartet wird eines von: {', '.join(Case.Outcome.values)}.", path="/outcome")
    yield from applications.text_errors(value, "decided_by", "", limit=200, required=required)
    yield from applications.text_errors(value, "decided_at", "", limit=40, required=required)
    if _is_said(decided_at, required=required):
        at = moment_of(decided_at)
        if at is None:
            sentence = "„decided_at“ ist ein Zeitpunkt nach RFC 3339, etwa 2026-11-24T09:12:33+01:00."
            yield Finding("time_invalid", sentence, path="/decided_at")
        elif at > timezone.now():
            yield Finding("time_in_future", "„decided_at“ liegt in der Zukunft.", path="/decided_at")
    if value.get("document") is not None:
        yield from applications.entry_errors(value["document"], "/document")
