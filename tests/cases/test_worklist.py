"""The worklist: filters, orders, pages, counts, and that the database answers from an index."""

from __future__ import annotations

import random
import re
from datetime import date, timedelta

import pytest
from django.db import connection
from django.http import QueryDict
from django.utils import timezone

from audit.acting import SYSTEM, Actor, acting
from cases import actions, numbers
from cases.models import Case, CaseSearch, Role, User
from cases.selectors import MANY_UNITS, Scope
from cases.worklist import relative
from cases.worklist.listing import COUNT_LIMIT, NOBODY, NONE, Listing, Wanted, counts
from cases.worklist.orders import ORDERS
from cases.worklist.selection import Choices
from tests import factories as make

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 24)


def listed(user: User, **wanted) -> list[Case]:
    return Listing(Scope(user), Wanted(**wanted)).page().cases


def dated(case: Case, **values) -> Case:
    with acting(SYSTEM, "test"):
        for name, value in values.items():
            setattr(case, name, value)
        case.save()
    return case


def many(count: int, unit, *, seed: int = 1, **values) -> None:
    """Vorgänge as rows only, with all kinds of dates and letters."""
    dice, service = random.Random(seed), make.service()  # noqa: S311
    version = service.versions.get()
    rows = [
        Case(
            public_id=numbers.draw(),
            service=service,
            service_version=version,
            unit=unit,
            status_since=make.ARRIVAL,
            received_at=make.ARRIVAL + timedelta(minutes=dice.randint(0, count // 3)),
            is_urgent=dice.random() < 0.1,
            next_due=TODAY + timedelta(days=dice.randint(-9, 30)) if dice.random() < 0.7 else None,
            next_follow_up=TODAY + timedelta(days=dice.randint(-9, 30)) if dice.random() < 0.3 else None,
            subject=dice.choice(["Gewerbe", "Gebühren"]),
            **values,
        )
        for _ in range(count)
    ]
    for row in rows:
        row.file_reference = f"{dice.choice('ab~%ß')}-{row.public_id}" if dice.random() < 0.8 else None
    Case.objects.bulk_create(rows)
    words = [[row.subject.casefold(), *(f"wort{dice.randint(0, 9999)}" for _ in range(40))] for row in rows]
    CaseSearch.objects.bulk_create(CaseSearch(case=row, words=said) for row, said in zip(rows, words, strict=True))


@pytest.mark.parametrize("name", sorted(ORDERS))
@pytest.mark.parametrize("units", [1, 3])
def test_pages_follow_the_order_there_and_back_without_gaps(name: str, units: int) -> None:
    teams = [make.team(f"team{n}") for n in range(units)]
    person = make.user(teams[0])
    for index, unit in enumerate(teams):
        actions.set_membership(user=person, unit=unit, role=Role.CASEWORKER, by=SYSTEM)
        many(17, unit, seed=index)
    listing = Listing(Scope(person), Wanted(sort=name))
    everything = [case.pk for case in listing.page(size=1000).cases]
    assert len(everything) == len(set(everything)) == 17 * units
    keys = [tuple(key.of(case) for key in listing.order.keys) for case in listing.page(size=1000).cases]
    assert keys == sorted(keys, reverse=listing.order.backwards) or listing.order.name in ("", *TEXTUAL)
    found, mark, pages = [], "", []
    while True:
        page = listing.page(after=mark, size=5)
        pages.append([case.pk for case in page.cases])
        found += pages[-1]
        mark = page.after
        if not mark:
            break
    assert found == everything
    for expected in reversed(pages[:-1]):
        page = listing.page(before=page.before, size=5)
        assert [case.pk for case in page.cases] == expected
    assert page.before == ""
    assert listing.page(size=5).before == ""
    for place, case in enumerate(listing.page(size=1000).cases):
        before, after = listing.neighbours(case)
        assert (before and before.pk) == (everything[place - 1] if place else None)
        assert (after and after.pk) == (everything[place + 1] if place + 1 < len(everything) else None)


TEXTUAL = ("aktenzeichen", "-aktenzeichen")  # sorted by the database's own collation


def test_without_a_choice_urgent_ones_come_first_then_the_nearest_frist_then_the_oldest() -> None:
    unit = make.team()
    person = make.user(unit)
    late = make.case(unit, received_at=make.ARRIVAL + timedelta(days=1))
    old = make.case(unit)
    due = dated(make.case(unit, received_at=make.ARRIVAL + timedelta(days=2)), next_due=TODAY)
    urgent = make.case(unit, is_urgent=True, received_at=make.ARRIVAL + timedelta(days=3))
    assert listed(person) == [urgent, due, old, late]
    assert listed(person, sort="frist")[0] == due, "what has no Frist stands last"
    assert listed(person, sort="-eingang") == [urgent, due, late, old]


@pytest.mark.parametrize(
    "mark", ["1.x.y", "9" * 400, "~~~", "1~2026-11-24~0~1~1", "2~x~1~1", "%00~1", "1~9999999-01-01~1~1"]
)
@pytest.mark.parametrize("name", sorted(ORDERS))
def test_marks_that_are_none_give_the_first_page(mark: str, name: str) -> None:
    person = make.user(make.team())
    case = make.case(make.team())
    listing = Listing(Scope(person), Wanted(sort=name))
    assert listing.page(after=mark).cases == listing.page(before=mark).cases == [case]


def test_each_filter_shows_what_it_says() -> None:
    unit = make.team()
    person, colleague = make.user(unit), make.user(unit)
    today = timezone.localdate()
    free = make.case(unit)
    mine = make.case(unit, handler=person)
    other = make.case(unit, handler=colleague, service=make.service("wohngeld"))
    overdue = dated(make.case(unit), next_due=today - timedelta(days=1), next_follow_up=today)
    waiting = make.case(unit, handler=colleague)
    Case.objects.filter(pk=waiting.pk).update(status="nachforderung")
    closed = make.case(unit)
    actions.close(case=closed, outcome=Case.Outcome.DONE, by=Actor.of(person), reason="erledigt")
    everything = {free, mine, other, overdue, waiting}
    expected = {
        (): everything,
        (("decided", True),): everything | {closed},
        (("scope", "meine"),): {mine},
        (("scope", "team"),): everything,
        (("team", unit.slug),): everything,
        (("team", "gibtesnicht"),): set(),
        (("service", "wohngeld"),): {other},
        (("status", "nachforderung"),): {waiting},
        (("waiting", "antwort"),): {waiting},
        (("waiting", "uebernahme"),): {free, overdue},
        (("waiting", "bearbeitung"),): {mine, other},
        (("handler", NOBODY),): {free, overdue},
        (("handler", colleague.pk),): {other, waiting},
        (("due", today),): {overdue},
        (("due", today - timedelta(days=2)),): set(),
        (("due", NONE),): everything - {overdue, other},
        (("follow_up", today),): {overdue},
        (("follow_up", NONE),): everything - {overdue},
        (("text", mine.public_id),): {mine},
        (("text", "gewerbe"), ("handler", person.pk)): {mine},
        (("text", "---"),): set(),
    }
    for wanted, cases in expected.items():
        assert set(listed(person, **dict(wanted))) == cases, wanted
        assert counts([Listing(Scope(person), Wanted(**dict(wanted)))]) == [len(cases)], wanted


def test_mine_includes_whom_i_cover_in_my_team_and_elsewhere() -> None:
    unit, elsewhere = make.team(), make.team("verkehr")
    person, near, far = make.user(unit), make.user(unit), make.user(elsewhere)
    cases = {make.case(unit, handler=person), make.case(unit, handler=near), make.case(elsewhere, handler=far)}
    make.cover(near, person)
    make.cover(far, person)
    assert set(listed(person, scope="meine")) == cases
    assert len(listed(person, scope="team")) == 2


@pytest.mark.parametrize(
    ("value", "day"),
    [
        ("@heute", TODAY),
        ("@heute+3", date(2026, 11, 27)),
        ("@heute-1", date(2026, 11, 23)),
        ("2026-12-24", date(2026, 12, 24)),
        ("@heute+", None),
        ("@morgen", None),
        ("", None),
        ("@heute+99999", None),
    ],
)
def test_relative_days(value: str, day: date | None) -> None:
    assert relative.day_of(value, today=TODAY) == day


def test_relative_values_are_resolved_for_who_looks() -> None:
    unit = make.team()
    one, other = make.user(unit), make.user(unit)
    query = QueryDict("handler=@ich&due=@heute+3".replace("+", "%2B"))
    today = timezone.localdate()
    for person in (one, other):
        wanted = Choices(Scope(person)).form(query).wanted()
        assert (wanted.handler, wanted.due) == (person.pk, today + timedelta(days=3))


def test_counts_stop_at_a_thousand() -> None:
    unit = make.team()
    many(COUNT_LIMIT + 20, unit)
    person = make.user(unit)
    both = [Listing(Scope(person), Wanted(scope=scope)) for scope in ("team", "meine")]
    assert counts(both) == [COUNT_LIMIT + 1, 0]
    assert counts([]) == []


@pytest.fixture
def crowd() -> tuple[User, User]:
    """A caseworker and a lead of several teams, in a house with thousands of Vorgänge."""
    top = make.team("amt")
    teams = [make.team(f"team{n}", parent=top) for n in range(8)]
    person, lead = make.user(teams[0]), make.lead(top)
    make.cover(make.user(teams[1]), person)
    for index, unit in enumerate(teams):
        many(800, unit, seed=index, handler=person if index == 0 else None)
    with connection.cursor() as cursor:
        cursor.execute("SELECT gin_clean_pending_list('cases_search_words')")  # as autovacuum does
        cursor.execute("ANALYZE cases_case, cases_casesearch")
    return person, lead


READS_ALL = re.compile(r"Seq Scan on cases_case(search)?\b")


def test_no_page_reads_a_whole_table(crowd: tuple[User, User]) -> None:
    for user in crowd:
        for name in ORDERS:
            listing = Listing(Scope(user), Wanted(sort=name))
            plan = listing.explain()
            assert not READS_ALL.search(plan), f"{name}\n{plan}"
            assert "Index" in plan
    person, _ = crowd
    for wanted in (
        {"scope": "meine"},
        {"handler": NOBODY},
        {"text": "wort7777"},
        {"text": "gibtesnicht"},
        {"decided": True},
        {"due": TODAY, "sort": "frist"},
        {"follow_up": TODAY, "sort": "wiedervorlage"},
    ):
        plan = Listing(Scope(person), Wanted(**wanted)).explain()
        assert not READS_ALL.search(plan), f"{wanted}\n{plan}"


INDEX_OF = {
    "": "urgency",
    "frist": "due",
    "wiedervorlage": "follow_up",
    "eingang": "arrival",
    "-eingang": "arrival",
    "aktenzeichen": "reference",
    "-aktenzeichen": "reference",
}


def test_a_page_is_read_from_the_index_of_its_order_and_not_sorted(crowd: tuple[User, User]) -> None:
    assert INDEX_OF.keys() == ORDERS.keys()
    for name, index in INDEX_OF.items():
        plan = Listing(Scope(crowd[1]), Wanted(sort=name)).explain()
        assert f"cases_worklist_{index}" in plan or (index == "arrival" and "cases_all_by_arrival" in plan), plan
        ahead = Listing(Scope(crowd[1]), Wanted(sort=name))
        deep = ahead.page(size=300).after
        place = ahead.order.beyond(deep)
        deep_plan = ahead._page_query(place, 51).explain()
        assert not READS_ALL.search(deep_plan), f"{name}\n{deep_plan}"


def test_who_works_in_very_many_teams_sees_all_of_them_in_order() -> None:
    person = make.user()
    for index in range(MANY_UNITS + 2):
        unit = make.team(f"team{index:02d}")
        actions.set_membership(user=person, unit=unit, role=Role.CASEWORKER, by=SYSTEM)
        make.case(unit, received_at=make.ARRIVAL - timedelta(hours=index))
    assert len(Scope(person).branches()) == 2
    cases = listed(person)
    assert len(cases) == MANY_UNITS + 2
    assert cases == sorted(cases, key=lambda case: case.received_at)
