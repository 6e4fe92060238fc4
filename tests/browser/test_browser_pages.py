"""The pages in a real browser: the main job and its by-ways. That all are accessible: test_every_page_in_browser."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.test import Client
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect

from audit.acting import Actor, acting
from cases.deadlines import Period
from cases.models import Case, DeadlineKind, Document, OrgUnit, Role, User
from routing.models import ExceptionEntry
from tests import factories

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.filterwarnings("ignore:Session-scoped fixtures defined as instance methods"),  # pytest-playwright's
]

TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
ASKED = "event=posted&on=2026-11-24&unit=remedy&regime=vwvfg&land=NW"


class House:
    """A town with mail: some Vorgänge, some Klärfälle of every look, and the Teamleitung who sees them."""

    def __init__(self) -> None:
        post: OrgUnit = factories.team("poststelle", name="Poststelle", is_clearing=True)
        law = factories.team("rechtsamt", name="Rechtsamt")
        self.chief: User = factories.lead(post, first_name="Petra", last_name="Sönnichsen")
        factories.actions.set_membership(user=self.chief, role=Role.LEAD, unit=law, by=factories.SYSTEM)
        factories.rule("Gewerbe", unit=law, name="Gewerberecht")
        self.case: Case = factories.processed(subject="Klage wegen Gewerbeuntersagung", foreign="1 K 1/26").case
        factories.document(self.case, title="Antrag", role=Document.Role.APPLICATION, eeb_required=True)
        for length in (3, 300):  # one that is over, one that is not
            factories.actions.open_deadline(
                case=self.case,
                kind=DeadlineKind.HEARING,
                starts_on=timezone.localdate() - timedelta(days=20),
                period=Period.days(length),
                by=factories.SYSTEM,
            )
        other = factories.case(
            law, subject="Ein sehr langes Wort: " + "Donaudampfschifffahrtsgesellschaft" * 3, is_urgent=True
        )
        self.entry: ExceptionEntry = factories.entry(post, foreign="2 K 2/26")
        self.broken = factories.entry(post, files=factories.container(files=("Klage.pdf", "fehlt.pdf"), foreign="3 K"))
        self._work(law, other)
        both = f"Zu {self.case.public_id} und {other.public_id}"
        self.candidates = factories.entry(post, subject=both, foreign="4 K 4/26")

    def _work(self, law: OrgUnit, other: Case) -> None:
        """Somebody has begun: Wiedervorlagen, a saved view, a Vertretung, a colleague who looks at the same."""
        by = Actor.of(self.chief)
        colleague = factories.user(law, first_name="Rana", last_name="Recht")
        factories.actions.set_follow_up(case=self.case, due_on=factories.tomorrow(), note="Anrufen", by=by)
        factories.actions.note_presence(case=self.case, by=Actor.of(colleague))
        factories.actions.save_view(name="Überfällig", query="due=%40heute-1", unit=law, by=by)
        factories.cover(self.chief, colleague)
        with acting(factories.SYSTEM, "test"):
            self.case.next_due, other.next_due = factories.tomorrow(-3), factories.tomorrow(2)
            self.case.save()
            other.save()

    def paths(self) -> dict[str, str]:
        """The pages, by name."""
        return {
            "worklist": "/",
            "nothing found": "/?text=gibtesnicht",
            "sorted": "/?sort=-eingang&decided=on",
            "views": "/ansichten/",
            "account": "/konto/",
            "case": f"/vorgaenge/{self.case.public_id}/",
            "calculator": f"/fristenrechner/?{ASKED}",
            "calculator, nothing asked": "/fristenrechner/",
            "calculator, wrong": f"/fristenrechner/?{ASKED}&number=0",
            "record": "/eingaenge/neu/",
            "clearing": "/klaerung/",
            "entry": f"/klaerung/{self.entry.pk}/",
            "broken": f"/klaerung/{self.broken.pk}/",
            "candidates": f"/klaerung/{self.candidates.pk}/",
            "not found": "/gibt-es-nicht/",
        }


@pytest.fixture
def house() -> House:
    """The town."""
    return House()


@pytest.fixture
def open_page(browser: Browser, browser_context_args: dict, live_server) -> Iterator[Callable[..., Page]]:
    """Open a page in a window of this width and scheme, logged in as ``user``; complaints of the browser fail."""
    contexts, complaints = [], []

    def opened(path: str, user: User | None = None, width: int = 1440, scheme: str = "light") -> Page:
        viewport = {"width": width, "height": 900}
        context = browser.new_context(**browser_context_args, viewport=viewport, color_scheme=scheme)
        contexts.append(context)
        if user:
            client = Client()
            client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
            cookie = client.cookies["sessionid"].value
            context.add_cookies([{"name": "sessionid", "value": cookie, "url": live_server.url}])
        page = context.new_page()
        page.on("console", lambda said: complaints.append(said.text) if _is_complaint(said) else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto(f"{live_server.url}{path}")
        return page

    yield opened
    for context in contexts:
        context.close()
    assert complaints == []


def _is_complaint(said) -> bool:
    expected = "Failed to load resource: the server responded with a status of 4"  # pages that are errors themselves
    return said.type in ("error", "warning") and not said.text.startswith(expected)


def accessible(page: Page, width: int) -> None:
    """No violations, and nothing wider than the screen."""
    page.evaluate("document.querySelectorAll('details').forEach(each => each.open = true)")
    result = Axe().run(page, options={"runOnly": {"type": "tag", "values": TAGS}})
    assert result.violations_count == 0, f"{page.url}\n{result.generate_report()}"
    assert page.evaluate("document.documentElement.scrollWidth") <= width, page.url


def test_what_was_wrong_is_shown_accessibly(open_page) -> None:
    page = open_page("/anmelden/", None, 320, "dark")
    page.get_by_label("Benutzername").fill("niemand")
    page.locator("[name=password]").fill("geraten")
    page.get_by_role("button", name="Anmelden").click()
    expect(page.get_by_role("alert")).to_be_visible()
    accessible(page, 320)


def test_the_main_job(house: House, open_page) -> None:
    page = open_page("/anmelden/")
    page.get_by_label("Benutzername").fill(house.chief.username)
    page.locator("[name=password]").fill(factories.PASSWORD)
    page.get_by_role("button", name="Anmelden").click()
    expect(page.get_by_role("heading", name="Arbeitsvorrat")).to_be_visible()
    page.get_by_label("Aktenzeichen, Vorgangs-ID, Name, Betreff").fill("gewerbe")
    page.get_by_role("button", name="Anzeigen").click()
    page.get_by_role("link", name=str(house.case)).click()
    expect(page.get_by_role("heading", name=str(house.case), level=1)).to_be_visible()
    expect(page.locator("[aria-current=step]")).to_contain_text("eingegangen")
    page.get_by_role("link", name="Klärung").click()
    page.get_by_role("link", name="Grundsteuer 2025").first.click()
    page.get_by_label("Vorgangs-ID oder Aktenzeichen").fill("V-FALSCH")
    page.get_by_role("button", name="Zuordnen", exact=True).click()
    page.get_by_role("alert").get_by_role("link").click()
    expect(page.get_by_label("Vorgangs-ID oder Aktenzeichen")).to_be_focused()
    page.get_by_label("Vorgangs-ID oder Aktenzeichen").fill(house.case.public_id)
    page.get_by_role("button", name="Zuordnen", exact=True).click()
    expect(page.get_by_role("status")).to_contain_text(f"dem Vorgang {house.case} zugeordnet")
    page.get_by_role("status").get_by_role("link").click()
    page.get_by_role("link", name="Antrag und Beteiligte").click()
    expect(page.get_by_role("heading", name="Eingänge (2)")).to_be_visible()
    page.get_by_role("button", name="Abmelden").click()
    expect(page.get_by_role("heading", name="Anmelden")).to_be_visible()


def test_a_candidate_is_chosen_by_one_click(house: House, open_page) -> None:
    page = open_page(f"/klaerung/{house.candidates.pk}/", house.chief)
    page.get_by_role("button", name=f"Diesem zuordnen: {house.case}").click()
    expect(page.get_by_role("status")).to_contain_text(f"dem Vorgang {house.case} zugeordnet")


def test_the_keyboard_reaches_the_content_at_once(house: House, open_page) -> None:
    page = open_page("/", house.chief)
    page.keyboard.press("Tab")
    skip = page.get_by_role("link", name="Zum Inhalt springen")
    expect(skip).to_be_focused()
    expect(skip).to_be_in_viewport()
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()


def test_pages_hold_at_double_text_size(house: House, open_page) -> None:
    for path in house.paths().values():
        page = open_page(path, house.chief, 720)  # 1440 pixels at 200 %
        assert page.evaluate("document.documentElement.scrollWidth") <= 720, path


def test_long_lists_are_turned_page_by_page(house: House, open_page) -> None:
    for index in range(55):
        factories.case(house.case.unit, received_at=factories.ARRIVAL + timedelta(hours=index))
    page = open_page("/", house.chief)
    expect(page.locator("tbody tr")).to_have_count(50)
    page.get_by_role("link", name="Nächste Seite").click()
    expect(page.locator("tbody tr")).to_have_count(7)
    page.get_by_role("link", name="Vorige Seite").click()
    expect(page.locator("tbody tr")).to_have_count(50)


def test_the_day_of_a_caseworker(house: House, open_page) -> None:
    page = open_page("/", house.chief)
    page.get_by_label("Alle auf dieser Seite auswählen").check()
    expect(page.get_by_text("Ausgewählte Vorgänge ändern (2)")).to_be_visible()
    page.get_by_text("Ausgewählte Vorgänge ändern").click()
    page.locator("#id_bulk_handler").select_option(label="mir zuweisen")
    page.get_by_role("button", name="Ausführen").click()
    expect(page.get_by_role("status")).to_contain_text("2 erledigt.")
    page.get_by_role("link", name="Meine 2").click()
    page.locator("tbody th a").first.click()
    page.get_by_role("link", name="Nächster Vorgang der Liste").click()
    expect(page.get_by_text("Rana Recht hat diesen Vorgang geöffnet")).to_be_visible()
    page.get_by_role("button", name="Erledigt").click()
    expect(page.get_by_text("ohne Wiedervorlage")).to_be_visible()
    page.get_by_role("link", name="Arbeitsvorrat").first.click()


def test_a_colleague_who_comes_later_is_named_without_reloading(house: House, open_page) -> None:
    colleague = factories.user(house.case.unit, first_name="Kim", last_name="Später")
    page = open_page(f"/vorgaenge/{house.case.public_id}/", house.chief)
    page.clock.install()
    page.reload()
    expect(page.get_by_text("Kim Später hat diesen Vorgang geöffnet")).to_have_count(0)
    factories.actions.note_presence(case=house.case, by=Actor.of(colleague))
    page.clock.fast_forward(31_000)
    expect(page.get_by_text("Kim Später hat diesen Vorgang geöffnet")).to_be_visible()
