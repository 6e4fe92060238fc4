"""What a portal sends to a Vorgang that is there: the answer to a Nachforderung, or the Rücknahme of the application.

The JSON objects that ``POST /api/v1/cases/{case_id}/responses`` and ``…/withdrawal`` take, by their own rules. Only
what makes them unreadable is an error here.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from intake.facts import Facts
from intake.findings import Finding
from intake.gates import strict_json
from intake.gates.strict_json import Buffer
from intake.standards import application as applications
from intake.standards import portal
from intake.standards.application import Entry, Unreadable
from intake.standards.layout import RESPONSE, Layout

RESPONSE_MEMBERS = ("information_request", "items", "text", "attachments")
ITEM_MEMBERS = ("key", "attachment")
WITHDRAWAL_MEMBERS = ("reason",)
TEXT_LENGTH, REASON_LENGTH, KEY_LENGTH, MOST_ITEMS = 10_000, 2_000, 60, 1_000
LARGEST_ID = 2**63 - 1


@dataclass(frozen=True)
class Answered:
    """One item of a Nachforderung and what answers it: the index of an attachment, or the name of a file part."""

    key: str
    attachment: int | str


@dataclass(frozen=True)
class Response:
    """An answer as it was written; without ``information_request`` it answers what is open."""

    information_request: int | None = None
    items: list[Answered] = field(default_factory=list)
    text: str = ""
    attachments: list[Entry] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Withdrawal:
    """A Rücknahme as it was written."""

    reason: str = ""
    attachments: list[Entry] = field(default_factory=list)  # never any
    unknown: list[str] = field(default_factory=list)


def read_response(buffer: Buffer) -> tuple[Response, dict[str, Any]]:
    """The answer in ``buffer``, and the JSON object that it was read from.

    Raises ``intake.gates.Refused`` for what is no JSON, ``Unreadable`` for what is no answer.
    """
    value = strict_json.read(buffer, keep_long=lambda pointer: bool(applications.IS_CONTENT.fullmatch(pointer)))
    errors = list(_response_errors(value))
    if errors:
        raise Unreadable(errors)
    entries, items = value.get("attachments") or [], value.get("items") or []
    said = value.get("information_request")
    response = Response(
        information_request=None if said is None else int(said),
        items=[Answered(item["key"], _place(item["attachment"])) for item in items],
        text=(value.get("text") or "").strip(),
        attachments=[applications.entry(entry) for entry in entries],
        unknown=[*applications.unknown(value, RESPONSE_MEMBERS, entries), *_unknown_of_items(items)],
    )
    return response, value


def read_withdrawal(buffer: Buffer) -> tuple[Withdrawal, dict[str, Any]]:
    """The Rücknahme in ``buffer``, and the JSON object that it was read from. Raises as ``read_response``."""
    value = strict_json.read(buffer)
    if not isinstance(value, dict):
        raise Unreadable([Finding("not_an_object", "Erwartet wird ein JSON-Objekt, etwa {} oder mit „reason“.")])
    errors = list(applications.text_errors(value, "reason", "", limit=REASON_LENGTH))
    if errors:
        raise Unreadable(errors)
    unknown = list(applications.unknown(value, WITHDRAWAL_MEMBERS, []))
    return Withdrawal((value.get("reason") or "").strip(), unknown=unknown), value


def read(layout: Layout) -> tuple[Facts, list[Finding]]:
    """What the reply in ``layout`` says by itself; what it belongs to is known to who received it.

    Raises ``intake.gates.Refused`` or ``Unreadable`` for what is none.
    """
    data = portal.buffer(layout.reply)
    if layout.reply.name == RESPONSE:
        response, _ = read_response(data)
        documents = portal.documents(response.attachments, layout.content)
        facts = Facts(standard=portal.STANDARD, text=response.text, documents=documents)
        return facts, portal.unknown(response.unknown)
    withdrawal, _ = read_withdrawal(data)
    return Facts(standard=portal.STANDARD, text=withdrawal.reason), portal.unknown(withdrawal.unknown)


def _response_errors(value: Any) -> Iterator[Finding]:
    if not isinstance(value, dict):
        yield Finding("not_an_object", "Erwartet wird ein JSON-Objekt mit „information_request“ und „items“.")
        return
    if not _is_id(value.get("information_request")):
        sentence = "„information_request“ ist die Kennung aus „open_information_request“, unverändert."
        yield Finding("wrong_type", sentence, path="/information_request")
    yield from _items_errors(value.get("items"))
    yield from applications.text_errors(value, "text", "", limit=TEXT_LENGTH)
    yield from applications.attachment_errors(value)


def _is_id(said: Any) -> bool:
    said = _place(said)
    if isinstance(said, str):
        said = int(said) if said.isascii() and said.isdigit() and len(said) < 20 else -1
    return said is None or (type(said) is int and 0 <= said <= LARGEST_ID)


def _place(said: Any) -> Any:
    """An index as an integer, though it be written as 1.0; all else as it is."""
    return int(said) if isinstance(said, float) and said.is_integer() else said


def _items_errors(items: Any) -> Iterator[Finding]:
    if items is None:
        return
    if not isinstance(items, list):
        yield Finding("wrong_type", "„items“ muss eine Liste sein.", path="/items")
        return
    if len(items) > MOST_ITEMS:
        yield Finding("too_many", f"„items“ hat mehr als {MOST_ITEMS} Einträge.", path="/items")
        return
    for index, item in enumerate(items):
        pointer = f"/items/{index}"
        if not isinstance(item, dict):
            yield Finding("wrong_type", "Ein Eintrag muss ein JSON-Objekt sein.", path=pointer)
            continue
        yield from applications.text_errors(item, "key", pointer, limit=KEY_LENGTH, required=True)
        if "attachment" not in item:
            yield Finding("missing", "Es fehlt: attachment.", path=f"{pointer}/attachment")
        elif type(_place(item["attachment"])) not in (int, str):
            sentence = "„attachment“ ist der Index in „attachments“, bei multipart der Name des Teils."
            yield Finding("wrong_type", sentence, path=f"{pointer}/attachment")


def _unknown_of_items(items: list[dict[str, Any]]) -> Iterator[str]:
    for index, item in enumerate(items):
        yield from (f"/items/{index}{strict_json.step(name)}" for name in item if name not in ITEM_MEMBERS)
