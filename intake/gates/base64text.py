"""The gate for base64 inside JSON (RFC 4648): decoded piece by piece, as it stands in the text."""

from __future__ import annotations

import binascii
import json
import re
from collections.abc import Iterator

from intake.gates import mapped
from intake.gates.strict_json import Buffer

CHUNK = 1 << 20

_ESCAPE = re.compile(rb"\\(?:u[0-9a-fA-F]{4}|.)", re.DOTALL)
_UNFINISHED = re.compile(rb"\\(?:u[0-9a-fA-F]{0,3})?\Z")
_BLANKS = b" \t\r\n"


class NotBase64(ValueError):
    """The text is no base64."""


def decoded(text: Buffer) -> Iterator[bytes]:
    """The bytes that ``text`` stands for: base64 in the letters of a JSON text (``\\/`` and ``\\u002B`` are escapes).

    Blanks and line ends between the letters are passed over. Raises NotBase64, maybe after some bytes.
    """
    rest, at_end = b"", False
    for start in range(0, len(text), CHUNK):
        letters = rest + bytes(text[start : start + CHUNK])
        open_escape = _UNFINISHED.search(letters) if start + CHUNK < len(text) else None
        held = letters[open_escape.start() :] if open_escape else b""
        letters = letters[: len(letters) - len(held)]
        if b"\\" in letters:
            letters = _ESCAPE.sub(_unescaped, letters)
        letters = letters.translate(None, _BLANKS)
        whole = len(letters) - len(letters) % 4
        if letters and at_end:
            raise NotBase64
        mapped.let_go(text)
        yield _bytes(letters[:whole])
        at_end = letters[:whole].endswith(b"=")
        rest = letters[whole:] + held
    if rest:
        raise NotBase64


def _bytes(letters: bytes) -> bytes:
    try:
        return binascii.a2b_base64(letters, strict_mode=True)
    except binascii.Error as error:
        raise NotBase64 from error


def _unescaped(escape: re.Match[bytes]) -> bytes:
    try:
        letter = json.loads(b'"' + escape[0] + b'"')
    except json.JSONDecodeError as error:
        raise NotBase64 from error
    if not letter.isascii():
        raise NotBase64
    return letter.encode()
