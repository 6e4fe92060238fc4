"""An assignment is taken back by a step of its own, and only while nothing else has happened."""

from __future__ import annotations

import pytest
from django.core.exceptions import PermissionDenied

from audit.acting import Actor
from audit.registries import timeline_of
from cases import actions
from cases.actions import NotPossible
from cases.models import Case
from tests import factories as make
from tests.pages import logged_in, text_of

pytestmark = pytest.mark.django_db


def handler(case: Case):
    return Case.objects.get(pk=case.pk).handler


def test_the_earlier_handler_has_it_again_and_the_history_says_so() -> None:
    unit = make.team()
    lead, first, second = make.lead(unit), make.user(unit), make.user(unit)
    by = Actor.of(lead)
    case = make.case(unit)
    actions.assign(case=case, to=first, by=by)
    actions.assign(case=case, to=second, by=by)
    actions.undo_assign(case=case, by=by)
    assert handler(case) == first
    row = case.history.latest()
    assert (row.history_action, row.history_reason, row.handler_id) == ("undo_assign", "rückgängig", first.pk)
    assert "Zuweisung rückgängig gemacht" in [entry.text for entry in timeline_of(case)]


def test_taking_and_giving_up_are_taken_back() -> None:
    unit = make.team()
    person = make.user(unit)
    by = Actor.of(person)
    case = make.case(unit)
    actions.assign(case=case, to=person, by=by)
    actions.undo_assign(case=case, by=by)
    assert handler(case) is None
    actions.assign(case=case, to=person, by=by)
    actions.assign(case=case, to=None, by=by)
    actions.undo_assign(case=case, by=by)
    assert handler(case) == person


def test_it_is_too_late_when_anything_else_has_happened() -> None:
    unit = make.team()
    person = make.user(unit)
    by = Actor.of(person)
    case = make.case(unit)
    with pytest.raises(NotPossible, match="nicht mehr rückgängig"):
        actions.undo_assign(case=case, by=by)
    actions.assign(case=case, to=person, by=by)
    actions.write_note(case=case, text="Angerufen.", by=by)
    with pytest.raises(NotPossible, match="etwas anderes geschehen"):
        actions.undo_assign(case=case, by=by)
    assert handler(case) == person


def test_it_is_done_once_and_by_who_assigned() -> None:
    unit = make.team()
    person, other = make.user(unit), make.lead(unit)
    case = make.case(unit)
    actions.assign(case=case, to=person, by=Actor.of(person))
    with pytest.raises(NotPossible):
        actions.undo_assign(case=case, by=Actor.of(other))
    actions.undo_assign(case=case, by=Actor.of(person))
    with pytest.raises(NotPossible):
        actions.undo_assign(case=case, by=Actor.of(person))
    with pytest.raises(PermissionDenied):
        actions.undo_assign(case=case, by=Actor.of(make.user(make.team("wohngeld"))))


def test_nobody_gets_it_back_who_has_left_the_team() -> None:
    unit = make.team()
    lead, first = make.lead(unit), make.user(unit)
    case = make.case(unit)
    actions.assign(case=case, to=first, by=Actor.of(lead))
    actions.assign(case=case, to=lead, by=Actor.of(lead))
    with actions.base.acting(make.SYSTEM, "admin_change"):
        first.memberships.all().delete()
    with pytest.raises(NotPossible, match="gehört nicht mehr zum Team"):
        actions.undo_assign(case=case, by=Actor.of(lead))
    assert handler(case) == lead


def test_the_message_offers_it_wherever_something_was_assigned() -> None:
    unit = make.team()
    person = make.user(unit)
    case = make.case(unit)
    address = f"/vorgaenge/{case.public_id}/zuweisung-zuruecknehmen/"
    client = logged_in(person)
    for path, data in (
        (f"/vorgaenge/{case.public_id}/uebernehmen/", {}),
        (f"/vorgaenge/{case.public_id}/zuweisen/", {"to": str(person.pk)}),
        ("/naechster/", {}),
    ):
        page = text_of(client.post(path, data, follow=True))
        assert f'<form method="post" action="{address}">' in page, path
        assert "Zurückgenommen" in text_of(client.post(address, follow=True))
        assert handler(case) is None
    assert "nicht mehr rückgängig" in text_of(client.post(address, follow=True))
    assert client.get(address).url == f"/vorgaenge/{case.public_id}/", "no page of its own"
