"""Office hours: how long something has waited while somebody could have looked at it. Plain Python, nothing asked.

Imported by the settings, so that hours that nobody understands refuse to start.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo

DAYS = ("Mo", "Di", "Mi", "Do", "Fr", "Sa", "So")
DEFAULT = "Mo-Fr 8-16"
_PART = re.compile(
    r"(?P<first>[a-z]{2})(?:\s*[-–]\s*(?P<last>[a-z]{2}))?\s+"
    r"(?P<opens>\d{1,2}(?::\d{2})?)\s*[-–]\s*(?P<closes>\d{1,2}(?::\d{2})?)",
    re.IGNORECASE,
)
Span = tuple[int, int]  # minutes since midnight: opens, closes


@dataclass(frozen=True)
class OfficeHours:
    """When somebody is there: for each day of the week (Monday first) the spans of the day, in order, apart."""

    week: tuple[tuple[Span, ...], ...]

    def passed(self, start: datetime, end: datetime, *, zone: tzinfo, is_holiday: Callable[[date], bool]) -> timedelta:
        """How much of the time from ``start`` to ``end`` (both aware) lies in office hours of days that are no holiday.

        ``zone`` is that of the office. Nothing when ``end`` is not after ``start``.
        """
        total, on, last = timedelta(), start.astimezone(zone).date(), end.astimezone(zone).date()
        while on <= last and start < end:
            spans = self.week[on.weekday()]
            if spans and not is_holiday(on):
                for opens, closes in spans:
                    begins = max(start, _moment(on, opens, zone))
                    total += max(timedelta(), min(end, _moment(on, closes, zone)) - begins)
            on += timedelta(days=1)
        return total


def parse(text: str) -> OfficeHours:
    """Office hours such as ``Mo-Do 8-16; Fr 8-12:30``; ValueError with a German sentence for anything else."""
    week: list[list[Span]] = [[] for _ in DAYS]
    for part in (piece.strip() for piece in re.split(r"[;,]", text)):
        found = _PART.fullmatch(part)
        if found is None:
            raise ValueError(f"„{part or text}“ sind keine Dienststunden; bitte so angeben: Mo-Do 8-16; Fr 8-12:30.")
        first = _day(found["first"])
        last = _day(found["last"]) if found["last"] else first
        opens, closes = _minutes(found["opens"]), _minutes(found["closes"])
        if closes <= opens:
            raise ValueError(f"Bei „{part}“ liegt das Ende nicht nach dem Beginn; bitte die Uhrzeiten prüfen.")
        if last < first:
            raise ValueError(f"Bei „{part}“ liegt der letzte Tag vor dem ersten; bitte einzeln angeben.")
        for day in range(first, last + 1):
            if any(opens < end and begin < closes for begin, end in week[day]):
                raise ValueError(f"„{part}“ überschneidet sich am {DAYS[day]} mit anderen Dienststunden.")
            week[day].append((opens, closes))
    return OfficeHours(tuple(tuple(sorted(spans)) for spans in week))


def _day(name: str) -> int:
    try:
        return DAYS.index(name.title())
    except ValueError as error:
        raise ValueError(f"„{name}“ ist kein Wochentag; möglich sind {', '.join(DAYS)}.") from error


def _minutes(clock: str) -> int:
    hours, _, minutes = clock.partition(":")
    total = int(hours) * 60 + int(minutes or 0)
    if int(minutes or 0) > 59 or total > 24 * 60:
        raise ValueError(f"„{clock}“ ist keine Uhrzeit; bitte von 0 bis 24 angeben, etwa 8 oder 12:30.")
    return total


def _moment(on: date, minutes: int, zone: tzinfo) -> datetime:
    """The moment at which the clock of the office shows this; in UTC, so that the days of the time change are right."""
    wall = datetime.combine(on, time()) + timedelta(minutes=minutes)
    return wall.replace(tzinfo=zone).astimezone(UTC)
