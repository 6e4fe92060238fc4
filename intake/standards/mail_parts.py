"""The parts of an e-mail: which are its text, which belong into the text, which are attachments; and decoding."""

from __future__ import annotations

import base64
import mimetypes
import quopri
import re
from binascii import Error as Base64Error
from collections.abc import Iterator
from dataclasses import dataclass
from email.message import Message
from enum import StrEnum
from itertools import islice

from intake.gates import filenames
from intake.standards import values

MAX_DEPTH = 50
"""How deep parts may be nested."""
MAX_NAME = 150
"""The longest name of an attachment, in characters; what is longer loses its middle, not its ending."""
SMALL_PICTURE, LARGE_PICTURE = 30_000, 200_000
"""In bytes: what is an ornament of the text by its size alone, and what is none whatever the mail says (telephones put
their photographs into the text)."""
_CID = re.compile(rb"cid:([^\s\"'<>)&]{1,200})", re.IGNORECASE)
_ENCODED_WORD = re.compile(r"=\?([^?\s*]{1,40})(?:\*[^?\s]*)?\?([bBqQ])\?([^?]*)\?=")
_BETWEEN_WORDS = re.compile(r"(?<=\?=)\s+(?==\?)")


class PartKind(StrEnum):
    """What a part is to its mail."""

    TEXT = "text"
    HTML = "html"
    INLINE = "inline"  # a picture that belongs into the text
    ATTACHMENT = "attachment"


@dataclass(frozen=True)
class Part:
    """One part with its decoded bytes; ``name`` is unique within the mail and holds no folder."""

    name: str
    kind: PartKind
    content_type: str
    data: bytes
    charset: str = ""
    is_damaged: bool = False


class TooManyParts(Exception):
    """The mail has more parts, or deeper ones, than anybody would look at."""


def parts_of(message: Message, *, limit: int) -> list[Part]:
    """The parts of ``message`` in order, attached mails whole. Raises TooManyParts for more than ``limit``."""
    leaves = list(islice(_leaves(message, 0), limit + 1))
    if len(leaves) > limit:
        raise TooManyParts
    contents = [(leaf, _content(leaf)) for leaf in leaves]
    shown = {cid for leaf, data in contents if leaf.get_content_type() == "text/html" for cid in _CID.findall(data)}
    taken: set[str] = set()
    parts = (_part(leaf, data, number, taken, shown) for number, (leaf, data) in enumerate(contents, 1))
    return [part for part in parts if part]


def header_text(raw: str) -> str:
    """A header value in readable form: encoded words (RFC 2047) decoded, 8-bit bytes too; what cannot be is kept."""
    text, end = "", 0
    pending, charset = b"", ""  # senders break words in the middle of a letter: neighbours are decoded together
    source = _BETWEEN_WORDS.sub("", raw)
    for word in _ENCODED_WORD.finditer(source):
        if word.start() > end or word[1].lower() != charset:
            text += decoded(pending, charset) + _eight_bit(source[end : word.start()])
            pending, charset = b"", word[1].lower()
        pending += _word(word)
        end = word.end()
    return values.clean(text + decoded(pending, charset) + _eight_bit(source[end:]))


def _word(word: re.Match[str]) -> bytes:
    data = word[3].encode("utf-8", "surrogateescape")
    if word[2] in "qQ":
        return quopri.decodestring(data, header=True)
    try:
        return base64.b64decode(data + b"=" * (-len(data) % 4))
    except Base64Error:
        return word[0].encode("utf-8", "surrogateescape")


def _eight_bit(text: str) -> str:
    return decoded(text.encode("utf-8", "surrogateescape"), "")


def decoded(data: bytes, charset: str) -> str:
    """``data`` as text: in its charset, else UTF-8, else Windows-1252 with marks for what is not even that."""
    for name in (charset, "utf-8"):
        try:
            return data.decode(name) if name else data.decode("utf-8")
        except (LookupError, UnicodeError, ValueError):
            continue
    return data.decode("cp1252", "replace")


