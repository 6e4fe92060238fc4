"""The pages on which people enter, extend, settle and drop Fristen."""

from __future__ import annotations

from datetime import date

import pytest
import time_machine

from audit.acting import Actor
from cases import actions
from cases.deadlines import Period
from cases.models import Case, Deadline, DeadlineKind
from tests import factories as make
from tests.pages import Desk, address, done, logged_in, refused, shown

pytestmark = pytest.mark.django_db
COURT = {"kind": "gericht", "title": "Stellungnahme", "starts_on": "2026-11-24", "unit": "weeks"}


@pytest.fixture(autouse=True)
def on_a_tuesday():
    """Today is 24 November 2026, noon."""
    with time_machine.travel("2026-11-24T11:00:00Z", tick=True):
        yield


def entered(desk: Desk, kind: DeadlineKind = DeadlineKind.COURT) -> Deadline:
    """A Frist of four weeks."""
    return actions.open_deadline(
        case=desk.case, kind=kind, starts_on=date(2026, 11, 24), period=Period(4, "weeks"), by=desk.by, title="Äußerung"
    )


def test_a_frist_by_its_length_is_computed_with_reasons(desk: Desk) -> None:
    labels = ("Art", "Bezeichnung", "Ereignis am", "Dauer", "Einheit", "Oder: endet am", "Grundlage", "Grund")
    shown(desk.client, desk.at("case"), desk.at("deadline-new"))
    page = shown(desk.client, desk.at("deadline-new"), *labels, "gerichtliche Frist", "sonstige Frist")
    assert "§ 42a" not in page, "the SGB knows no such Fiktion"
    given = COURT | {"number": "4", "basis": "§ 82 VwGO"}
    page = done(desk.client, desk.at("deadline-new"), given, "läuft bis zum 22.12.2026.")
    assert "§ 82 VwGO" in page and "Stellungnahme" in page
    assert Deadline.objects.get(kind="gericht").is_manual is False


def test_a_day_set_by_the_court_needs_a_reason_and_moves_to_a_working_day(desk: Desk) -> None:
    given = COURT | {"due_on": "2026-12-25"}
    refused(desk.client, desk.at("deadline-new"), given, "Bitte angeben, woher das Datum kommt.", "Stellungnahme")
    said = "läuft bis zum 28.12.2026. Der 25.12.2026 ist kein Werktag."
    done(desk.client, desk.at("deadline-new"), given | {"reason": "Verfügung vom 20.11."}, said)
    assert Deadline.objects.get(kind="gericht").is_manual


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({}, "Bitte entweder eine Dauer oder ein festes Datum angeben."),
        ({"number": "2", "due_on": "2026-12-22", "reason": "x"}, "Bitte entweder eine Dauer oder ein festes Datum"),
        ({"number": "0"}, "Dauer: "),
        ({"number": "9999", "unit": "months"}, "Das ist zu lang: höchstens 1200 Monate."),
        ({"number": "36500", "unit": "days"}, "bitte"),
        ({"due_on": "2026-11-01", "reason": "Verfügung"}, "kann nicht enden, bevor sie beginnt"),
        ({"due_on": "9999-12-31", "reason": "Verfügung"}, "liegt außerhalb"),
        ({"starts_on": "0001-01-01", "number": "2"}, "liegt außerhalb"),
        ({"starts_on": "gestern", "number": "2"}, "Ereignis am: "),
        ({"kind": "rechtsbehelf", "number": "2"}, "Art: "),
    ],
)
def test_a_senseless_frist_is_refused_and_what_was_typed_is_kept(desk: Desk, wrong: dict, said: str) -> None:
    refused(desk.client, desk.at("deadline-new"), COURT | wrong, said, "Stellungnahme")
    assert not Deadline.objects.filter(kind="gericht").exists()


