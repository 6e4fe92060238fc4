"""Every page in a real browser: accessible, without complaints, and nothing wider than a screen of 320 pixels.

All variants run where ``CI=true`` or ``BROWSER_MATRIX=1``; else one, another each day.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from datetime import date
from itertools import product

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from axe_playwright_python.sync_playwright import Axe
from django.test import Client
from playwright.sync_api import Browser, BrowserContext, Page

from cases.models import User
from tests.every_page import ERRORS, FOR_ANYBODY, PAGES, Town

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.filterwarnings("ignore:Session-scoped fixtures defined as instance methods"),  # pytest-playwright's
]

TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
OF_COLOURS = ["color-contrast", "link-in-text-block"]  # all that a colour scheme can change for the same page
EXPECTED = "Failed to load resource: the server responded with a status of 4"  # pages that are errors themselves
WHOLE = os.environ.get("CI") == "true" or os.environ.get("BROWSER_MATRIX") == "1"
TODAY = date.today().toordinal()
ALL_SCREENS = SCREENS = list(product([1440, 320], ["light", "dark"]))
FILLS = ["full", "empty"]
if not WHOLE:
    SCREENS, FILLS = [SCREENS[TODAY // 2 % 4]], [FILLS[TODAY % 2]]


def log_in(context: BrowserContext, user: User, url: str) -> None:
    """Log ``user`` in without the form."""
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    context.add_cookies([{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": url}])


def faults(page: Page, screens: Sequence[tuple[int, str]] = SCREENS) -> Iterator[str]:
    """What is wrong with the page that is open, on each of these screens (width and colour scheme)."""
    page.evaluate(f"document.querySelectorAll('details').forEach(each => each.open = true);{AXE_SCRIPT}")
    axe = Axe("")  # it is there already: reading it costs as much as asking it
    seen: set[int] = set()
    for width, scheme in screens:
        page.set_viewport_size({"width": width, "height": 900})
        page.emulate_media(color_scheme=scheme)
        again = {"type": "rule", "values": OF_COLOURS}
        only = again if width in seen else {"type": "tag", "values": TAGS}
        result = axe.run(page, options={"runOnly": only, "resultTypes": ["violations"]})
        if result.violations_count:
            yield f"{page.url} ({width}, {scheme}): {result.generate_report()}"
        wide = page.evaluate("document.documentElement.scrollWidth")
        if wide > width:
            yield f"{page.url}: {wide} pixels wide on {width}"
        seen.add(width)


@pytest.mark.parametrize("fill", FILLS)
def test_every_page(fill: str, browser: Browser, browser_context_args: dict, live_server) -> None:
    town = Town(full=fill == "full")
    paths = {name: opening(town) for name, opening in PAGES.items()}
    said: list[str] = []
    found: list[str] = []
    for user, names in ((None, FOR_ANYBODY), (town.chief, set(PAGES) - FOR_ANYBODY), (town.stranger, {"worklist"})):
        context = browser.new_context(**browser_context_args)
        if user:
            log_in(context, user, live_server.url)
        page = context.new_page()
        page.on("console", lambda each: said.append(each.text) if each.type in ("error", "warning") else None)
        page.on("pageerror", lambda error: said.append(str(error)))
        errors = ERRORS if user == town.stranger else []
        for path in [path for name in sorted(names) for path in paths[name]] + errors:
            page.goto(f"{live_server.url}{path}")
            found += faults(page)
        context.close()
    assert found == [], "\n".join(found)
    assert [each for each in said if not each.startswith(EXPECTED)] == []


FAULTY = """<!doctype html><html lang="de"><head><title>Fehler</title><style>
    body { margin: 0; background: #fff; color: #000 }
    @media (prefers-color-scheme: dark) { .dark { color: #ddd } }
    .narrow { display: none }
    @media (max-width: 400px) { .narrow { display: block; width: 400px } }
    @media (max-width: 400px) and (prefers-color-scheme: dark) { .both { color: #ccc } }
    </style></head><body><main><h1>Seite</h1>
    <p class="dark">im Dunkeln</p><button class="narrow"></button><p class="both">schmal im Dunkeln</p></main>
    <details><summary>zu</summary><img src="data:,"></details></body></html>"""
FAULT_ON = {
    'class="dark"': [(1440, "dark"), (320, "dark")],
    'class="narrow"': [(320, "light")],  # structure: once for each width
    'class="both"': [(320, "dark")],
    "<img": [(1440, "light"), (320, "light")],
}


def test_each_fault_is_found_on_the_screen_that_has_it(browser: Browser) -> None:
    page = browser.new_page()
    page.set_content(FAULTY)
    found = list(faults(page, ALL_SCREENS))
    page.close()
    told = {screen: [each for each in found if f"({screen[0]}, {screen[1]})" in each] for screen in ALL_SCREENS}
    where = {text: [screen for screen in ALL_SCREENS if text in "".join(told[screen])] for text in FAULT_ON}
    assert where == FAULT_ON
    assert sum("400 pixels wide on 320" in each for each in found) == 2