def _leaves(part: Message, depth: int) -> Iterator[Message]:
    """The parts that hold content; an attached mail is one of them, and is not opened."""
    if depth > MAX_DEPTH:
        raise TooManyParts
    children = part.get_payload()
    if part.get_content_maintype() != "multipart" or not isinstance(children, list):
        yield part
        return
    for child in children:
        yield from _leaves(child, depth + 1)


def _part(leaf: Message, data: bytes, number: int, taken: set[str], shown: set[bytes]) -> Part | None:
    """The part; None for a text without any characters. ``shown`` are the pictures that the HTML shows."""
    content_type = leaf.get_content_type()
    wanted = _file_name(leaf)
    kind = _kind(leaf, content_type, bool(wanted), len(data), shown)
    if kind in (PartKind.TEXT, PartKind.HTML) and not data.strip():
        return None
    name = _unique(wanted or _own_name(kind, content_type, number), taken)
    return Part(name, kind, content_type, data, leaf.get_content_charset("") or "", bool(leaf.defects))


def _content(leaf: Message) -> bytes:
    nested = leaf.get_payload()
    if isinstance(nested, list):  # message/rfc822 and its kin
        return b"\n".join(_nested(child) for child in nested)
    return leaf.get_payload(decode=True) or b""


def _nested(child: Message) -> bytes:
    try:
        return child.as_bytes()
    except (
        UnicodeError,
        LookupError,
        ValueError,
        TypeError,
        AttributeError,
        RecursionError,
    ):  # not to be written again
        return str(child.get_payload()).encode("utf-8", "surrogateescape")


def _kind(leaf: Message, content_type: str, has_name: bool, size: int, shown: set[bytes]) -> PartKind:
    is_attached = (leaf.get_content_disposition() or "").lower() == "attachment"
    if not is_attached and not has_name and content_type in ("text/plain", "text/html"):
        return PartKind.HTML if content_type == "text/html" else PartKind.TEXT
    if content_type.startswith("image/") and size <= LARGE_PICTURE:
        cid = str(leaf.get("content-id", "")).strip("<> ").encode("utf-8", "surrogateescape")
        is_loose = not is_attached and (bool(cid) or size <= SMALL_PICTURE)
        if is_loose or cid in shown:
            return PartKind.INLINE
    return PartKind.ATTACHMENT


def _file_name(leaf: Message) -> str:
    """The name that the sender gave the part, without folders, in readable form; "" when there is none."""
    try:
        given = leaf.get_filename("") or ""
    except (LookupError, UnicodeError, ValueError, TypeError):  # RFC 2231 by halves
        given = ""
    name = values.text(header_text(str(given))).replace("\\", "/").rstrip("/").rpartition("/")[2].strip(". ")
    if len(name) <= MAX_NAME:
        return name
    stem, dot, ending = name.rpartition(".")
    return f"{stem[: MAX_NAME - 20]}…{dot}{ending[:15]}" if dot else name[:MAX_NAME]


def _own_name(kind: PartKind, content_type: str, number: int) -> str:
    if kind in (PartKind.TEXT, PartKind.HTML):
        return "Nachrichtentext.txt" if kind is PartKind.TEXT else "Nachrichtentext.html"
    ending = ".eml" if content_type == "message/rfc822" else mimetypes.guess_extension(content_type) or ".bin"
    return f"Anlage {number}{ending}"


def _unique(name: str, taken: set[str]) -> str:
    """``name``, or with `` (2)``, `` (3)`` … before its ending when it is taken already, whatever its case."""
    stem, dot, ending = name.rpartition(".")
    stem, ending = (stem, dot + ending) if stem else (name, "")
    candidate, count = name, 1
    while filenames.key(candidate) in taken:
        count += 1
        candidate = f"{stem} ({count}){ending}"
    taken.add(filenames.key(candidate))
    return candidate
