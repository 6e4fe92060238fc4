"""What a citizen reads at their portal, in plain text."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

Json = dict[str, Any]
WIDTH = 100
STATUS = {
    "eingegangen": "Ihr Antrag ist eingegangen.",
    "in_pruefung": "Ihr Antrag wird geprüft.",
    "nachforderung": "Es fehlen noch Unterlagen von Ihnen.",
    "entschieden": "Über Ihren Antrag ist entschieden.",
}
KINDS = {
    "receipt": "Eingangsbestätigung",
    "information_request": "Nachforderung",
    "decision": "Bescheid",
    "notice": "Mitteilung",
    "status": "neuer Stand",
}


def page(status: Json, messages: list[Json]) -> Iterator[str]:
    """Where an application stands, and what was written. Values that nobody knows yet are shown as they come."""
    yield f"{status['case_id']}   {status['service']}" + (
        f"   Aktenzeichen {status['file_reference']}" if status["file_reference"] else ""
    )
    yield f"  {STATUS.get(status['status'], status['status'])} (seit {moment(status['status_since'])})"
    if status["public_note"]:
        yield from folded(status["public_note"])
    if status["outcome"]:
        yield f"  Ergebnis: {status['outcome']}"
    if status["expected_by"]:
        yield f"  Voraussichtlich entschieden bis {day(status['expected_by'])}"
    yield from asked(status["open_information_request"])
    yield f"  Verlauf: {' → '.join(step['status'] for step in status['history'])}"
    for message in messages:
        enclosed = "  [PDF]" if message["has_document"] else ""
        kind = KINDS.get(message["kind"], message["kind"])
        title = "" if message["title"] == kind else f": {message['title']}"
        yield f"  {message['n']}. {moment(message['at'])}  {kind}{title}{enclosed}"


def asked(request: Json | None) -> Iterator[str]:
    """What is still missing, and until when."""
    if request:
        yield f"  Bitte bis {day(request['due'])} einreichen (Nachforderung {request['id']}):"
        for item in request["items"]:
            seen = ", eingegangen, wird geprüft" if item["received"] else ""
            yield f"    - {item['title']}  ({item['key']}{seen})"


def change(told: Json) -> str:
    """One line of the feed."""
    status = told["status"].replace("_", " ").replace("pruefung", "Prüfung")
    return f"{moment(told['at'])}  {told['case_id']}  {KINDS.get(told['kind'], told['kind'])}  ({status})"


def moment(text: str) -> str:
    """A time as people write it."""
    return f"{datetime.fromisoformat(text):%d.%m.%Y %H:%M}"


def day(text: str) -> str:
    """A day as people write it."""
    return f"{date.fromisoformat(text):%d.%m.%Y}"


def folded(text: str) -> list[str]:
    """A text in lines."""
    return textwrap.wrap(text, WIDTH, initial_indent="  ", subsequent_indent="  ")
