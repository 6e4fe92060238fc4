"""Contradictions among Fristen: what is stored is what a fresh computation gives."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from django.db.models import F, Min, Q

from audit.registries import Problem, integrity
from cases import authority
from cases.actions import deadline_rows as rows
from cases.deadlines import DeadlineError, Span
from cases.deadlines.words import short
from cases.models import Case, Deadline, DeadlineKind, Pause

OPEN = Q(deadlines__state=Deadline.State.OPEN)


@integrity.register("fristen")
def deadlines_are_right() -> Iterator[Problem]:
    """Each open computed Frist ends on the day that the law gives today, with today's holidays and pauses."""
    calendar = authority.calendar()
    spans: dict[int, list[Span]] = defaultdict(list)
    for pause in Pause.objects.filter(case__is_open=True):
        spans[pause.case_id].append(Span(pause.starts_on, pause.ends_on))
    computed = Deadline.objects.filter(state=Deadline.State.OPEN, is_manual=False)
    for deadline in computed.annotate(public_id=F("case__public_id")).order_by("pk").iterator():
        kind, period = DeadlineKind(deadline.kind), rows.period_of(deadline)
        try:
            due_on, _ = rows.compute(kind, deadline.starts_on, period, calendar=calendar, spans=spans[deadline.case_id])
        except DeadlineError as error:
            yield Problem(deadline.public_id, f"Die Frist „{deadline}“ lässt sich nicht nachrechnen: {error}")
            continue
        if due_on != deadline.due_on:
            stored, fresh = (short(day) if day else "angehalten" for day in (deadline.due_on, due_on))
            yield Problem(
                deadline.public_id,
                f"Die Frist „{deadline}“ steht auf {stored}, gerechnet ist sie {fresh}; bitte sie prüfen und von Hand "
                "verlängern oder entfallen lassen.",
            )


@integrity.register("naechste-frist")
def next_due_is_right() -> Iterator[Problem]:
    """What the worklist sorts by is the earliest end of the open Fristen."""
    cases = Case.objects.annotate(earliest=Min("deadlines__due_on", filter=OPEN))
    one_missing = Q(next_due__isnull=True, earliest__isnull=False) | Q(next_due__isnull=False, earliest__isnull=True)
    for case in cases.filter(one_missing | Q(next_due__lt=F("earliest")) | Q(next_due__gt=F("earliest"))).order_by(
        "pk"
    ):
        yield Problem(case.public_id, "Die nächste Frist des Vorgangs stimmt nicht; bitte den Betrieb verständigen.")
