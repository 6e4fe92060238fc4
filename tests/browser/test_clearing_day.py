"""A morning in the exception queue in a real browser: many of one cause in one step, by mouse and by keyboard."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from cases.models import Case, User
from routing.actions import handling
from routing.models import ExceptionEntry
from tests import factories as make
from tests.browser.test_every_page_in_browser import TAGS, log_in

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.filterwarnings("ignore:Session-scoped fixtures defined as instance methods"),  # pytest-playwright's
]
MANY = 7


@pytest.fixture
def chief() -> User:
    """Who leads the Poststelle, with seven messages of one court and one of another in the queue."""
    post = make.team("poststelle", name="Poststelle", is_clearing=True)
    for _ in range(MANY):
        make.entry(post, court="D1111", subject="Grundsteuer")
    handling.escalate(entry=make.entry(post, court="D2222", subject="Wartet schon lange"))
    make.service(unit=make.team("rechtsamt", name="Rechtsamt"))
    return make.lead(post)


@pytest.fixture
def open_queue(browser: Browser, browser_context_args: dict, live_server, chief: User) -> Callable[[bool], Page]:
    """The page of the queue, with or without JavaScript."""

    def opened(javascript: bool) -> Page:
        context = browser.new_context(**browser_context_args, java_script_enabled=javascript)
        log_in(context, chief, live_server.url)
        page = context.new_page()
        page.goto(f"{live_server.url}/klaerung/")
        return page

    return opened


@pytest.mark.parametrize("javascript", [True, False], ids=["with JavaScript", "without"])
def test_all_of_one_cause_become_vorgaenge_in_one_step(open_queue, javascript: bool) -> None:
    page = open_queue(javascript)
    page.get_by_label(f"alle {MANY} dieser Ursache auswählen").check()
    page.get_by_text("Ausgewählte Klärfälle bearbeiten").click()
    if javascript:
        expect(page.locator("[data-chosen]")).to_have_text(f" ({MANY})")
    page.locator(".lm-bulk summary").get_by_text("Neuen Vorgang eröffnen").click()
    page.get_by_label("Leistung").select_option(label="Gerichtspost")
    page.get_by_role("button", name="Vorgang eröffnen").click()
    if javascript:
        dialog = page.get_by_role("dialog")
        expect(dialog).to_contain_text("Für jede ausgewählte Nachricht einen neuen Vorgang eröffnen?")
        dialog.get_by_role("button", name="Vorgang eröffnen").click()
    expect(page.get_by_text(f"Neuen Vorgang eröffnen: {MANY} von {MANY} Klärfällen erledigt.")).to_be_visible()
    expect(page.get_by_text("1 Klärfall offen")).to_be_visible()
    assert Case.objects.count() == MANY


def test_the_keyboard_alone_claims_what_is_ticked(open_queue, chief: User) -> None:
    page = open_queue(True)
    page.keyboard.press("j")
    expect(page.get_by_role("link", name="Wartet schon lange")).to_be_focused()
    page.keyboard.press("x")
    expect(page.locator("[data-chosen]")).to_have_text(" (1)")
    page.locator("summary", has_text="Ausgewählte Klärfälle bearbeiten").press("Enter")
    page.get_by_role("button", name="Annehmen").press("Enter")
    expect(page.get_by_text("Annehmen: 1 von 1 Klärfall erledigt.")).to_be_visible()
    assert ExceptionEntry.objects.get(claimed_by=chief).subject == "Wartet schon lange"


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1440, 320])
def test_the_list_with_all_ways_open_is_accessible(open_queue, width: int, scheme: str) -> None:
    page = open_queue(True)
    page.set_viewport_size({"width": width, "height": 900})
    page.emulate_media(color_scheme=scheme)
    page.evaluate("document.querySelectorAll('details').forEach(each => each.open = true)")
    result = Axe().run(page, options={"runOnly": {"type": "tag", "values": TAGS}})
    assert result.violations_count == 0, result.generate_report()
    assert page.evaluate("document.documentElement.scrollWidth") <= width
