"""The channel of the portals: applications as JSON, by ``POST /api/v1/submissions`` or as files for trying out.

An application becomes the files ``submission.json`` (the JSON exactly as received) and ``portal/<n>/<name>`` (each
attachment). Attachments that come inside the JSON are decoded into one scratch file, piece by piece.
"""

from __future__ import annotations

import hashlib
import json
import mmap
import tempfile
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

from django.conf import settings

from intake.channels import register
from intake.channels.base import Channel, Skipped
from intake.envelope import Envelope, MessageFile, content_id
from intake.findings import Finding
from intake.gates import Refused, base64text, filenames
from intake.gates.strict_json import Buffer, LongText
from intake.standards import application as applications
from intake.standards.application import Unreadable
from intake.standards.layout import APPLICATION, APPLICATION_DIR

NAME_BYTES = 200  # what is kept of an attachment's name, in bytes of UTF-8, its extension included


@dataclass(frozen=True)
class Part:
    """A file that came beside the JSON: its name as sent, its place in the body, the SHA-256 of its bytes.

    ``name`` is that of its field in the form.
    """

    filename: str
    start: int
    size: int
    sha256: str
    name: str = ""


@dataclass(frozen=True)
class Form:
    """A kind of body: under which name its JSON is kept, how it is read, what its part is called in multipart.

    ``read`` gives what was said (with ``attachments``) and the JSON object that it was read from; ``entries`` the
    attachments in that, ``pointer`` where the one with an index stands. Without ``parts`` there is no multipart.
    """

    file: str
    read: Callable[[Buffer], tuple[Any, dict[str, Any]]]
    parts: tuple[str, ...] = ("submission",)
    entries: Callable[[dict[str, Any]], list[dict[str, Any]]] = lambda value: value.get("attachments") or []
    pointer: Callable[[int], str] = "/attachments/{}".format


APPLICATION_FORM = Form(APPLICATION, applications.read)


@dataclass
class Message:
    """What was said (an application, a reply, …) with all its files. It lives as long as body and scratch file."""

    said: Any
    files: list[MessageFile]
    digest: str
    """SHA-256 of the canonical JSON and of each file in order: by it the same body is known again."""
    numbers: dict[str, list[int]] = field(default_factory=dict)
    """The numbers of the attachments (from 1 on) that came in file parts, by the names of these."""


@dataclass
class Body:
    """What is read from: the open file, its bytes, where the JSON stands in it, and the files beside it."""

    file: BinaryIO
    start: int
    size: int
    parts: Sequence[Part] = field(default_factory=tuple)
    name: str = APPLICATION

    @property
    def json_file(self) -> MessageFile:
        """The JSON as received."""
        return MessageFile.from_slice(self.file, self.start, self.size, self.name)


@register
class Portal(Channel):
    """Reads applications from JSON files; portals themselves come by the REST interface."""

    slug = "portal"
    label = "Portal"

    def envelopes(self, path: Path) -> Iterator[Envelope | Skipped]:
        """The application in the file ``path``, or those in the ``*.json`` files of a folder, by name.

        Take each before the next: what was decoded for it is gone then.
        """
        if path.is_dir():
            yield from self.inbox(path)
            return
        with path.open("rb") as file, scratch() as decoded:
            yield _envelope_of(path, Body(file, 0, path.stat().st_size), decoded)

    def inbox(self, folder: Path, *, ignore: Collection[str] = ()) -> Iterator[Envelope | Skipped]:
        """One for each ``*.json`` in ``folder``."""
        for path in sorted(folder.glob("*.json")):
            if path.name not in ignore:
                yield from self.envelopes(path)


def _envelope_of(path: Path, body: Body, decoded: BinaryIO) -> Envelope:
    findings: list[Finding] = []
    files, service, reply_channel = [body.json_file], "", None
    try:
        message = read(body, decoded)
        files, service = message.files, message.said.service
        reply_channel = message.said.reply_channel
    except Refused as refused:
        findings = [refused.finding]
    except Unreadable as unreadable:
        findings = unreadable.findings
    known = content_id(files)
    return Envelope(
        "portal", known, files, source=str(path), findings=findings, service=service, reply_channel=reply_channel
    )


@contextmanager
def scratch() -> Iterator[BinaryIO]:
    """A file without a name, on the disk of the blobs: nothing is left of it, however the process ends."""
    directory = Path(settings.DATA_DIR)
    directory.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryFile(dir=directory) as file:
        yield file


