"""What JavaScript adds to the pages: keys, toasts with undo, questions before final steps, a session that goes on."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.contrib.sessions.models import Session
from playwright.sync_api import Browser, Locator, Page, expect

from cases.models import Case, InformationRequest
from tests import factories as make
from tests.every_page import Town

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.filterwarnings("ignore:Session-scoped fixtures defined as instance methods"),  # pytest-playwright's
]


@pytest.fixture
def town() -> Town:
    """A small town: one Vorgang in it, and a second."""
    small = Town(full=False)
    make.case(small.unit, subject="Klage wegen Gewerbeuntersagung")
    return small


@pytest.fixture
def page(town: Town, browser: Browser, browser_context_args: dict, live_server) -> Iterator[Page]:
    """The worklist of the Teamleitung, logged in by the form; complaints of the browser fail."""
    complaints: list[str] = []
    context = browser.new_context(**browser_context_args, base_url=live_server.url)
    page = context.new_page()
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto("/anmelden/")
    page.get_by_label("Benutzername").fill(town.chief.username)
    page.get_by_label("Passwort").fill(make.PASSWORD)
    page.get_by_role("button", name="Anmelden").click()
    expect(page.get_by_role("heading", name="Arbeitsvorrat")).to_be_visible()
    yield page
    context.close()
    assert complaints == []


def test_single_keys_move_tick_and_open(page: Page) -> None:
    rows = page.locator("[data-row]")
    page.keyboard.press("j")
    expect(rows.nth(0)).to_be_focused()
    page.keyboard.press("j")
    page.keyboard.press("j")
    expect(rows.nth(1)).to_be_focused()
    page.keyboard.press("k")
    page.keyboard.press("x")
    expect(page.locator("tbody input[type=checkbox]").nth(0)).to_be_checked()
    page.keyboard.press("/")
    expect(page.locator("[role=search] input").first).to_be_focused()
    page.keyboard.type("jjx?")
    expect(page.locator("[role=search] input").first).to_have_value("jjx?")
    expect(page.get_by_role("dialog")).to_have_count(0)
    page.locator("[role=search] input").first.blur()
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    expect(page.get_by_role("navigation", name="Teile des Vorgangs")).to_be_visible()


def test_the_question_mark_shows_the_keys_and_gives_the_focus_back(page: Page) -> None:
    page.keyboard.press("j")
    page.keyboard.press("?")
    dialog = page.get_by_role("dialog", name="Tastenkürzel")
    expect(dialog).to_be_visible()
    page.keyboard.press("j")
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    expect(page.locator("[data-row]").nth(0)).to_be_focused()


def test_the_keys_can_be_switched_off_and_the_colours_chosen(page: Page, town: Town) -> None:
    page.goto("/konto/")
    page.get_by_label("Tastenkürzel mit einzelnen Tasten").uncheck()
    page.get_by_label("Farben").select_option("dunkel")
    page.get_by_role("button", name="Speichern").click()
    expect(page.get_by_role("status")).to_contain_text("Einstellungen sind gespeichert")
    expect(page.locator("html")).to_have_attribute("data-kern-theme", "dark")
    page.goto("/")
    page.keyboard.press("j")
    page.keyboard.press("?")
    expect(page.locator("[data-row]").nth(0)).not_to_be_focused()
    expect(page.get_by_role("dialog")).to_have_count(0)


def test_an_assignment_is_taken_back_from_the_toast(page: Page, town: Town) -> None:
    page.goto(town.of("case-assign"))
    page.get_by_label("Bearbeitung").select_option(label="Kim Später")
    page.get_by_role("button", name="Zuweisen").click()
    expect(page.get_by_role("status")).to_contain_text("Zugewiesen an Kim Später")
    page.get_by_role("button", name="Rückgängig").click()
    expect(page.get_by_role("status")).to_contain_text("Zurückgenommen: Die Bearbeitung liegt wieder bei niemandem.")
    assert Case.objects.get(pk=town.case.pk).handler is None
    page.keyboard.press("Escape")
    expect(page.get_by_role("status")).to_be_empty()


def test_a_toast_with_a_button_stays_and_a_plain_one_goes(page: Page, town: Town) -> None:
    page.clock.install()
    page.goto(town.of("case-note"))
    page.get_by_label("Text").fill("Angerufen.")
    page.get_by_role("button", name="Vermerk speichern").click()
    page.clock.run_for(1000)
    expect(page.get_by_role("status")).to_contain_text("Vermerk")
    page.clock.fast_forward(21_000)
    expect(page.get_by_role("status")).to_be_empty()
    page.goto(town.of("case-assign"))
    page.get_by_label("Bearbeitung").select_option(label="Kim Später")
    page.get_by_role("button", name="Zuweisen").click()
    page.clock.run_for(1000)
    page.clock.fast_forward(60_000)
    expect(page.get_by_role("button", name="Rückgängig")).to_be_visible()
    page.get_by_role("button", name="Meldung schließen").click()
    expect(page.get_by_role("status")).to_be_empty()


def test_what_is_final_is_asked_once_more_by_keyboard_too(page: Page, town: Town) -> None:
    page.goto(town.of("case-close"))
    page.get_by_label("Grund").fill("Antrag hat sich erledigt.")
    button = page.get_by_role("button", name="Abschließen")
    button.press("Enter")
    dialog = page.get_by_role("dialog", name="Bitte bestätigen")
    expect(dialog).to_contain_text("Den Vorgang abschließen?")
    dialog.get_by_role("button", name="Abbrechen").press("Enter")
    expect(button).to_be_focused()
    assert Case.objects.get(pk=town.case.pk).is_open
    button.press("Enter")
    dialog.get_by_role("button", name="Abschließen").press("Enter")
    expect(page.get_by_role("status")).to_contain_text("abgeschlossen")
    assert not Case.objects.get(pk=town.case.pk).is_open


def test_typed_text_is_not_left_by_accident(page: Page, town: Town) -> None:
    page.goto(town.of("case-note"))
    asked: list[str] = []
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.dismiss()))
    page.get_by_label("Text").fill("Halb geschrieben")
    page.get_by_role("link", name="Abbrechen").click()
    page.wait_for_timeout(300)
    assert asked == ["beforeunload"]
    expect(page.get_by_label("Text")).to_have_value("Halb geschrieben")
    assert page.evaluate("sessionStorage.length + localStorage.length") == 0, "person data are not kept in the browser"
    page.get_by_role("button", name="Vermerk speichern").click()
    expect(page.get_by_role("status")).to_contain_text("Vermerk")
    assert asked == ["beforeunload"], "sending it is no leaving"


HOURS = 8 * 3600


def test_the_end_of_the_session_is_announced_and_put_off(page: Page, town: Town) -> None:
    page.clock.install()
    page.goto(town.of("case-note"))
    page.get_by_label("Text").fill("Ein langer Vermerk")
    page.clock.fast_forward((HOURS - 200) * 1000)
    dialog = page.get_by_role("dialog", name="Ihre Sitzung endet bald")
    expect(dialog).to_be_visible()
    with page.expect_response("**/konto/sitzung/") as answer:
        dialog.get_by_role("button", name="Verlängern").click()
    assert answer.value.json()["seconds"] > HOURS - 60
    expect(dialog).to_be_hidden()
    expect(page.get_by_label("Text")).to_have_value("Ein langer Vermerk")


def test_after_the_end_one_logs_in_again_in_place_and_goes_on(page: Page, town: Town) -> None:
    page.clock.install()
    page.goto(town.of("case-note"))
    page.get_by_label("Text").fill("Ein langer Vermerk")
    Session.objects.all().delete()
    page.clock.fast_forward((HOURS + 60) * 1000)
    dialog = page.get_by_role("dialog", name="Ihre Sitzung ist beendet")
    expect(dialog).to_be_visible()
    page.keyboard.press("Escape")
    expect(dialog).to_be_visible()
    dialog.get_by_label("Passwort").fill("falsch")
    dialog.get_by_role("button", name="Fortfahren").click()
    expect(dialog).to_contain_text("Passwort prüfen")
    dialog.get_by_label("Passwort").fill(make.PASSWORD)
    dialog.get_by_role("button", name="Fortfahren").click()
    expect(dialog).to_be_hidden()
    page.get_by_role("button", name="Vermerk speichern").click()
    page.clock.run_for(1000)
    expect(page.get_by_role("status")).to_contain_text("Vermerk")
    assert town.case.notes.get().text == "Ein langer Vermerk"


def reach(page: Page, target: Locator) -> None:
    """Tab until the focus is there."""
    for _ in range(120):
        page.keyboard.press("Tab")
        if target.evaluate("each => each === document.activeElement"):
            return
    raise AssertionError(f"the keyboard does not reach {target}")


def test_a_nachforderung_by_keyboard_alone(page: Page, town: Town) -> None:
    page.keyboard.press("/")
    page.keyboard.type(town.case.public_id)
    page.keyboard.press("Enter")
    expect(page.locator("[data-row]")).to_have_count(1)
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    expect(page.get_by_role("navigation", name="Teile des Vorgangs")).to_be_visible()
    reach(page, page.get_by_role("link", name="Nachforderung", exact=True))
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="Was fehlt?").wait_for()
    reach(page, page.locator(".lm-choices a").first)
    page.keyboard.press("Enter")
    page.get_by_role("group", name="Was fehlt").wait_for()
    reach(page, page.get_by_role("checkbox", name="aktueller Rentenbescheid"))
    page.keyboard.press("Space")
    reach(page, page.get_by_role("button", name="Nachforderung erstellen"))
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_contain_text("Nachforderung", timeout=30000)
    assert InformationRequest.objects.filter(case=town.case).count() == 1


def test_the_pages_work_without_javascript(
    town: Town, browser: Browser, browser_context_args: dict, live_server
) -> None:
    context = browser.new_context(**browser_context_args, base_url=live_server.url, java_script_enabled=False)
    page = context.new_page()
    page.goto("/anmelden/?next=" + town.of("case-assign"))
    page.get_by_label("Benutzername").fill(town.chief.username)
    page.get_by_label("Passwort").fill(make.PASSWORD)
    page.get_by_role("button", name="Anmelden").click()
    page.get_by_label("Bearbeitung").select_option(label="Kim Später")
    page.get_by_role("button", name="Zuweisen").click()
    page.get_by_role("button", name="Rückgängig").click()
    expect(page.get_by_role("status")).to_contain_text("Zurückgenommen")
    page.goto(town.of("case-close"))
    page.get_by_label("Grund").fill("Antrag hat sich erledigt.")
    page.get_by_role("button", name="Abschließen").click()
    expect(page.get_by_role("status")).to_contain_text("abgeschlossen")
    context.close()
