"""No address is forgotten, and no page says anything in another language than German."""

from __future__ import annotations

import html
import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from cases import actions
from routing.rulebook import in_force
from tests import factories as make
from tests.every_page import ERRORS, FOR_ANYBODY, NO_PAGES, PAGES, STEPS, Town, named_addresses
from tests.pages import logged_in, text_of

# Words of English, and of Django's own texts, that no German page has. Names, file names and codes are data.
ENGLISH = re.compile(
    r"\b(the|and|this|that|with|from|your|please|field|required|submit|save|delete|remove|cancel|search|enter|select|"
    r"choose|error|errors|invalid|password|username|log ?in|log ?out|sign in|page|next|previous|yes|no|view|edit|add|"
    r"change|welcome|loading|close|open|date|time|today|file|upload|browse|not found|forbidden|valid|ensure|choice|"
    r"unknown|none|true|false|null|undefined|nan|january|february|march|may|june|july|october|december|monday|"
    r"tuesday|wednesday|thursday|friday|saturday|sunday)\b|\{\{|\{%|<[A-Z]\w+ object",
    re.IGNORECASE,
)
SAID = re.compile(r'\s(?:aria-label|title|placeholder|alt|data-confirm|content)="([^"]*)"')
CODE = re.compile(r"<code>.*?</code>|<kbd>.*?</kbd>|https?://\S+|/[a-z/]+/|[\w.+-]+@[\w.-]+|[\w-]+\.(?:pdf|xml)", re.S)
OWN_FORM = re.compile(r"<form(?![^>]*\saction=)[^>]*\smethod=\"post\"")  # sent to its own page
META = re.compile(r"<meta[^>]*>|<link[^>]*>|<script.*?</script>|<input[^>]*type=\"hidden\"[^>]*>", re.S)


def english_in(page: str) -> list[str]:
    """What is not German of what a person sees or hears of a page, with its surroundings."""
    page = META.sub("", page)
    shown = CODE.sub(" ", html.unescape(" ".join([*SAID.findall(page), re.sub(r"<[^>]+>", " ", CODE.sub(" ", page))])))
    return [shown[max(0, found.start() - 30) : found.end() + 30] for found in ENGLISH.finditer(shown)]


def test_every_address_is_a_page_a_step_or_no_page() -> None:
    known = set(PAGES) | STEPS | NO_PAGES
    named = set(named_addresses())
    assert named - known == set(), "say in tests/every_page.py how to open them"
    assert known - named == set(), "these are gone"
    assert not (set(PAGES) & STEPS or set(PAGES) & NO_PAGES or STEPS & NO_PAGES)


@pytest.mark.django_db
@pytest.mark.parametrize("full", [True, False], ids=["full", "empty"])
def test_every_page_speaks_german(full: bool) -> None:
    town = Town(full=full)
    inside, outside = logged_in(town.chief), Client()
    found = {}
    for name, opening in PAGES.items():
        client = outside if name in FOR_ANYBODY else inside
        for path in opening(town):
            answer = client.get(path)
            assert answer.status_code == 200, path
            found[path] = english_in(text_of(answer))
    for path in ERRORS:
        found[path] = english_in(text_of(logged_in(town.stranger).get(path)))
    assert {path: words for path, words in found.items() if words} == {}


QUERIES = 15


@pytest.mark.django_db
@pytest.mark.parametrize("full", [True, False], ids=["full", "empty"])
def test_every_page_costs_at_most_15_queries(full: bool) -> None:
    town = Town(full=full)
    inside, costs = logged_in(town.chief), {}
    in_force()  # each process reads the rules once
    for name, opening in PAGES.items():
        client = Client() if name in FOR_ANYBODY else inside
        for path in opening(town):
            with CaptureQueriesContext(connection) as asked:
                assert client.get(path).status_code == 200, path
            costs[path] = len(asked) - QUERIES
    assert {path: more for path, more in costs.items() if more > 0} == {}


@pytest.mark.django_db
def test_pages_beside_the_vorgang_cost_the_same_with_many_rows() -> None:
    town = Town(full=True)
    client = logged_in(town.chief)
    names = ("account", "help", "help-chapter", "record", "clearing-entry", "saved-views", "accessibility")
    paths = [path for name in names for path in PAGES[name](town)]
    few = {path: _cost(client, path) for path in paths}
    top = town.unit
    for number in range(8):
        make.cover(make.user(make.team(f"amt-{number}", parent=top)), make.user(town.unit))
        actions.save_view(name=f"Ansicht {number}", query="", by=town.by)
        case = make.case(town.unit, subject=f"Steuer {number}")
        make.processed(subject=f"Zu {case.public_id} und {town.processed.public_id}", foreign=f"9 K {number}")
        make.rule(f"Muster {number}", unit=town.unit, name=f"Regel {number}")
    assert {path: (few[path], cost) for path in paths if (cost := _cost(client, path)) > few[path]} == {}


def _cost(client: Client, path: str) -> int:
    client.get(path)  # what is remembered between requests is
    with CaptureQueriesContext(connection) as asked:
        assert client.get(path).status_code == 200, path
    return len(asked)


@pytest.mark.django_db
def test_what_is_wrong_is_said_in_german() -> None:
    town = Town(full=True)
    inside = logged_in(town.chief)
    wrong = {"on": "heute", "email": "x", "to": "999", "days": "viele", "delivered_on": "32.13.", "outcome": "x"}
    found, refused = {}, 0
    for name, opening in PAGES.items():
        client = Client() if name in FOR_ANYBODY else inside
        for path in opening(town):
            if not OWN_FORM.search(client.get(path).content.decode()):
                continue
            answer = client.post(path, wrong)
            if answer.status_code in (200, 422):
                refused += 1
                found[path] = english_in(text_of(answer))
    assert {path: words for path, words in found.items() if words} == {}
    assert refused > 12


def test_english_is_found_where_it_stands() -> None:
    assert english_in('<p>Bitte warten</p><button aria-label="Close">x</button>') != []
    assert english_in("<p>This field is required.</p>") != []
    assert english_in("<dd>None</dd>") != []
    assert (
        english_in('<p>Datei <code>yes.txt</code></p><a href="/open/">Öffnen</a><input type="hidden" value="no">') == []
    )
