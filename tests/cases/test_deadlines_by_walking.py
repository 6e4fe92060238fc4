"""The computing of Fristen against a second one, written from the text of the law: a calendar is walked day by day.

The walk shares nothing with the engine but the holiday library: it knows no formula for months and merges no pauses.
"""

from __future__ import annotations

from datetime import date, timedelta
from functools import cache

import holidays
from hypothesis import example, given, settings
from hypothesis import strategies as st

from cases.deadlines import (
    LAENDER,
    Calendar,
    Event,
    Period,
    Regime,
    Span,
    end_of_period,
    expected_by,
    known,
    remedy,
    request_due,
)

ONE = timedelta(days=1)
FIRST, LAST = date(2025, 1, 1), date(2034, 12, 31)
DAYS = st.dates(FIRST, LAST)
PLACES = st.sampled_from(
    [
        *((land, "", "") for land in sorted(LAENDER)),
        ("BY", "catholic", ""),
        ("SN", "catholic", ""),
        ("TH", "catholic", ""),
    ]
    + [("BY", "", "Augsburg")]
)
MANY = settings(max_examples=400, deadline=None)


@cache
def days_off(land: str, catholic: str, town: str) -> frozenset[date]:
    categories = ["public", "catholic"] if catholic else ["public"]
    years = range(FIRST.year, LAST.year + 3)
    return frozenset(holidays.Germany(subdiv=town or land, categories=categories, years=years, expand=False))


def walk_to_working_day(on: date, place: tuple[str, str, str]) -> date:
    """§ 193 BGB: a Sunday, a public holiday or a Saturday gives way to the next Werktag."""
    while on.strftime("%w") in "06" or on in days_off(*place):
        on += ONE
    return on


def walk_days(event: date, number: int) -> date:
    """§ 187 I, § 188 I BGB: the day of the event is not counted; the period ends with its last day."""
    on, counted = event, 0
    while counted < number:
        on += ONE
        counted += 1
    return on


def walk_months(event: date, number: int) -> date:
    """§ 188 II, III BGB: the day of the last month that has the number of the event's day, else its last day."""
    on, turned = event, 0
    while turned < number:
        on += ONE
        turned += on.day == 1
    while on.day != event.day and (on + ONE).day != 1:
        on += ONE
    return on


def walk_the_clock(start: date, target: int, spans: list[tuple[date, date]]) -> date:
    """Each real day counts, unless some pause holds it: those after its first day up to its last."""
    on, worked = start, 0
    while worked < target:
        on += ONE
        if not any(begin < on <= end for begin, end in spans):
            worked += 1
    return on


def calendar(place: tuple[str, str, str]) -> Calendar:
    land, catholic, town = place
    return Calendar(land, bool(catholic), town)


@MANY
@given(place=PLACES, event=DAYS, number=st.integers(1, 400))
def test_periods_of_days(place, event, number) -> None:
    expected = walk_to_working_day(walk_days(event, number), place)
    assert end_of_period(event, Period.days(number), calendar(place)).on == expected


@MANY
@given(place=PLACES, event=DAYS, number=st.integers(1, 60))
def test_periods_of_weeks(place, event, number) -> None:
    expected = walk_to_working_day(walk_days(event, number * 7), place)
    assert end_of_period(event, Period(number, "weeks"), calendar(place)).on == expected


@MANY
@given(place=PLACES, event=DAYS, number=st.integers(1, 24))
@example(place=("NW", "", ""), event=date(2027, 1, 31), number=1)
@example(place=("NW", "", ""), event=date(2028, 2, 29), number=12)
@example(place=("NW", "", ""), event=date(2027, 12, 31), number=2)
def test_periods_of_months(place, event, number) -> None:
    expected = walk_to_working_day(walk_months(event, number), place)
    assert end_of_period(event, Period.months(number), calendar(place)).on == expected


@MANY
@given(place=PLACES, posted=DAYS, regime=st.sampled_from(list(Regime)), has_notice=st.booleans())
def test_bekanntgabe_and_remedy(place, posted, regime, has_notice) -> None:
    counts = walk_days(posted, 4)
    if regime is Regime.AO:
        counts = walk_to_working_day(counts, place)
    assert known(Event.POSTED, posted, regime=regime, calendar=calendar(place)).on == counts
    expected = walk_to_working_day(walk_months(counts, 1 if has_notice else 12), place)
    assert remedy(counts, regime=regime, calendar=calendar(place), has_notice=has_notice).on == expected


@MANY
@given(place=PLACES, dispatch=DAYS, number=st.integers(1, 90))
def test_the_frist_of_a_nachforderung(place, dispatch, number) -> None:
    expected = walk_to_working_day(walk_days(walk_days(dispatch, 4), number), place)
    assert request_due(dispatch, number, regime=Regime.VWVFG, calendar=calendar(place)).on == expected


def test_every_day_of_ten_years_in_every_land() -> None:
    """Not drawn: whether a day is a working day, for all of them."""
    for land in LAENDER:
        ours, on = Calendar(land), FIRST
        while on <= LAST:
            assert ours.is_working_day(on) == (walk_to_working_day(on, (land, "", "")) == on), (land, on)
            on += ONE


@MANY
@given(
    start=DAYS,
    target=st.integers(1, 60),
    pauses=st.lists(st.tuples(st.integers(-20, 90), st.integers(0, 40)), max_size=8),
)
@example(start=FIRST, target=10, pauses=[(10, 5)])
@example(start=FIRST, target=10, pauses=[(9, 5)])
@example(start=FIRST, target=10, pauses=[(-5, 10), (3, 4), (5, 1), (7, 3)])
def test_the_clock_with_any_number_of_overlapping_pauses(start, target, pauses) -> None:
    spans = [(start + timedelta(begin), start + timedelta(begin + length)) for begin, length in pauses]
    found = expected_by(start, target, [Span(*span) for span in spans])
    assert found.on == walk_the_clock(start, target, spans)
    assert found.paused_days == (found.on - start).days - target
