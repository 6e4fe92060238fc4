"""The pages of the Vorgang's way, of Vermerke, Mitteilungen, documents and Beteiligte, without JavaScript."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from cases import actions, authority
from cases.models import DeadlineKind, Dispatch, Document, Note, Notice, Party
from tests import factories as make
from tests.pages import Desk, done, logged_in, refused, shown
from tests.sample_files import PDF

pytestmark = pytest.mark.django_db


def test_taking_up_makes_it_ones_own(desk: Desk) -> None:
    done(desk.client, desk.at("case-take-up"), said="Die Prüfung hat begonnen")
    assert (desk.again().status, desk.again().handler) == ("in_pruefung", desk.person)
    done(desk.client, desk.at("case-take-up"), said="ist nicht möglich: Der Vorgang")  # a second click


def test_taking_over_what_is_free_but_nothing_of_a_colleague(desk: Desk) -> None:
    done(desk.client, desk.at("case-take"), said="Der Vorgang ist Ihnen zugewiesen.")
    colleague = logged_in(make.user(desk.unit))
    done(colleague, desk.at("case-take"), said="Wanda Amt bearbeitet den Vorgang schon.")
    assert desk.again().handler == desk.person
    assert colleague.get(desk.at("case-assign")).status_code == 403
    assert desk.at("case-assign") not in shown(colleague, desk.at("case"))


def test_a_caseworker_is_offered_nobody_else_a_lead_the_team(desk: Desk) -> None:
    colleague = make.user(desk.unit, first_name="Rana", last_name="Recht")
    assert "Rana Recht" not in shown(desk.client, desk.at("case-assign"), "Bearbeitung", "niemand", "Wanda Amt")
    lead = logged_in(make.lead(desk.unit))
    shown(lead, desk.at("case-assign"), "Rana Recht", "Bemerkung")
    said = done(lead, desk.at("case-assign"), {"to": colleague.pk, "reason": "kennt den Fall"}, "Zugewiesen an Rana")
    assert "Rana Recht" in said and desk.again().handler == colleague
    done(lead, desk.at("case-assign"), {"to": "-"}, "Die Zuweisung ist aufgehoben.")
    refused(lead, desk.at("case-assign"), {"to": "999999", "reason": "Urlaub"}, "Urlaub", "Bitte prüfen")


def test_closing_needs_a_reason_and_reopening_too(desk: Desk) -> None:
    page = shown(desk.client, desk.at("case-close"), "Ergebnis", "Grund", "Den Vorgang abschließen?", "erledigt")
    assert "bewilligt" not in page, "that needs a Bescheid"
    refused(desk.client, desk.at("case-close"), {"outcome": "erledigt", "reason": ""}, "Grund: Dieses Feld")
    refused(desk.client, desk.at("case-close"), {"outcome": "bewilligt", "reason": "Weil so"}, "Weil so")
    done(desk.client, desk.at("case-close"), {"outcome": "erledigt", "reason": "Umzug"}, "abgeschlossen: erledigt")
    refused(
        desk.client, desk.at("case-close"), {"outcome": "erledigt", "reason": "Zweimal"}, "nicht möglich", "Zweimal"
    )
    shown(desk.client, desk.at("case-reopen"), "Grund", "Wieder aufnehmen")
    done(desk.client, desk.at("case-reopen"), {"reason": "Irrtum"}, "wieder in Prüfung")
    refused(desk.client, desk.at("case-reopen"), {"reason": "Noch einmal"}, "nicht möglich", "Noch einmal")


def test_a_vermerk_is_written_and_changed_by_its_author_only(desk: Desk) -> None:
    shown(desk.client, desk.at("case-note"), "Art", "Gespräch mit", "Text")
    refused(desk.client, desk.at("case-note"), {"kind": "telefonvermerk", "with_whom": "Frau Muster"}, "Frau Muster")
    call = {"kind": "telefonvermerk", "with_whom": "Frau Muster", "text": "Sie reicht den Vertrag nach."}
    page = done(desk.client, desk.at("case-note"), call, "Der Vermerk ist gespeichert.")
    assert "Telefonvermerk mit Frau Muster" in page and "Sie reicht den Vertrag nach." in page
    note = Note.objects.get()
    shown(desk.client, desk.at("note-change", note.pk), "Sie reicht den Vertrag nach.", "Frau Muster")
    changed = {"text": "Sie reicht ihn nach.", "with_whom": "", "revision": note.revision}
    done(desk.client, desk.at("note-change", note.pk), changed, "Der Vermerk ist gespeichert.")
    assert logged_in(make.lead(desk.unit)).get(desk.at("note-change", note.pk)).status_code == 404


def test_two_windows_with_one_vermerk_show_both_texts_and_the_second_save_wins(desk: Desk) -> None:
    note = actions.write_note(case=desk.case, text="Anfang", by=desk.by)
    url = desk.at("note-change", note.pk)
    done(desk.client, url, {"text": "Aus dem ersten Fenster", "revision": 1}, "gespeichert")
    mine = {"text": "Aus dem zweiten Fenster", "revision": 1}
    page = refused(desk.client, url, mine, "Aus dem ersten", "Aus dem zweiten", "Wanda Amt", status=409)
    assert 'name="revision" value="2"' in page
    done(desk.client, url, mine | {"revision": 2}, "gespeichert")
    assert Note.objects.get().text == "Aus dem zweiten Fenster"


def test_a_mitteilung_from_a_text_block_is_looked_at_and_written(desk: Desk) -> None:
    page = shown(
        desk.client, desk.at("case-notice"), "Betreff", "Text", "Zustellungsart", "Textbausteine", "?baustein="
    )
    key = page.partition("?baustein=")[2].partition('"')[0]
    shown(desk.client, f"{desk.at('case-notice')}?baustein={key}", "Betreff", 'aria-current="true"')
    assert desk.client.get(f"{desk.at('case-notice')}?baustein=gibtesnicht").status_code == 404
    told = {"kind": "zwischennachricht", "subject": "Ihr Antrag", "text": "Es dauert noch.", "method": "einfach"}
    before = Document.objects.count()
    preview = desk.client.post(desk.at("case-notice"), told | {"preview": "1"})
    assert preview.headers["Content-Type"] == "application/pdf" and preview.content.startswith(b"%PDF")
    assert (Document.objects.count(), Notice.objects.count()) == (before, 0)
    page = done(desk.client, desk.at("case-notice"), told, "Die Mitteilung liegt bereit zum Versand.")
    assert "1 zu versenden" in page and "Erika Muster" in page


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"kind": "anhoerung"}, "Eine Anhörung braucht eine Frist."),
        ({"kind": "anhoerung", "due_on": "2001-01-01"}, "Die Frist muss nach dem heutigen Tag enden."),
        ({"kind": "termin"}, "Zu einem Termin gehören Tag und Uhrzeit."),
        ({"kind": "termin", "appointment_day": "2001-01-01", "appointment_time": "10:00"}, "in der Vergangenheit"),
        ({"due_on": "morgen"}, "Frist: "),
        ({"appointment_day": "2099-01-01"}, "Zu einem Termin gehören Tag und Uhrzeit."),
        ({"subject": " "}, "Betreff: "),
    ],
)
@pytest.mark.parametrize("preview", [{}, {"preview": "1"}])
def test_a_wrong_mitteilung_keeps_what_was_typed(desk: Desk, wrong: dict, said: str, preview: dict) -> None:
    told = {"kind": "zwischennachricht", "subject": "Ihr Antrag", "text": "Mein langer Text.", "method": "einfach"}
    refused(desk.client, desk.at("case-notice"), told | wrong | preview, said, "Mein langer Text.")
    assert not Notice.objects.exists()


def test_a_mitteilung_with_a_gap_can_be_looked_at_but_not_written(desk: Desk) -> None:
    told = {"kind": "abgabenachricht", "subject": "Abgabe", "text": "Abgegeben an [Stelle].", "method": "einfach"}
    assert desk.client.post(desk.at("case-notice"), told | {"preview": "1"}).content.startswith(b"%PDF")
    refused(desk.client, desk.at("case-notice"), told, "Im Text steht noch ein Platzhalter: [Stelle].", "Abgegeben an")
    assert not Notice.objects.exists()


@pytest.mark.parametrize(
    ("kind", "expected"), [("anhoerung", DeadlineKind.HEARING), ("zwischennachricht", DeadlineKind.NOTICE)]
)
def test_the_frist_of_a_mitteilung_is_of_its_kind_and_warned_of(desk: Desk, kind: str, expected: DeadlineKind) -> None:
    due = make.tomorrow() + timedelta(days=14)
    while authority.calendar().why_free(due):
        due += timedelta(days=1)
    told = {"kind": kind, "subject": "Ihr Antrag", "text": "Bitte antworten.", "method": "einfach", "due_on": due}
    done(desk.client, desk.at("case-notice"), told, "liegt bereit zum Versand")
    assert desk.case.deadlines.get(due_on=due).kind == expected


@pytest.mark.parametrize("preview", [{}, {"preview": "1"}])
@pytest.mark.parametrize(
    ("party", "said"),
    [
        ({"receives_post": False}, "Niemand bekommt die Post dieses Vorgangs"),
        ({"city": ""}, "Die Anschrift ist unvollständig"),
        ({"first_name": "", "last_name": ""}, "hat keinen Namen"),
        ({"organisation": "Wohnungsbaugenossenschaft " * 11, "street": "Allee " * 33}, "lässt sich nicht setzen"),
    ],
)
def test_a_letter_that_cannot_be_sent_is_a_sentence(desk: Desk, party: dict, said: str, preview: dict) -> None:
    Party.objects.filter(case=desk.case).update(**party)
    told = {"kind": "zwischennachricht", "subject": "Ihr Antrag", "text": "Mein langer Text.", "method": "einfach"}
    refused(desk.client, desk.at("case-notice"), told | preview, said, "Mein langer Text.")
    assert not Dispatch.objects.exists()


def test_a_letter_is_marked_as_sent_and_as_delivered(desk: Desk) -> None:
    told = {"kind": "zwischennachricht", "subject": "Ihr Antrag", "text": "Es dauert.", "method": "pzu"}
    done(desk.client, desk.at("case-notice"), told, "bereit")
    row = Dispatch.objects.get()
    today = timezone.localdate()
    shown(desk.client, desk.at("dispatch-sent", row.pk), "Datum", "Als versandt vermerken", f"{today:%Y-%m-%d}")
    for wrong in ("quatsch", "2001-01-01", "9999-12-31"):
        refused(desk.client, desk.at("dispatch-sent", row.pk), {"on": wrong}, wrong, "Bitte")
    done(desk.client, desk.at("dispatch-sent", row.pk), {"on": today}, "Bitte die Zustellung eintragen")
    refused(desk.client, desk.at("dispatch-sent", row.pk), {"on": today}, "schon als „versandt“")
    shown(desk.client, desk.at("dispatch-delivered", row.pk), "Datum", "Zustellungsurkunde")
    refused(desk.client, desk.at("dispatch-delivered", row.pk), {"on": make.tomorrow()}, "und heute angeben")
    done(desk.client, desk.at("dispatch-delivered", row.pk), {"on": today}, "bekannt gegeben am")


def test_a_letter_has_its_pdf_beside_it_and_can_be_kept_back(desk: Desk) -> None:
    due = authority.calendar().next_working_day(make.tomorrow())
    told = {"kind": "anhoerung", "subject": "Ihr Antrag", "text": "Bitte äußern.", "method": "einfach", "due_on": due}
    done(desk.client, desk.at("case-notice"), told, "bereit")
    row = Dispatch.objects.get()
    file = row.document.files.get()
    page = shown(desk.client, desk.at("case"), "Drucken (PDF)", "Nicht versenden", "1 zu versenden")
    assert page.count(desk.at("case-file", file.pk)) == 2, "in the list of letters and in that of documents"
    url = desk.at("dispatch-withhold", row.pk)
    shown(desk.client, url, "Anhörung 1 an Erika Muster", "Grund")
    refused(desk.client, url, {"reason": " "}, "Grund: ")
    page = done(desk.client, url, {"reason": "hat angerufen"}, "Der Brief ist als nicht versandt vermerkt.")
    assert "zu versenden" not in page and "Nicht versenden" not in page
    assert desk.case.deadlines.get(kind=DeadlineKind.HEARING).state == "cancelled"
    refused(desk.client, url, {"reason": "noch einmal"}, "schon als „nicht versandt“")
    refused(desk.client, desk.at("dispatch-sent", row.pk), {"on": timezone.localdate()}, "schon als „nicht versandt“")


def test_what_a_letter_that_is_still_needed_hangs_on_is_withdrawn_itself(desk: Desk) -> None:
    request = make.information_request(desk.case, desk.person)
    row = request.dispatches.get()
    assert desk.at("dispatch-withhold", row.pk) not in shown(desk.client, desk.at("case"), "Drucken (PDF)")
    refused(desk.client, desk.at("dispatch-withhold", row.pk), {"reason": "doch nicht"}, "offenen Nachforderung")
    actions.note_arrival(case=desk.case, on=timezone.localdate(), by=desk.by)
    shown(desk.client, desk.at("case"), "Die Nachforderung ist beantwortet.", "Nicht versenden")
    done(desk.client, desk.at("dispatch-withhold", row.pk), {"reason": "kam vorher"}, "als nicht versandt vermerkt")
    shown(desk.client, desk.at("case-history"), "Nachforderung 1 an Erika Muster nicht versandt", "kam vorher")


def test_a_document_is_filed_by_hand(desk: Desk) -> None:
    page = shown(desk.client, desk.at("case-upload"), "Datei", "Art", "Titel", "Eingegangen am", "multipart/form-data")
    assert "Das ist die Antwort" not in page, "nothing is awaited"
    today = timezone.localdate()
    given = {"role": "nachweis", "title": "Mietvertrag", "received_on": today}
    refused(desk.client, desk.at("case-upload"), given, "Datei: Dieses Feld", "Mietvertrag")
    late = given | {"received_on": make.tomorrow(), "file": SimpleUploadedFile("a.pdf", PDF)}
    refused(desk.client, desk.at("case-upload"), late, "Das Datum liegt in der Zukunft.", "Mietvertrag")
    empty = given | {"file": SimpleUploadedFile("leer.pdf", b"")}
    refused(desk.client, desk.at("case-upload"), empty, "leer", "Mietvertrag")
    old = given | {"received_on": "0001-01-01", "file": SimpleUploadedFile("alt.pdf", PDF)}
    done(desk.client, desk.at("case-upload"), old, "Das Dokument ist abgelegt.")
    page = done(
        desk.client, desk.at("case-upload"), given | {"file": SimpleUploadedFile("Vertrag.pdf", PDF)}, "ist abgelegt"
    )
    assert "Mietvertrag" in page and "_nachweis_" in page


def test_a_file_that_is_too_big_is_refused(desk: Desk, settings) -> None:
    settings.MAX_MESSAGE_MB = 0
    given = {"role": "nachweis", "received_on": timezone.localdate(), "file": SimpleUploadedFile("a.pdf", PDF)}
    refused(desk.client, desk.at("case-upload"), given, "Die Datei ist größer als 0 MB.")


def test_the_answer_to_a_nachforderung_is_filed(desk: Desk) -> None:
    make.information_request(desk.case, desk.person)
    shown(desk.client, desk.at("case-upload"), "Das ist die Antwort auf die offene Nachforderung")
    given = {"role": "nachweis", "received_on": timezone.localdate(), "is_answer": "on"}
    file = SimpleUploadedFile("Lohn.pdf", PDF)
    page = done(desk.client, desk.at("case-upload"), given | {"file": file}, "Das Dokument ist abgelegt.")
    assert "beantwortet" in page and desk.again().status == "in_pruefung"


def test_a_document_is_described(desk: Desk) -> None:
    make.document(desk.case, title="Scan 17")
    url = desk.at("document-describe", 1)
    shown(desk.client, url, "Art", "Titel", "Scan 17")
    refused(desk.client, url, {"role": "quatsch", "title": "Mietvertrag"}, "Mietvertrag", "Art: ")
    assert "Mietvertrag" in done(desk.client, url, {"role": "nachweis", "title": "Mietvertrag"}, "Gespeichert.")
    assert desk.client.get(desk.at("document-describe", 99)).status_code == 404
    assert desk.client.get(desk.at("document-describe", 10**30)).status_code == 404


def test_a_document_moves_to_where_it_belongs(desk: Desk) -> None:
    make.document(desk.case, title="Klage von nebenan")
    other = make.case(desk.unit)
    foreign = make.case(make.team("fremd"))
    url = desk.at("document-move", 1)
    shown(desk.client, url, "Vorgangs-ID des richtigen Vorgangs", "Grund", "Fehlzuordnung")
    for wrong in ("V-FALSCH", foreign.public_id):
        typed = {"case_id": wrong, "reason": "Gehört nach nebenan"}
        refused(desk.client, url, typed, "Bitte die Vorgangs-ID prüfen.", wrong, "Gehört nach nebenan")
    refused(desk.client, url, {"case_id": desk.case.public_id, "reason": "So"}, "liegt schon in diesem Vorgang")
    refused(desk.client, url, {"case_id": other.public_id, "reason": ""}, "Grund: Dieses Feld")
    done(desk.client, url, {"case_id": other.public_id.lower(), "reason": "verwechselt"}, f"im Vorgang {other}.")
    assert desk.client.get(url).status_code == 404


def party_values(**values: object) -> dict:
    """A whole Beteiligte, as the form sends it."""
    given = {"role": "applicant", "kind": "person", "first_name": "Erika", "last_name": "Muster", "receives_post": "on"}
    return given | {"street": "Lindenweg", "house_number": "3", "postcode": "12345", "city": "Musterhausen"} | values


def test_beteiligte_are_added_and_corrected(desk: Desk) -> None:
    labels = ("Rolle", "Vorname", "Nachname", "Organisation", "Geburtsdatum", "Postleitzahl", "bekommt die Post")
    shown(desk.client, desk.at("party-add"), *labels, "Auskunftssperre")
    lawyer = {"role": "representative", "kind": "person", "first_name": "Lars", "last_name": "Recht", "city": "Bad Bu"}
    refused(desk.client, desk.at("party-add"), lawyer | {"birth_date": "31.02.1980"}, "Geburtsdatum: ", "Bad Bu")
    nameless = lawyer | {"first_name": "", "last_name": ""}
    refused(desk.client, desk.at("party-add"), nameless, "Bitte einen Namen oder eine Organisation angeben.", "Bad Bu")
    done(desk.client, desk.at("party-add"), lawyer, "Gespeichert.")
    shown(desk.client, desk.at("case-application"), "Lars Recht", "bevollmächtigt")
    assert desk.client.get(desk.at("party-change", 10**9)).status_code == 404


def test_two_who_correct_the_same_person_lose_nothing(desk: Desk) -> None:
    party = desk.case.parties.get()
    url = desk.at("party-change", party.pk)
    first, second = desk.client, logged_in(make.user(desk.unit, first_name="Rana", last_name="Recht"))
    seen = {client: _hidden(shown(client, url, "Lindenweg"), "seen") for client in (first, second)}
    done(second, url, party_values(seen=seen[second], street="Ahornweg", receives_post=""), "Gespeichert.")
    mine = party_values(seen=seen[first], street="Birkenweg")
    page = refused(first, url, mine, "Ahornweg", "Birkenweg", "Rana Recht", "<dd>nein</dd>", status=409)
    done(first, url, mine | {"seen": _hidden(page, "seen")}, "Gespeichert.")
    assert Party.objects.get(pk=party.pk).street == "Birkenweg"
    refused(first, url, mine | {"seen": "gefälscht"}, "Gespeichert ist dasselbe", status=409)


def _hidden(page: str, name: str) -> str:
    return page.partition(f'name="{name}" value="')[2].partition('"')[0]


def test_the_pages_of_one_day_after_another_still_read(desk: Desk) -> None:
    """A Vorgang in which all of this has happened shows each of its three parts."""
    actions.write_note(case=desk.case, text="Notiz", by=desk.by)
    make.document(desk.case)
    actions.send_notice(case=desk.case, kind=Notice.Kind.INTERIM, subject="Stand", text="Es dauert.", by=desk.by)
    actions.set_follow_up(case=desk.case, due_on=timezone.localdate() + timedelta(days=3), by=desk.by)
    for name in ("case", "case-application", "case-history"):
        shown(desk.client, desk.at(name), desk.case.public_id)
