"""A fake ``clamd`` on a Unix socket: speaks INSTREAM, finds EICAR, and can misbehave in every way that matters."""

from __future__ import annotations

import socket
import struct
import tempfile
import threading
from pathlib import Path

from tests.sample_files import EICAR


class FakeClamd:
    """A server thread, used as a context manager; ``mode`` may be changed while it runs.

    Modes: ``scan`` (as the real one), ``error`` (an ERROR answer), ``limit`` (refuses after the first chunk, as over
    StreamMaxLength), ``hang`` (takes everything and is silent), ``hangup`` (closes without an answer), ``garbage``.
    """

    def __init__(self, mode: str = "scan") -> None:
        self.mode = mode
        self.scanned: list[bytes] = []
        self._folder = tempfile.TemporaryDirectory(prefix="clamd")
        self.address = str(Path(self._folder.name) / "s")
        self._server = socket.socket(socket.AF_UNIX)
        self._stop = threading.Event()

    def __enter__(self) -> FakeClamd:
        self._server.bind(self.address)
        self._server.listen(16)
        self._server.settimeout(0.05)
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join(5)
        self._server.close()
        self._folder.cleanup()

    def _serve(self) -> None:
        while not self._stop.is_set():
            try:
                link, _ = self._server.accept()
            except TimeoutError:
                continue
            with link:
                link.settimeout(5)
                self._answer(link)

    def _answer(self, link: socket.socket) -> None:
        command = _until_nul(link)
        if command == b"zPING" and self.mode != "hang":
            link.sendall(b"PONG\0")
            return
        if self.mode == "hangup":
            return
        if self.mode == "limit":
            link.recv(1 << 16)
            link.sendall(b"INSTREAM size limit exceeded. ERROR\0")
            return
        data = _chunks(link) if command == b"zINSTREAM" else b""
        self.scanned.append(data)
        if self.mode == "hang":
            self._stop.wait(3)
            return
        found = b"stream: Eicar-Test-Signature FOUND\0" if EICAR in data else b"stream: OK\0"
        answers = {"error": b"INSTREAM: Can't allocate memory ERROR\0", "garbage": b"\xff\xfe hello\0"}
        link.sendall(answers.get(self.mode, found))


def _until_nul(link: socket.socket) -> bytes:
    data = b""
    while not data.endswith(b"\0"):
        part = link.recv(1)
        if not part:
            break
        data += part
    return data.rstrip(b"\0")


def _chunks(link: socket.socket) -> bytes:
    data = b""
    while length := struct.unpack(">I", _exactly(link, 4))[0]:
        data += _exactly(link, length)
    return data


def _exactly(link: socket.socket, count: int) -> bytes:
    data = b""
    while len(data) < count:
        data += link.recv(count - len(data))
    return data
