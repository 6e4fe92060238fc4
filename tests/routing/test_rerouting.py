"""After a change of rules, what they have placed and nobody has touched may be moved; nothing else is."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from audit.acting import Actor
from cases.actions import assign, hand_over, set_follow_up, take_up, write_note
from cases.models import Case, OrgUnit, User
from routing.actions import clearing
from routing.actions.rerouting import reroute
from routing.rerouting import offers
from tests import factories as make

pytestmark = pytest.mark.django_db


@pytest.fixture
def old() -> OrgUnit:
    return make.team("rechtsamt")


@pytest.fixture
def new() -> OrgUnit:
    return make.team("gewerbe")


@pytest.fixture
def chief(old: OrgUnit) -> User:
    return make.lead(old)


def placed(old: OrgUnit, new: OrgUnit, subject: str = "Gewerbe") -> Case:
    """A Vorgang that a rule has placed in ``old`` and that the rules would place in ``new`` now."""
    make.rule("Gewerbe|Klage", unit=old, name="Alles")
    case = make.processed(subject=subject, foreign="1 K 1/26").case
    make.rule("Gewerbe", unit=new, rank=1, name="Gewerbe")
    return case


def test_what_waits_untouched_is_offered_and_moved_with_its_reason(old: OrgUnit, new: OrgUnit, chief: User) -> None:
    case = placed(old, new)
    (offer,) = offers(chief)
    assert (offer.case, offer.unit, offer.rule.name) == (case, new, "Gewerbe")
    done = reroute(cases=[case], by=Actor.of(chief))
    assert (done.moved, done.kept) == ([case], [])
    case = Case.objects.get(pk=case.pk)
    assert case.unit == new
    decision = case.routing_decisions.last()
    assert (decision.mode, decision.rule_name, decision.rule_version) == ("rule", "Gewerbe", 1)
    assert decision.explanation == [
        "Betreff enthält „Gewerbe“",
        "Neu verteilt, nachdem sich die Regeln geändert hatten.",
    ]
    assert decision.actor == str(chief)
    last = case.history.latest("history_id")
    assert (last.history_source, last.history_action) == ("user", "hand_over")
    assert last.history_reason == "Neu verteilt nach der Regel „Gewerbe“, Version 1."
    assert offers(make.lead(new)) == []


def touch_by_status(case: Case, by: Actor) -> None:
    take_up(case=case, by=by)


def touch_by_assignment(case: Case, by: Actor) -> None:
    assign(case=case, to=by.user, by=by)


def touch_by_note(case: Case, by: Actor) -> None:
    write_note(case=case, text="Habe angerufen.", by=by)


def touch_by_follow_up(case: Case, by: Actor) -> None:
    set_follow_up(case=case, due_on=make.tomorrow(), by=by)


def touch_by_handing_over_and_back(case: Case, by: Actor) -> None:
    unit, other = case.unit, make.team("anderswo")
    hand_over(case=case, unit=other, by=by, reason="eure")
    hand_over(case=case, unit=unit, by=Actor.of(make.lead(other)), reason="doch eure")


@pytest.mark.parametrize(
    "touch",
    [touch_by_status, touch_by_assignment, touch_by_note, touch_by_follow_up, touch_by_handing_over_and_back],
)
def test_what_a_person_has_touched_stays(
    old: OrgUnit, new: OrgUnit, chief: User, touch: Callable[[Case, Actor], None]
) -> None:
    case = placed(old, new)
    touch(case, Actor.of(chief))
    assert offers(chief) == []
    done = reroute(cases=[case], by=Actor.of(chief))
    assert done.moved == []
    assert "inzwischen bearbeitet" in done.kept[0][1]


def test_what_a_person_has_placed_stays(old: OrgUnit, new: OrgUnit, chief: User) -> None:
    make.team("poststelle", is_clearing=True)
    entry = make.entry(subject="Gewerbe")
    clearing.open_new_case(entry=entry, service=make.service(), unit=old, by=Actor.of(make.lead(entry.unit)))
    make.rule("Gewerbe", unit=new)
    assert offers(chief) == []


def test_with_an_answer_in_it_a_vorgang_stays(old: OrgUnit, new: OrgUnit, chief: User) -> None:
    case = placed(old, new)
    make.processed(subject="Gewerbe, Nachtrag", foreign="1 K 1/26")
    assert offers(chief) == []
    assert case.submissions.count() == 2


def test_nobody_moves_what_is_not_theirs(old: OrgUnit, new: OrgUnit) -> None:
    case = placed(old, new)
    stranger = make.lead(make.team("fremd"))
    assert offers(stranger) == []
    done = reroute(cases=[case], by=Actor.of(stranger))
    assert "dürfen Sie nicht" in done.kept[0][1]
    case = Case.objects.get(pk=case.pk)
    assert case.unit == old


def test_what_goes_to_another_leistung_is_not_offered(old: OrgUnit, new: OrgUnit, chief: User) -> None:
    make.rule("Gewerbe", unit=old, name="Alles")
    make.processed(subject="Gewerbe", foreign="1 K 1/26")
    make.rule("Gewerbe", unit=new, rank=1, service=make.service("wohngeld"))
    assert offers(chief) == []


@pytest.mark.parametrize("count", [1, 4])
def test_the_number_of_queries_does_not_grow(
    old: OrgUnit, new: OrgUnit, chief: User, count: int, django_assert_max_num_queries: Callable[..., object]
) -> None:
    make.rule("Gewerbe", unit=old, name="Alles")
    for number in range(count):
        make.processed(subject="Gewerbe", foreign=f"{number} K 1/26")
    make.rule("Gewerbe", unit=new, rank=1, name="Gewerbe")
    assert len(offers(chief)) == count
    with django_assert_max_num_queries(12):
        offers(chief)
