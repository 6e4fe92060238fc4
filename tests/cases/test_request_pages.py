"""The pages of the Nachforderung: chosen, adapted, looked at, written, extended, reminded of, ticked off, withdrawn."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from cases.models import Blob, Dispatch, Document, InformationRequest, Party
from tests import factories as make
from tests.pages import Desk, done, refused, shown

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def on_a_tuesday():
    """Today is 24 November 2026, noon."""
    with time_machine.travel("2026-11-24T11:00:00Z", tick=True):
        yield


WANTED = {"title": "Nachweise", "text": "Bitte reichen Sie nach:", "more": "Mietvertrag\n\nLohnzettel", "days": "14"}
WANTED |= {"consequence": "Sonst lehnen wir ab.", "legal_basis": "§ 60 SGB I", "method": "einfach"}


def free(desk: Desk) -> str:
    """The address of a Nachforderung without a standard text."""
    return f"{desk.at('case-request')}?vorlage="


def test_first_the_standard_text_is_chosen_then_its_form_is_filled(desk: Desk) -> None:
    page = shown(desk.client, desk.at("case-request"), "Was fehlt?", "Freie Nachforderung", "?vorlage=")
    key = page.partition("?vorlage=")[2].partition('"')[0]
    labels = ("Gegenstand", "Was fehlt", "Weitere Punkte", "Frist in Tagen", "Folgen fehlender Mitwirkung")
    page = shown(desk.client, f"{free(desk)}{key}", *labels, "Zustellungsart", "Bei Versand heute endet die Frist am")
    assert 'type="checkbox"' in page and "{name}" not in page
    assert 'type="checkbox"' not in shown(desk.client, free(desk), "Gegenstand", "Weitere Punkte")
    assert desk.client.get(f"{free(desk)}gibtesnicht").status_code == 404


def test_asking_says_until_when_and_the_letter_waits(desk: Desk) -> None:
    page = done(desk.client, free(desk), WANTED, "Ihre Frist ist der 14.12.2026; so steht sie im Schreiben.")
    for part in ("Mietvertrag", "Lohnzettel", "noch nicht versandt", "1 zu versenden", "an Erika Muster"):
        assert part in page, part
    assert [item.title for item in InformationRequest.objects.get().items.all()] == ["Mietvertrag", "Lohnzettel"]


def test_the_preview_is_a_pdf_in_a_frame_of_our_own_and_is_not_stored(desk: Desk) -> None:
    before = (Blob.objects.count(), Document.objects.count())
    answer = desk.client.post(free(desk), WANTED | {"preview": "1"})
    assert answer.status_code == 200 and answer.content.startswith(b"%PDF")
    assert answer.headers["Content-Type"] == "application/pdf"
    assert answer.headers["X-Frame-Options"] == "SAMEORIGIN"
    assert answer.headers["Content-Disposition"].startswith("inline")
    assert "no-store" in answer.headers["Cache-Control"]
    assert (Blob.objects.count(), Document.objects.count()) == before
    assert not InformationRequest.objects.exists() and desk.again().status == "eingegangen"


@pytest.mark.parametrize("preview", [{}, {"preview": "1"}])
@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"more": " "}, "Bitte mindestens einen Punkt auswählen oder eintragen."),
        ({"days": "0"}, "Frist in Tagen: "),
        ({"days": "²"}, "Frist in Tagen: "),
        ({"days": "366"}, "Frist in Tagen: "),
        ({"title": ""}, "Gegenstand: "),
        ({"method": "taube"}, "Zustellungsart: "),
    ],
)
def test_what_is_wrong_is_said_and_the_text_is_kept(desk: Desk, wrong: dict, said: str, preview: dict) -> None:
    refused(desk.client, free(desk), WANTED | wrong | preview, said, "Bitte reichen Sie nach:", "Sonst lehnen wir ab.")
    assert not InformationRequest.objects.exists()


@pytest.mark.parametrize("preview", [{}, {"preview": "1"}])
def test_without_a_recipient_of_the_post_nothing_is_written(desk: Desk, preview: dict) -> None:
    Party.objects.update(receives_post=False)
    refused(desk.client, free(desk), WANTED | preview, "bitte bei den Beteiligten jemanden bestimmen", "Mietvertrag")
    assert not InformationRequest.objects.exists()


def test_a_gap_of_a_text_block_must_be_filled_before_it_is_written(desk: Desk) -> None:
    for wrong in ({"text": "Bitte reichen Sie nach: [Unterlagen]"}, {"consequence": "Sonst [Folge]."}):
        refused(desk.client, free(desk), WANTED | wrong, "Im Text steht noch ein Platzhalter: [", "Bitte ausfüllen")
    assert not InformationRequest.objects.exists()


def test_more_time_is_given_until_a_working_day(desk: Desk) -> None:
    make.information_request(desk.case, desk.person)  # until 14 December
    url = desk.at("request-extend", 1)
    shown(desk.client, url, "Neue Frist", "Grund")
    for wrong, said in (
        ("2026-12-14", "nach der bisherigen Frist"),
        ("2026-12-25", "ist kein Werktag"),
        ("2026-12-20", "ist kein Werktag"),
        ("9999-12-31", "liegt außerhalb"),
        ("bald", "Neue Frist: "),
    ):
        refused(desk.client, url, {"until": wrong, "reason": "Urlaub bis Silvester"}, said, "Urlaub bis Silvester")
    done(desk.client, url, {"until": "2026-12-21", "reason": "Urlaub"}, "bis zum 21.12.2026 verlängert")
    assert desk.client.get(desk.at("request-extend", 7)).status_code == 404


def test_a_reminder_is_a_letter_of_its_own(desk: Desk) -> None:
    request = make.information_request(desk.case, desk.person)
    done(desk.client, desk.at("request-remind", 1), said="Erinnern lässt sich erst, wenn")
    make.posted(request, desk.person)
    done(desk.client, desk.at("request-remind", 1), said="Die Erinnerung liegt bereit zum Versand.")
    assert Dispatch.objects.filter(request=request).count() == 2
    done(desk.client, desk.at("request-items", 1), {"items": ["lohn", "rente"]}, "Alles liegt vor.")
    done(desk.client, desk.at("request-remind", 1), said="Zu erinnern gibt es nichts")


def test_items_are_ticked_off_one_by_one(desk: Desk) -> None:
    make.information_request(desk.case, desk.person)
    page = done(desk.client, desk.at("request-items", 1), {"items": ["lohn"]}, "1 von 2 Punkten fehlen noch.")
    assert page.count(" checked") == 1 and desk.again().status == "nachforderung"
    page = done(desk.client, desk.at("request-items", 1), {"items": ["lohn", "rente"]}, "Alles liegt vor.")
    assert "beantwortet" in page and desk.again().status == "in_pruefung"


def test_an_answer_that_came_over_the_counter(desk: Desk) -> None:
    make.information_request(desk.case, desk.person)
    shown(desk.client, desk.at("case"), "Antwort eingegangen")
    done(desk.client, desk.at("case-arrived"), said="Die Antwort ist vermerkt; der Vorgang ist wieder in Prüfung.")
    done(desk.client, desk.at("case-arrived"), said="Es war nichts offen.")


def test_withdrawing_needs_a_reason(desk: Desk) -> None:
    make.information_request(desk.case, desk.person)
    url = desk.at("request-withdraw", 1)
    shown(desk.client, url, "Grund", "Zurücknehmen")
    refused(desk.client, url, {"reason": " "}, "Grund: ")
    done(desk.client, url, {"reason": "lag schon vor"}, "Die Nachforderung ist zurückgenommen.")
    refused(desk.client, url, {"reason": "noch einmal"}, "schon zurückgenommen", "noch einmal")
    assert Dispatch.objects.get().state == "cancelled"


def test_without_an_answer_it_goes_on_when_the_frist_is_over(desk: Desk) -> None:
    request = make.information_request(desk.case, desk.person)
    done(desk.client, desk.at("request-expire", 1), said="läuft noch")
    make.posted(request, desk.person)
    with time_machine.travel(timezone.now() + timedelta(days=30), tick=True):
        desk.client.force_login(desk.person, backend="django.contrib.auth.backends.ModelBackend")
        shown(desk.client, desk.at("case"), "Frist abgelaufen", "Ohne Antwort weiter")
        done(desk.client, desk.at("request-expire", 1), said="Die Frist ist abgelaufen; der Vorgang ist wieder in")
    assert desk.again().status == "in_pruefung"


def test_what_an_answer_lacks_can_be_given_more_time(desk: Desk) -> None:
    make.posted(make.information_request(desk.case, desk.person), desk.person)
    done(desk.client, desk.at("case-arrived"), said="Die Antwort ist vermerkt")
    done(desk.client, desk.at("request-items", 1), {"items": ["lohn"]}, "1 von 2 Punkten fehlen noch.")
    shown(desk.client, desk.at("case"), "beantwortet, unvollständig", "Neue Frist für das Fehlende")
    shown(desk.client, desk.at("request-extend", 1), "bisherige Frist 14.12.2026")
    page = done(desk.client, desk.at("request-extend", 1), {"until": "2026-12-21"}, "bis zum 21.12.2026 verlängert")
    assert desk.again().status == "nachforderung" and "Frist verlängern" in page
    done(desk.client, desk.at("request-items", 1), {"items": ["lohn", "rente"]}, "Alles liegt vor.")
    assert desk.at("request-extend", 1) not in shown(desk.client, desk.at("case"), "beantwortet")


def test_ticks_that_stand_so_already_are_no_change(desk: Desk) -> None:
    make.information_request(desk.case, desk.person)
    before = desk.again().version
    done(desk.client, desk.at("request-items", 1), {"items": []}, "geändert wurde nichts")
    assert desk.again().version == before
