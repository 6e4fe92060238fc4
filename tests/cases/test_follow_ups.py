"""Wiedervorlagen and handing over: what the actions do, and who may."""

from __future__ import annotations

from datetime import date

import pytest
from django.core.exceptions import PermissionDenied
from django.utils import timezone

from audit.acting import SYSTEM, Actor, Source
from audit.registries import integrity, timeline_of
from cases import actions, policy
from cases.actions.base import NotPossible
from cases.models import Case, CaseSearch, FollowUp, OrgUnit, Role
from cases.worklist.forms import day_after
from tests import factories as make

pytestmark = pytest.mark.django_db
NEW = {"hand_over", "set_follow_up", "finish_follow_up", "save_team_view", "set_cover"}


@pytest.mark.parametrize("role", [None, *Role])
@pytest.mark.parametrize("action", sorted(NEW))
def test_who_may_do_the_new_things(action: str, role: Role | None) -> None:
    unit = make.team()
    somebody = make.user(is_admin=True)
    if role:
        actions.set_membership(user=somebody, role=role, unit=unit, by=SYSTEM)
    allowed = {Role.LEAD} if action in ("save_team_view", "set_cover") else {Role.CASEWORKER, Role.LEAD}
    assert policy.may(Actor.of(somebody), action, unit.pk) is (role in allowed)
    assert not policy.may(Actor.of(somebody), action, make.team("fremd").pk)


def test_a_team_that_takes_nothing_new_is_handed_nothing() -> None:
    case, closed = make.case(), make.team("aufgeloest")
    OrgUnit.objects.filter(pk=closed.pk).update(is_open=False)
    closed.refresh_from_db()
    with pytest.raises(NotPossible, match="nimmt nichts mehr an"):
        actions.hand_over(case=case, unit=closed, by=Actor.of(make.user(case.unit)), reason="eure")


@pytest.mark.parametrize("by", [SYSTEM, Actor(Source.RULE, "Regel 1"), Actor(Source.CHANNEL, "egvp")])
def test_the_machine_does_none_of_it(by: Actor) -> None:
    case, other = make.case(), make.team("fremd")
    with pytest.raises(PermissionDenied):
        actions.hand_over(case=case, unit=other, by=by, reason="x")
    with pytest.raises(PermissionDenied):
        actions.set_follow_up(case=case, due_on=make.tomorrow(), user=make.user(case.unit), by=by)
    with pytest.raises(PermissionDenied):
        actions.save_view(name="x", query="", unit=other, by=by)


@pytest.mark.parametrize(
    ("period", "day"),
    [("1w", date(2026, 2, 7)), ("2w", date(2026, 2, 14)), ("1m", date(2026, 2, 28))],
)
def test_the_presets(period: str, day: date) -> None:
    assert day_after(period, date(2026, 1, 31)) == day


def test_a_month_later_is_the_same_day() -> None:
    assert day_after("1m", date(2026, 11, 24)) == date(2026, 12, 24)
    assert day_after("1m", date(2026, 12, 31)) == date(2027, 1, 31)


def test_the_nearest_open_one_stands_at_the_vorgang() -> None:
    unit = make.team()
    person, handler = make.user(unit), make.user(unit)
    case = make.case(unit, handler=handler)
    late = actions.set_follow_up(case=case, due_on=make.tomorrow(20), by=Actor.of(person))
    assert late.user == handler, "by default it is for who handles the Vorgang"
    soon = actions.set_follow_up(case=case, due_on=make.tomorrow(2), user=person, note=" anrufen ", by=Actor.of(person))
    assert (soon.user, soon.note, soon.by) == (person, "anrufen", person.username)
    assert Case.objects.get().next_follow_up == make.tomorrow(2)
    actions.finish_follow_up(follow_up=soon, by=Actor.of(handler))
    assert Case.objects.get().next_follow_up == make.tomorrow(20)
    with pytest.raises(NotPossible, match="schon erledigt"):
        actions.finish_follow_up(follow_up=soon, by=Actor.of(handler))
    actions.finish_follow_up(follow_up=late, by=Actor.of(handler))
    assert Case.objects.get().next_follow_up is None
    said = [entry.text for entry in timeline_of(case)]
    assert said[0] == "Wiedervorlage erledigt"
    assert f"Wiedervorlage gesetzt, die nächste am {make.tomorrow(2):%d.%m.%Y}" in said


def test_without_a_handler_it_is_for_who_sets_it() -> None:
    case = make.case()
    person = make.user(case.unit)
    assert actions.set_follow_up(case=case, due_on=timezone.localdate(), by=Actor.of(person)).user == person


def test_a_wiedervorlage_that_makes_no_sense_is_refused() -> None:
    case = make.case()
    by = Actor.of(make.user(case.unit))
    with pytest.raises(NotPossible, match="Vergangenheit"):
        actions.set_follow_up(case=case, due_on=make.tomorrow(-1), by=by)
    with pytest.raises(NotPossible, match="bearbeitet Vorgänge dieses Teams nicht"):
        actions.set_follow_up(case=case, due_on=make.tomorrow(), user=make.user(make.team("fremd")), by=by)
    assert not FollowUp.objects.exists()
    assert case.history.count() == 1


def test_handing_over_frees_the_vorgang_and_shows_it_to_the_other_team_only() -> None:
    unit, other = make.team(), make.team("verkehr", name="Straßenverkehr")
    person = make.user(unit)
    case = make.case(unit, handler=person)
    actions.set_follow_up(case=case, due_on=make.tomorrow(), by=Actor.of(person))
    actions.hand_over(case=case, unit=other, by=Actor.of(person), reason="Parkausweis")
    now = Case.objects.get()
    assert (now.unit, now.handler, now.next_follow_up, now.status) == (other, None, None, "eingegangen")
    assert FollowUp.objects.get().done_at is not None
    entry = timeline_of(case)[0]
    assert (entry.action, entry.text, entry.reason) == ("hand_over", "Abgegeben an Straßenverkehr", "Parkausweis")
    with pytest.raises(PermissionDenied):
        actions.hand_over(case=case, unit=unit, by=Actor.of(person), reason="zurück")


def test_handing_over_needs_a_reason_another_team_and_an_open_vorgang() -> None:
    unit, other = make.team(), make.team("verkehr")
    case = make.case(unit)
    by = Actor.of(make.user(unit))
    with pytest.raises(NotPossible, match="Grund"):
        actions.hand_over(case=case, unit=other, by=by, reason=" ")
    with pytest.raises(NotPossible, match="liegt schon bei"):
        actions.hand_over(case=case, unit=unit, by=by, reason="x")
    actions.close(case=case, outcome=Case.Outcome.DONE, by=by, reason="x")
    with pytest.raises(NotPossible, match="ist entschieden"):
        actions.hand_over(case=case, unit=other, by=by, reason="x")


def test_contradictions_are_found() -> None:
    case = make.case()
    actions.set_follow_up(case=case, due_on=make.tomorrow(), by=Actor.of(make.user(case.unit)))
    checks = dict(integrity)
    assert not list(checks["wiedervorlagen"]()) and not list(checks["suche"]())
    Case.objects.filter(pk=case.pk).update(next_follow_up=None)
    CaseSearch.objects.all().delete()
    assert [problem.subject for name in ("wiedervorlagen", "suche") for problem in checks[name]()] == [
        case.public_id
    ] * 2
    Case.objects.filter(pk=case.pk).update(next_follow_up=make.tomorrow(5))
    assert list(checks["wiedervorlagen"]())
