"""Fristen: computed from the law as data, without a database. Every result says why, in German sentences with the norm.

``calendar`` knows working days, ``computing`` ends of periods, ``rules`` the law of the Bekanntgabe with its dates,
``notification`` what counts as known, ``duties`` what binds the authority, ``clock`` the processing target.
Not legal advice.
"""

from cases.deadlines.calculator import Answer, Question, answer
from cases.deadlines.calendar import LAENDER, Calendar, calendar_of, parse_day
from cases.deadlines.clock import Expected, Span, expected_by
from cases.deadlines.computing import REGIMES, Computed, Period, Regime, end_of_period
from cases.deadlines.duties import Duty, DutyDates, duty, request_due
from cases.deadlines.errors import DeadlineError
from cases.deadlines.notification import Known, known, remedy, service_start
from cases.deadlines.rules import Basis, Event

__all__ = [
    "LAENDER",
    "REGIMES",
    "Answer",
    "Basis",
    "Calendar",
    "Computed",
    "DeadlineError",
    "Duty",
    "DutyDates",
    "Event",
    "Expected",
    "Known",
    "Period",
    "Question",
    "Regime",
    "Span",
    "answer",
    "calendar_of",
    "duty",
    "end_of_period",
    "expected_by",
    "known",
    "parse_day",
    "remedy",
    "request_due",
    "service_start",
]
