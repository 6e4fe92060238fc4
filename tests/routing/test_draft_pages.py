"""The pages of drafts, as a browser without JavaScript gets them; trial run and publishing."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client

from audit.acting import SYSTEM, acting
from routing.actions import drafts
from routing.models import Rule, RuleDraft
from routing.rulepages import trial_views
from tests import factories as make
from tests.pages import done, logged_in, refused, shown, text_of
from tests.routing.office import Office, at, by, closed, words_of

pytestmark = pytest.mark.django_db


def form_of(page: str) -> dict[str, str]:
    """What a browser would send of the form of a rule, as it stands on the page."""
    found = dict(re.findall(r'<input[^>]*name="([^"]+)"[^>]*value="([^"]*)"', page))
    found |= {name: "" for name in re.findall(r'<input[^>]*name="([^"]+)"', page) if name not in found}
    for name, options in re.findall(r'<select name="([^"]+)".*?>(.*?)</select>', page, re.DOTALL):
        chosen = re.search(r'value="([^"]*)" selected', options)
        found[name] = chosen[1] if chosen else ""
    texts = re.findall(r'<textarea name="([^"]+)"[^>]*>\s*(.*?)</textarea>', page, re.DOTALL)
    found |= dict(texts)
    return {name: value for name, value in found.items() if name not in ("csrfmiddlewaretoken", "username")}


def typed(office: Office, **values: Any) -> dict[str, Any]:
    """A whole new rule as a person fills the form in."""
    filled = {"name": "Hunde", "rank": "15", "service": office.service.pk, "unit": office.law.pk, "rows": "1"}
    return filled | {"c1-field": "subject", "c1-operator": "contains_one_of", "c1-value": "Hund|Katze"} | values


# --- drafts ---


def test_a_draft_is_begun_filled_and_discarded(office: Office) -> None:
    client = logged_in(office.anna)
    refused(client, at("drafts"), {"name": " "}, "Worum es geht: Dieses Feld ist zwingend erforderlich.")
    refused(client, at("drafts"), {"name": "a\x00"}, "Nullzeichen")
    done(client, at("drafts"), {"name": "Hunde"}, "Es ändert sich nichts, bevor er veröffentlicht wird")
    draft = RuleDraft.objects.get()
    page = done(client, at("draft-add", draft.pk), typed(office), "Die Regel steht im Entwurf")
    assert "Betreff enthält „Hund“ oder „Katze“" in page
    change = draft.changes.get()
    form = form_of(shown(client, at("draft-change", draft.pk, change.pk)))
    assert (form["name"], form["c1-value"], form["rank"]) == ("Hunde", "Hund|Katze", "15")
    done(client, at("draft-change", draft.pk, change.pk), form | {"note": "ab Januar"})
    change.refresh_from_db()
    assert (change.note, change.revision, change.unit) == ("ab Januar", 2, office.law)
    done(client, at("draft-take-back", draft.pk, change.pk), said="aus dem Entwurf genommen")
    done(client, at("draft-discard", draft.pk), said="verworfen; die Regeln sind unverändert")
    assert client.get(at("draft-add", draft.pk)).status_code == 302, "of a closed draft nothing is offered"
    shown(client, at("drafts"), "Beendet", "verworfen")


def test_conditions_are_added_and_removed_without_javascript(office: Office) -> None:
    draft = office.draft()
    client, url = logged_in(office.anna), at("draft-add", draft.pk)
    page = text_of(client.post(url, typed(office, name="", more="1")))
    form = form_of(page)
    assert (form["rows"], form["c1-value"], form["c2-value"]) == ("2", "Hund|Katze", "")
    assert "Bitte prüfen" not in page, "nobody has said yet that it is ready"
    two = form | {"c2-field": "sender", "c2-operator": "contains", "c2-value": "Amtsgericht"}
    form = form_of(text_of(client.post(url, two | {"drop": "1"})))
    assert (form["rows"], form["c1-field"], form["c1-value"]) == ("1", "sender", "Amtsgericht")
    done(client, url, two | {"name": "Beides"})
    assert [each["field"] for each in draft.changes.get().conditions] == ["subject", "sender"]
    assert form_of(text_of(client.post(url, two | {"rows": "99", "more": "1"})))["rows"] == "20"


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"c1-value": ""}, "Bedingung 1: Beim Feld „Betreff“ fehlt ein Wert."),
        ({"c1-field": ""}, "Bedingung 1: Bitte zum Wert das Feld wählen."),
        ({"c1-operator": "matches", "c1-value": "a*"}, "passt auf jeden Text und unterscheidet nichts"),
        ({"c1-operator": "matches", "c1-value": "(a"}, "eine Klammer wird nicht geschlossen"),
        ({"c1-operator": "in_range"}, "gehört ein Bereich hin, zum Beispiel „A-K“"),
        ({"c1-field": "channel", "c1-operator": "is", "c1-value": "Brieftaube"}, "Kanal „Brieftaube“ gibt es nicht"),
        ({"c1-field": "", "c1-value": ""}, "Eine Regel ohne Bedingung gilt für nichts"),
        ({"service": ""}, "Bitte eine Leistung wählen oder einen bestehenden Vorgang angeben."),
        ({"case": "V-0000-0000-0"}, "Zu dieser Angabe gibt es keinen Vorgang"),
        ({"name": "Gewerbe"}, "Eine Regel „Gewerbe“ gibt es schon"),
        ({"valid_from": "2027-02-01", "valid_until": "2027-01-01"}, "„Gilt bis“ liegt vor „gilt ab“"),
        ({"rank": "viele"}, "Bitte eine ganze Zahl eingeben"),
        ({"rank": "99999999999"}, "kleiner oder gleich 1000000"),
        ({"name": "\x00"}, "Nullzeichen"),
    ],
)
def test_what_cannot_work_is_said_where_it_stands(values: dict[str, str], sentence: str, office: Office) -> None:
    draft = office.draft()
    data = typed(office, **values)
    page = refused(logged_in(office.anna), at("draft-add", draft.pk), data)
    assert sentence in page.replace("&quot;", '"').replace("&#x27;", "'"), words_of(page)[:1500]
    assert not draft.changes.exists()


def test_a_fault_is_linked_to_the_row_where_it_stands(office: Office) -> None:
    data = typed(office, rows="2") | {"c2-field": "sender", "c2-operator": "contains", "c2-value": ""}
    page = refused(logged_in(office.anna), at("draft-add", office.draft().pk), data)
    assert "Bedingung 2: Beim Feld „Absender“ fehlt ein Wert." in page
    assert 'href="#id_c2-value"' in page and 'id="id_c2-value-error"' in page and 'aria-invalid="true"' in page
    assert 'id="id_c1-value-error"' not in page
    empty = typed(office, name="", **{"c1-field": "", "c1-value": ""})
    page = refused(logged_in(office.anna), at("draft-add", RuleDraft.objects.get().pk), empty, "ohne Bedingung")
    assert 'href="#id_c1-field"' in page and 'href="#id_name"' in page, "all that is missing is said at once"


def test_values_with_a_fixed_meaning_are_written_as_names(office: Office) -> None:
    draft = office.draft()
    data = typed(office) | {"c1-field": "channel", "c1-operator": "one_of", "c1-value": "egvp/bebpo|Scan"}
    client = logged_in(office.anna)
    done(client, at("draft-add", draft.pk), data)
    change = draft.changes.get()
    assert change.conditions[0]["value"] == "egvp|scan"
    assert form_of(text_of(client.get(at("draft-change", draft.pk, change.pk))))["c1-value"] == "EGVP/beBPo|Scan"


def test_numbers_that_nothing_has_break_nothing(office: Office) -> None:
    draft = drafts.begin_draft(name="Meine", by=by(office.anna))
    change = drafts.change_rule(draft=draft, rule=office.rule, by=by(office.anna))
    client, huge = logged_in(office.anna), "9" * 30
    for path in (f"/regeln/{huge}/", f"/regeln/entwuerfe/{huge}/", f"/regeln/entwuerfe/{draft.pk}/{huge}/"):
        assert client.get(path).status_code == 404
    url = at("draft-change", draft.pk, change.pk)
    form = form_of(text_of(client.get(url)))
    done(client, url, form | {"base_version": huge[:18], "note": "neu"})
    change.refresh_from_db()
    assert (change.note, change.base_version) == ("neu", 1)
    refused(client, url, form | {"revision": huge[:18]}, "Inzwischen hat", status=409)
    done(client, at("draft-seen", draft.pk, change.pk), {"version": huge}, "noch einmal ansehen")
    assert client.post(at("rule-into-draft", office.rule.pk), {"verb": "aendern", "draft": huge}).status_code == 404


def test_a_rule_into_a_vorgang_needs_no_leistung(office: Office) -> None:
    draft, case = office.draft(), make.case(office.law)
    client = logged_in(office.anna)
    done(client, at("draft-add", draft.pk), typed(office, service="", unit="", case=case.public_id))
    change = draft.changes.get()
    assert (change.case, change.service) == (case, case.service)
    # somebody else, who may not file into it, can still change the rest
    form = form_of(text_of(logged_in(office.bert).get(at("draft-change", draft.pk, change.pk))))
    done(logged_in(office.bert), at("draft-change", draft.pk, change.pk), form | {"note": "von Bert"})


def test_a_closed_team_is_not_silently_replaced(office: Office) -> None:
    draft = office.draft(make.rule_values(unit=office.roads))
    closed(office.roads)
    client, change = logged_in(office.anna), draft.changes.get()
    url = at("draft-change", draft.pk, change.pk)
    form = form_of(text_of(client.get(url)))
    assert form["unit"] == str(office.roads.pk)
    refused(client, url, form, "Das Team Verkehr nimmt nichts mehr an")
    shown(client, at("draft", draft.pk), "Das Team Verkehr nimmt nichts mehr an")


def test_of_two_people_the_second_sees_both_versions(office: Office) -> None:
    draft = office.draft(make.rule_values(unit=office.law))
    change = draft.changes.get()
    url = at("draft-change", draft.pk, change.pk)
    anna, bert = logged_in(office.anna), logged_in(office.bert)
    annas, berts = form_of(text_of(anna.get(url))), form_of(text_of(bert.get(url)))
    done(bert, url, berts | {"note": "Berts Bemerkung"})
    page = refused(anna, url, annas | {"note": "Annas Bemerkung"}, "Inzwischen hat Bert Bach gespeichert", status=409)
    assert "Berts Bemerkung" in page
    again = form_of(page)
    assert again["note"] == "Annas Bemerkung"
    done(anna, url, again)
    change.refresh_from_db()
    assert change.note == "Annas Bemerkung"


def test_a_rule_that_changed_since_is_shown_in_both_states(office: Office) -> None:
    draft = drafts.begin_draft(name="Meine", by=by(office.anna))
    change = drafts.change_rule(draft=draft, rule=office.rule, by=by(office.anna))
    make.rule("Gewerbe|Handwerk", unit=office.law, name="Gewerbe", rank=20)
    client = logged_in(office.anna)
    page = words_of(shown(client, at("draft", draft.pk), "Die Regel hat sich geändert"))
    assert "bisher: Betreff enthält „Gewerbe“ jetzt: Betreff enthält „Gewerbe“ oder „Handwerk“" in page
    shown(client, at("draft-trial", draft.pk), "hat sich geändert, seit sie in den Entwurf kam")
    done(client, at("draft-seen", draft.pk, change.pk), {"version": "1"}, "noch einmal ansehen")
    done(client, at("draft-seen", draft.pk, change.pk), {"version": "2"}, "bleibt, wie es im Entwurf steht")
    assert "Die Regel hat sich geändert" not in text_of(client.get(at("draft", draft.pk)))
    make.rule("Gewerbe|Kunst", unit=office.law, name="Gewerbe", rank=20)
    url = at("draft-change", draft.pk, change.pk)
    page = shown(client, url, "Die geltende Regel hat sich geändert")
    done(client, url, form_of(page))
    change.refresh_from_db()
    assert change.base_version == 3, "who saves with both states before them has seen them"


@pytest.mark.parametrize("count", [1, 30])
def test_a_draft_costs_the_same_however_many_changes(count: int, office: Office, django_assert_max_num_queries) -> None:
    draft = office.draft(*[make.rule_values(f"Wort {n}", unit=office.law) for n in range(count)])
    for number in range(count):
        rule = make.rule(f"Alt {number}", unit=office.law, owner=office.anna, name=f"Alt {number}")
        drafts.change_rule(draft=draft, rule=rule, by=by(office.anna))
        make.rule(f"Neu {number}", unit=office.law, owner=office.anna, name=f"Alt {number}")
    client = logged_in(office.anna)
    with django_assert_max_num_queries(19):
        client.get(at("draft", draft.pk))


# --- trial run and publishing ---


def seen_by(client: Client, draft: RuleDraft) -> dict[str, str]:
    """What the form below the trial run sends."""
    page = text_of(client.get(at("draft-trial", draft.pk)))
    return {"seen": re.search(r'name="seen" value="([^"]+)"', page)[1]}


def test_the_trial_run_is_shown_and_published_below_it(office: Office) -> None:
    make.processed(subject="Hundehaltung", foreign="1 K 1")
    make.processed(subject="Gewerbe", foreign="2 K 2")
    draft = office.draft(make.rule_values("Hund", unit=office.law, name="Hunde"))
    client = logged_in(office.admin)
    page = shown(client, at("draft-trial", draft.pk), "Klärung: Keine Regel passt", "Gerichtspost, Rechtsamt")
    assert "Von den letzten 2 Eingängen wären 1 anders zugeordnet worden" in words_of(page)
    assert "„Hunde“ passt auf 1 von 2" in words_of(page)
    assert Rule.objects.filter(name="Hunde").count() == 0
    done(client, at("draft-trial", draft.pk), seen_by(client, draft), "die Regeln gelten ab sofort")
    draft.refresh_from_db()
    assert Rule.objects.get(name="Hunde").version == 1
    assert (draft.state, draft.closed_by) == (RuleDraft.State.PUBLISHED, office.admin)
    assert (draft.trial["considered"], draft.trial["left_queue"], draft.trial["limit"]) == (2, 1, 5000)
    shown(client, at("draft", draft.pk), "veröffentlicht", "1 von 2 Eingängen", "können die Teamleitungen")
    shown(logged_in(office.anna), at("draft", draft.pk), at("rerouting"), "„Noch einmal verteilen“")
    assert client.get(at("draft-trial", draft.pk)).status_code == 302


def test_who_may_not_publish_is_told_who_may(office: Office) -> None:
    draft = office.draft(make.rule_values(unit=office.law))
    seen = seen_by(logged_in(office.admin), draft)
    for user, sentence in ((office.anna, "Vier-Augen-Prinzip"), (office.bert, "nicht alle betroffenen Teams")):
        client = logged_in(user)
        page = shown(client, at("draft-trial", draft.pk), sentence, "Veröffentlichen darf ihn: Ada Amt.")
        assert 'name="seen"' not in page
        refused(client, at("draft-trial", draft.pk), seen, sentence)
    assert RuleDraft.objects.get().state == RuleDraft.State.OPEN


def test_only_what_was_tried_is_published(office: Office) -> None:
    draft = office.draft(make.rule_values(unit=office.law))
    client, url = logged_in(office.admin), at("draft-trial", draft.pk)
    refused(client, url, {}, "Bitte zuerst den Probelauf ansehen")
    refused(client, url, {"seen": "gefälscht"}, "Bitte zuerst den Probelauf ansehen")
    seen = seen_by(client, draft)
    drafts.add_rule(draft=draft, values=make.rule_values("Hund", unit=office.law), by=by(office.anna))
    refused(client, url, seen, "Seit Ihrem Probelauf hat sich der Entwurf oder eine Regel geändert")
    seen = seen_by(client, draft)
    make.rule("Katze", unit=office.law)
    refused(client, url, seen, "Seit Ihrem Probelauf hat sich der Entwurf oder eine Regel geändert")
    done(client, url, seen_by(client, draft), "ist veröffentlicht")


def test_a_rule_that_catches_nearly_everything_is_warned_of(office: Office) -> None:
    for number in range(3):
        make.processed(subject=f"Sache {number}", foreign=f"{number} K 1")
    draft = office.draft(make.rule_values("Sache", unit=office.law, name="Alles"))
    page = words_of(text_of(logged_in(office.admin).get(at("draft-trial", draft.pk))))
    assert "„Alles“ passt auf 3 von 3" in page and "fast alles!" in page


def test_the_differences_as_a_file_hold_no_formula(office: Office) -> None:
    danger = make.team("gefahr", name="=HYPERLINK(1)")
    make.processed(subject="Hund", foreign="1 K 1")
    with acting(SYSTEM, "test"):
        office.service.name = "=cmd|' /C calc'!A0"
        office.service.save()
    draft = office.draft(make.rule_values("Hund", unit=danger))
    answer = logged_in(office.admin).get(at("draft-trial-file", draft.pk) + "?limit=100")
    lines = answer.content.decode("utf-8-sig").splitlines()
    assert lines[0] == "Vorgangs-ID des Eingangs;Eingang;bisher;künftig"
    assert lines[1].endswith("Klärung: Keine Regel passt;'=cmd|' /C calc'!A0, =HYPERLINK(1)")
    assert 'filename="probelauf-' in answer["Content-Disposition"]
    assert [trial_views.harmless(cell) for cell in ("-1", "@x", "\tx", "Wohngeld")] == [
        "'-1",
        "'@x",
        "'\tx",
        "Wohngeld",
    ]
