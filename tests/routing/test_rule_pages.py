"""The decision table and the page of one rule: for whom, what they say in words, and what became of the rules."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.utils import timezone

from audit.acting import SYSTEM, acting
from audit.registries import metrics
from cases import actions
from cases.models import Case, Role
from routing import hits
from routing.actions import drafts, rerouting
from routing.models import Rule, RuleChange, RuleDraft
from tests import factories as make
from tests.pages import done, logged_in, shown, text_of
from tests.routing.office import Office, at, by, closed, words_of

pytestmark = pytest.mark.django_db


def row_of(page: str, name: str) -> str:
    return next(row for row in re.findall(r"<tr.*?</tr>", page, re.DOTALL) if f">{name}</a>" in row)


# --- for whom they are ---


def test_the_rules_are_for_who_leads_or_configures(office: Office) -> None:
    draft = office.draft(make.rule_values(unit=office.law))
    change = draft.changes.get()
    pages = [
        at("rules"),
        at("rule", office.rule.pk),
        at("drafts"),
        at("draft", draft.pk),
        at("draft-add", draft.pk),
        at("draft-change", draft.pk, change.pk),
        at("draft-trial", draft.pk),
        at("draft-trial-file", draft.pk),
    ]
    steps = [
        at("rule-into-draft", office.rule.pk),
        at("drafts"),
        at("draft-add", draft.pk),
        at("draft-change", draft.pk, change.pk),
        at("draft-take-back", draft.pk, change.pk),
        at("draft-seen", draft.pk, change.pk),
        at("draft-discard", draft.pk),
        at("draft-trial", draft.pk),
    ]
    for outsider in (make.user(office.law), make.user(is_admin=True)):
        client = logged_in(outsider)
        assert [client.get(path).status_code for path in pages] == [403] * len(pages)
        assert [client.post(path).status_code for path in steps] == [403] * len(steps)
        assert at("rules") not in client.get("/").content.decode(), "nobody is offered what they may not do"
    for insider in (office.anna, office.admin):
        client = logged_in(insider)
        assert [client.get(path).status_code for path in pages] == [200] * len(pages)
        shown(client, "/", f'<a href="{at("rules")}">Regeln</a>')
    assert draft.changes.count() == 1


# --- the table ---


def test_the_table_says_in_words_what_is_asked_in_which_order(office: Office) -> None:
    person = make.user(office.law, first_name="Rana", last_name="Recht")
    case = make.case(office.law)
    make.rule("Sammel", name="Sammelvorgang", rank=5, case=case, owner=office.anna, valid_from=make.tomorrow(-3))
    make.rule("Hund|Katze", unit=office.roads, name="Tiere", rank=7, person=person, note="seit der Satzung")
    page = shown(logged_in(office.anna), at("rules"))
    assert page.index("Sammelvorgang") < page.index(">Tiere<") < page.index(">Gewerbe<")
    tiere = words_of(row_of(page, "Tiere"))
    assert "Betreff enthält „Hund“ oder „Katze“" in tiere
    assert "neuer Vorgang „Gerichtspost“ im Team Verkehr, an Rana Recht" in tiere
    assert "seit der Satzung" in tiere and "immer" in tiere and "nie" in tiere
    sammel = words_of(row_of(page, "Sammelvorgang"))
    assert f"in den Vorgang {case.public_id}" in sammel
    assert f"ab {make.tomorrow(-3):%d.%m.%Y}" in sammel and "Anna Alt" in sammel
    assert "aus dem Leistungspaket" in page


def test_hits_and_what_people_corrected_stand_in_the_table(office: Office) -> None:
    first, second, third = [make.processed(subject=f"Gewerbe {n}", foreign=f"{n} K 1") for n in range(3)]
    actions.hand_over(case=first.case, unit=office.roads, by=by(office.anna), reason="falsch")
    actions.hand_over(case=second.case, unit=office.roads, by=by(office.anna), reason="falsch")
    actions.hand_over(case=Case.objects.get(pk=second.case.pk), unit=office.law, by=by(office.bert), reason="doch")
    figures = hits.of_rules([office.rule.pk], today=timezone.localdate())[office.rule.pk]
    assert (figures.count, figures.corrected) == (3, 1), "given back, the rule was right after all"
    document = third.case.documents.first()
    actions.move_document(document=document, to=make.case(office.law), by=by(office.anna), reason="falsch abgelegt")
    row = words_of(row_of(text_of(logged_in(office.anna).get(at("rules"))), "Gewerbe"))
    assert re.search(rf"immer – 3 2 {timezone.localdate():%d.%m.%Y}$", row), row


def test_what_the_machine_or_another_rule_did_is_no_correction(office: Office) -> None:
    case = make.case(office.law)
    into = make.rule("Sammel", name="Sammel", rank=5, case=case)
    make.processed(subject="Sammel")
    actions.hand_over(case=case, unit=office.roads, by=by(office.anna), reason="zuständig")
    figures = hits.of_rules([into.pk], today=timezone.localdate())[into.pk]
    assert (figures.count, figures.corrected) == (1, 0), "the Vorgang was there before the rule filed into it"


def test_asked_again_it_is_the_later_rule_that_people_correct(office: Office) -> None:
    moved = make.processed(subject="Gewerbe").case
    later = make.rule("Gewerbe", unit=office.roads, name="Zum Verkehr", rank=1)
    assert rerouting.reroute(cases=[moved], by=by(office.anna)).moved == [moved]
    both, today = [office.rule.pk, later.pk], timezone.localdate()
    assert [hits.of_rules(both, today=today)[pk].corrected for pk in both] == [0, 0], "the machine moved it"
    actions.hand_over(case=Case.objects.get(pk=moved.pk), unit=office.law, by=by(office.bert), reason="doch dort")
    assert [hits.of_rules(both, today=today)[pk].corrected for pk in both] == [0, 1]


def test_the_filters(office: Office) -> None:
    today = timezone.localdate()
    make.rule("x", unit=office.roads, name="Künftig", valid_from=make.tomorrow())
    make.rule("x", unit=office.roads, name="Vorbei", valid_until=make.tomorrow(-1))
    make.rule("Wackersdorf", unit=office.roads, name="Ungetroffen")
    make.processed(subject="Gewerbe", foreign="7 K 7")
    make.rule("Irrweg", unit=office.roads, name="Irrweg", rank=1)
    moved = make.processed(subject="Irrweg")
    actions.hand_over(case=moved.case, unit=office.law, by=by(office.bert), reason="falsch")
    client = logged_in(office.anna)

    def names(query: str) -> set[str]:
        found = set(re.findall(r'data-row href="[^"]+">([^<]+)<', text_of(client.get(f"{at('rules')}?{query}"))))
        return found & {"Künftig", "Vorbei", "Ungetroffen", "Gewerbe", "Irrweg"}

    assert names("") == {"Ungetroffen", "Gewerbe", "Irrweg"}
    assert names("state=noch-nicht") == {"Künftig"}
    assert names("state=nicht-mehr") == {"Vorbei"}
    assert names("state=nie") == {"Künftig", "Ungetroffen"}
    assert names("state=immer-berichtigt") == {"Irrweg"}
    assert names("state=alle") == {"Künftig", "Vorbei", "Ungetroffen", "Gewerbe", "Irrweg"}
    assert names(f"team={office.law.slug}") == {"Gewerbe"}
    assert names(f"service={office.service.slug}&text=wackersDORF") == {"Ungetroffen"}
    assert names("state=unsinn&seite=x") == names("")
    closed(office.roads)
    assert names("state=leer") == {"Künftig", "Ungetroffen", "Irrweg"}
    shown(client, f"{at('rules')}?state=leer", "führt ins Leere", "nimmt nichts mehr an")
    shown(client, f"{at('rules')}?text=gibtesnicht", "Keine Regel gefunden")
    figures = {figure.name: figure.value for figure in dict(metrics)["regeln"]()}
    assert figures["rules_always_corrected"] == 1
    assert figures["rules_never_hit"] == hits_free(today)


def hits_free(today: Any) -> int:
    """Counted one by one."""
    active = Rule.objects.filter(is_active=True)
    return sum(hits.of_rules([rule.pk], today=today).get(rule.pk, hits.Hits()).count == 0 for rule in active)


@pytest.mark.parametrize("count", [1, 250])
def test_the_table_costs_the_same_however_many_rules(count: int, office: Office, django_assert_max_num_queries) -> None:
    with acting(SYSTEM, "test"):
        for number in range(count):
            values = make.rule_values(f"Wort {number}", unit=office.law, name=f"Masse {number}", rank=number)
            Rule(**(values | {"owner_id": office.anna.pk})).save()
    make.processed(subject="Gewerbe")
    client = logged_in(office.anna)
    for query in ("", "?seite=2", "?text=masse&state=alle", "?state=nie", "?state=immer-berichtigt"):
        with django_assert_max_num_queries(15):
            page = text_of(client.get(f"{at('rules')}{query}"))
    if count > 100:
        page = text_of(client.get(f"{at('rules')}?text=masse"))
        assert len(re.findall("data-row", page)) == 100
        assert "Seite 1 von 3" in page and "?text=masse&amp;seite=2" in page


# --- one rule ---


def test_a_rule_tells_its_versions_its_months_and_its_last_hits(office: Office, django_assert_max_num_queries) -> None:
    make.processed(subject="Gewerbe", foreign="1 K 1")
    draft = drafts.begin_draft(name="Handwerk dazu", by=by(office.anna))
    values = drafts.content_of(office.rule) | {"unit_id": office.roads.pk}
    drafts.change_rule(draft=draft, rule=office.rule, values=values, by=by(office.anna))
    drafts.publish(draft=draft, by=by(office.admin), trial={})
    there = make.processed(subject="Gewerbe", foreign="2 K 2")
    client = logged_in(office.anna)
    page = shown(client, at("rule", office.rule.pk), "Version 2", "Handwerk dazu")
    versions = words_of(page.split('id="versionen"')[1].split("</section>")[0])
    assert "von admin, Entwurf „Handwerk dazu“" in versions
    assert "bisher: neuer Vorgang „Gerichtspost“ im Team Rechtsamt" in versions
    assert "jetzt: neuer Vorgang „Gerichtspost“ im Team Verkehr" in versions
    assert "2 Treffer, davon 0 berichtigt" in page
    assert there.number.public_id in page and f'/vorgaenge/{there.case.public_id}/"' not in page, "another team's"
    assert f'/vorgaenge/{there.case.public_id}/"' in text_of(logged_in(office.bert).get(at("rule", office.rule.pk)))
    with django_assert_max_num_queries(22):
        client.get(at("rule", office.rule.pk))
    assert client.get(at("rule", 999999)).status_code == 404


def test_a_rule_is_taken_into_a_draft(office: Office) -> None:
    client, url = logged_in(office.anna), at("rule-into-draft", office.rule.pk)
    page = done(client, url, {"verb": "aendern", "draft": ""})
    assert "In den Entwurf übernehmen" in page
    draft = RuleDraft.objects.get()
    assert (draft.name, draft.changes.get().kind) == ("Regel „Gewerbe“", "change")
    done(client, url, {"verb": "aufheben", "draft": draft.pk}, "wird mit seiner Veröffentlichung aufgehoben")
    assert draft.changes.get().kind == "retire"
    done(client, url, {"verb": "unsinn"}, "Bitte wählen")
    assert client.get(url).status_code == 302
    assert Rule.objects.get(pk=office.rule.pk).version == 1, "nothing changes without being published"


def test_a_rule_of_a_package_is_copied_and_a_refusal_begins_no_draft(office: Office) -> None:
    theirs = Rule.objects.exclude(package="").first()
    client, url = logged_in(office.anna), at("rule-into-draft", theirs.pk)
    page = shown(client, at("rule", theirs.pk), "Eigene Regel daraus machen")
    assert 'value="aendern"' not in page
    done(client, url, {"verb": "aendern"}, "bringt das Leistungspaket")
    assert not RuleDraft.objects.exists()
    done(client, url, {"verb": "kopieren"})
    copy = RuleChange.objects.get()
    assert (copy.rank, copy.kind, copy.rule) == (theirs.rank - 1, "new", None)


# --- Verwaltung ---


def test_drafts_in_the_verwaltung_are_only_looked_at(office: Office) -> None:
    draft = office.draft(make.rule_values(unit=office.law))
    with acting(SYSTEM, "test"):
        office.admin.is_staff = True
        office.admin.save()
    actions.set_membership(user=office.admin, role=Role.ADMIN, by=SYSTEM)
    client, base = logged_in(office.admin), "/verwaltung/routing"
    shown_page = client.get(f"{base}/ruledraft/{draft.pk}/change/").content.decode()
    assert draft.name in shown_page and 'name="_save"' not in shown_page
    assert client.get(f"{base}/rulechange/").status_code == 200
    assert client.get(f"{base}/ruledraft/add/").status_code == 403
    assert client.post(f"{base}/rulechange/{draft.changes.get().pk}/delete/", {"post": "yes"}).status_code == 403
    assert logged_in(office.anna).get(f"{base}/ruledraft/").status_code == 403
