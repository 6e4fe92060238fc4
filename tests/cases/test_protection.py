"""Protected Vorgänge: who makes them so, who sees them, and that nobody is locked out of all."""

from __future__ import annotations

import pytest
from django.core.exceptions import PermissionDenied

from audit.acting import Actor
from cases import actions, selectors
from cases.actions import NotPossible
from cases.models import Case, CaseReader
from tests import factories as make
from tests.pages import logged_in, text_of

pytestmark = pytest.mark.django_db


def sees(user, case: Case) -> bool:
    """Whether the person sees the Vorgang."""
    return selectors.visible_cases(user).filter(pk=case.pk).exists()


def test_only_the_named_see_it_and_only_a_lead_makes_it_so() -> None:
    unit = make.team()
    lead, named, other = make.lead(unit), make.user(unit), make.user(unit)
    case = make.case(unit, handler=other)
    with pytest.raises(PermissionDenied):
        actions.protect(case=case, readers=[other], by=Actor.of(other), reason="eigene Sache")
    actions.protect(case=case, readers=[lead, named], by=Actor.of(lead), reason="Auskunftssperre")
    assert [sees(each, case) for each in (lead, named, other)] == [True, True, False]
    assert Case.objects.get(pk=case.pk).handler is None
    actions.protect(case=case, readers=[lead], by=Actor.of(lead), reason="Befangenheit")
    assert [sees(each, case) for each in (lead, named)] == [True, False]
    assert CaseReader.history.filter(history_type="-").count() == 1
    actions.lift_protection(case=case, by=Actor.of(lead), reason="erledigt")
    assert sees(other, case)


def test_nobody_is_locked_out_of_all_and_strangers_are_not_named() -> None:
    unit = make.team()
    by = Actor.of(make.lead(unit))
    case = make.case(unit)
    with pytest.raises(NotPossible, match="mindestens eine Person"):
        actions.protect(case=case, readers=[], by=by, reason="x")
    with pytest.raises(NotPossible, match="gehört nicht zum Team"):
        actions.protect(case=case, readers=[make.user(make.team("wohngeld"))], by=by, reason="x")
    with pytest.raises(NotPossible, match="Grund"):
        actions.protect(case=case, readers=[by.user], by=by, reason=" ")
    assert not Case.objects.get(pk=case.pk).is_protected


def test_the_page_leads_away_from_what_one_does_not_see_any_more() -> None:
    unit = make.team()
    lead, named = make.lead(unit), make.user(unit)
    case = make.case(unit)
    client, address = logged_in(lead), f"/vorgaenge/{case.public_id}/schuetzen/"
    assert "Wer den Vorgang sehen" in text_of(client.get(address))
    answer = client.post(address, {"readers": [named.pk], "reason": "Befangenheit"}, follow=True)
    assert answer.redirect_chain[-1][0] == "/"
    assert "Der Vorgang ist geschützt" in text_of(answer)
    assert client.get(f"/vorgaenge/{case.public_id}/").status_code == 404


def test_a_protected_one_that_goes_to_another_team_is_seen_by_its_teamleitung_only() -> None:
    unit, other = make.team(), make.team("wohngeld")
    lead, worker = make.lead(unit), make.user(other)
    case = make.case(unit)
    actions.protect(case=case, readers=[lead], by=Actor.of(lead), reason="Auskunftssperre")
    with pytest.raises(NotPossible, match="keine Teamleitung"):
        actions.hand_over(case=case, unit=other, by=Actor.of(lead), reason="zuständig")
    new_lead = make.lead(other)
    actions.hand_over(case=case, unit=other, by=Actor.of(lead), reason="zuständig")
    assert [sees(each, case) for each in (lead, worker, new_lead)] == [False, False, True]
    actions.lift_protection(case=case, by=Actor.of(new_lead), reason="erledigt")
    assert sees(worker, case)


def test_a_protection_can_be_lifted_when_no_named_person_leads_the_team() -> None:
    unit = make.team()
    lead, named = make.lead(unit), make.user(unit)
    case = make.case(unit)
    actions.protect(case=case, readers=[lead, named], by=Actor.of(lead), reason="Befangenheit")
    with pytest.raises(PermissionDenied):
        actions.lift_protection(case=case, by=Actor.of(named), reason="x")
    actions.protect(case=case, readers=[named], by=Actor.of(lead), reason="Befangenheit der Leitung")
    case = Case.objects.get(pk=case.pk)
    assert "protect" in selectors.Scope(named).allowed_with(case)
    with pytest.raises(PermissionDenied):
        actions.lift_protection(case=case, by=Actor.of(lead), reason="x")
    actions.lift_protection(case=case, by=Actor.of(named), reason="erledigt")
    assert sees(lead, case)


def test_a_protected_one_is_assigned_to_the_named_only() -> None:
    unit = make.team()
    lead, named, other = make.lead(unit), make.user(unit), make.user(unit)
    case = make.case(unit)
    actions.protect(case=case, readers=[lead, named], by=Actor.of(lead), reason="Auskunftssperre")
    with pytest.raises(NotPossible, match="nicht benannt"):
        actions.assign(case=case, to=other, by=Actor.of(lead))
    assert actions.assign(case=case, to=named, by=Actor.of(lead)).handler == named


def test_handing_over_leads_back_to_the_list() -> None:
    unit, other = make.team(), make.team("wohngeld")
    person = make.user(unit)
    case = make.case(unit, handler=person)
    client, address = logged_in(person), f"/vorgaenge/{case.public_id}/abgeben/"
    page = text_of(client.get(address))
    assert other.name in page and f">{unit.name}</option>" not in page
    refused = client.post(address, {"unit": other.pk, "reason": ""})
    assert refused.status_code == 422
    answer = client.post(address, {"unit": other.pk, "reason": "dort zuständig"}, follow=True)
    assert answer.redirect_chain[-1][0] == "/"
    assert f"liegt jetzt beim Team {other}" in text_of(answer)
    moved = Case.objects.get(pk=case.pk)
    assert (moved.unit, moved.handler) == (other, None)
