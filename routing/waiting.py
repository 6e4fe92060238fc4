"""How long a Klärfall has waited for a solution, in office hours of the authority.

While it is parked it does not age: what it had waited before is kept, and from the day on which it comes back (or is
taken back) the hours are added to it. Passing it to another team changes nothing: for who wrote it is the same wait.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from functools import cache

from django.conf import settings
from django.db.models import F
from django.utils import timezone

from cases.authority import calendar
from cases.deadlines.calendar import is_within_reach
from routing.models import ExceptionEntry


class Clock:
    """The office's clock: reads hours and holidays once (one query)."""

    def __init__(self, now: datetime | None = None) -> None:
        self.now = now or timezone.now()
        holidays = calendar()
        self._is_holiday = cache(lambda on: is_within_reach(on) and bool(holidays.holiday(on)))

    def waited(self, entry: ExceptionEntry) -> timedelta:
        """How much office time the Klärfall has waited until now."""
        passed: timedelta = settings.OFFICE_HOURS.passed(
            entry.waits_since, self.now, zone=timezone.get_current_timezone(), is_holiday=self._is_holiday
        )
        return entry.waited_before + passed


def comes_back(on: date) -> datetime:
    """The moment from which a Klärfall that is parked until this day waits again."""
    return timezone.make_aware(datetime.combine(on, time()))


def too_long(clock: Clock | None = None) -> Iterator[ExceptionEntry]:
    """The open Klärfälle that have waited too long and are not yet escalated, oldest first."""
    limit = timedelta(hours=settings.CLEARING_ESCALATION_HOURS)
    if not limit:
        return
    clock = clock or Clock()
    # By the clock on the wall never less has passed than in office hours: most need not be looked at
    waiting = ExceptionEntry.objects.filter(resolved_at=None, escalated_at=None)
    waiting = waiting.filter(waits_since__lte=clock.now - limit + F("waited_before"))
    for entry in waiting.order_by("created_at", "id"):
        if not entry.is_parked and clock.waited(entry) >= limit:
            yield entry
