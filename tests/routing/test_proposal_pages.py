"""From the queue to a rule: what was solved lately, the proposal, its draft; and moving what the rules would move."""

from __future__ import annotations

import pytest

from audit.acting import Actor
from cases.models import Case, OrgUnit, Role, User
from routing.actions import clearing
from routing.models import ExceptionEntry, Rule, RuleDraft
from tests import factories as make
from tests.pages import logged_in, text_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def post() -> OrgUnit:
    return make.team("poststelle", is_clearing=True)


@pytest.fixture
def chief(post: OrgUnit) -> User:
    return make.lead(post)


def solve(chief: User, unit: OrgUnit, *subjects: str) -> list[ExceptionEntry]:
    """Klärfälle solved by a new Vorgang each."""
    entries = [make.entry(subject=subject, foreign=f"{unit.pk}{n} K 7/26") for n, subject in enumerate(subjects)]
    for entry in entries:
        clearing.open_new_case(entry=entry, service=make.service(), unit=unit, by=Actor.of(chief))
    return entries


def test_forty_solved_alike_become_a_draft(chief: User) -> None:
    unit = make.team("steuern")
    solve(chief, unit, "Hundesteuer 1", "Hundesteuer 2", "Hundesteuer 3")
    browser = logged_in(chief)
    page = text_of(browser.get("/klaerung/geloest/"))
    assert "Keine Regel passt" in page
    assert '<a href="/klaerung/" aria-current="true">' in page, "where one is"
    key = f"no_rule-{make.service().pk}-{unit.pk}"
    assert f"?gruppe={key}" in page
    address = f"/klaerung/vorschlag/?gruppe={key}"
    page = text_of(browser.get(address))
    assert "Betreff enthält „Hundesteuer“" in page
    assert "3 kämen nicht mehr in die Klärung" in page
    assert not Rule.objects.filter(package="").exists(), "to look changes nothing"
    answer = browser.post(address, {"name": "Hunde"})
    draft = RuleDraft.objects.get()
    assert answer.url == f"/regeln/entwuerfe/{draft.pk}/probelauf/"
    change = draft.changes.get()
    assert (change.name, change.unit, change.kind) == ("Hunde", unit, "new")
    assert not Rule.objects.filter(name="Hunde").exists(), "a second person publishes it"


def test_what_a_rule_does_already_is_said(chief: User) -> None:
    unit = make.team("steuern")
    solve(chief, unit, "Hundesteuer 1", "Hundesteuer 2")
    address = f"/klaerung/vorschlag/?gruppe=no_rule-{make.service().pk}-{unit.pk}"
    already = "ordnen die geltenden Regeln schon so zu"
    assert already not in text_of(logged_in(chief).get(address))
    make.rule("Hundesteuer", unit=unit)
    assert already in text_of(logged_in(chief).get(address))


def test_a_single_solved_one_leads_to_its_proposal(chief: User) -> None:
    (entry,) = solve(chief, make.team("steuern"), "Hundesteuer 1")
    browser = logged_in(chief)
    assert f"/klaerung/vorschlag/?eintrag={entry.pk}" in text_of(browser.get(f"/klaerung/{entry.pk}/"))
    assert "Die engste Regel" in text_of(browser.get(f"/klaerung/vorschlag/?eintrag={entry.pk}"))


def test_what_speaks_against_it_is_shown_and_nothing_is_drafted(chief: User) -> None:
    (entry,) = solve(chief, make.team("eins"), "Hundesteuer")
    (other,) = solve(chief, make.team("zwei"), "Hundesteuer")
    browser, address = logged_in(chief), f"/klaerung/vorschlag/?eintrag={entry.pk}"
    page = text_of(browser.get(address))
    assert "keine Regel vorschlagen" in page
    assert other.submission.number.public_id in page
    assert browser.post(address, {"name": "Hunde"}).status_code == 422
    assert not RuleDraft.objects.exists()


def test_solved_ones_of_other_teams_are_not_there(chief: User) -> None:
    (entry,) = solve(chief, make.team("steuern"), "Hundesteuer")
    stranger = logged_in(make.lead(make.team("fremd")))
    assert "Hundesteuer" not in text_of(stranger.get("/klaerung/geloest/"))
    assert stranger.get(f"/klaerung/vorschlag/?eintrag={entry.pk}").status_code == 404
    assert stranger.get("/klaerung/vorschlag/?eintrag=kein").status_code == 404
    assert stranger.get("/klaerung/vorschlag/?gruppe=unfug").status_code == 404
    worker = logged_in(make.user(entry.unit))
    assert worker.get("/klaerung/geloest/").status_code == 403
    assert worker.get("/regeln/neu-verteilen/").status_code == 403


def test_who_leads_no_team_is_told_who_moves_what_lies_elsewhere() -> None:
    admin = make.user()
    make.actions.set_membership(user=admin, role=Role.ADMIN, by=make.SYSTEM)
    page = text_of(logged_in(admin).get("/regeln/neu-verteilen/"))
    assert "Das tun die Teamleitungen" in page and "Alles liegt richtig" not in page


def test_what_would_lie_elsewhere_is_moved_by_a_click() -> None:
    old, new = make.team("rechtsamt"), make.team("gewerbe")
    make.rule("Gewerbe", unit=old, name="Alles")
    case = make.processed(subject="Gewerbe", foreign="1 K 1/26").case
    make.rule("Gewerbe", unit=new, rank=1, name="Neu")
    browser = logged_in(make.lead(old))
    assert case.public_id in text_of(browser.get("/regeln/neu-verteilen/"))
    page = text_of(browser.post("/regeln/neu-verteilen/", {"vorgang": [case.public_id]}, follow=True))
    assert "Neu verteilt: 1 von 1." in page
    assert "Alles liegt richtig" in page
    assert Case.objects.get(pk=case.pk).unit == new
    assert "mindestens einen" in text_of(browser.post("/regeln/neu-verteilen/", follow=True))
