"""One question to the Fristenrechner and its answer: what the command and the page for caseworkers share."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from cases.deadlines.calendar import Calendar, within_reach
from cases.deadlines.computing import SHIFT_NORMS, Period, Regime, end_of_period
from cases.deadlines.errors import DeadlineError
from cases.deadlines.notification import known, remedy
from cases.deadlines.rules import Basis, Event
from cases.deadlines.words import day

REGIME_OF = {
    Basis.VWVFG_41_2A: Regime.VWVFG,
    Basis.SGBX_37_2A: Regime.SGB,
    Basis.AO_122A: Regime.AO,
}  # the bases that belong to one law


@dataclass(frozen=True)
class Question:
    """What happened on which day; ``event`` None: it became known on that day.

    Without ``period`` the remedy is asked for: one month, or without ``has_notice`` one year.
    """

    calendar: Calendar
    on: date
    event: Event | None = None
    regime: Regime | None = None
    basis: Basis | None = None
    period: Period | None = None
    has_notice: bool = True
    arrived: date | None = None


@dataclass(frozen=True)
class Answer:
    """When it counts as known, when the Frist ends (both None when it does not run), and why."""

    known: date | None
    ends: date | None
    reasons: tuple[str, ...]


def answer(question: Question) -> Answer:
    """Compute it; DeadlineError, in words, when the question cannot be answered."""
    regime = _regime(question)
    calendar = question.calendar
    if question.event is None:
        if question.basis:
            raise DeadlineError("Steht die Bekanntgabe fest, braucht sie keine Grundlage; bitte eines von beiden.")
        on, why = within_reach(question.on), (f"Bekannt gegeben am {day(question.on)}.",)
    else:
        found = known(
            question.event,
            question.on,
            regime=regime,
            calendar=calendar,
            basis=question.basis,
            arrived=question.arrived,
        )
        on, why = found.on, found.reasons
    if on is None:
        return Answer(None, None, why)
    if question.period:
        end = end_of_period(on, question.period, calendar, SHIFT_NORMS[regime])
    else:
        end = remedy(on, regime=regime, calendar=calendar, has_notice=question.has_notice)
    return Answer(on, end.on, (*why, *end.reasons))


def _regime(question: Question) -> Regime:
    own = REGIME_OF.get(question.basis) if question.basis else None
    if own and question.regime and question.regime is not own:
        raise DeadlineError("Grundlage und Verfahrensrecht gehören nicht zusammen; bitte eines von beiden ändern.")
    return question.regime or own or Regime.VWVFG
