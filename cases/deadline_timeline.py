"""What happened to the Fristen of a Vorgang, in German, from their histories."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from audit.registries import TimelineEntry, timeline
from cases.deadlines.words import short
from cases.models import Case, Deadline, DeadlineKind

TEXTS = {
    "open_deadline": "Frist eingetragen: {frist}",
    "settle_deadline": "Frist {state}: {frist}",
    "cancel_deadline": "Frist entfallen: {frist}",
    "extend_deadline": "Frist verlängert: {frist}",
    "add_local_holiday": "Frist verschoben: {frist}",
}


@timeline.register("fristen")
def deadlines(case: Case) -> Iterator[TimelineEntry]:
    """Fristen entered, met, missed, extended and moved (one query). Those of the opening are no news."""
    for row in Deadline.history.filter(case_id=case.pk, history_action__in=TEXTS).order_by("history_id"):
        text = TEXTS[row.history_action].format(frist=_named(row), state=Deadline.State(row.state).label)
        who, why = row.history_user_id, row.history_reason
        yield TimelineEntry(row.history_date, who, row.history_source, row.history_action, text, why)


def _named(row: Any) -> str:
    name = row.title or DeadlineKind(row.kind).label
    return f"{name} bis {short(row.due_on)}" if row.due_on else name
