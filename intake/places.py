"""What the place of a finding is called in German, and what the message says there."""

from __future__ import annotations

import re
from typing import Any

from cases.packages import pointer_steps
from intake.facts import Facts
from intake.findings import Finding
from intake.standards import portal

IN_DATA = "/data/"  # where the data of an application stand in its message
LONGEST = 200
_STEP = re.compile(r"(?:[\w.-]+:)?@?([\w.-]+)(?:\[\d+\])?$")
_BETWEEN_WORDS = re.compile(r"(?<=[a-zäöü])(?=[A-ZÄÖÜ])|[._]")

XJUSTIZ = {
    "absender": "Absender",
    "aktenzeichen": "Aktenzeichen",
    "anschrift": "Anschrift",
    "anzeigename": "Titel des Dokuments",
    "bestandteil": "Bestandteil der Datei",
    "beteiligung": "Beteiligte Person",
    "dateiname": "Dateiname",
    "datumDesSchreibens": "Datum des Schreibens",
    "dokument": "Dokument",
    "dokumentklasse": "Dokumentklasse",
    "dokumententyp": "Dokumententyp",
    "eigeneNachrichtenID": "Kennung der Nachricht",
    "empfaenger": "Empfänger",
    "erstellungszeitpunkt": "Erstellungszeitpunkt",
    "fachdaten": "Fachdaten",
    "fremdeNachrichtenID": "Kennung der beantworteten Nachricht",
    "geburtsdatum": "Geburtsdatum",
    "gegenstand": "Verfahrensgegenstand",
    "gericht": "Gericht",
    "grunddaten": "Grunddaten",
    "instanzdaten": "Instanzdaten",
    "nachname": "Nachname",
    "nachrichtenkopf": "Nachrichtenkopf",
    "registerzeichen": "Registerzeichen",
    "rollenbezeichnung": "Rolle",
    "schriftgutobjekte": "Schriftgutobjekte",
    "verfahrensdaten": "Verfahrensdaten",
    "vorname": "Vorname",
    "xjustizVersion": "XJustiz-Version",
}
"""Elements of XJustiz as people call them."""
_MEMBERS = {
    "attachments": "Anlagen", "data": "Angaben des Antrags", "reply_channel": "Rückkanal",
    "sender_reference": "Zeichen des Portals", "service": "Leistung",
}  # fmt: skip


def label_of(finding: Finding, schema: dict[str, Any] | None = None) -> str:
    """The field that a finding is about: by the ``schema`` of the Leistung, else by what its element is called.

    "Datei …" where it is about a whole file, "Nachricht" about all of it, "" when the finding names no place.
    """
    path = finding.path
    if path in ("/*", "/"):
        return "Nachricht"
    if path.startswith(IN_DATA) or path.strip("/") in _MEMBERS:
        return _of_pointer(path, schema or {})
    if path.startswith("/"):
        step = _STEP.search(path.rstrip("/"))
        name = step[1] if step else path
        return XJUSTIZ.get(name) or " ".join(_BETWEEN_WORDS.split(name)).strip().capitalize()
    return f"Datei {path}" if path else ""


def value_of(finding: Finding, facts: Facts) -> str:
    """What was found there, cut: as the finding says, or what stands there in the data of the application."""
    if finding.value or not finding.path.startswith(IN_DATA):
        return finding.value
    value: Any = facts.data
    for step in pointer_steps(finding.path.removeprefix("/data")):
        if isinstance(value, list):
            value = value[int(step)] if step.isdecimal() and int(step) < len(value) else None
        else:
            value = value.get(step) if isinstance(value, dict) else None
    if isinstance(value, dict | list):
        return "eine Gruppe von Angaben" if isinstance(value, dict) else "eine Liste"
    return "" if value is None else str(value)[:LONGEST]


def _of_pointer(path: str, schema: dict[str, Any]) -> str:
    """The titles on the way to the place: ``Antragstellende Person › Geburtsdatum``."""
    steps = pointer_steps(path.removeprefix("/data")) if path.startswith(IN_DATA) else []
    if not steps:
        return _MEMBERS.get(path.strip("/"), path)
    place = [int(step) if step.isdecimal() else step for step in steps]
    names = []
    for length in range(1, len(place) + 1):
        last = place[length - 1]
        if isinstance(last, int):
            names[-1:] = [f"{names[-1] if names else 'Eintrag'} {last + 1}"]
        else:
            names.append(portal.title(schema, place[:length]) or last)
    return " › ".join(names)
