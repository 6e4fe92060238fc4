"""The service clock: the processing target of a Leistung, stopped while the authority waits for an answer.

Real days are counted, overlapping pauses once. Legal duties (§ 75 VwGO, § 88 SGG) never stop.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from cases.deadlines.errors import DeadlineError
from cases.deadlines.words import count, day


@dataclass(frozen=True)
class Span:
    """A pause: from the dispatch of a Nachforderung to the day on which the answer arrives or its Frist ends.

    The days after ``starts_on`` up to and with ``ends_on`` do not count; without ``ends_on`` the clock still stands.
    """

    starts_on: date
    ends_on: date | None = None

    def __post_init__(self) -> None:
        if self.ends_on is not None and self.ends_on < self.starts_on:
            raise DeadlineError("Eine Pause kann nicht enden, bevor sie beginnt; bitte die Daten prüfen.")


@dataclass(frozen=True)
class Expected:
    """When the work is expected to be done, and why; ``on`` is None while the clock stands with no end in sight."""

    on: date | None
    paused_days: int
    reasons: tuple[str, ...]


def merged(spans: Iterable[Span]) -> list[Span]:
    """The pauses in order, those that overlap or touch as one."""
    found: list[Span] = []
    for span in sorted(spans, key=lambda each: each.starts_on):
        last = found[-1] if found else None
        if last and (last.ends_on is None or span.starts_on <= last.ends_on):
            found[-1] = Span(last.starts_on, _later(last.ends_on, span.ends_on))
        else:
            found.append(span)
    return found


def expected_by(start: date, processing_days: int, spans: Iterable[Span] = ()) -> Expected:
    """``start`` and so many days, each pause before the target moving it by its real days.

    A pause that begins when the target is over moves nothing.
    """
    due: date | None = start + timedelta(days=processing_days)
    reasons = [f"Bearbeitungsziel der Leistung: {count(processing_days, 'Tag', 'Tage')} ab {day(start)}."]
    paused = 0
    for span in merged(spans):
        begin = max(span.starts_on, start)
        if span.ends_on is not None and span.ends_on <= start:
            continue
        if begin >= due:
            break
        if span.ends_on is None:
            reasons.append(f"Die Uhr steht seit {day(span.starts_on)}, bis die Antwort eingeht.")
            return Expected(None, paused, tuple(reasons))
        stopped = (span.ends_on - begin).days
        if stopped:
            due += timedelta(days=stopped)
            paused += stopped
            many = count(stopped, "Tag", "Tage")
            reasons.append(f"Angehalten von {day(begin)} bis {day(span.ends_on)}: {many}.")
    reasons.append(f"Erwartet bis {day(due)}.")
    return Expected(due, paused, tuple(reasons))


def _later(first: date | None, second: date | None) -> date | None:
    return None if first is None or second is None else max(first, second)
