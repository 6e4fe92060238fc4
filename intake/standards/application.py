"""The application of a portal: the JSON object that ``POST /api/v1/submissions`` takes, by its own rules.

Only what makes it unreadable is an error here. Whether the data suit the Leistung is a matter of the translation.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from intake.findings import Finding
from intake.gates import strict_json
from intake.gates.strict_json import Buffer, LongText, step

MEMBERS = ("service", "data", "reply_channel", "sender_reference", "attachments")
ATTACHMENT_MEMBERS = ("filename", "media_type", "role", "content")
SERVICE_LENGTH, REFERENCE_LENGTH, CHANNEL_LENGTH = 100, 200, 10_000  # in characters (the channel: of its JSON)

IS_CONTENT = re.compile(r"/attachments/\d+/content")


class Unreadable(Exception):
    """It is no application; each of ``findings`` has a JSON pointer in ``path``."""

    def __init__(self, findings: list[Finding]) -> None:
        super().__init__(", ".join(finding.code for finding in findings))
        self.findings = findings


@dataclass(frozen=True)
class Entry:
    """What an application says of one attachment; ``content`` is base64, or None when it comes beside the JSON."""

    filename: str
    media_type: str = ""
    role: str = ""
    content: str | LongText | None = None


@dataclass(frozen=True)
class Application:
    """An application as it was written. ``unknown``: JSON pointers of members that nobody knows."""

    service: str
    data: dict[str, Any]
    sender_reference: str = ""
    reply_channel: Any = None
    attachments: list[Entry] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)


def read(buffer: Buffer) -> tuple[Application, dict[str, Any]]:
    """The application in ``buffer``, and the JSON object that it was read from.

    Raises ``intake.gates.Refused`` for what is no JSON, ``Unreadable`` for what is no application.
    """
    value = strict_json.read(buffer, keep_long=lambda pointer: bool(IS_CONTENT.fullmatch(pointer)))
    errors = list(_errors(value))
    if errors:
        raise Unreadable(errors)
    entries = value.get("attachments") or []
    application = Application(
        service=value["service"].strip(),
        data=value["data"],
        sender_reference=(value.get("sender_reference") or "").strip(),
        reply_channel=value.get("reply_channel"),
        attachments=[entry(item) for item in entries],
        unknown=list(unknown(value, MEMBERS, entries)),
    )
    return application, value


def entry(item: dict[str, Any]) -> Entry:
    """What was said of one attachment."""
    texts = {name: item.get(name) or "" for name in ("filename", "media_type", "role")}
    return Entry(**texts, content=item.get("content"))


def unknown(value: dict[str, Any], members: Collection[str], entries: Sequence[dict[str, Any]]) -> Iterator[str]:
    """JSON pointers of what is none of ``members``, nor known of an attachment."""
    yield from (step(name) for name in value if name not in members)
    for index, item in enumerate(entries):
        yield from (f"/attachments/{index}{step(name)}" for name in item if name not in ATTACHMENT_MEMBERS)


def _errors(value: Any) -> Iterator[Finding]:
    if not isinstance(value, dict):
        yield Finding("not_an_object", "Erwartet wird ein JSON-Objekt mit „service“ und „data“.")
        return
    yield from text_errors(value, "service", "", limit=SERVICE_LENGTH, required=True)
    yield from text_errors(value, "sender_reference", "", limit=REFERENCE_LENGTH)
    if "data" not in value:
        yield Finding("missing", "Es fehlt: data (die Angaben des Antrags als JSON-Objekt).", path="/data")
    elif not isinstance(value["data"], dict):
        yield Finding("wrong_type", "„data“ muss ein JSON-Objekt sein.", path="/data")
    if len(json.dumps(value.get("reply_channel"), ensure_ascii=False)) > CHANNEL_LENGTH:
        sentence = f"„reply_channel“ ist länger als {CHANNEL_LENGTH} Zeichen."
        yield Finding("too_long", sentence, path="/reply_channel")
    yield from attachment_errors(value)


def attachment_errors(value: dict[str, Any]) -> Iterator[Finding]:
    """What is wrong with ``attachments`` of a body."""
    entries = value.get("attachments")
    if entries is None:
        return
    if not isinstance(entries, list):
        yield Finding("wrong_type", "„attachments“ muss eine Liste sein.", path="/attachments")
        return
    for index, item in enumerate(entries):
        yield from entry_errors(item, f"/attachments/{index}")


def entry_errors(item: Any, pointer: str) -> Iterator[Finding]:
    """What is wrong with one attachment."""
    if not isinstance(item, dict):
        yield Finding("wrong_type", "Eine Anlage muss ein JSON-Objekt sein.", path=pointer)
        return
    yield from text_errors(item, "filename", pointer, limit=1000, required=True)
    yield from text_errors(item, "media_type", pointer, limit=200)
    yield from text_errors(item, "role", pointer, limit=200)
    if not isinstance(item.get("content"), str | LongText | None):
        yield Finding("wrong_type", "„content“ muss ein Text in Base64 sein.", path=f"{pointer}/content")


def text_errors(
    value: dict[str, Any], name: str, pointer: str, *, limit: int, required: bool = False
) -> Iterator[Finding]:
    """What is wrong with the text ``name`` of the object at ``pointer``; what is not required may be null."""
    found, path = value.get(name), f"{pointer}/{name}"
    if found is None and name not in value:
        if required:
            yield Finding("missing", f"Es fehlt: {name}.", path=path)
    elif found is None and not required:
        return
    elif not isinstance(found, str):
        yield Finding("wrong_type", f"„{name}“ muss ein Text sein.", path=path)
    elif required and not found.strip():
        yield Finding("missing", f"„{name}“ ist leer.", path=path)
    elif len(found) > limit:
        yield Finding("too_long", f"„{name}“ ist länger als {limit} Zeichen.", path=path)
