"""A JSON text as indented lines, and where in them the findings are."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from intake.envelope import MessageFile
from intake.findings import Finding
from intake.gates import Refused, strict_json
from intake.gates.strict_json import LongText, step
from intake.originals.lines import Found, numbered, raw_lines
from intake.standards.application import IS_CONTENT
from intake.standards.portal import buffer

BROKEN = "Die Datei ist kein lesbares JSON. Sie ist so gezeigt, wie sie gekommen ist."
INDENT = "  "


def read(file: MessageFile, findings: Sequence[Finding], at_most: int) -> Found | None:
    """The value, one member to a line; as it stands there when the gate refuses it.

    None when it has, or is refused with, more than ``at_most`` bytes (base64 of attachments does not count).
    """
    view = buffer(file)
    try:
        value = strict_json.read(view, keep_long=lambda pointer: bool(IS_CONTENT.fullmatch(pointer)))
    except Refused as refused:
        if file.size > at_most:
            return None
        found = raw_lines(bytes(view), [f"{BROKEN} {refused.finding.message}"])
        places = {n: f.line for n, f in enumerate(findings) if f.line and f.line <= len(found.lines)}
        return replace(found, places=places)
    texts, starts = _written(value)
    if sum(map(len, texts)) > at_most:
        return None
    places = {n: starts[near] + 1 for n, f in enumerate(findings) if (near := _nearest(f.path, starts)) is not None}
    return Found(numbered(texts), ["Die Datei ist hier eingerückt und neu in Zeilen gebrochen."], places)


def _nearest(pointer: str, starts: dict[str, int]) -> str | None:
    """The place itself, or of what is missing the innermost around it; None for a finding about no place."""
    if not pointer.startswith("/"):
        return None
    while pointer and pointer not in starts:
        pointer = pointer.rpartition("/")[0]
    return pointer


def _written(value: Any) -> tuple[list[str], dict[str, int]]:
    """The lines of a value, and in which of them (from 0) what each JSON pointer names begins. Without recursion."""
    texts: list[str] = []
    starts: dict[str, int] = {}
    waiting: list[tuple[str, str, Any, str] | str] = [("", "", value, "")]
    while waiting:
        item = waiting.pop()
        if isinstance(item, str):
            texts.append(item)
            continue
        head, pointer, current, comma = item
        pad = head[: len(head) - len(head.lstrip(" "))]
        starts[pointer] = len(texts)
        if not isinstance(current, dict | list) or not current:
            texts.append(f"{head}{_leaf(current)}{comma}")
            continue
        is_object = isinstance(current, dict)
        texts.append(f"{head}{'{' if is_object else '['}")
        waiting.append(f"{pad}{'}' if is_object else ']'}{comma}")
        members = list(current.items() if is_object else enumerate(current))
        for index, (name, inner) in reversed(list(enumerate(members))):
            label = f"{json.dumps(name, ensure_ascii=False)}: " if is_object else ""
            more = "," if index < len(members) - 1 else ""
            waiting.append((f"{pad}{INDENT}{label}", pointer + step(name), inner, more))
    return texts, starts


def _leaf(value: Any) -> str:
    if isinstance(value, LongText):
        return f"(Anlage in Base64, {value.end - value.start} Zeichen, hier nicht gezeigt)"
    return json.dumps(value, ensure_ascii=False)
