"""The histories of all that hangs on a Vorgang, read in one query, for telling what exactly was done."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef, Q, QuerySet
from django.db.models.functions import JSONObject

from audit.models import PersonDataVersion
from cases.models import (
    BlobCheck,
    Case,
    Decision,
    Dispatch,
    Document,
    DocumentFile,
    InformationRequest,
    InformationRequestItem,
    Note,
    Notice,
    Party,
    Remedy,
)

HERE, HERE_DEEPER = OuterRef("pk"), OuterRef(OuterRef("pk"))
WHO = {name: f"history_{name}" for name in ("action", "source", "reason")} | {"at": "history_date"}
WHO |= {"who": "history_user_id"}
DISPATCH = (
    "recipient_id",
    "request_id",
    "notice_id",
    "decision_id",
    "is_reminder",
    "method",
    "sent_on",
    "delivered_on",
)
REFERENCE = {"file_reference": "case__file_reference", "public_id": "case__public_id"}


@dataclass(frozen=True)
class Row:
    """A row of a history: when, by which action, its columns, and those of the row before it (None: the first)."""

    at: datetime
    action: str
    values: dict[str, Any]
    before: dict[str, Any] | None = None

    def __getitem__(self, name: str) -> Any:
        return self.values[name]


def _rows(found: QuerySet[Any], *names: str, **renamed: str) -> ArraySubquery:
    return ArraySubquery(found.values(found=JSONObject(**{name: name for name in names}, **renamed)))


def _history(model: Any, *names: str, of: Q | None = None, **renamed: str) -> ArraySubquery:
    found = model.history.filter(of or Q(case=HERE)).order_by("history_id")
    return _rows(found, "id", *names, **WHO, **renamed)


def _queries() -> dict[str, ArraySubquery]:
    mine = Document.history.filter(case=HERE_DEEPER).values("id")
    files = DocumentFile.history.filter(
        document_id__in=mine, history_type="+", version__gt=1, part=DocumentFile.Part.ORIGINAL
    )
    infected = DocumentFile.objects.filter(document__case=HERE, blob__result__scan_state=BlobCheck.Scan.INFECTED)
    values = PersonDataVersion.objects.filter(
        Q(model="cases.party", object_id__in=Party.objects.filter(case=HERE_DEEPER).values("pk"))
        | Q(model="cases.document", object_id__in=Document.objects.filter(case=HERE_DEEPER).values("pk"))
    )
    return {
        "requests": _history(InformationRequest, "number", "due_on"),
        "items": _history(InformationRequestItem, "state", "request_id", of=Q(request__case=HERE)),
        "request_titles": _rows(InformationRequest.objects.filter(case=HERE), "id", "title"),
        "item_titles": _rows(InformationRequestItem.objects.filter(request__case=HERE), "id", "title"),
        "notices": _history(Notice, "number", "kind"),
        "decisions": _history(Decision, "number", "outcome", "state", "method", "corrects_id", "final_since"),
        "dispatches": _history(Dispatch, *DISPATCH),
        "remedies": _history(Remedy, "kind", "state", "filed_on", "decision_id", of=Q(decision__case=HERE)),
        "notes": _history(Note, "kind"),
        "parties": _history(Party, "role", "kind", "receives_post", "information_block"),
        "documents": _history(
            Document, "number", "role", "case_id", of=Q(id__in=mine), type="history_type", **REFERENCE
        ),
        "files": _rows(files.order_by("history_id"), "document_id", "version", **WHO),
        "infections": _rows(
            infected.order_by("id"), "file_name", at="blob__result__scanned_at", signature="blob__result__signature"
        ),
        "people": _rows(Party.objects.filter(case=HERE), "id", "organisation", "first_name", "last_name", "role"),
        "versions": _rows(
            values.order_by("pk"), "object_id", "at", "fields", "values", "model", action="history_action"
        ),
    }


class Histories:
    """All of them for one Vorgang (one query). Rows know the one before them, of the same thing."""

    def __init__(self, case: Case) -> None:
        queries = {f"told_{kind}": rows for kind, rows in _queries().items()}  # no names of fields
        told = Case.objects.filter(pk=case.pk).values(**queries).get()
        found = {kind.removeprefix("told_"): rows for kind, rows in told.items()}
        self.infections: list[dict[str, Any]] = found.pop("infections")
        self.people: dict[int, dict[str, Any]] = {each["id"]: each for each in found.pop("people")}
        self.requests: dict[int, str] = {each["id"]: each["title"] for each in found.pop("request_titles")}
        self.items: dict[int, str] = {each["id"]: each["title"] for each in found.pop("item_titles")}
        self._rows = {kind: _linked(rows) for kind, rows in found.items()}

    def all(self, kind: str) -> list[Row]:
        """Every row of one kind, in order."""
        return self._rows[kind]

    def by(self, kind: str, action: str, after: datetime | None, until: datetime) -> list[Row]:
        """The rows that one run of an action has written: it holds the Vorgang's lock, so none mixes with another."""
        rows = self._rows[kind]
        return [row for row in rows if row.action == action and row.at <= until and (after is None or row.at > after)]

    def last(self, kind: str, pk: int) -> Row:
        """The newest row of a thing."""
        return next(row for row in reversed(self._rows[kind]) if row["id"] == pk)

    def name(self, party_id: int) -> str:
        """Who that is: the name, or (where it has been erased) the role."""
        person = self.people[party_id]
        full = " ".join(part for part in (person["first_name"], person["last_name"]) if part)
        return person["organisation"] or full or Party.Role(person["role"]).label


def _linked(rows: list[dict[str, Any]]) -> list[Row]:
    latest: dict[Any, dict[str, Any]] = {}
    linked = []
    for values in rows:
        key = values.get("id")
        linked.append(Row(datetime.fromisoformat(values["at"]), values["action"], values, latest.get(key)))
        latest[key] = values
    return linked


def day(text: str | None) -> str:
    """An ISO date as people write it; empty for none."""
    return f"{date.fromisoformat(text):%d.%m.%Y}" if text else ""
