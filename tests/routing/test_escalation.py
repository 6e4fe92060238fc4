"""What waits too long in the exception queue: counted in office hours, escalated by the house, seen by more people."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from audit.acting import Actor
from audit.registries import health, integrity, metrics
from cases.models import OrgUnit, User
from intake.models import Submission
from routing import selectors, waiting
from routing.actions import clearing, handling
from routing.models import ExceptionEntry
from routing.tasks import escalate_due
from tests import factories as make

pytestmark = pytest.mark.django_db
BERLIN = ZoneInfo("Europe/Berlin")


@pytest.fixture
def post() -> OrgUnit:
    return make.team("poststelle", is_clearing=True)


@pytest.fixture
def pia(post: OrgUnit) -> Actor:
    return Actor.of(make.lead(post, username="pia", first_name="Pia", last_name="Post"))


def again(entry: ExceptionEntry) -> ExceptionEntry:
    return ExceptionEntry.objects.get(pk=entry.pk)


def last_action(entry: ExceptionEntry) -> tuple[str, str]:
    row = entry.history.order_by("history_id").last()
    return row.history_action, row.history_user_id


def waits_since(entry: ExceptionEntry, when: str) -> ExceptionEntry:
    """As if it had arrived then (local time)."""
    at = datetime.fromisoformat(when).replace(tzinfo=BERLIN)
    ExceptionEntry.objects.filter(pk=entry.pk).update(waits_since=at, created_at=at)
    return again(entry)


@pytest.fixture
def afternoon(monkeypatch) -> datetime:
    """Tuesday, 16:00: the end of an office day."""
    now = datetime(2026, 11, 24, 16, 0, tzinfo=BERLIN)
    monkeypatch.setattr(timezone, "now", lambda: now)
    return now


def test_only_office_hours_count(post: OrgUnit, afternoon: datetime) -> None:
    late = waits_since(make.entry(), "2026-11-24 08:00")
    early = waits_since(make.entry(), "2026-11-24 08:01")
    weekend = waits_since(make.entry(), "2026-11-21 08:00")  # Saturday: Monday and Tuesday count
    assert [waiting.Clock().waited(entry) for entry in (late, early, weekend)] == [
        timedelta(hours=8),
        timedelta(hours=7, minutes=59),
        timedelta(hours=16),
    ]
    assert set(waiting.too_long()) == {late, weekend}


def test_what_waits_too_long_is_escalated_once_by_the_house(post: OrgUnit, afternoon: datetime) -> None:
    entry = waits_since(make.entry(), "2026-11-23 08:00")
    assert (escalate_due(), escalate_due()) == (1, 0)
    assert again(entry).escalated_at == afternoon
    assert last_action(entry) == ("escalate_entry", "Laufmappe")
    assert not handling.escalate(entry=entry), "again is nothing"


def test_never_is_never(post: OrgUnit, afternoon: datetime, settings) -> None:
    waits_since(make.entry(), "2026-01-02 08:00")
    settings.CLEARING_ESCALATION_HOURS = 0
    assert escalate_due() == 0


def test_a_solved_one_is_not_escalated(pia: Actor, afternoon: datetime) -> None:
    entry = waits_since(make.entry(), "2026-11-23 08:00")
    clearing.reject(entry=entry, reason="Werbung", by=pia)
    assert escalate_due() == 0 and not handling.escalate(entry=entry)


def test_parked_time_does_not_count_what_was_before_does(pia: Actor, afternoon: datetime, monkeypatch) -> None:
    entry = waits_since(make.entry(), "2026-11-24 12:00")  # four hours
    handling.park(entry=entry, until=datetime(2026, 12, 1).date(), by=pia)
    assert again(entry).waited_before == timedelta(hours=4)
    moments = {"2026-11-27 16:00": 4, "2026-12-01 08:00": 4, "2026-12-01 11:30": 7.5, "2026-12-01 12:00": 8}
    for when, hours in moments.items():
        now = datetime.fromisoformat(when).replace(tzinfo=BERLIN)
        monkeypatch.setattr(timezone, "now", lambda now=now: now)
        assert waiting.Clock().waited(again(entry)) == timedelta(hours=hours), when
        assert escalate_due() == (hours == 8), when


def test_parking_twice_counts_nothing_twice(pia: Actor, afternoon: datetime) -> None:
    entry = waits_since(make.entry(), "2026-11-24 12:00")
    for days in (7, 14):
        handling.park(entry=entry, until=make.tomorrow(days), by=pia)
    handling.bring_back(entry=entry, by=pia)
    assert waiting.Clock().waited(again(entry)) == timedelta(hours=4)


def test_the_central_clearing_sees_what_is_escalated_elsewhere(post: OrgUnit, pia: Actor, afternoon: datetime) -> None:
    below = make.team("aussenstelle", parent=make.team("rechtsamt"))
    above, stranger = make.lead(make.team("rechtsamt")), make.lead(make.team("fremd"))
    entry = waits_since(make.entry(), "2026-11-23 08:00")
    ExceptionEntry.objects.filter(pk=entry.pk).update(unit=below)

    def seen() -> list[bool]:
        return [selectors.visible_entries(user).exists() for user in (above, pia.user, stranger)]

    assert seen() == [True, False, False]
    escalate_due()
    assert seen() == [True, True, False]
    clearing.reject(entry=again(entry), reason="Werbung", by=pia)


def test_escalated_ones_are_counted_and_reported(pia: Actor, afternoon: datetime) -> None:
    check = dict(health)["klaerung"]
    assert check().ok
    waits_since(make.entry(), "2026-11-23 08:00")
    parked = make.entry()
    handling.park(entry=parked, until=make.tomorrow(7), by=pia)
    escalate_due()
    assert (check().ok, check().vital) == (False, False)
    assert check().message.startswith("1 Klärfall wartet zu lange; bitte")
    figures = {figure.name: figure.value for figure in dict(metrics)["klaerung"]()}
    assert (figures["exceptions_escalated"], figures["exceptions_parked"]) == (1, 1)


def unreachable() -> dict[str, str]:
    """What the integrity check says, by what it is about."""
    return {problem.subject: problem.message for problem in dict(integrity)["klaerung"]()}


def lies_in(unit: OrgUnit | None) -> ExceptionEntry:
    entry = make.entry()
    ExceptionEntry.objects.filter(pk=entry.pk).update(unit=unit)
    return again(entry)


def leave(*people: Actor) -> None:
    """They do not work here any more."""
    User.objects.filter(pk__in=[each.user.pk for each in people]).update(is_active=False)


def test_each_entry_that_nobody_may_see_is_found(post: OrgUnit, pia: Actor) -> None:
    make.entry()
    assert unreachable() == {}
    orphan = make.team("verwaist")
    make.user(orphan)  # works there, and leads nothing
    lost = {f"Klärfall {lies_in(orphan).pk}" for _ in range(2)}
    assert set(unreachable()) == lost
    assert all("Verwaist" in message and "niemand leitet das Team" in message for message in unreachable().values())


def test_who_leads_a_unit_above_sees_the_entry_and_who_has_left_does_not(post: OrgUnit, pia: Actor) -> None:
    above = Actor.of(make.lead(make.team("rechtsamt")))
    entry = lies_in(make.team("aussenstelle", parent=make.team("rechtsamt")))
    assert unreachable() == {}
    leave(above)
    assert set(unreachable()) == {f"Klärfall {entry.pk}"}


def test_what_is_escalated_is_within_reach_as_long_as_somebody_leads_the_central_clearing(
    post: OrgUnit, pia: Actor, afternoon: datetime
) -> None:
    make.lead(make.team("fremd"))
    entry = waits_since(lies_in(make.team("verwaist")), "2026-11-23 08:00")
    assert set(unreachable()) == {f"Klärfall {entry.pk}"}
    escalate_due()
    assert unreachable() == {}
    leave(pia)
    assert set(unreachable()) == {f"Klärfall {entry.pk}"}


def test_an_entry_without_a_team_is_for_whoever_leads_one(post: OrgUnit, pia: Actor) -> None:
    entry = lies_in(None)
    assert unreachable() == {}
    leave(pia)
    assert unreachable() == {
        f"Klärfall {entry.pk}": "Niemand leitet ein Team; bitte jemandem die Rolle Teamleitung geben."
    }


def test_what_is_held_without_an_open_entry_is_found(post: OrgUnit, pia: Actor) -> None:
    never, solved, fine = make.entry(), make.entry(), make.entry()
    clearing.reject(entry=solved, by=pia, reason="Werbung")
    Submission.objects.filter(pk=solved.submission_id).update(state=Submission.State.EXCEPTION)
    submission = never.submission
    ExceptionEntry.objects.filter(pk=never.pk).update(submission=None)
    assert set(unreachable()) == {str(submission), str(Submission.objects.get(pk=solved.submission_id))}
    assert fine.resolved_at is None


@pytest.mark.parametrize("count", [1, 4])
def test_the_check_asks_no_more_for_more_entries(
    post: OrgUnit, pia: Actor, count: int, django_assert_num_queries: Callable[..., Any]
) -> None:
    for number in range(count):
        lies_in(make.team(f"verwaist-{number}"))
    with django_assert_num_queries(4):
        assert len(unreachable()) == count
