"""A client of ClamAV: its daemon ``clamd`` listens on a socket and takes bytes by the command INSTREAM.

``CLAMAV_SOCKET`` is the path of a Unix socket, or ``host:port``. The protocol: ``zINSTREAM\\0``, then chunks, each
behind its length (4 bytes, big-endian), then a length of zero; the answer ends with a NUL (clamd(8)).
"""

from __future__ import annotations

import re
import socket
import struct
import time
from dataclasses import dataclass
from typing import BinaryIO

from django.conf import settings

CHUNK = 1 << 16
MAX_ANSWER = 4096
MAX_SCANNED = 100 * 1024 * 1024
"""The largest file that is sent to the scanner, in bytes; clamd may take less (its ``StreamMaxLength``)."""
_FOUND = re.compile(r"^stream: (?P<name>.+) FOUND$")


class Unreachable(Exception):
    """The scanner does not answer, or not in time: the file stays unscanned and is tried again."""


class Refused(Exception):
    """The scanner answers with an error, or not with what it should: this file is not scanned."""


class TooLarge(Refused):
    """The file is larger than the scanner takes."""


@dataclass(frozen=True)
class Scanner:
    """A ``clamd`` at ``address``. ``timeout``: seconds for connecting and for each silence; ``deadline``: for all."""

    address: str
    timeout: float = 20.0
    deadline: float = 90.0

    def ping(self) -> bool:
        """Whether the scanner is there and well."""
        try:
            with self._connect(min(self.timeout, 2.0)) as link:
                link.sendall(b"zPING\0")
                return _answer(link) == "PONG"
        except OSError:
            return False

    def scan(self, stream: BinaryIO, size: int) -> str:
        """The name of what is in the ``size`` bytes of ``stream``, or "" when they are clean.

        Raises Unreachable (try again later), TooLarge or Refused (this file cannot be scanned).
        """
        if size > MAX_SCANNED:
            raise TooLarge(f"{size} bytes")
        until = time.monotonic() + self.deadline
        try:
            with self._connect(self.timeout) as link:
                return _verdict(_stream(link, stream, until))
        except OSError as error:
            raise Unreachable(type(error).__name__) from error

    def _connect(self, timeout: float) -> socket.socket:
        host, _, port = self.address.rpartition(":")
        if host and port.isdigit() and "/" not in self.address:
            return socket.create_connection((host.strip("[]"), int(port)), timeout)
        link = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        link.settimeout(timeout)
        try:
            link.connect(self.address.removeprefix("unix:"))
        except OSError:
            link.close()
            raise
        return link


def configured() -> Scanner | None:
    """The scanner of ``CLAMAV_SOCKET``; None when there is none."""
    return Scanner(settings.CLAMAV_SOCKET) if settings.CLAMAV_SOCKET else None


def _stream(link: socket.socket, stream: BinaryIO, until: float) -> str:
    try:
        link.sendall(b"zINSTREAM\0")
        while chunk := stream.read(CHUNK):
            if time.monotonic() > until:
                raise TimeoutError("the scanner takes too long")
            link.sendall(struct.pack(">I", len(chunk)) + chunk)
        link.sendall(struct.pack(">I", 0))
    except (BrokenPipeError, ConnectionResetError):
        return _answer(link)  # it stopped listening, maybe with a reason
    return _answer(link)


def _answer(link: socket.socket) -> str:
    data = b""
    while not data.endswith(b"\0") and len(data) < MAX_ANSWER:
        part = link.recv(MAX_ANSWER)
        if not part:
            break
        data += part
    if not data:
        raise ConnectionError("the scanner hung up")
    return data.rstrip(b"\0\n").decode("utf-8", "replace")


def _verdict(answer: str) -> str:
    if answer == "stream: OK":
        return ""
    if match := _FOUND.match(answer):
        return match["name"]
    if "size limit exceeded" in answer:
        raise TooLarge(answer)
    raise Refused(answer)
