"""The most urgent free Vorgang is handed out, to one person only."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection, transaction
from django.utils import timezone

from audit.acting import SYSTEM, Actor, acting
from cases import actions
from cases.models import Case, Role
from tests import factories as make
from tests.pages import logged_in, text_of

pytestmark = pytest.mark.django_db


def test_the_most_urgent_free_one_comes_first() -> None:
    unit = make.team()
    person = make.user(unit)
    today = timezone.localdate()
    newer = make.case(unit, received_at=make.ARRIVAL + timedelta(hours=1))
    older = make.case(unit)
    due = make.case(unit, received_at=make.ARRIVAL + timedelta(hours=2))
    with acting(SYSTEM, "test"):
        due.next_due = today
        due.save()
    urgent = make.case(unit, is_urgent=True, received_at=make.ARRIVAL + timedelta(hours=3))
    make.case(unit, handler=make.user(unit))
    make.case(make.team("fremd"))
    make.protect(make.case(unit, is_urgent=True), person)
    waiting = make.case(unit, is_urgent=True)
    Case.objects.filter(pk=waiting.pk).update(status="nachforderung")
    actions.close(case=make.case(unit), outcome=Case.Outcome.DONE, by=Actor.of(person), reason="x")
    handed_out = []
    while case := actions.take_next(by=Actor.of(person)):
        handed_out.append(case)
    assert handed_out == [urgent, due, older, newer]
    assert {case.handler for case in handed_out} == {person}
    assert handed_out[0].history.first().history_action == "assign"


def test_who_works_in_a_team_gets_its_vorgaenge_and_a_teamleitung_those_it_leads() -> None:
    above = make.team("amt")
    below, other = make.team("team", parent=above), make.team("verkehr")
    of_led, of_own = make.case(below), make.case(other)
    lead = make.lead(above)
    assert actions.take_next(by=Actor.of(lead)) == of_led
    both = make.lead(above)
    actions.set_membership(user=both, role=Role.CASEWORKER, unit=other, by=SYSTEM)
    make.case(below)
    assert actions.take_next(by=Actor.of(both)) == of_own
    assert actions.take_next(by=Actor.of(both)) is None
    assert actions.take_next(by=Actor.of(make.user())) is None
    with pytest.raises(PermissionDenied):
        actions.take_next(by=SYSTEM)


@pytest.mark.django_db(transaction=True)
def test_two_at_once_never_get_the_same() -> None:
    unit = make.team()
    for _ in range(12):
        make.case(unit)
    people = [make.user(unit), make.user(unit)]
    start = threading.Barrier(2)
    got: dict[int, list[int]] = {}

    def take(index: int) -> None:
        try:
            by = Actor.of(people[index])
            start.wait()
            found = []
            while case := actions.take_next(by=by):
                found.append(case.pk)
            got[index] = found
        finally:
            connection.close()

    threads = [threading.Thread(target=take, args=(index,)) for index in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert set(got[0]).isdisjoint(got[1])
    assert len(got[0]) + len(got[1]) == 12, "and none is left over"
    for index, person in enumerate(people):
        assert set(person.cases.values_list("pk", flat=True)) == set(got[index])


@pytest.mark.django_db(transaction=True)
def test_who_comes_second_does_not_wait_but_gets_the_next_one() -> None:
    unit = make.team()
    first, second = make.case(unit, is_urgent=True), make.case(unit)
    person = make.user(unit)
    locked, done = threading.Event(), threading.Event()

    def hold() -> None:
        try:
            with transaction.atomic():
                Case.objects.select_for_update().get(pk=first.pk)
                locked.set()
                done.wait(20)
        finally:
            connection.close()

    holder = threading.Thread(target=hold)
    holder.start()
    assert locked.wait(20)
    try:
        assert actions.take_next(by=Actor.of(person)) == second
    finally:
        done.set()
        holder.join()


def test_the_button_leads_to_the_vorgang_or_says_that_none_is_free() -> None:
    unit = make.team()
    client = logged_in(make.user(unit))
    assert "Nächsten Vorgang holen" in text_of(client.get("/"))
    case = make.case(unit)
    assert client.get("/naechster/").url == "/", "looking assigns nothing"
    assert Case.objects.get().handler is None
    answer = client.post("/naechster/")
    assert answer.url == f"/vorgaenge/{case.public_id}/"
    assert "ist Ihnen zugewiesen" in text_of(client.get(answer.url))
    page = text_of(client.post("/naechster/", follow=True))
    assert "zurzeit kein Vorgang frei" in page and 'href="/?scope=meine"' in page