def test_the_fiktion_begins_on_the_day_of_completeness() -> None:
    unit = make.team()
    case, person = make.case(unit), make.user(unit)
    client = logged_in(person)
    shown(client, address("deadline-new", case), "Genehmigungsfiktion (§ 42a VwVfG)")
    given = COURT | {"kind": "vwvfg_42a", "starts_on": "2026-11-30", "number": "3", "unit": "months"}
    done(client, address("deadline-new", case), given, "läuft bis zum 28.02.2027.")
    refused(client, address("deadline-new", case), given, "läuft schon")


def test_a_frist_is_extended_with_a_reason(desk: Desk) -> None:
    url = desk.at("deadline-extend", entered(desk).pk)
    shown(desk.client, desk.at("case"), url)
    shown(desk.client, url, "Neues Ende", "Grund", "Äußerung, bis zum 22.12.2026")
    refused(desk.client, url, {"due_on": "2027-01-11", "reason": ""}, "Grund: ", "2027-01-11")
    for wrong, said in (("2026-12-22", "muss nach dem"), ("9999-12-31", "liegt außerhalb"), ("bald", "Neues Ende: ")):
        refused(desk.client, url, {"due_on": wrong, "reason": "Antrag des Anwalts"}, said, "Antrag des Anwalts")
    done(desk.client, url, {"due_on": "2027-01-11", "reason": "Antrag"}, "läuft bis zum 11.01.2027.")


def test_what_the_law_fixes_is_not_extended(desk: Desk) -> None:
    duty = desk.case.deadlines.get(kind=DeadlineKind.VWGO)
    url = desk.at("deadline-extend", duty.pk)
    assert url not in shown(desk.client, desk.at("case"))
    refused(desk.client, url, {"due_on": "2027-12-01", "reason": "viel zu tun"}, "steht im Gesetz", "viel zu tun")


@pytest.mark.parametrize(("result", "word"), [("met", "eingehalten"), ("missed", "versäumt")])
def test_a_frist_is_settled(desk: Desk, result: str, word: str) -> None:
    url = desk.at("deadline-settle", entered(desk).pk)
    shown(desk.client, url, "Ergebnis", "Bemerkung")
    refused(desk.client, url, {"result": "vielleicht", "reason": "am Telefon"}, "Ergebnis: ", "am Telefon")
    page = done(desk.client, url, {"result": result}, f"Die Frist „Äußerung“ ist {word}.")
    assert "Erledigte Fristen (1)" in page and url not in page
    refused(desk.client, url, {"result": result}, f"ist schon {word}")


def test_a_frist_is_dropped_with_a_reason(desk: Desk) -> None:
    url = desk.at("deadline-cancel", entered(desk).pk)
    shown(desk.client, url, "Grund", "Frist streichen")
    refused(desk.client, url, {"reason": " "}, "Grund: ")
    done(desk.client, url, {"reason": "Klage zurückgenommen"}, "Die Frist „Äußerung“ ist entfallen.")
    assert Case.objects.get(pk=desk.case.pk).next_due == date(2027, 1, 5), "what is left"


def test_the_frist_of_a_nachforderung_is_changed_there(desk: Desk) -> None:
    request = make.information_request(desk.case, desk.person)
    for name in ("deadline-extend", "deadline-settle", "deadline-cancel"):
        url = desk.at(name, request.deadline_id)
        assert url not in shown(desk.client, desk.at("case"))
        answer = desk.client.get(url)
        assert answer.status_code == 422 and "gehört zu einer Nachforderung" in answer.content.decode()


def test_a_frist_of_another_vorgang_is_none_of_this_one(desk: Desk) -> None:
    other = make.case(desk.unit)
    foreign = actions.open_deadline(
        case=other,
        kind=DeadlineKind.OTHER,
        starts_on=date(2026, 11, 24),
        period=Period.days(3),
        by=Actor.of(desk.person),
    )
    assert desk.client.get(desk.at("deadline-settle", foreign.pk)).status_code == 404
