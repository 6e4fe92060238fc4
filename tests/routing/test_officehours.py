"""Office hours: what counts is what a walk from minute to minute counts; holidays and nights do not."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cases.deadlines import Calendar
from routing import officehours

BERLIN = ZoneInfo("Europe/Berlin")
NW = Calendar("NW")


def is_holiday(on: date) -> bool:
    return bool(NW.holiday(on))


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=BERLIN)


def hours(start: str, end: str, said: str = officehours.DEFAULT) -> float:
    passed = officehours.parse(said).passed(at(start), at(end), zone=BERLIN, is_holiday=is_holiday)
    return passed / timedelta(hours=1)


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [
        ("2026-11-24 08:00", "2026-11-24 16:00", 8),
        ("2026-11-24 15:30", "2026-11-25 08:30", 1),  # overnight
        ("2026-11-27 15:00", "2026-11-30 09:00", 2),  # over a weekend
        ("2026-11-28 10:00", "2026-11-29 10:00", 0),  # Saturday to Sunday
        ("2026-12-24 12:00", "2026-12-28 10:00", 6),  # Christmas: Thursday, then Monday
        ("2026-06-03 15:00", "2026-06-05 09:00", 2),  # Fronleichnam, a holiday in NW
        ("2026-11-25 10:00", "2026-11-24 10:00", 0),  # the end before the start
    ],
)
def test_examples(start: str, end: str, expected: float) -> None:
    assert hours(start, end) == expected


def test_each_day_has_its_own_hours() -> None:
    said = "Mo-Do 8-12; Mo-Do 13-16:30; Fr 8-12:30"
    assert hours("2026-11-26 00:00", "2026-11-28 00:00", said) == 4 + 3.5 + 4.5


def test_the_land_decides_what_is_a_holiday() -> None:
    day = (at("2026-06-04 00:00"), at("2026-06-05 00:00"))
    default = officehours.parse(officehours.DEFAULT)
    berlin = Calendar("BE")
    assert default.passed(*day, zone=BERLIN, is_holiday=is_holiday) == timedelta()
    elsewhere = default.passed(*day, zone=BERLIN, is_holiday=lambda on: bool(berlin.holiday(on)))
    assert elsewhere == timedelta(hours=8)


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ("", "keine Dienststunden"),
        ("immer", "„immer“ sind keine Dienststunden"),
        ("Mo-Fr 8-16;", "keine Dienststunden"),
        ("Mo-Xx 8-16", "„Xx“ ist kein Wochentag"),
        ("Mo 16-8", "Ende nicht nach dem Beginn"),
        ("Mo 8-8", "Ende nicht nach dem Beginn"),
        ("Fr-Mo 8-16", "letzte Tag vor dem ersten"),
        ("Mo 8-25", "„25“ ist keine Uhrzeit"),
        ("Mo 8-12:75", "„12:75“ ist keine Uhrzeit"),
        ("Mo-Fr 8-16; Mi 12-18", "überschneidet sich am Mi"),
    ],
)
def test_hours_that_nobody_understands_say_why(said: str, sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        officehours.parse(said)


def _said(spans: list[tuple[int, int, int]]) -> str:
    clock = "{}:{:02}-{}:{:02}"
    return "; ".join(
        f"{officehours.DAYS[day]} {clock.format(*divmod(opens, 60), *divmod(closes, 60))}"
        for day, opens, closes in spans
    )


# at most one span a day, in minutes: every hour of the day, the end of it too
week = st.lists(
    st.tuples(st.integers(0, 6), st.integers(0, 1439), st.integers(1, 1440)).filter(lambda span: span[1] < span[2]),
    min_size=1,
    max_size=7,
    unique_by=lambda span: span[0],
)
first_minute = datetime(2026, 1, 1, tzinfo=UTC)
# around both changes of the clock, Easter and Christmas too
starts = st.integers(0, 366 * 24 * 60).map(lambda minutes: first_minute + timedelta(minutes=minutes))


@given(week, starts, st.integers(0, 4 * 24 * 60))
def test_it_is_what_a_walk_from_minute_to_minute_counts(
    spans: list[tuple[int, int, int]], start: datetime, length: int
) -> None:
    hours = officehours.parse(_said(spans))
    open_on = {day: (opens, closes) for day, opens, closes in spans}
    walked = 0
    for minute in range(length):
        local = (start + timedelta(minutes=minute)).astimezone(BERLIN)
        opens, closes = open_on.get(local.weekday(), (0, 0))
        walked += opens <= local.hour * 60 + local.minute < closes and not is_holiday(local.date())
    end = start + timedelta(minutes=length)
    assert hours.passed(start, end, zone=BERLIN, is_holiday=is_holiday) == timedelta(minutes=walked)


@given(starts, st.integers(0, 40 * 24 * 60), st.integers(0, 40 * 24 * 60))
def test_two_stretches_are_as_long_as_both_together(start: datetime, first: int, second: int) -> None:
    hours = officehours.parse("Mo-Do 8-16; Fr 8-12:30")
    middle = start + timedelta(minutes=first)
    end = middle + timedelta(minutes=second)
    apart = [hours.passed(a, b, zone=BERLIN, is_holiday=is_holiday) for a, b in ((start, middle), (middle, end))]
    assert sum(apart, timedelta()) == hours.passed(start, end, zone=BERLIN, is_holiday=is_holiday)
