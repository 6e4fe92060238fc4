"""How near each rule came, and which teams are in question: what a Teamleitung reads before it decides."""

from __future__ import annotations

import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit.acting import SYSTEM
from cases.conditions import Condition
from cases.models import OrgUnit, Service, User
from intake.facts import Correspondent, Facts
from routing import engine, fields, nearness
from routing.actions.rules import set_rule
from routing.index import Message
from routing.models import ExceptionEntry, Rule
from tests import factories as make
from tests.pages import logged_in, text_of

FACTS = Facts(standard="xjustiz", sender=Correspondent(name="Amtsgericht Köln"), subject="Grundsteuer 2025")
VALUES = fields.values("egvp", FACTS)


def rule(number: int, *conditions: tuple[str, str, str], rank: int = 10) -> Rule:
    """An unsaved rule."""
    stored = [Condition(*each).as_json() for each in conditions]
    return Rule(pk=number, name=f"Regel {number}", rank=rank, conditions=stored)


def nearest(rules: list[Rule], values: dict[str, list[str]] = VALUES) -> nearness.Nearness:
    """How near they came to a message with these values."""
    return nearness.of(engine.Rules(rules), Message(values))


def test_the_fewest_unmet_conditions_come_first() -> None:
    far = rule(1, ("sender", "contains", "Gewerbe"), ("subject", "contains", "Gewerbe"))
    near = rule(2, ("sender", "contains", "Gewerbe"), ("subject", "contains", "Steuer"))
    nearer = rule(3, ("sender", "contains", "Köln"), ("subject", "contains", "steuer"), ("court", "present", ""))
    found = nearest([far, near, nearer])
    assert [each.rule for each in found.nearest] == [nearer, near, far] and found.total == 3 and not found.others


def test_it_says_what_stands_there_instead() -> None:
    (near,) = nearest([rule(1, ("sender", "contains", "Gewerbe"), ("channel", "is", "eml"))]).nearest
    assert near.unmet[0] == "Absender enthält „Gewerbe“ – hier steht „Amtsgericht Köln“"
    (empty,) = nearest([rule(1, ("court", "is", "D6262"))]).nearest
    assert empty.unmet == ["Gericht des Verfahrens ist „D6262“ – hier steht nichts"]


def test_long_and_many_values_are_cut() -> None:
    values = {"text": ["Wort " * 100], "document_title": [f"Titel {n}" for n in range(9)]}
    (near,) = nearest([rule(1, ("text", "is", "x"), ("document_title", "is", "x"))], values).nearest
    assert len(near.unmet[0]) < 120 and near.unmet[0].endswith(" …“")
    assert near.unmet[1].endswith("„Titel 0“, „Titel 1“, „Titel 2“ und 6 mehr")


@given(st.lists(st.lists(st.sampled_from(["Köln", "Steuer", "Gewerbe", "Hund"]), min_size=1, max_size=4), max_size=70))
def test_no_rule_is_nearer_than_those_before_it(words: list[list[str]]) -> None:
    rules = [rule(n, *(("keyword", "contains", word) for word in each)) for n, each in enumerate(words)]
    found = nearest(rules)
    missing = [len(each.unmet) for each in found.all]
    assert missing == sorted(missing) and found.total == len(rules)
    assert len(found.nearest) == min(3, len(rules)) and len(found.all) == min(nearness.MOST, len(rules))
    for each in found.all:
        assert len(each.unmet) == len(engine.evaluate(each.rule, VALUES).unmet)


@pytest.fixture
def post() -> OrgUnit:
    """The Poststelle, which clears what belongs to nobody."""
    return make.team("poststelle", is_clearing=True)


@pytest.fixture
def chief(post: OrgUnit) -> User:
    """Who leads the Poststelle."""
    return make.lead(post)


def page_of(user: User, entry: ExceptionEntry, query: str = "") -> str:
    return text_of(logged_in(user).get(f"/klaerung/{entry.pk}/{query}"))


def section(page: str, name: str) -> str:
    """The part of the page under this heading."""
    return page.split(f'aria-labelledby="{name}"')[1].split("</section>")[0]


@pytest.mark.django_db
def test_the_page_shows_the_nearest_and_all_others_on_demand(post: OrgUnit, chief: User) -> None:
    entry = make.entry(post)
    for number in range(60):
        make.rule(f"Wort{number}", name=f"Neue Regel {number}", rank=number + 100)
    wanted = [Condition("subject", "contains", "Grundsteuer"), Condition("court", "is", "X1")]
    set_rule(name="Fast", rank=500, conditions=wanted, service=make.service(), by=SYSTEM)
    shown = section(page_of(chief, entry), "regeln")
    first, rest = shown.split("<details")
    assert first.count("Rang ") == 3 and rest.count("Rang ") == nearness.MOST
    assert "erfüllt: Betreff enthält „Grundsteuer“" in first
    assert "nicht erfüllt: Gericht des Verfahrens ist „X1“ – hier steht nichts" in first
    assert re.search(r"Die nächsten 50 von \d+ Regeln ansehen", rest)


@pytest.mark.django_db
def test_the_rules_are_those_that_are_in_force_now(post: OrgUnit, chief: User) -> None:
    entry = make.entry(post)
    assert "Hundesteuer" not in page_of(chief, entry)
    make.rule("Hundesteuer", rank=1)
    assert "nicht erfüllt: Betreff enthält „Hundesteuer“ – hier steht „Grundsteuer 2025“" in page_of(chief, entry)


