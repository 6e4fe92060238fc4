"""The standard texts of a Leistung: its Nachforderungen (``nachforderungen.toml``) and the blocks of its letters
(``bescheid/texte.toml``). Both are sections of the Leistungspaket.

Texts hold placeholders such as ``{name}``; they are filled with plain text and never interpreted further.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.utils import timezone

from cases.models import Case, Decision, Notice, ServiceVersion
from cases.packages import PackageError, read_toml, register_section

PLACEHOLDERS = {
    "name": "Name der antragstellenden Person",
    "aktenzeichen": "Aktenzeichen",
    "vorgangs_id": "Vorgangs-ID",
    "leistung": "Name der Leistung",
    "eingang": "Tag des Eingangs",
    "behoerde": "Name der Behörde",
}
_PLACEHOLDER = re.compile(r"\{(\w+)\}")
_GAP = re.compile(r"\[[^\[\]]*\]")


@dataclass(frozen=True)
class RequestedItem:
    """One thing that a standard Nachforderung asks for."""

    key: str
    title: str
    note: str = ""


@dataclass(frozen=True)
class RequestTemplate:
    """A standard Nachforderung. ``days`` is the time that the citizen has after the letter counts as known."""

    key: str
    title: str
    text: str
    days: int
    items: tuple[RequestedItem, ...]
    legal_basis: str = ""
    consequence: str = ""


@dataclass(frozen=True)
class TextBlock:
    """A block for a letter; ``fits`` are the outcomes (Bescheid) or kinds (Mitteilung) that it is offered for.

    ``part`` is where it stands in a Bescheid: ``operative_part`` or ``reasoning``.
    """

    key: str
    title: str
    text: str
    fits: tuple[str, ...] = ()
    part: str = "operative_part"


def request_templates(version: ServiceVersion) -> list[RequestTemplate]:
    """The standard Nachforderungen of a Leistung, in its order."""
    declared = version.sections.get("nachforderungen", {}).get("request", [])
    return [
        RequestTemplate(
            **{**entry, "items": tuple(RequestedItem(**item) for item in entry["items"]), "text": entry["text"].strip()}
        )
        for entry in declared
    ]


def decision_blocks(version: ServiceVersion) -> list[TextBlock]:
    """The text blocks of the Leistung's Bescheid."""
    return [_block(entry) for entry in version.sections.get("bescheid", {}).get("block", [])]


def notice_blocks(version: ServiceVersion) -> list[TextBlock]:
    """The text blocks of the Leistung's Mitteilungen."""
    return [_block(entry) for entry in version.sections.get("bescheid", {}).get("notice", [])]


def remedy_notice(version: ServiceVersion) -> str:
    """The Rechtsbehelfsbelehrung of the Leistung; empty when it has none."""
    return version.sections.get("bescheid", {}).get("remedy_notice", "").strip()


def has_decision(version: ServiceVersion) -> bool:
    """True when Bescheide of this Leistung are written here (and not in a Fachverfahren)."""
    return "bescheid" in version.sections and version.declaration["lead"] == "laufmappe"


def values_for(case: Case, authority: str) -> dict[str, str]:
    """What the placeholders mean for a Vorgang (one query)."""
    applicant = case.parties.filter(role="applicant").order_by("id").first()
    return {
        "name": applicant.name if applicant else "",
        "aktenzeichen": case.file_reference or case.public_id,
        "vorgangs_id": case.public_id,
        "leistung": case.service.name,
        "eingang": f"{timezone.localdate(case.received_at):%d.%m.%Y}",
        "behoerde": authority,
    }


def fill(text: str, values: Mapping[str, str]) -> str:
    """``text`` with its placeholders replaced; what is not one stays as written."""
    return _PLACEHOLDER.sub(lambda found: values.get(found[1], found[0]), text)


def unfilled(text: str) -> list[str]:
    """The placeholders that still stand in a text."""
    return [name for name in _PLACEHOLDER.findall(text) if name in PLACEHOLDERS]