def read(body: Body, decoded: BinaryIO, *, at_most: int | None = None, form: Form = APPLICATION_FORM) -> Message:
    """What a body of this ``form`` says; attachments inside the JSON are decoded to the end of ``decoded``.

    Raises ``Refused`` (no JSON, or it describes more than ``at_most`` attachments: then none is decoded) or
    ``Unreadable`` (not of this form, no base64), with JSON pointers in the findings.
    """
    if not body.size:
        raise Unreadable([Finding("not_an_object", "Der Körper der Anfrage ist leer.")])
    mapped = mmap.mmap(body.file.fileno(), 0, access=mmap.ACCESS_READ)  # let go with its last reader
    view = memoryview(mapped)[body.start : body.start + body.size]
    said, value = form.read(view)
    if at_most is not None and len(said.attachments) > at_most:
        raise Refused(too_many(at_most))
    attachments = list(_Attachments(body, view, decoded, form).of(said.attachments))
    for entry, (_, sha256, _) in zip(form.entries(value), attachments, strict=False):
        entry["content"] = sha256
    numbers: dict[str, list[int]] = {}
    for number, (_, _, name) in enumerate(attachments, 1):
        if name:
            numbers.setdefault(name, []).append(number)
    digest = _digest(value, [sha256 for _, sha256, _ in attachments])
    return Message(said, [body.json_file, *(file for file, _, _ in attachments)], digest, numbers)


def too_many(at_most: int) -> Finding:
    """An application brings more than ``at_most`` attachments."""
    return Finding("too_many_files", f"Mehr als {at_most} Anlagen werden nicht angenommen.")


def _digest(value: dict[str, Any], hashes: list[str]) -> str:
    canonical = json.dumps([value, hashes], sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(canonical.encode()).hexdigest()


class _Attachments:
    """The attachments of one body: those inside the JSON, and those beside it."""

    def __init__(self, body: Body, view: Buffer, decoded: BinaryIO, form: Form) -> None:
        self._body, self._view, self._decoded, self._form = body, view, decoded, form
        self._left = list(body.parts)

    def of(self, entries: Sequence[applications.Entry]) -> Iterator[tuple[MessageFile, str, str]]:
        """Each with its SHA-256 and its part's name: first those that the JSON names, in its order, then the others."""
        errors: list[Finding] = []
        for index, entry in enumerate(entries):
            try:
                yield self._named(entry, index + 1)
            except base64text.NotBase64:
                text = "„content“ ist kein gültiges Base64 (RFC 4648, Abschnitt 4)."
                errors.append(Finding("invalid_base64", text, path=f"{self._form.pointer(index)}/content"))
            except LookupError:
                text = "Zu dieser Anlage fehlt „content“, und keine mitgesandte Datei hat diesen Namen."
                errors.append(Finding("missing", text, path=f"{self._form.pointer(index)}/content"))
        if errors:
            raise Unreadable(errors)
        for number, part in enumerate(self._left, len(entries) + 1):
            yield self._beside(part, number)

    def _named(self, entry: applications.Entry, number: int) -> tuple[MessageFile, str, str]:
        if entry.content is not None:
            return self._inside(entry, number)
        part = next((part for part in self._left if part.filename == entry.filename), None)
        if part is None:
            raise LookupError(entry.filename)
        self._left.remove(part)
        return self._beside(part, number)

    def _inside(self, entry: applications.Entry, number: int) -> tuple[MessageFile, str, str]:
        text: Buffer
        if isinstance(entry.content, LongText):
            text = self._view[entry.content.start : entry.content.end]
        else:
            text = _ascii(entry.content or "")
        start, digest, size = self._decoded.seek(0, 2), hashlib.sha256(), 0
        for piece in base64text.decoded(text):
            self._decoded.write(piece)
            digest.update(piece)
            size += len(piece)
        self._decoded.flush()
        name = stored_name(number, entry.filename)
        return MessageFile.from_slice(self._decoded, start, size, name), digest.hexdigest(), ""

    def _beside(self, part: Part, number: int) -> tuple[MessageFile, str, str]:
        name = stored_name(number, part.filename)
        return MessageFile.from_slice(self._body.file, part.start, part.size, name), part.sha256, part.name


def _ascii(text: str) -> bytes:
    if not text.isascii() or "\\" in text:
        raise base64text.NotBase64
    return text.encode()


def stored_name(number: int, filename: str) -> str:
    """Where the ``number``-th attachment stands in the message; its own name, without folders, is the last part."""
    plain = filenames.storable(filename).replace("\\", "/").rpartition("/")[2].strip()
    plain = plain if plain.strip(". ") else "Anlage"
    stem, dot, extension = plain.rpartition(".")
    if not dot or len(extension) > 8:
        stem, dot, extension = plain, "", ""
    room = NAME_BYTES - len(f"{dot}{extension}".encode())
    short = stem.encode()[:room].decode("utf-8", "ignore")
    return f"{APPLICATION_DIR}/{number}/{short}{dot}{extension}"
