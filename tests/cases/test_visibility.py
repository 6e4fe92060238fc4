"""Who sees what: list, detail, documents, search and counts agree, whatever the memberships are."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from audit.acting import SYSTEM, Actor, acting
from cases import actions, policy, selectors
from cases.actions.base import NotPossible
from cases.models import Case, Cover, DocumentFile, Role, User
from cases.selectors import Scope
from cases.worklist.listing import Listing, Wanted, counts
from tests import factories as make
from tests.pages import logged_in

pytestmark = pytest.mark.django_db

PEOPLE, TEAMS = 3, 4
worlds = st.fixed_dictionaries(
    {
        # who has which role where; team 1 is below team 0
        "roles": st.sets(
            st.tuples(
                st.integers(0, PEOPLE - 1), st.integers(0, TEAMS - 1), st.sampled_from([Role.CASEWORKER, Role.LEAD])
            ),
            max_size=6,
        ),
        # who is covered by whom, and when: past, present or future
        "covers": st.lists(
            st.tuples(st.integers(0, PEOPLE - 1), st.integers(0, PEOPLE - 1), st.sampled_from([-1, 0, 1])), max_size=3
        ),
        # where each Vorgang lies, with whom, protected or not, who is named
        "cases": st.lists(
            st.tuples(
                st.integers(0, TEAMS - 1),
                st.none() | st.integers(0, PEOPLE - 1),
                st.booleans(),
                st.none() | st.integers(0, PEOPLE - 1),
            ),
            min_size=1,
            max_size=4,
        ),
    }
)


def expected(world: dict, person: int, case: tuple) -> bool:
    """The rule, in words of its own: named people; else the team, who leads above it, who covers a handler of it."""
    team, handler, protected, named = case
    if protected:
        return named == person
    works = {t for p, t, _ in world["roles"] if p == person}
    leads = {t for p, t, role in world["roles"] if p == person and role == Role.LEAD}
    if team in works or (team == 1 and 0 in leads):
        return True
    covered = {absent for absent, substitute, when in world["covers"] if substitute == person and when == 0} - {person}
    return handler in covered and any((handler, team, role) in world["roles"] for role in (Role.CASEWORKER, Role.LEAD))


def build(world: dict) -> tuple[list[User], list[Case]]:
    above = make.team("amt")
    teams = [above, *(make.team(f"team{n}", parent=above if n == 1 else None) for n in range(1, TEAMS))]
    people = [make.user() for _ in range(PEOPLE)]
    for person, team, role in world["roles"]:
        actions.set_membership(user=people[person], unit=teams[team], role=role, by=SYSTEM)
    today = timezone.localdate()
    with acting(SYSTEM, "test"):
        for absent, substitute, when in world["covers"]:
            if absent != substitute:
                day = today + timedelta(days=10 * when)
                Cover.objects.create(absent=people[absent], substitute=people[substitute], starts_on=day, ends_on=day)
    cases = []
    for team, handler, protected, named in world["cases"]:
        case = make.case(teams[team], subject="Gartenzaun")
        make.document(case)
        with acting(SYSTEM, "test"):
            case.handler = people[handler] if handler is not None else None
            case.save()
        if protected:
            make.protect(case, *([people[named]] if named is not None else []))
        cases.append(case)
    return people, cases


def addresses(case: Case) -> list[str]:
    page = f"/vorgaenge/{case.public_id}/"
    file = DocumentFile.objects.get(document__case=case)
    return [page, f"{page}dateien/{file.pk}/", f"{page}anwesend/"]


@given(worlds)
@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_list_detail_document_and_search_agree(world: dict) -> None:
    with transaction.atomic():
        people, cases = build(world)
        for index, person in enumerate(people):
            client = logged_in(person)
            visible = {case for case, wish in zip(cases, world["cases"], strict=True) if expected(world, index, wish)}
            assert set(selectors.visible_cases(person)) == visible
            everything = Listing(Scope(person), Wanted())
            listed = everything.page().cases
            assert set(listed) == visible and len(listed) == len(visible), "in the list, and once"
            searched = Listing(Scope(person), Wanted(text="zaun"))
            assert set(searched.page().cases) == visible
            assert counts([everything, searched]) == [len(visible)] * 2
            page = client.get("/", {"text": "zaun"}).content.decode()
            for case in cases:
                assert (case.public_id in page) is (case in visible)
                for address in addresses(case):
                    answer = client.get(address)
                    if answer.streaming:
                        assert b"".join(answer.streaming_content)
                    assert answer.status_code == (200 if case in visible else 404), address
        transaction.set_rollback(True)


def colleagues() -> tuple[User, User, Case]:
    """Somebody with a Vorgang, a colleague of another team, and the Vorgang."""
    unit = make.team()
    absent, substitute = make.user(unit), make.user(make.team("verkehr"))
    return absent, substitute, make.case(unit, handler=absent)


def test_who_covers_works_like_the_one_they_cover_but_only_there() -> None:
    absent, substitute, case = colleagues()
    free = make.case(case.unit)
    by = Actor.of(substitute)
    with pytest.raises(PermissionDenied):
        actions.take_up(case=case, by=by)
    make.cover(absent, substitute)
    actions.take_up(case=case, by=by)
    assert Case.objects.get(pk=case.pk).handler == absent, "it stays with the absent one"
    with pytest.raises(PermissionDenied):
        actions.take_up(case=free, by=by)
    with pytest.raises(PermissionDenied):
        actions.assign(case=case, to=None, by=by)
    assert not policy.may(by, "open_case", case.unit_id)


@pytest.mark.parametrize("action", sorted(policy.PEOPLE))
def test_by_a_vertretung_one_may_do_what_a_sachbearbeitung_may_and_no_more(action: str) -> None:
    absent, substitute, case = colleagues()
    make.cover(absent, substitute)
    allowed = Role.CASEWORKER in policy.PEOPLE[action] and action != "open_case"
    assert policy.may_with(Actor.of(substitute), action, case) is allowed


def test_a_cover_holds_from_its_first_to_its_last_day_and_while_the_absent_one_works_there() -> None:
    absent, substitute, case = colleagues()
    cover = make.cover(absent, substitute, days=0)
    assert list(selectors.visible_cases(substitute)) == [case]
    for first, last in ((1, 2), (-2, -1)):
        with acting(SYSTEM, "test"):
            cover.starts_on, cover.ends_on = make.tomorrow(first), make.tomorrow(last)
            cover.save()
        assert not selectors.visible_cases(substitute).exists()
    with acting(SYSTEM, "test"):
        cover.starts_on = cover.ends_on = timezone.localdate()
        cover.save()
        absent.memberships.get().delete()
    assert not selectors.visible_cases(substitute).exists()


def test_a_protected_vorgang_is_not_covered() -> None:
    absent, substitute, case = colleagues()
    make.protect(case, absent)
    make.cover(absent, substitute)
    assert not selectors.visible_cases(substitute).exists()
    with pytest.raises(PermissionDenied):
        actions.take_up(case=case, by=Actor.of(substitute))


def test_who_sets_and_ends_a_vertretung() -> None:
    absent, substitute, case = colleagues()
    lead, stranger = make.lead(case.unit), make.lead(make.team("fremd"))
    today = timezone.localdate()
    days = {"absent": absent, "substitute": substitute, "starts_on": today, "ends_on": today}
    for nobody in (stranger, substitute, make.user(case.unit)):
        with pytest.raises(PermissionDenied):
            actions.set_cover(**days, by=Actor.of(nobody))
    with pytest.raises(PermissionDenied):
        actions.set_cover(**days, by=SYSTEM)
    cover = actions.set_cover(**days, by=Actor.of(lead))
    assert cover.history.get().history_user_id == lead.username
    with pytest.raises(PermissionDenied):
        actions.end_cover(cover=cover, by=Actor.of(substitute))
    actions.end_cover(cover=cover, by=Actor.of(absent))
    assert not Cover.objects.exists(), "it had not begun before today"
    long = make.cover(absent, substitute)
    with acting(SYSTEM, "test"):
        long.starts_on = today - timedelta(days=3)
        long.save()
    actions.end_cover(cover=long, by=Actor.of(lead))
    assert Cover.objects.get().ends_on == today - timedelta(days=1)
    actions.end_cover(cover=long, by=Actor.of(lead))


def test_a_vertretung_that_makes_no_sense_is_refused() -> None:
    absent, substitute, _ = colleagues()
    today = timezone.localdate()
    yesterday = today - timedelta(days=1)
    for values, words in (
        ({"substitute": absent}, "sich selbst"),
        ({"substitute": make.user()}, "in keinem Team"),
        ({"ends_on": yesterday}, "vor dem ersten"),
        ({"starts_on": yesterday, "ends_on": yesterday}, "schon vorbei"),
    ):
        given_values = {"absent": absent, "substitute": substitute, "starts_on": today, "ends_on": today} | values
        with pytest.raises(NotPossible, match=words):
            actions.set_cover(**given_values, by=Actor.of(absent))
