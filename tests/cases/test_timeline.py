"""The Verlauf says what exactly was done: which Nachforderung, which Bescheid, to whom, old and new."""

from __future__ import annotations

from datetime import date

import pytest
import time_machine

from audit import versions
from audit.acting import SYSTEM, Actor, acting
from audit.registries import TimelineEntry, timeline_of
from cases import actions
from cases.actions.parties import editable
from cases.models import Case, Decision, Document, Notice, Party, Remedy
from tests import factories as make
from tests.pages import Desk, shown

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def on_a_tuesday():
    """Today is 24 November 2026, noon."""
    with time_machine.travel("2026-11-24T11:00:00Z", tick=True):
        yield


def newest(case: Case, action: str) -> TimelineEntry:
    """The newest step of this kind."""
    return next(entry for entry in timeline_of(case) if entry.action == action)


def test_a_nachforderung_is_named_with_whom_it_went_to(desk: Desk) -> None:
    make.information_request(desk.case, desk.person, title="Mietvertrag")
    second = make.information_request(desk.case, desk.person)
    asked = newest(desk.case, "request_information").text
    assert asked == "Nachforderung 2 (Nachweise über das Einkommen) erstellt, an Erika Muster"
    actions.extend_request(request=second, until=date(2026, 12, 21), by=desk.by, reason="Urlaub")
    extended = newest(desk.case, "extend_request")
    assert extended.text == "Frist der Nachforderung 2 (Nachweise über das Einkommen) verlängert"
    assert extended.details == (("Frist", "14.12.2026", "21.12.2026"),) and extended.reason == "Urlaub"
    actions.set_items(request=second, accepted=["lohn"], by=desk.by)
    ticked = newest(desk.case, "set_items")
    assert ticked.text == "Nachforderung 2: vorliegende Nachweise vermerkt"
    assert ticked.details == (("Lohnabrechnung", "fehlt", "liegt vor"),)
    make.posted(second, desk.person)
    sent = newest(desk.case, "mark_sent").text
    assert sent == "Nachforderung 2 an Erika Muster versandt am 24.11.2026 (einfacher Brief)"
    actions.remind_request(request=second, by=desk.by)
    assert newest(desk.case, "remind_request").text.startswith("An die Nachforderung 2 (Nachweise über das Einkommen)")
    make.posted(second, desk.person)
    assert newest(desk.case, "mark_sent").text.startswith("Erinnerung zur Nachforderung 2 an Erika Muster versandt")
    actions.note_arrival(case=desk.case, on=date(2026, 11, 24), by=desk.by)
    arrived = newest(desk.case, "note_arrival").text
    assert arrived.startswith("Antwort eingegangen zu Nachforderung 1 (Mietvertrag), 2 (")
    assert asked in [entry.text for entry in timeline_of(desk.case)], "and the first one stays told as it was"


def test_a_bescheid_is_named_through_its_life(desk: Desk) -> None:
    draft = make.draft(desk.case, desk.person)
    values = {"outcome": Case.Outcome.PARTLY_GRANTED}
    actions.change_draft(decision=draft, values=values, revision=1, by=desk.by)
    changed = newest(desk.case, "change_draft")
    assert changed.text == "Entwurf des Bescheids 1 geändert"
    assert changed.details == (("Ergebnis", "bewilligt", "teilweise bewilligt"),)
    other = Actor.of(make.user(desk.unit))
    decision = actions.release_decision(decision=draft, revision=2, by=other)
    assert newest(desk.case, "release_decision").text == (
        "Bescheid 1 freigegeben: teilweise bewilligt, an Erika Muster"
    )
    make.posted(decision, desk.person)
    row = decision.dispatches.get()
    actions.record_delivery(dispatch=row, on=date(2026, 11, 24), by=desk.by)
    delivered = newest(desk.case, "record_delivery").text
    assert delivered == "Bescheid 1 an Erika Muster zugestellt am 24.11.2026 (einfacher Brief)"
    remedy = actions.register_remedy(
        decision=decision, kind=Remedy.Kind.OBJECTION, filed_on=date(2026, 11, 24), by=desk.by
    )
    assert newest(desk.case, "register_remedy").text == "Widerspruch vom 24.11.2026 gegen Bescheid 1 erfasst"
    actions.settle_remedy(remedy=remedy, state=Remedy.State.REJECTED, by=desk.by)
    assert newest(desk.case, "settle_remedy").text.endswith("gegen Bescheid 1: zurückgewiesen")


def test_a_corrected_bescheid_says_which_it_corrects(desk: Desk) -> None:
    other = Actor.of(make.user(desk.unit))
    first = actions.release_decision(decision=make.draft(desk.case, desk.person), revision=1, by=other)
    values = {"outcome": Case.Outcome.GRANTED, "operative_part": "Neu."}
    second = actions.draft_decision(case=desk.case, values=values, corrects=first, by=desk.by)
    actions.release_decision(decision=second, revision=1, by=other)
    told = newest(desk.case, "release_decision").text
    assert told == "Bescheid 2 freigegeben: bewilligt (berichtigt Bescheid 1), an Erika Muster"
    actions.withdraw_decision(decision=Decision.objects.get(pk=second.pk), by=desk.by, reason="Irrtum")
    assert newest(desk.case, "withdraw_decision").text == "Bescheid 2 zurückgenommen"


