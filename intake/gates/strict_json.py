"""The gate for untrusted JSON: what a body may be before anybody looks inside.

RFC 8259, and stricter where a database or a later reader would stumble: UTF-8 only, no NUL and no lone surrogates,
each member once, numbers that exist, a limited depth. Long texts (base64 of attachments) are cut out of the text
before it is parsed, so that a message of 200 MB is never held in memory as Python strings.
"""

from __future__ import annotations

import json
import re
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from intake.findings import Finding
from intake.gates import Refused, mapped

Buffer = bytes | memoryview

MAX_DEPTH = 50
"""How deep objects and arrays may be nested."""
MAX_STRUCTURE = 20 * 1024 * 1024
"""How many bytes may be left when the long texts that stay where they are (attachments) are cut out: as large as an XML
may be."""
MAX_DIGITS = 40
"""How many characters a number may have."""
LONG = 1 << 16
"""From this many bytes on a text is cut out."""

_QUOTE = re.compile(b'"')
_LETTERS = re.compile(rb'[^"\\]*+(?:\\.[^"\\]*+)*+', re.DOTALL)  # possessive: never tried twice
_NOTHING_SAID = "Der JSON-Text"


@dataclass(frozen=True)
class LongText:
    """A long text that was left where it is: its place in the buffer, between the quotes, in bytes."""

    start: int
    end: int


@dataclass(frozen=True)
class _Bad:
    """A value that must not be; its place is known once everything is read."""

    code: str
    message: str


def read(buffer: Buffer, *, keep_long: Callable[[str], bool] = lambda pointer: False) -> Any:
    """The value in ``buffer``. Raises ``Refused``; ``path`` of its finding is the JSON pointer (RFC 6901).

    Where ``keep_long`` says so of a JSON pointer, a long text becomes a ``LongText``; elsewhere it is read as text.
    """
    token = secrets.token_hex(16)
    text, cuts = _cut(buffer, token)
    hooks = {"parse_constant": _constant, "parse_float": _float, "parse_int": _int, "object_pairs_hook": _object}
    try:
        value = json.loads(text, **hooks)
    except json.JSONDecodeError as error:
        where = f"Zeile {error.lineno}, Spalte {error.colno}" if not cuts else f"nach etwa {error.pos} Zeichen"
        known = {} if cuts else {"line": error.lineno, "column": error.colno}
        raise refused("json_invalid", f"{_NOTHING_SAID} ist fehlerhaft ({where}).", **known) from error
    except RecursionError as error:
        raise _too_deep("") from error
    return _Walk(buffer, token, cuts, keep_long).checked(value)


def refused(
    code: str, message: str, pointer: str = "", *, line: int | None = None, column: int | None = None
) -> Refused:
    """A refusal at ``pointer``, to be raised."""
    return Refused(Finding(code=code, message=message, path=pointer, line=line, column=column))


def step(name: str | int) -> str:
    """One step of a JSON pointer (RFC 6901)."""
    return "/" + str(name).replace("~", "~0").replace("/", "~1")


def _cut(buffer: Buffer, token: str) -> tuple[str, list[LongText]]:
    """The text with each long string replaced by ``token:number``, and where they were."""
    pieces: list[bytes] = []
    cuts: list[LongText] = []
    last = position = away = 0
    while quote := _QUOTE.search(buffer, position):
        start, position = quote.start(), _end_of_string(buffer, quote.end())
        if position - start > LONG:
            pieces += [bytes(buffer[last:start]), f'"{token}:{len(cuts)}"'.encode()]
            cuts.append(LongText(start + 1, position - 1))
            away += position - start
            last = position
        if position - away > MAX_STRUCTURE:
            break
    if len(buffer) - away > MAX_STRUCTURE:
        raise _too_large("")
    pieces.append(bytes(buffer[last:]))
    return _decoded(b"".join(pieces)).removeprefix("\ufeff"), cuts


def _end_of_string(buffer: Buffer, position: int) -> int:
    """Where the string ends whose letters begin at ``position``: behind its closing quote."""
    while True:
        letters = _LETTERS.match(buffer, position, position + mapped.WINDOW)
        end = letters.end() if letters else position
        if bytes(buffer[end : end + 1]) == b'"':
            return end + 1
        if end == position or end >= len(buffer):
            raise refused("json_invalid", f"{_NOTHING_SAID} bricht mitten in einem Wert ab.")
        position = end
        mapped.let_go(buffer)


