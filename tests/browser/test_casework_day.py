"""A day at the desk in a real browser: from the next Vorgang to the Bescheid, by mouse and once by keyboard alone."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.utils import timezone
from playwright.sync_api import Locator, Page, expect

from cases.models import Case, User
from tests import factories
from tests.browser.test_browser_pages import accessible, open_page  # noqa: F401 - the fixture
from tests.sample_files import PDF

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.filterwarnings("ignore:Session-scoped fixtures defined as instance methods"),  # pytest-playwright's
]
Opener = Callable[..., Page]


class Office:
    """A Wohngeldstelle with one application that nobody has, and two who work there."""

    def __init__(self) -> None:
        unit = factories.team("wohngeld", name="Wohngeldstelle")
        self.writer: User = factories.user(unit, first_name="Wanda", last_name="Amt")
        self.releaser: User = factories.user(unit, first_name="Rana", last_name="Recht")
        self.case: Case = factories.application_case(unit)


@pytest.fixture
def office() -> Office:
    """The Wohngeldstelle."""
    return Office()


def log_in(page: Page, user: User) -> None:
    """As people do it."""
    page.get_by_label("Benutzername").fill(user.username)
    page.locator("[name=password]").fill(factories.PASSWORD)
    page.get_by_role("button", name="Anmelden").click()


def test_from_the_next_vorgang_to_the_bescheid(office: Office, open_page: Opener) -> None:  # noqa: F811
    page = open_page("/anmelden/")
    log_in(page, office.writer)
    page.get_by_role("button", name="Nächsten Vorgang holen").click()
    expect(page.get_by_role("heading", name=str(office.case), level=1)).to_be_visible()
    page.get_by_role("button", name="Prüfung beginnen").click()
    expect(page.get_by_role("status")).to_contain_text("Die Prüfung hat begonnen")
    _ask(page)
    _send(page, "Nachforderung 1")
    _answer(page)
    _draft(page)
    page.get_by_role("button", name="Speichern und zur Freigabe").click()
    expect(page.get_by_text("Bitte jemand anderen im Team um die Freigabe.")).to_be_visible()
    accessible(page, 1440)

    other = open_page("/anmelden/")
    log_in(other, office.releaser)
    other.goto(page.url)
    other.get_by_label("Ich habe den Bescheid gelesen").check()
    other.get_by_role("button", name="Freigeben").click()
    other.locator("#nachfrage").get_by_role("button", name="Freigeben").click()
    expect(other.get_by_role("status")).to_contain_text("Der Vorgang ist entschieden.")
    expect(other.locator("[aria-current=step]")).to_contain_text("entschieden")
    _send(other, "Bescheid 1")
    expect(other.get_by_text("Rechtsbehelf bis")).to_be_visible()
    file = other.get_by_role("link", name="bescheid").filter(has_text=".pdf").first
    answer = other.request.get(other.url.split("/vorgaenge/")[0] + file.get_attribute("href"))
    assert answer.headers["content-type"] == "application/pdf" and answer.body().startswith(b"%PDF")
    accessible(other, 1440)
    other.get_by_role("link", name="Verlauf").click()
    expect(other.get_by_text("Bescheid 1 freigegeben: bewilligt, an Erika Muster")).to_be_visible()
    accessible(other, 1440)


def _ask(page: Page) -> None:
    page.get_by_role("link", name="Nachforderung", exact=True).click()
    page.get_by_role("link", name="Nachweise über das Einkommen").click()
    page.get_by_label("aktueller Rentenbescheid").check()
    page.get_by_label("letzter Einkommensteuerbescheid").check()
    accessible(page, 1440)
    with page.expect_popup() as opened:
        page.get_by_role("button", name="Vorschau als PDF").click()
    opened.value.close()
    page.get_by_role("button", name="Nachforderung erstellen").click()
    expect(page.get_by_role("status")).to_contain_text("liegt bereit zum Versand")
    expect(page.get_by_text("noch nicht versandt")).to_be_visible()


def _send(page: Page, letter: str) -> None:
    page.get_by_role("link", name=f"Versandt am … {letter} an Erika Muster").click()
    expect(page.get_by_label("Datum")).to_have_value(f"{timezone.localdate():%Y-%m-%d}")
    page.get_by_role("button", name="Als versandt vermerken").click()
    expect(page.get_by_role("status")).to_contain_text("gilt als bekannt gegeben am")


def _answer(page: Page) -> None:
    page.get_by_role("link", name="Dokument ablegen").click()
    page.get_by_label("Datei").set_input_files({"name": "Rente.pdf", "mimeType": "application/pdf", "buffer": PDF})
    page.get_by_label("Titel").fill("Rentenbescheid 2026")
    page.get_by_label("Das ist die Antwort auf die offene Nachforderung").check()
    page.get_by_role("button", name="Ablegen").click()
    expect(page.get_by_role("status")).to_contain_text("Das Dokument ist abgelegt.")
    expect(page.locator("[aria-current=step]")).to_contain_text("in Prüfung")
    expect(page.get_by_text("Rentenbescheid 2026")).to_be_visible()


def _draft(page: Page) -> None:
    page.get_by_role("link", name="Bescheid entwerfen").click()
    page.get_by_label("Ergebnis").select_option("bewilligt")
    page.get_by_label("Entscheidung").fill("Wir bewilligen 312 Euro im Monat.")
    page.get_by_role("button", name="Hinweis: Änderungen anzeigen").click()
    assert (
        page.get_by_label("Entscheidung").input_value().startswith("Wir bewilligen 312 Euro im Monat.\n\nBitte teilen")
    )
    page.get_by_label("Begründung").fill("Das ergibt die Rechnung.")
    accessible(page, 1440)


def reach(page: Page, wanted: Locator, presses: int = 120) -> None:
    """Move the focus on by Tab until it is on ``wanted``; what has the focus can be seen."""
    for _ in range(presses):
        page.keyboard.press("Tab")
        if wanted.evaluate("each => each === document.activeElement"):
            expect(wanted).to_be_in_viewport()
            return
    pytest.fail(f"{wanted} cannot be reached by Tab")


def test_a_nachforderung_by_keyboard_alone(office: Office, open_page: Opener) -> None:  # noqa: F811
    page = open_page(f"/vorgaenge/{office.case.public_id}/", office.writer)
    reach(page, page.get_by_role("link", name="Nachforderung", exact=True))
    page.keyboard.press("Enter")
    reach(page, page.get_by_role("link", name="Nachweise über das Einkommen"))
    page.keyboard.press("Enter")
    reach(page, page.get_by_label("aktueller Rentenbescheid"))
    page.keyboard.press("Space")
    reach(page, page.get_by_label("Weitere Punkte"))
    page.keyboard.type("Schulbescheinigung")
    reach(page, page.get_by_role("button", name="Nachforderung erstellen"))
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_contain_text("liegt bereit zum Versand")
    expect(page.get_by_label("aktueller Rentenbescheid")).to_be_visible()
    expect(page.get_by_label("Schulbescheinigung")).to_be_visible()
    reach(page, page.get_by_role("link", name="Versandt am … Nachforderung 1 an Erika Muster"))
    page.keyboard.press("Enter")
    reach(page, page.get_by_role("button", name="Als versandt vermerken"))
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_contain_text("gilt als bekannt gegeben am")
