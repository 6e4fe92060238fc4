"""When a period ends: §§ 187, 188 BGB, and the shift to a working day by § 193 BGB and its sisters."""

from __future__ import annotations

import calendar as months_of
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from cases.deadlines.calendar import Calendar, within_reach
from cases.deadlines.errors import DeadlineError
from cases.deadlines.words import count, day

LONGEST = {"days": 36500, "weeks": 5200, "months": 1200}
UNITS = {"days": ("Tag", "Tage"), "weeks": ("Woche", "Wochen"), "months": ("Monat", "Monate")}


class Regime(StrEnum):
    """The procedural law that a Leistung follows."""

    VWVFG = "vwvfg"
    SGB = "sgb"
    AO = "ao"


REGIMES = {Regime.VWVFG: "VwVfG", Regime.SGB: "SGB X", Regime.AO: "AO"}
SHIFT_NORMS = {
    Regime.VWVFG: "§ 31 Abs. 3 VwVfG, § 193 BGB",
    Regime.SGB: "§ 26 Abs. 3 SGB X, § 193 BGB",
    Regime.AO: "§ 108 Abs. 3 AO, § 193 BGB",
}


@dataclass(frozen=True)
class Period:
    """A number of days, weeks or months (``unit`` of UNITS)."""

    number: int
    unit: str

    def __post_init__(self) -> None:
        if not 1 <= self.number <= LONGEST[self.unit]:
            raise DeadlineError(
                f"Eine Frist hat hier 1 bis {LONGEST[self.unit]} {UNITS[self.unit][1]}; bitte die Dauer prüfen."
            )

    @classmethod
    def days(cls, number: int) -> Period:
        """So many days."""
        return cls(number, "days")

    @classmethod
    def months(cls, number: int) -> Period:
        """So many months."""
        return cls(number, "months")

    def __str__(self) -> str:
        return count(self.number, *UNITS[self.unit])

    def after(self, event: date) -> date:
        """The last day of the period, not shifted: the day of the event does not count (§§ 187 Abs. 1, 188 BGB)."""
        if self.unit != "months":
            return event + timedelta(days=self.number * (7 if self.unit == "weeks" else 1))
        year, month = divmod(event.year * 12 + event.month - 1 + self.number, 12)
        return date(year, month + 1, min(event.day, months_of.monthrange(year, month + 1)[1]))


@dataclass(frozen=True)
class Computed:
    """A day and why it is this one: German sentences with the norm."""

    on: date
    reasons: tuple[str, ...]


def period_end(event: date, period: Period) -> Computed:
    """When a period that begins with ``event`` ends, not shifted."""
    end = period.after(within_reach(event))
    norm = "§ 188 Abs. 1 BGB"
    if period.unit != "days":
        norm = "§ 188 Abs. 2 BGB"
    if period.unit == "months" and end.day != event.day:
        norm = "§ 188 Abs. 2 und 3 BGB: der Tag fehlt in diesem Monat, es zählt sein letzter"
    return Computed(
        end,
        (
            f"Die Frist läuft ab {day(event)}; dieser Tag zählt nicht mit (§ 187 Abs. 1 BGB).",
            f"{period} danach: {day(end)} ({norm}).",
        ),
    )


def shift(on: date, calendar: Calendar, norm: str) -> Computed:
    """The day itself, or the next working day with the reason why it moves."""
    if calendar.is_working_day(on):
        return Computed(on, ())
    moved = calendar.next_working_day(on)
    free, step = [], on
    while step < moved:
        free.append(f"{day(step)}: {calendar.why_free(step)}" if calendar.holiday(step) else day(step))
        step += timedelta(days=1)
    days = "; ".join(free)
    return Computed(moved, (f"Kein Werktag ({days}); es gilt der nächste: {day(moved)} ({norm}).",))


def end_of_period(event: date, period: Period, calendar: Calendar, norm: str = SHIFT_NORMS[Regime.VWVFG]) -> Computed:
    """When a period ends, moved to a working day by ``norm``."""
    end = period_end(event, period)
    moved = shift(end.on, calendar, norm)
    return Computed(moved.on, end.reasons + moved.reasons)
