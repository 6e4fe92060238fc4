"""Drafts of rules: who may draw them up and publish them, what they refuse, and that publishing is all or nothing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.utils import timezone

from audit.acting import SYSTEM, acting
from audit.registries import health, integrity
from cases import actions
from cases.actions.base import NotPossible, Outdated
from cases.models import Case, Role, User
from routing import drafting, rulebook, soundness
from routing.actions import drafts, rules
from routing.models import Rule, RuleChange, RuleDraft
from tests import factories as make
from tests.routing.office import Office, by, closed

pytestmark = pytest.mark.django_db


def own_rules() -> int:
    return Rule.objects.filter(package="").count()


def published(draft: RuleDraft, user: User) -> RuleDraft:
    return drafts.publish(draft=draft, by=by(user), trial={"considered": 5})


# --- who may ---


@pytest.mark.parametrize("role", [Role.CASEWORKER, None])
def test_only_who_leads_or_configures_draws_rules_up(role: Role | None, office: Office) -> None:
    other = make.user(office.law if role else None, is_admin=True)
    draft = office.draft(make.rule_values())
    attempts: list[Callable[[], Any]] = [
        lambda: drafts.begin_draft(name="x", by=by(other)),
        lambda: drafts.add_rule(draft=draft, values=make.rule_values(), by=by(other)),
        lambda: drafts.change_rule(draft=draft, rule=office.rule, by=by(other)),
        lambda: drafts.retire_rule(draft=draft, rule=office.rule, by=by(other)),
        lambda: drafts.take_back(change=draft.changes.get(), by=by(other)),
        lambda: drafts.discard_draft(draft=draft, by=by(other)),
        lambda: published(draft, other),
    ]
    for attempt in attempts:
        with pytest.raises(PermissionDenied):
            attempt()
    with pytest.raises(PermissionDenied):
        drafts.begin_draft(name="Von selbst", by=SYSTEM)


def test_nobody_publishes_what_they_began_or_last_edited_not_even_as_a_superuser(office: Office) -> None:
    with acting(SYSTEM, "test"):
        for user in (office.anna, office.admin):
            user.is_superuser = user.is_staff = True
            user.save()
    draft = office.draft(make.rule_values(unit=office.law))
    with pytest.raises(PermissionDenied, match="Vier-Augen-Prinzip"):
        published(draft, office.anna)
    drafts.add_rule(draft=draft, values=make.rule_values(unit=office.law), by=by(office.admin))
    with pytest.raises(PermissionDenied, match="mitgearbeitet"):
        published(draft, office.admin)
    assert own_rules() == 1


def test_who_wrote_on_a_change_does_not_publish_it_when_somebody_else_saved_it_last(office: Office) -> None:
    draft = office.draft(make.rule_values(unit=office.law))
    helper = make.lead(office.law)
    change = draft.changes.get()
    for author in (helper, office.anna):
        change = drafts.edit_change(
            change=change, values=make.rule_values(unit=office.law), revision=change.revision, by=by(author)
        )
    with pytest.raises(PermissionDenied, match="mitgearbeitet"):
        published(draft, helper)


def test_who_publishes_leads_every_team_concerned(office: Office) -> None:
    draft = office.draft(make.rule_values(unit=office.law))
    with pytest.raises(PermissionDenied, match="nicht alle betroffenen Teams. Veröffentlichen darf ihn: .*Ada Amt"):
        published(draft, office.bert)
    second = make.lead(office.law, first_name="Carla", last_name="Cohn")
    assert "Carla Cohn" in drafting.Review(draft).who_may()
    assert "Anna Alt" not in drafting.Review(draft).who_may()
    assert published(draft, second).state == RuleDraft.State.PUBLISHED


def test_the_team_that_loses_something_is_concerned_too(office: Office) -> None:
    draft = drafts.begin_draft(name="Zum Verkehr", by=by(office.anna))
    values = drafts.content_of(office.rule) | {"unit_id": office.roads.pk}
    drafts.change_rule(draft=draft, rule=office.rule, values=values, by=by(office.anna))
    assert set(drafting.Review(draft).units) == {office.law.pk, office.roads.pk}
    with pytest.raises(PermissionDenied, match="nicht alle betroffenen Teams"):
        published(draft, office.bert)  # leads where it goes, not where it came from
    actions.set_membership(user=office.bert, role=Role.LEAD, unit=office.law, by=SYSTEM)
    published(draft, office.bert)
    office.rule.refresh_from_db()
    assert office.rule.unit == office.roads


@pytest.mark.parametrize("who", ["clearing", "above", "administration"])
def test_others_who_may_publish(who: str, office: Office) -> None:
    top = make.team("dezernat")
    make.team("rechtsamt", name="Rechtsamt", parent=top)
    make.team("verkehr", name="Verkehr", parent=top)
    people = {
        "clearing": lambda: make.lead(make.team("poststelle", is_clearing=True)),
        "above": lambda: make.lead(top),
        "administration": lambda: office.admin,
    }
    draft = office.draft(make.rule_values(unit=office.law), make.rule_values(unit=office.roads))
    assert published(draft, people[who]()).state == RuleDraft.State.PUBLISHED


def test_a_small_office_is_told_that_nobody_may(office: Office) -> None:
    with acting(SYSTEM, "test"):
        office.admin.is_active = False
        office.admin.save()
    draft = office.draft(make.rule_values(unit=office.law))
    with pytest.raises(PermissionDenied, match="Zurzeit darf das niemand"):
        published(draft, office.anna)


# --- publishing ---


def test_publishing_makes_versions_in_the_name_of_the_second_person(office: Office) -> None:
    gone = make.rule("Altes", unit=office.law, name="Altes")
    draft = office.draft(make.rule_values("Hund", unit=office.law, name="Hunde"))
    values = drafts.content_of(office.rule) | {"note": "strenger"}
    drafts.change_rule(draft=draft, rule=office.rule, values=values, by=by(office.anna))
    drafts.retire_rule(draft=draft, rule=gone, by=by(office.anna))
    done = published(draft, office.admin)
    assert (done.state, done.closed_by, done.trial) == (RuleDraft.State.PUBLISHED, office.admin, {"considered": 5})
    office.rule.refresh_from_db()
    gone.refresh_from_db()
    new = Rule.objects.get(name="Hunde")
    assert (office.rule.version, office.rule.note, gone.is_active, new.version) == (2, "strenger", False, 1)
    for rule in (office.rule, gone, new):
        row = rule.history.order_by("-history_id").first()
        assert (row.history_action, row.history_user_id, row.history_reason) == (
            "publish_rules",
            "admin",
            "Neue Regeln",
        )
    assert make.processed(subject="Hundehaltung").case.unit == office.law


def test_a_fault_in_the_second_change_leaves_nothing(office: Office) -> None:
    draft = office.draft(make.rule_values("Hund", unit=office.law), make.rule_values("Auto", unit=office.roads))
    closed(office.roads)
    with pytest.raises(drafts.Unsound, match="nimmt nichts mehr an"):
        published(draft, office.admin)
    draft.refresh_from_db()
    assert (draft.state, own_rules()) == (RuleDraft.State.OPEN, 1)


def test_what_breaks_while_it_is_put_into_force_leaves_nothing(office: Office, monkeypatch) -> None:
    draft = office.draft(make.rule_values("Hund", unit=office.law))
    drafts.retire_rule(draft=draft, rule=office.rule, by=by(office.anna))

    def broken(rule: Rule) -> None:
        raise RuntimeError("Strom weg")

    monkeypatch.setattr(rules, "retire_rule", broken)
    with pytest.raises(RuntimeError):
        published(draft, office.admin)
    draft.refresh_from_db()
    assert (draft.state, own_rules()) == (RuleDraft.State.OPEN, 1)


def test_a_closed_draft_does_not_change_any_more(office: Office) -> None:
    draft = office.draft(make.rule_values(unit=office.law))
    change = draft.changes.get()
    published(draft, office.admin)
    for attempt in (
        lambda: published(draft, office.admin),
        lambda: drafts.discard_draft(draft=draft, by=by(office.anna)),
        lambda: drafts.take_back(change=change, by=by(office.anna)),
        lambda: drafts.add_rule(draft=draft, values=make.rule_values(), by=by(office.anna)),
    ):
        with pytest.raises(NotPossible, match="veröffentlicht und ändert sich nicht mehr"):
            attempt()


def test_an_empty_or_discarded_draft_is_not_published(office: Office) -> None:
    empty = drafts.begin_draft(name="Leer", by=by(office.anna))
    with pytest.raises(NotPossible, match="noch nichts"):
        published(empty, office.admin)
    assert drafts.discard_draft(draft=empty, by=by(office.bert)).state == RuleDraft.State.DISCARDED
    with pytest.raises(NotPossible, match="verworfen"):
        published(empty, office.admin)
    with pytest.raises(NotPossible, match="worum es geht"):
        drafts.begin_draft(name="  ", by=by(office.anna))


# --- what is refused ---


def refusals(office: Office) -> dict[str, tuple[dict[str, Any], str]]:
    case = make.case(office.law)
    actions.close(case=case, outcome=Case.Outcome.DONE, by=by(office.anna), reason="fertig")
    stranger = make.user(office.roads, first_name="Sven", last_name="Sonst")
    return {
        "no condition": ({"conditions": []}, "ohne Bedingung"),
        "unknown field": ({"conditions": [{"field": "x", "operator": "is", "value": "y"}]}, "Bedingung 1: Das Feld"),
        "broken pattern": (
            {"conditions": [{"field": "subject", "operator": "matches", "value": "(a"}]},
            "Bedingung 1: .*Klammer wird nicht geschlossen",
        ),
        "period": ({"valid_from": make.tomorrow(5), "valid_until": make.tomorrow(2)}, "liegt vor"),
        "decided case": ({"case_id": case.pk}, "schon entschieden"),
        "wrong team": ({"person_id": stranger.pk}, "Sven Sonst arbeitet nicht im Team"),
        "name taken": ({"name": "Gewerbe"}, "Eine Regel „Gewerbe“ gibt es schon"),
    }


@pytest.mark.parametrize(
    "what", ["no condition", "unknown field", "broken pattern", "period", "decided case", "wrong team", "name taken"]
)
def test_a_broken_rule_is_not_kept(what: str, office: Office) -> None:
    values, sentence = refusals(office)[what]
    draft = office.draft()
    with pytest.raises(drafts.Unsound, match=sentence):
        drafts.add_rule(draft=draft, values=make.rule_values(unit=office.law) | values, by=by(office.anna))
    assert not draft.changes.exists()


def test_a_name_is_given_once_in_a_draft_and_not_that_of_a_retired_rule(office: Office) -> None:
    with acting(SYSTEM, "test"):
        rules.retire_rule(Rule.objects.get(pk=make.rule(name="Alt").pk))
    draft = office.draft(make.rule_values(name="Hund"))
    for name, sentence in (("Hund", "heißen zwei Regeln „Hund“"), ("Alt", "sie ist aufgehoben")):
        with pytest.raises(drafts.Unsound, match=sentence):
            drafts.add_rule(draft=draft, values=make.rule_values(name=name), by=by(office.anna))


def test_not_too_many_rules_of_which_nothing_can_be_looked_up(office: Office, monkeypatch) -> None:
    monkeypatch.setattr(soundness, "MAX_SLOW", 1)
    anything = {"conditions": [{"field": "subject", "operator": "present", "value": ""}]}
    draft = office.draft(make.rule_values(**anything))
    with pytest.raises(drafts.Unsound, match="mehr als 1 darf es nicht geben, das wären 2"):
        drafts.add_rule(draft=draft, values=make.rule_values(**anything), by=by(office.anna))
    drafts.add_rule(draft=draft, values=make.rule_values("Hund"), by=by(office.anna))
    published(draft, office.admin)
    assert len(rulebook.in_force().slow) == 1


def test_a_rule_that_leads_nowhere_may_be_taken_into_a_draft_to_be_mended(office: Office) -> None:
    closed(office.law)
    draft = drafts.begin_draft(name="Umzug", by=by(office.anna))
    change = drafts.change_rule(draft=draft, rule=office.rule, by=by(office.anna))
    with pytest.raises(drafts.Unsound, match="nimmt nichts mehr an"):
        published(draft, office.admin)
    values = drafts.content_of(change) | {"unit_id": office.roads.pk}
    drafts.edit_change(change=change, values=values, revision=change.revision, by=by(office.anna))
    assert published(draft, office.admin).state == RuleDraft.State.PUBLISHED


def test_rules_of_a_package_are_copied_not_changed(office: Office) -> None:
    theirs = make.rule("Wohngeld", unit=office.law, name="Wohngeld", rank=30, package="wohngeld")
    draft = drafts.begin_draft(name="Eigene", by=by(office.anna))
    for act in (drafts.change_rule, drafts.retire_rule):
        with pytest.raises(NotPossible, match="bringt das Leistungspaket wohngeld mit"):
            act(draft=draft, rule=theirs, by=by(office.anna))
    copy = drafts.copy_rule(draft=draft, rule=theirs, by=by(office.anna))
    assert (copy.kind, copy.rank, copy.name, copy.conditions) == ("new", 29, "Wohngeld", theirs.conditions)
    assert drafts.copy_rule(draft=draft, rule=theirs, by=by(office.anna)).name == "Wohngeld (2)"


# --- two people, and rules that change meanwhile ---


def test_who_saves_second_is_told_and_nothing_is_lost(office: Office) -> None:
    draft = office.draft(make.rule_values(unit=office.law))
    change = draft.changes.get()
    first = drafts.content_of(change) | {"note": "von Bert"}
    drafts.edit_change(change=change, values=first, revision=1, by=by(office.bert))
    with pytest.raises(Outdated) as told:
        drafts.edit_change(change=change, values=first | {"note": "von Anna"}, revision=1, by=by(office.anna))
    assert told.value.current.note == "von Bert"
    assert RuleChange.objects.get().note == "von Bert"
    drafts.take_back(change=change, by=by(office.bert))
    with pytest.raises(NotPossible, match="zurückgenommen"):
        drafts.edit_change(change=change, values=first, revision=2, by=by(office.anna))


def test_a_rule_that_changed_since_must_be_looked_at_first(office: Office) -> None:
    draft = drafts.begin_draft(name="Meine", by=by(office.anna))
    change = drafts.change_rule(draft=draft, rule=office.rule, by=by(office.anna))
    make.rule("Gewerbe|Handwerk", unit=office.law, name="Gewerbe", rank=20)
    with pytest.raises(NotPossible, match="Seit dem Entwurf geändert: „Gewerbe“"):
        published(draft, office.admin)
    with pytest.raises(NotPossible, match="noch einmal ansehen"):
        drafts.look_again(change=change, version=1, by=by(office.anna))
    drafts.look_again(change=change, version=2, by=by(office.anna))
    assert published(draft, office.admin).state == RuleDraft.State.PUBLISHED


def test_looking_again_counts_as_editing(office: Office) -> None:
    draft = drafts.begin_draft(name="Meine", by=by(office.anna))
    change = drafts.retire_rule(draft=draft, rule=office.rule, by=by(office.anna))
    make.rule("Gewerbe|Handwerk", unit=office.law, name="Gewerbe", rank=20)
    drafts.look_again(change=change, version=2, by=by(office.admin))
    with pytest.raises(PermissionDenied, match="mitgearbeitet"):
        published(draft, office.admin)


def test_a_rule_is_changed_once_in_a_draft(office: Office) -> None:
    draft = drafts.begin_draft(name="Meine", by=by(office.anna))
    change = drafts.change_rule(draft=draft, rule=office.rule, by=by(office.anna))
    assert drafts.change_rule(draft=draft, rule=office.rule, by=by(office.bert)) == change
    assert drafts.retire_rule(draft=draft, rule=office.rule, by=by(office.bert)) == change
    change.refresh_from_db()
    assert (change.kind, change.author) == ("retire", office.bert)
    with pytest.raises(NotPossible, match="aufgehoben werden"):
        drafts.edit_change(change=change, values={}, revision=change.revision, by=by(office.anna))


# --- what became of rules in force ---


def test_health_says_which_rule_leads_nowhere(office: Office, django_assert_num_queries) -> None:
    person = make.user(office.law, first_name="Gerd", last_name="Gegangen")
    named = make.rule("Person", unit=office.law, name="An Gerd", person=person)
    make.rule("Spät", unit=office.roads, name="Vorbei", valid_until=timezone.localdate().replace(year=2020))
    case = make.case(office.law)
    into = make.rule("Sammel", name="In den Sammelvorgang", case=case)
    checks, problems = dict(health), dict(integrity)
    assert checks["regeln"]().ok
    closed(office.roads)  # only a rule that is over leads there
    assert checks["regeln"]().ok
    with acting(SYSTEM, "test"):
        person.is_active = False
        person.save()
    actions.close(case=case, outcome=Case.Outcome.DONE, by=by(office.anna), reason="fertig")
    with django_assert_num_queries(1):
        state = checks["regeln"]()
    assert not state.ok and not state.vital
    assert f"Nr. {named.pk}" in state.message and f"Nr. {into.pk}" in state.message
    assert "Gegangen" not in state.message, "anybody may ask for the health"
    told = {problem.subject: problem.message for problem in problems["regeln"]()}
    assert set(told) == {"Regel „An Gerd“", "Regel „In den Sammelvorgang“"}
    assert "Gerd Gegangen arbeitet nicht mehr hier" in told["Regel „An Gerd“"]