def _decoded(raw: bytes, pointer: str = "") -> str:
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError as error:
        raise refused("json_not_utf8", f"{_NOTHING_SAID} ist nicht in UTF-8.", pointer) from error


def _constant(name: str) -> _Bad:
    return _Bad("number_invalid", f"{name} ist keine Zahl, die JSON kennt.")


def _float(text: str) -> float | _Bad:
    value = float(text)
    too_large = len(text) > MAX_DIGITS or value in (float("inf"), float("-inf"))
    return _Bad("number_invalid", "Die Zahl ist zu groß oder zu lang.") if too_large else value


def _int(text: str) -> int | _Bad:
    return _Bad("number_invalid", "Die Zahl ist zu lang.") if len(text) > MAX_DIGITS else int(text)


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in pairs:
        found[name] = _Bad("member_twice", "Die Angabe steht zweimal da.") if name in found else value
    return found


def _too_large(pointer: str) -> Refused:
    return refused("json_too_large", f"{_NOTHING_SAID} ist ohne seine Anlagen größer als 20 MB.", pointer)


def _too_deep(pointer: str) -> Refused:
    return refused("json_too_deep", f"{_NOTHING_SAID} ist tiefer als {MAX_DEPTH} Ebenen verschachtelt.", pointer)


class _Walk:
    """One look at every value, without recursion."""

    def __init__(self, buffer: Buffer, token: str, cuts: list[LongText], keep_long: Callable[[str], bool]) -> None:
        self._buffer, self._token, self._cuts, self._keep_long = buffer, token, cuts, keep_long
        self._read = 0  # bytes of long texts that became texts

    def checked(self, value: Any) -> Any:
        """The value with its long texts; Refused at the first thing that must not be, in the order of the text."""
        holder = [value]
        waiting: list[tuple[Any, Any, str, int]] = [(holder, 0, "", 0)]
        while waiting:
            container, key, pointer, depth = waiting.pop()
            current = container[key]
            match current:
                case _Bad():
                    raise refused(current.code, current.message, pointer)
                case str():
                    container[key] = self._text(current, pointer)
                case dict() | list() if depth >= MAX_DEPTH:
                    raise _too_deep(pointer)
                case dict():
                    for name in current:
                        self._name(name, pointer)
                    inner = [(current, name, pointer + step(name), depth + 1) for name in current]
                    waiting += reversed(inner)
                case list():
                    inner = [(current, index, f"{pointer}/{index}", depth + 1) for index in range(len(current))]
                    waiting += reversed(inner)
        return holder[0]

    def _text(self, text: str, pointer: str) -> str | LongText:
        if text.startswith(self._token):
            cut = self._cuts[int(text.rpartition(":")[2])]
            if self._keep_long(pointer):
                return cut
            text = self._uncut(cut, pointer)
        _require_storable(text, pointer)
        return text

    def _uncut(self, cut: LongText, pointer: str) -> str:
        self._read += cut.end - cut.start
        if self._read > MAX_STRUCTURE:
            raise _too_large(pointer)
        raw = _decoded(bytes(self._buffer[cut.start - 1 : cut.end + 1]), pointer)
        try:
            return json.loads(raw)
        except json.JSONDecodeError as error:
            raise refused("json_invalid", f"{_NOTHING_SAID} ist an dieser Stelle fehlerhaft.", pointer) from error

    def _name(self, name: str, pointer: str) -> None:
        if self._token in name:
            raise refused("json_invalid", "Der Name einer Angabe ist zu lang.", pointer)
        _require_storable(name, pointer)


def _require_storable(text: str, pointer: str) -> None:
    if "\0" in text:
        raise refused("text_invalid", "Ein NUL-Zeichen ist in Texten nicht erlaubt.", pointer)
    try:
        text.encode("utf-8")
    except UnicodeEncodeError as error:
        sentence = "Der Text enthält ein halbes Zeichen (ein einzelnes Surrogat)."
        raise refused("text_invalid", sentence, pointer) from error
