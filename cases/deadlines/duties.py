"""Fristen that bind the authority itself, and those that it sets in a Nachforderung."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from cases.deadlines.calendar import Calendar, within_reach
from cases.deadlines.computing import Computed, Period, Regime, shift
from cases.deadlines.errors import DeadlineError
from cases.deadlines.words import count, day

FICTION_DAYS = 4  # what is posted counts as known on the fourth day


class Duty(StrEnum):
    """By when the authority has to have decided."""

    FICTION = "vwvfg_42a"
    VWGO = "vwgo_75"
    SGG = "sgg_88"


@dataclass(frozen=True)
class DutyRow:
    """How long a duty runs, from what, and what happens at its end."""

    period: Period
    starts: str
    norm: str
    then: str


DUTIES = {
    Duty.FICTION: DutyRow(
        Period.months(3), "Vollständig", "§ 42a Abs. 2 VwVfG", "danach gilt die Genehmigung als erteilt"
    ),
    Duty.VWGO: DutyRow(Period.months(3), "Beantragt", "§ 75 VwGO", "danach ist die Untätigkeitsklage zulässig"),
    Duty.SGG: DutyRow(Period.months(6), "Beantragt", "§ 88 SGG", "danach ist die Untätigkeitsklage zulässig"),
}


@dataclass(frozen=True)
class DutyDates:
    """The day to warn of, not shifted, and the last day on which posting is in time by the fiction."""

    warn_on: date
    last_posting: date
    reasons: tuple[str, ...]


def duty(kind: Duty, start: date, period: Period | None = None) -> DutyDates:
    """By when the authority has to have decided, counted from ``start`` (§ 42a: the day of completeness).

    ``period`` is that of a special law, where it sets another one for § 42a.
    """
    row = DUTIES[kind]
    length = period or row.period
    warn = length.after(within_reach(start))
    last = warn - timedelta(days=FICTION_DAYS)
    return DutyDates(
        warn,
        last,
        (
            f"{row.starts} am {day(start)}; {length} später ist {day(warn)} ({row.norm}), {row.then}.",
            "Das Datum ist nicht auf einen Werktag verschoben: Es bindet die Behörde selbst.",
            f"Letzter sicherer Versand nach der Bekanntgabefiktion: {day(last)} ({FICTION_DAYS} Tage vorher). "
            "Der wirkliche Zugang kann später sein; eine Zustellung ist ratsam.",
        ),
    )


def request_due(dispatch: date, days: int, *, regime: Regime, calendar: Calendar) -> Computed:
    """The fixed date of a Nachforderung: dispatch, four days of fiction and ``days``, on a working day.

    It is printed as it is, and can be extended, also after it ended.
    """
    if days < 1:
        raise DeadlineError("Eine Nachforderung braucht mindestens einen Tag Frist.")
    Period.days(days)
    known, norm = within_reach(dispatch) + timedelta(days=FICTION_DAYS), REQUEST_NORMS[regime]
    end = known + timedelta(days=days)
    moved = shift(end, calendar, norm)
    reasons = (
        f"Versand am {day(dispatch)}, bekannt spätestens {FICTION_DAYS} Tage danach: {day(known)}.",
        f"{count(days, 'Tag', 'Tage')} Frist ab da: {day(end)}.",
        *moved.reasons,
    )
    return Computed(moved.on, reasons)


REQUEST_NORMS = {
    Regime.VWVFG: "§ 31 Abs. 3 VwVfG",
    Regime.SGB: "§ 26 Abs. 3 SGB X",
    Regime.AO: "§ 108 Abs. 3 AO",
}
