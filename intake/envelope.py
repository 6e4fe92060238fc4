"""The Envelope: one thing as it arrived on a channel, before anybody has looked inside."""

from __future__ import annotations

import hashlib
import io
import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO

from intake.findings import Finding

CHUNK = 1 << 20


@dataclass(frozen=True)
class MessageFile:
    """A file of a message: its name as received (with directories inside the container), its size
    in bytes, and a way to open it. The bytes are never changed."""

    name: str
    size: int
    open: Callable[[], BinaryIO]

    def read(self) -> bytes:
        """All bytes; call it only for files whose size has been checked."""
        with self.open() as stream:
            return stream.read()

    def sha256(self) -> str:
        """The SHA-256 of the bytes as lower-case hex, computed in chunks."""
        digest = hashlib.sha256()
        with self.open() as stream:
            while chunk := stream.read(CHUNK):
                digest.update(chunk)
        return digest.hexdigest()

    @classmethod
    def from_path(cls, path: Path, name: str) -> MessageFile:
        """The file at ``path``, known under ``name``."""
        return cls(name=name, size=path.stat().st_size, open=lambda: path.open("rb"))

    @classmethod
    def from_slice(cls, source: BinaryIO, start: int, size: int, name: str) -> MessageFile:
        """``size`` bytes from ``start`` on of an open file, known under ``name``, for as long as the file is open."""
        return cls(name=name, size=size, open=lambda: io.BufferedReader(_Slice(source, start, size), CHUNK))


class _Slice(io.RawIOBase):
    """A part of an open file, with a position of its own."""

    def __init__(self, source: BinaryIO, start: int, size: int) -> None:
        self._source, self._at, self._end = source, start, start + size

    def readable(self) -> bool:
        return True

    def readinto(self, target: memoryview) -> int:
        found = os.pread(self._source.fileno(), min(len(target), self._end - self._at), self._at)
        target[: len(found)] = found
        self._at += len(found)
        return len(found)


@dataclass
class Envelope:
    """One arrival: what a channel adapter hands to ``intake.actions.receive``.

    ``external_id`` is the carrier's id of the message (idempotency key within the channel),
    ``received_at`` the legal arrival if the carrier recorded one, ``archive`` the ZIP as it came
    (kept whole beside its members), ``source`` where the adapter took it from, ``findings`` what the
    adapter noticed while opening it (a refused ZIP has no members, only a finding), ``service`` the slug of
    the Leistung where the carrier itself names one, ``reply_channel`` how the applicant wants to be answered (JSON).
    """

    channel: str
    external_id: str
    files: list[MessageFile] = field(default_factory=list)
    archive: MessageFile | None = None
    received_at: datetime | None = None
    source: str = ""
    findings: list[Finding] = field(default_factory=list)
    service: str = ""
    reply_channel: Any = None


def content_id(files: Iterable[MessageFile]) -> str:
    """``sha256:<hex>`` over sorted names and hashes: the id of a folder that brings none of its own."""
    digest = hashlib.sha256()
    for name, sha in sorted((f.name, f.sha256()) for f in files):
        digest.update(f"{name}\0{sha}\n".encode("utf-8", "surrogateescape"))
    return f"sha256:{digest.hexdigest()}"