@pytest.mark.django_db
def test_where_the_last_messages_of_the_sender_went(post: OrgUnit, chief: User) -> None:
    law, tax = make.team("rechtsamt"), make.team("steueramt")
    make.rule("Klage", unit=law, rank=1)
    make.rule("Steuerbescheid", unit=tax, rank=2)
    for number in range(3):
        make.processed(subject="Klage", foreign=f"7 K {number + 1}/26")
    make.processed(subject="Steuerbescheid", foreign="8 K 8/26")
    make.processed(subject="Klage", foreign="9 K 9/26", court="R2400")
    entry = make.entry(post, subject="Verschiedenes")
    shown = section(page_of(chief, entry), "teams")
    assert "3 der letzten 4 Nachrichten dieses Absenders gingen an Rechtsamt." in shown
    assert "1 der letzten 4 Nachrichten dieses Absenders ging an Steueramt." in shown
    assert "4 der letzten 5 Nachrichten dieser Art gingen an Rechtsamt." in shown
    assert shown.index("Rechtsamt") < shown.index("Steueramt")


@pytest.mark.django_db
def test_the_team_of_the_named_leistung_and_of_near_rules(post: OrgUnit, chief: User) -> None:
    housing, other = make.team("wohngeld", name="Wohngeldstelle"), make.team("ordnung", name="Ordnungsamt")
    service = make.service("wohngeld", unit=housing)
    other_rule = [Condition("service", "is", "wohngeld")]
    set_rule(name="Passend", rank=3, conditions=other_rule, service=service, unit=post, by=SYSTEM)
    conditions = [*other_rule, Condition("city", "is", "Nirgendwo")]
    set_rule(name="Fast passend", rank=3, conditions=conditions, service=service, unit=other, by=SYSTEM)
    body = json.dumps({"service": "wohngeld", "data": {}}).encode()
    entry = make.entry(post, files={"submission.json": body}, channel="portal")
    shown = section(page_of(chief, entry), "teams")
    assert "Zuständig für die genannte Leistung Wohngeld." in shown
    assert "Dorthin führt die Regel „Fast passend“, die fast passt (eine Bedingung fehlt)." in shown
    assert "Dorthin führt die Regel „Passend“, die passt." in shown


def one_click(page: str, service: Service, unit: OrgUnit) -> str:
    """The query of the link that fills the form."""
    found = re.search(rf'href="/klaerung/\d+/(\?team={unit.pk}&amp;leistung={service.pk})#neuer-vorgang"', page)
    assert found, page
    return found[1].replace("&amp;", "&")


@pytest.mark.django_db
def test_one_click_fills_the_form_for_a_new_vorgang(post: OrgUnit, chief: User) -> None:
    law = make.team("rechtsamt")
    make.rule("Klage", unit=law)
    make.processed(subject="Klage", foreign="7 K 1/26")
    entry = make.entry(post)
    service = make.service()
    query = one_click(page_of(chief, entry), service, law)
    page = page_of(chief, entry, query)
    form = page.split('id="neuer-vorgang"')[1].split("</details>")[0]
    assert f'<option value="{service.pk}" selected>' in form and f'<option value="{law.pk}" selected>' in form
    assert re.search(r"<details[^>]* open id=\"neuer-vorgang\">", page)


@pytest.mark.django_db
@pytest.mark.parametrize("query", ["?team=999999&leistung=1x", "?team=-1", "?team=<script>", "?leistung=²"])
def test_an_address_fills_in_nothing_that_is_not_there(post: OrgUnit, chief: User, query: str) -> None:
    page = page_of(chief, make.entry(post), query)
    form = page.split('id="neuer-vorgang"')[1].split("</details>")[0]
    assert "<script" not in form and 'value="999999"' not in form


@pytest.mark.django_db
def test_a_team_in_which_one_may_open_nothing_has_no_link(post: OrgUnit) -> None:
    law, own = make.team("rechtsamt"), make.team("wohngeld")
    make.rule("Klage", unit=law)
    make.processed(subject="Klage", foreign="7 K 1/26")
    entry = make.entry(post)
    ExceptionEntry.objects.filter(pk=entry.pk).update(unit=own)
    shown = section(page_of(make.lead(own), entry), "teams")
    assert "Rechtsamt" in shown and "Dort dürfen Sie keinen Vorgang eröffnen." in shown and "?team=" not in shown


@pytest.mark.django_db
def test_documents_and_people_are_shown_with_role_and_state(post: OrgUnit, chief: User) -> None:
    files = make.container(files=("Klage.pdf", "fehlt.pdf"), parties="<tns:postleitzahl>50667</tns:postleitzahl>")
    shown = section(page_of(chief, make.entry(post, files=files)), "verstanden")
    assert "Eva Klug" in shown and "klagende Partei" in shown and "50667" in shown
    assert "Klageschrift" in shown and "attachments/Klage.pdf" in shown
    assert re.search(r"fehlt\.pdf\s*<span class=\"kern-badge[^>]*danger", shown), shown


@pytest.mark.django_db
def test_the_data_of_an_application_have_the_labels_of_the_leistung(post: OrgUnit, chief: User) -> None:
    make.service("wohngeld")
    body = make.application()
    del body["data"]["applicant"]["first_name"]
    entry = make.entry(post, files={"submission.json": json.dumps(body).encode()}, channel="portal")
    shown = section(page_of(chief, entry), "verstanden")
    assert "Angaben des Antrags" in shown and re.search(r"<dt>[^<]+ › Nachname</dt>", shown)
