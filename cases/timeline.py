"""What happened to a Vorgang, in German, from its histories."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from audit.registries import TimelineEntry, timeline
from cases.models import Case, Document, DocumentFile, User

TEXTS = {
    "open_case": "Vorgang eröffnet",
    "take_up": "Prüfung begonnen",
    "assign": "Bearbeitung zugewiesen",
    "close": "Vorgang abgeschlossen",
    "reopen": "Vorgang wieder aufgenommen",
}


@timeline.register("cases")
def entries(case: Case) -> Iterator[TimelineEntry]:
    """The steps of the Vorgang itself and the documents that came into it (four queries)."""
    rows = list(case.history.order_by("history_id"))
    handlers = User.objects.in_bulk({row.handler_id for row in rows if row.handler_id})
    for row in rows:
        text = TEXTS.get(row.history_action, row.history_action)
        if row.history_action == "assign":
            text = f"Zugewiesen an {handlers[row.handler_id]}" if row.handler_id else "Zuweisung aufgehoben"
        if row.history_action == "close":
            text = f"Abgeschlossen: {Case.Outcome(row.outcome).label}"
        yield _entry(row, text)
    numbers = {}
    for row in Document.history.filter(case_id=case.pk, history_type="+").order_by("history_id"):
        numbers[row.id] = row.number
        yield _entry(row, f"Dokument {row.number:02d} abgelegt: {Document.Role(row.role).label}")
    later = DocumentFile.history.filter(document_id__in=numbers, history_type="+", version__gt=1, part="original")
    for row in later.order_by("history_id"):
        yield _entry(row, f"Dokument {numbers[row.document_id]:02d}: neue Version {row.version}")


def _entry(row: Any, text: str) -> TimelineEntry:
    who, why = row.history_user_id, row.history_reason
    return TimelineEntry(row.history_date, who, row.history_source, row.history_action, text, why)