def test_notices_and_vermerke_say_what_they_are(desk: Desk) -> None:
    actions.send_notice(case=desk.case, kind=Notice.Kind.INTERIM, subject="Stand", text="Es dauert.", by=desk.by)
    assert newest(desk.case, "send_notice").text == "Zwischennachricht 1 erstellt, an Erika Muster"
    actions.write_note(case=desk.case, text="Rief an.", kind="telefonvermerk", by=desk.by)
    assert newest(desk.case, "write_note").text == "Telefonvermerk geschrieben"


def change(desk: Desk, party: Party, **values: object) -> Party:
    """Somebody's data are corrected."""
    seen = editable(party)
    return actions.change_party(party=party, values=seen | values, seen=seen, by=desk.by)


def test_changes_of_beteiligte_show_old_and_new_until_they_are_erased(desk: Desk) -> None:
    party = change(desk, desk.case.parties.get(), street="Ahornweg", birth_date=date(1980, 2, 1), receives_post=False)
    told = newest(desk.case, "change_party")
    assert told.text == "Beteiligte geändert: Erika Muster"
    assert set(told.details) == {
        ("Straße", "Lindenweg", "Ahornweg"),
        ("Geburtsdatum", "leer", "01.02.1980"),
        ("bekommt die Post", "ja", "nein"),
    }
    shown(desk.client, desk.at("case-history"), "Lindenweg", "Ahornweg", "Straße:")
    with acting(SYSTEM, "test"):
        versions.erase(Party, [party.pk])
    told = newest(desk.case, "change_party")
    assert ("Straße", "gelöscht", "gelöscht") in told.details and "Lindenweg" not in str(told)


def test_whoever_is_added_is_named(desk: Desk) -> None:
    actions.add_party(case=desk.case, values={"role": "representative", "last_name": "Recht"}, by=desk.by)
    assert newest(desk.case, "add_party").text == "Beteiligte hinzugefügt: Recht (bevollmächtigt)"


def test_a_moved_document_is_told_in_both_vorgaenge(desk: Desk) -> None:
    other = make.case(desk.unit)
    make.document(other)
    document = make.document(desk.case, title="Klage")
    actions.describe_document(document=document, role=Document.Role.PROOF, title="Vertrag", by=desk.by)
    described = newest(desk.case, "describe_document")
    assert described.text == "Dokument 01 beschrieben"
    assert described.details == (("Art", "Klage", "Nachweis"), ("Titel", "Klage", "Vertrag"))
    actions.move_document(document=document, to=other, by=desk.by, reason="verwechselt")
    left, came = newest(desk.case, "move_document"), newest(other, "move_document")
    assert left.text == f"Dokument 01 verschoben in den Vorgang {other}" and left.reason == "verwechselt"
    assert came.text == f"Dokument 01 des Vorgangs {desk.case} hierher verschoben, jetzt Dokument 02"
    assert came.actor == desk.person.username and came.reason == "verwechselt"
    assert [entry.text for entry in timeline_of(desk.case)].count("Dokument 01 abgelegt: Klage") == 1
    assert "Dokument 01 beschrieben" in [entry.text for entry in timeline_of(desk.case)]


def test_handler_and_team_are_shown_old_and_new(desk: Desk) -> None:
    actions.take_up(case=desk.case, by=desk.by)
    assert newest(desk.case, "take_up").details == (("Bearbeitung", "niemand", "Wanda Amt"),)
    colleague = make.user(desk.unit, first_name="Rana", last_name="Recht")
    actions.assign(case=desk.case, to=colleague, by=Actor.of(make.lead(desk.unit)))
    assert newest(desk.case, "assign").details == (("Bearbeitung", "Wanda Amt", "Rana Recht"),)
    target = make.team("wohngeldstelle", name="Wohngeldstelle")
    actions.hand_over(case=desk.case, unit=target, by=desk.by, reason="Umzug")
    told = newest(desk.case, "hand_over")
    assert told.text == "Abgegeben an Wohngeldstelle"
    assert told.details == (("Bearbeitung", "Rana Recht", "niemand"), ("Team", str(desk.unit), "Wohngeldstelle"))


def test_the_timeline_of_a_case_costs_the_same_however_long_it_is(desk: Desk, django_assert_num_queries) -> None:
    for _ in range(3):
        make.information_request(desk.case, desk.person)
        make.document(desk.case)
    with django_assert_num_queries(5):  # two of this room, one of the Fristen, two of the Eingänge
        timeline_of(desk.case)