def gaps(*texts: str) -> list[str]:
    """What is still to be filled in, as written: the gaps of text blocks (``[Betrag]``), placeholders (``{name}``)."""
    found = []
    for text in texts:
        found += [*_GAP.findall(text), *(f"{{{name}}}" for name in unfilled(text))]
    return list(dict.fromkeys(found))


def _block(entry: dict[str, Any]) -> TextBlock:
    fits = tuple(entry.get("outcomes", ())) + tuple(filter(None, [entry.get("kind")]))
    return TextBlock(entry["key"], entry["title"], entry["text"].strip(), fits, entry.get("part", "operative_part"))


def _read_requests(path: Path) -> dict[str, Any]:
    data = read_toml(path, REQUESTS)
    keys = [entry["key"] for entry in data["request"]]
    _refuse_twice(path, keys)
    for entry in data["request"]:
        _refuse_twice(path, [item["key"] for item in entry["items"]])
    _check_placeholders(path, data)
    return data


def _read_letters(path: Path) -> dict[str, Any]:
    data = read_toml(path, LETTERS)
    _refuse_twice(path, [entry["key"] for entry in (*data.get("block", []), *data.get("notice", []))])
    _check_placeholders(path, data)
    return data


def _refuse_twice(path: Path, keys: list[str]) -> None:
    for key in keys:
        if keys.count(key) > 1:
            raise PackageError(path, f"key: „{key}“ kommt zweimal vor.")


def _check_placeholders(path: Path, data: Any) -> None:
    for text in _texts(data):
        for name in _PLACEHOLDER.findall(text):
            if name not in PLACEHOLDERS:
                known = ", ".join(f"{{{each}}}" for each in PLACEHOLDERS)
                raise PackageError(path, f"Den Platzhalter „{{{name}}}“ gibt es nicht; es gibt: {known}.")


def _texts(data: Any) -> Iterator[str]:
    if isinstance(data, str):
        yield data
    elif isinstance(data, dict):
        for value in data.values():
            yield from _texts(value)
    elif isinstance(data, list):
        for value in data:
            yield from _texts(value)


def _table(required: list[str], **properties: Any) -> dict[str, Any]:
    return {"type": "object", "additionalProperties": False, "required": required, "properties": properties}


_TEXT = {"type": "string", "minLength": 1}
_KEY = {"type": "string", "pattern": "^[a-z][a-z0-9_-]*$", "maxLength": 50}
REQUESTS: dict[str, Any] = _table(  # what nachforderungen.toml holds
    ["request"],
    request={
        "type": "array",
        "minItems": 1,
        "items": _table(
            ["key", "title", "text", "days", "items"],
            key=_KEY,
            title=_TEXT | {"maxLength": 200},
            text=_TEXT,
            days={"type": "integer", "minimum": 1, "maximum": 365},
            legal_basis={"type": "string", "maxLength": 200},
            consequence=_TEXT,
            items={
                "type": "array",
                "minItems": 1,
                "items": _table(
                    ["key", "title"],
                    key=_KEY,
                    title=_TEXT | {"maxLength": 300},
                    note={"type": "string", "maxLength": 500},
                ),
            },
        ),
    },
)
LETTERS: dict[str, Any] = _table(  # what bescheid/texte.toml holds
    ["remedy_notice"],
    remedy_notice=_TEXT,
    block={
        "type": "array",
        "items": _table(
            ["key", "title", "text"],
            key=_KEY,
            title=_TEXT,
            text=_TEXT,
            part={"enum": ["operative_part", "reasoning"]},
            outcomes={"type": "array", "items": {"enum": [str(outcome) for outcome in Decision.OUTCOMES]}},
        ),
    },
    notice={
        "type": "array",
        "items": _table(
            ["key", "title", "text", "kind"],
            key=_KEY,
            title=_TEXT,
            text=_TEXT,
            kind={"enum": [str(kind) for kind in Notice.Kind]},
        ),
    },
)
register_section("nachforderungen", "nachforderungen.toml", _read_requests)
register_section("bescheid", "bescheid/texte.toml", _read_letters)
