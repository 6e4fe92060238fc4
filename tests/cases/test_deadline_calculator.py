"""The page of the Fristenrechner: a question in the address, the answer with its reasons."""

from __future__ import annotations

from datetime import date
from urllib.parse import urlencode

import pytest

from audit.acting import Actor
from cases import actions
from cases.models import Role
from tests import factories as make
from tests.pages import logged_in, text_of

pytestmark = pytest.mark.django_db
ASKED = {
    "event": "posted",
    "on": "2026-11-24",
    "unit": "remedy",
    "regime": "vwvfg",
    "land": "NW",
    "local": "",
}


def ask(**values: str) -> str:
    client = logged_in(make.user(make.team()))
    return text_of(client.get(f"/fristenrechner/?{urlencode(ASKED | values)}"))


def result_of(page: str) -> str:
    return page.split('id="ergebnis"')[1]


def test_it_is_for_everybody_who_is_logged_in(client) -> None:
    assert client.get("/fristenrechner/").status_code == 302
    page = text_of(logged_in(make.user()).get("/fristenrechner/"))
    assert 'aria-current="page">Fristenrechner' in page
    assert "Das Ergebnis steht dann hier" in page
    assert 'role="alert"' not in page


@pytest.mark.parametrize(
    ("values", "known", "ends", "reason"),
    [
        ({}, "Samstag, 28.11.2026", "Montag, 28.12.2026", "§ 41 Abs. 2 VwVfG NRW"),
        ({"on": "24.11.2026"}, "Samstag, 28.11.2026", "Montag, 28.12.2026", "Ungeprüft: Für Nordrhein-Westfalen"),
        ({"regime": "ao"}, "Montag, 30.11.2026", "Mittwoch, 30.12.2026", "§ 108 Abs. 3 AO"),
        ({"unit": "remedy-year"}, "Samstag, 28.11.2026", "Montag, 29.11.2027", "§ 58 Abs. 2 VwGO"),
        ({"arrived": "2026-12-02"}, "Mittwoch, 02.12.2026", "Montag, 04.01.2027", "das geht vor"),
        (
            {"event": "known", "unit": "weeks", "number": "2"},
            "Dienstag, 24.11.2026",
            "Dienstag, 08.12.2026",
            "2 Wochen",
        ),
        (
            {"land": "BY", "local": "catholic", "event": "known", "on": "2025-08-01", "unit": "days", "number": "14"},
            "Freitag, 01.08.2025",
            "Montag, 18.08.2025",
            "Mariä Himmelfahrt",
        ),
        ({"event": "notified"}, "noch nicht", "Die Frist läuft noch nicht.", "folgt ein Brief"),
    ],
)
def test_it_answers_with_reasons(values: dict, known: str, ends: str, reason: str) -> None:
    result = result_of(ask(**values))
    assert f"<dd>{known}</dd>" in result and f"<dd>{ends}</dd>" in result
    assert reason in result and "gehört nicht in den Bescheid" in result


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"unit": "days"}, "Bitte angeben, wie viele."),
        ({"unit": "months", "number": "9999"}, "Eine Frist hat hier 1 bis 1200 Monate"),
        ({"unit": "days", "number": "-1"}, "Dieser Wert"),
        ({"on": "0001-01-01"}, "liegt außerhalb"),
        ({"on": "quatsch"}, "Bitte ein gültiges Datum eingeben"),
        ({"land": "XX"}, "Bitte eine gültige Auswahl treffen"),
        ({"local": "<script>"}, "„&lt;script&gt;“ ist hier nicht bekannt"),
        ({"basis": "ao_122a"}, "gehören nicht zusammen"),
        ({"basis": "ozg_9"}, "zählt ab einem anderen Ereignis"),
        ({"arrived": "2026-11-01"}, "Der Zugang liegt vor der Absendung"),
    ],
)
def test_what_makes_no_sense_is_told(values: dict, sentence: str) -> None:
    page = ask(**values)
    assert sentence in page and 'role="alert"' in page
    assert "<title>Fehler: Fristenrechner" in page
    assert "Bekannt gegeben</dt>" not in page


def test_a_holiday_that_was_added_counts_at_the_authoritys_own_place() -> None:
    admin = make.user(make.team(), Role.ADMIN)
    asked = {"event": "known", "on": "2027-01-04", "unit": "days", "number": "14"}
    assert "Montag, 18.01.2027" in result_of(ask(**asked))
    actions.add_local_holiday(on=date(2027, 1, 18), name="Stadtfest", by=Actor.of(admin))
    assert "<dd>Dienstag, 19.01.2027</dd>" in result_of(ask(**asked))
    assert "<dd>Montag, 18.01.2027</dd>" in result_of(ask(**asked, land="NI"))
