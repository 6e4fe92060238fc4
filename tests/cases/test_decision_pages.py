"""The pages of the Bescheid: drafted by one, released by another, corrected, withdrawn, challenged."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone

from audit.acting import Actor
from cases import actions
from cases.casework import base
from cases.models import Blob, Case, Decision, Dispatch, Document, Party, Remedy, User
from tests import factories as make
from tests.pages import Desk, done, logged_in, refused, shown

pytestmark = pytest.mark.django_db
TEXT = {"outcome": "bewilligt", "operative_part": "Wir bewilligen 312 Euro.", "reasoning": "Die Rechnung ergibt das."}
TEXT |= {"remedy_notice": "Gegen diesen Bescheid können Sie Widerspruch erheben.", "method": "einfach"}


@pytest.fixture
def other(desk: Desk) -> Client:
    """A colleague in the same team, logged in."""
    return logged_in(make.user(desk.unit, first_name="Rana", last_name="Recht"))


def released(desk: Desk) -> Decision:
    """A Bescheid that somebody else has released."""
    draft = make.draft(desk.case, desk.person)
    by = Actor.of(make.user(desk.unit))
    return actions.release_decision(decision=draft, revision=draft.revision, by=by)


def test_a_draft_begins_with_the_belehrung_of_the_leistung(desk: Desk) -> None:
    labels = (
        "Ergebnis",
        "Entscheidung",
        "Begründung",
        "Rechtsbehelfsbelehrung",
        "Zustellungsart",
        "Vier-Augen-Prinzip",
    )
    page = shown(desk.client, desk.at("decision-draft"), *labels, "Widerspruch", "Textbausteine einfügen")
    assert "{behoerde}" not in page
    refused(desk.client, desk.at("decision-draft"), TEXT | {"outcome": ""}, "Ergebnis: ", "Wir bewilligen 312 Euro.")
    done(desk.client, desk.at("decision-draft"), TEXT, "Der Entwurf ist gespeichert.")
    shown(desk.client, desk.at("decision-draft"), "Wir bewilligen 312 Euro.", "Fassung 1, zuletzt von Wanda Amt")
    shown(desk.client, desk.at("case"), "Entwurf weiterschreiben", "Bescheid freigeben")


def test_a_leistung_without_bescheid_has_no_such_page() -> None:
    case = make.case()
    client = logged_in(make.user(case.unit))
    assert client.get(f"/vorgaenge/{case.public_id}/bescheid/").status_code == 404
    assert "/bescheid/" not in shown(client, f"/vorgaenge/{case.public_id}/")


def test_a_text_block_comes_behind_what_was_typed(desk: Desk) -> None:
    page = shown(desk.client, desk.at("decision-draft"))
    key = page.partition('name="insert" value="')[2].partition('"')[0]
    typed = {"outcome": "", "operative_part": "Mein Anfang.", "reasoning": "Mein Grund.", "method": "pzu"}
    answer = desk.client.post(desk.at("decision-draft"), typed | {"insert": key})
    page = answer.content.decode()
    assert answer.status_code == 200 and "Bitte prüfen" not in page
    assert "Mein Anfang." in page and "Mein Grund." in page and 'value="pzu" selected' in page
    form = answer.context["form"]
    both = form["operative_part"].value() + form["reasoning"].value()
    assert len(both) > len("Mein Anfang.Mein Grund.") + 20
    assert desk.client.post(desk.at("decision-draft"), typed | {"insert": "gibtesnicht"}).status_code == 404
    assert not Decision.objects.exists()


def test_the_preview_of_a_draft_is_not_stored(desk: Desk) -> None:
    before = (Blob.objects.count(), Document.objects.count())
    typed = desk.client.post(desk.at("decision-draft"), TEXT | {"preview": "1"})
    make.draft(desk.case, desk.person)
    stored = desk.client.get(desk.at("decision-preview"))
    for answer in (typed, stored):
        assert answer.status_code == 200 and answer.content.startswith(b"%PDF")
        assert answer.headers["Content-Type"] == "application/pdf"
        assert answer.headers["X-Frame-Options"] == "SAMEORIGIN"
    assert (Blob.objects.count(), Document.objects.count()) == before


def test_a_preview_that_is_not_possible_is_a_sentence(desk: Desk) -> None:
    typed = TEXT | {"preview": "1", "remedy_notice": " "}
    refused(desk.client, desk.at("decision-draft"), typed, "braucht eine Rechtsbehelfsbelehrung", "Wir bewilligen 312")
    make.draft(desk.case, desk.person)
    Party.objects.update(city="")
    answer = desk.client.get(desk.at("decision-preview"))
    assert answer.status_code == 422 and "Die Anschrift ist unvollständig" in answer.content.decode()
    Party.objects.update(city="Musterhausen")
    Decision.objects.update(remedy_notice="")
    answer = desk.client.get(desk.at("decision-preview"))
    assert answer.status_code == 422 and "braucht eine Rechtsbehelfsbelehrung" in answer.content.decode()
    assert answer.headers["Content-Type"].startswith("text/html")


def test_two_who_write_on_a_draft_see_both_versions(desk: Desk, other: Client) -> None:
    done(desk.client, desk.at("decision-draft"), TEXT, "gespeichert")
    theirs = TEXT | {"operative_part": "Wir bewilligen 400 Euro.", "outcome": "teilweise_bewilligt", "revision": 1}
    done(other, desk.at("decision-draft"), theirs, "gespeichert")
    mine = TEXT | {"operative_part": "Wir bewilligen 500 Euro.", "revision": 1}
    assert " data-typed" not in shown(desk.client, desk.at("decision-draft"), " data-keep")
    page = refused(desk.client, desk.at("decision-draft"), mine, "400 Euro", "500 Euro", "Rana Recht", status=409)
    assert " data-keep data-typed" in page, "what was typed is not left by accident"
    assert 'name="revision" value="2"' in page and "teilweise bewilligt" in page
    done(desk.client, desk.at("decision-draft"), mine | {"revision": 2}, "gespeichert")
    assert Decision.objects.get().operative_part == "Wir bewilligen 500 Euro."


def test_two_who_begin_a_draft_see_both_versions(desk: Desk, other: Client) -> None:
    done(other, desk.at("decision-draft"), TEXT | {"operative_part": "Ich war zuerst da."}, "gespeichert")
    page = refused(desk.client, desk.at("decision-draft"), TEXT, "Ich war zuerst da.", "312 Euro", status=409)
    done(desk.client, desk.at("decision-draft"), TEXT | {"revision": 1}, "gespeichert")
    assert "Rana Recht" in page and Decision.objects.get().revision == 2


def test_nobody_releases_their_own_draft(desk: Desk, other: Client) -> None:
    User.objects.filter(pk=desk.person.pk).update(is_superuser=True)
    answer = desk.client.post(desk.at("decision-draft"), TEXT | {"release": "1"})
    assert answer.url == desk.at("decision-release")
    page = shown(desk.client, answer.url, "Wir bewilligen 312 Euro.", "Bitte jemand anderen im Team um die Freigabe.")
    assert 'name="confirmed"' not in page
    refused(desk.client, answer.url, {"revision": 1, "confirmed": "on"}, "Vier-Augen-Prinzip")
    shown(other, answer.url, "Ich habe den Bescheid gelesen", "Als PDF ansehen", "Erika Muster")
    refused(other, answer.url, {"revision": 1}, "Bitte bestätigen, dass Sie den Bescheid gelesen haben.")
    assert desk.again().status == "eingegangen"
    page = done(other, answer.url, {"revision": 1, "confirmed": "on"}, "Der Vorgang ist entschieden.")
    assert "1 zu versenden" in page and "freigegeben von Rana Recht" in page
    assert (desk.again().status, desk.again().outcome) == ("entschieden", "bewilligt")
    assert Dispatch.objects.get().decision == Decision.objects.get()
    assert other.get(answer.url).status_code == 404, "there is no draft any more"


def test_what_is_missing_is_listed_instead_of_the_button(desk: Desk, other: Client) -> None:
    Party.objects.update(receives_post=False)
    lacking = {"outcome": "abgelehnt", "operative_part": "Der Antrag vom [Datum] wird abgelehnt.", "reasoning": ""}
    done(desk.client, desk.at("decision-draft"), TEXT | lacking | {"remedy_notice": ""}, "gespeichert")
    sentences = ("Die Rechtsbehelfsbelehrung fehlt", "Die Begründung fehlt", "[Datum]", "Niemand bekommt die Post")
    page = shown(other, desk.at("decision-release"), *sentences)
    assert 'name="confirmed"' not in page
    refused(other, desk.at("decision-release"), {"revision": 1, "confirmed": "on"}, *sentences[:3])
    assert desk.again().status == "eingegangen"


def test_a_draft_that_has_changed_since_is_to_be_read_again(desk: Desk, other: Client) -> None:
    draft = make.draft(desk.case, desk.person)
    actions.change_draft(decision=draft, values={"operative_part": "Neu: 1 Euro."}, revision=1, by=desk.by)
    page = refused(
        other, desk.at("decision-release"), {"revision": 1, "confirmed": "on"}, "Neu: 1 Euro.", "Wanda Amt", status=409
    )
    assert 'name="revision" value="2"' in page


def test_a_draft_is_discarded_after_a_question(desk: Desk) -> None:
    make.draft(desk.case, desk.person)
    shown(desk.client, desk.at("decision-release"), desk.at("decision-discard"))
    shown(desk.client, desk.at("decision-discard"), "Entwurf verwerfen", "nicht rückgängig")
    done(desk.client, desk.at("decision-discard"), said="Der Entwurf ist verworfen.")
    assert desk.client.get(desk.at("decision-discard")).status_code == 404


def test_a_released_bescheid_is_corrected(desk: Desk, other: Client) -> None:
    released(desk)
    url = f"{desk.at('decision-draft')}?berichtigt=1"
    shown(desk.client, desk.at("case"), "?berichtigt=1")
    shown(
        desk.client,
        url,
        "Wir bewilligen 100 Euro.",
        "Bescheid berichtigen",
        "ersetzt mit ihrer Freigabe den Bescheid 1",
    )
    done(desk.client, url, TEXT | {"operative_part": "Wir bewilligen 110 Euro."}, "gespeichert")
    shown(desk.client, desk.at("decision-draft"), "Bescheid berichtigen")
    done(other, desk.at("decision-release"), {"revision": 1, "confirmed": "on"}, "freigegeben")
    shown(desk.client, desk.at("case"), "Berichtigter Bescheid 2", "durch eine neue Fassung ersetzt")
    for wrong in ("7", "1"):
        assert desk.client.get(f"{desk.at('decision-draft')}?berichtigt={wrong}").status_code == 404
    refused(desk.client, f"{desk.at('decision-draft')}?berichtigt=²", TEXT, "Der Vorgang ist entschieden", "312 Euro")


def test_the_preview_of_a_stored_correction_says_that_it_is_one(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    released(desk)
    done(desk.client, f"{desk.at('decision-draft')}?berichtigt=1", TEXT, "gespeichert")
    letters = []
    monkeypatch.setattr(base, "preview_of", lambda compose: letters.append(compose()) or HttpResponse())
    desk.client.post(desk.at("decision-draft"), TEXT | {"preview": "1"})
    assert letters[0].subject.startswith("Berichtigter Bescheid")


def test_a_bescheid_is_withdrawn_with_a_reason(desk: Desk) -> None:
    released(desk)
    url = desk.at("decision-withdraw", 1)
    shown(desk.client, url, "Grund", "Aufhebungsbescheid", "Den Bescheid zurücknehmen?")
    refused(desk.client, url, {"reason": ""}, "Grund: ")
    done(desk.client, url, {"reason": "falsche Person"}, "Der Bescheid ist zurückgenommen")
    refused(desk.client, url, {"reason": "zweimal"}, "Zurückgenommen wird ein freigegebener Bescheid.", "zweimal")
    assert desk.again().status == "in_pruefung"
    assert desk.client.get(desk.at("decision-withdraw", 9)).status_code == 404


def test_bestandskraft_is_noted_when_the_remedy_is_over(desk: Desk) -> None:
    decision = released(desk)
    done(desk.client, desk.at("decision-final", 1), said="noch nicht allen bekannt gegeben")
    make.posted(decision, desk.person)
    with time_machine.travel(timezone.now() + timedelta(days=60), tick=True):
        client = logged_in(desk.person)
        shown(client, desk.at("case"), "Bestandskraft vermerken")
        done(client, desk.at("decision-final", 1), said="Bestandskräftig seit dem")


def test_a_rechtsbehelf_is_registered_and_settled(desk: Desk) -> None:
    make.posted(released(desk), desk.person)
    url = desk.at("remedy-register", 1)
    shown(desk.client, url, "Art", "Eingegangen am", "Bemerkung", "Widerspruch")
    typed = {"kind": "widerspruch", "filed_on": make.tomorrow(), "reason": "per Fax"}
    refused(desk.client, url, typed, "liegt in der Zukunft", "per Fax")
    refused(desk.client, url, typed | {"filed_on": "gestern"}, "Eingegangen am: ", "per Fax")
    page = done(desk.client, url, typed | {"filed_on": timezone.localdate()}, "Der Rechtsbehelf ist erfasst")
    assert "Ergebnis eintragen" in page
    settle = desk.at("remedy-settle", Remedy.objects.get().pk)
    shown(desk.client, settle, "Ergebnis", "Bemerkung", "abgeholfen", "bitte wählen", "gegen Bescheid 1")
    refused(desk.client, settle, {"state": ""}, "Ergebnis: ")
    refused(desk.client, settle, {"state": "open", "reason": "Warum auch immer"}, "Ergebnis: ", "Warum auch immer")
    done(desk.client, settle, {"state": "abgeholfen"}, "Rechtsbehelf: abgeholfen.")
    assert desk.again().status == "in_pruefung"
    refused(desk.client, settle, {"state": "zurueckgewiesen"}, "ist abgeholfen")
    stranger = Case.objects.get(pk=make.application_case(desk.unit).pk)
    foreign = f"/vorgaenge/{stranger.public_id}/rechtsbehelfe/{Remedy.objects.get().pk}/"
    assert desk.client.get(foreign).status_code == 404
