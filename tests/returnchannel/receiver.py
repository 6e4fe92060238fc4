"""A receiver of webhooks as a portal runs one: a small HTTP server of its own, which behaves as a test says."""

from __future__ import annotations

import json
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from standardwebhooks import Webhook as Verifier

Answer = Callable[["Request"], int]


@dataclass
class Got:
    """What arrived: the headers and the raw body."""

    headers: dict[str, str]
    body: bytes

    @property
    def event_id(self) -> str:
        """The id of the event."""
        return self.headers["webhook-id"]

    def verified(self, secret: str) -> dict[str, Any]:
        """The event, after the public implementation has verified it."""
        return Verifier(secret).verify(self.body, self.headers)


class Request(BaseHTTPRequestHandler):
    """One request; answered as the receiver's ``answer`` says."""

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        receiver: Receiver = self.server.receiver
        receiver.got.append(Got({name.lower(): value for name, value in self.headers.items()}, body))
        status = receiver.answer(self)
        if status:
            self.send_response(status)
            if 300 <= status < 400:
                self.send_header("Location", receiver.location)
            self.send_header("Content-Length", "0")
            self.end_headers()

    def log_message(self, *args: Any) -> None:
        """Quietly."""


class Server(ThreadingHTTPServer):
    """Its threads end with the test."""

    daemon_threads = True
    block_on_close = False

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Who hangs up is no news."""


@dataclass
class Receiver:
    """A running receiver: where it is, what it got, and how it answers (a status; 0: it closes without a word)."""

    port: int = 0
    location: str = ""
    got: list[Got] = field(default_factory=list)
    answer: Answer = lambda request: 204
    scheme: str = "http"

    @property
    def url(self) -> str:
        """Its address."""
        return f"{self.scheme}://127.0.0.1:{self.port}/laufmappe?ziel=1"

    def answers(self, *statuses: int) -> None:
        """These one after another, the last for ever."""
        left = list(statuses)
        self.answer = lambda request: left.pop(0) if len(left) > 1 else left[0]

    @property
    def versions(self) -> list[tuple[str, int]]:
        """Vorgangs-ID and version of each event, in the order of their arrival (not verified)."""
        return [(data["case_id"], data["version"]) for data in (json.loads(each.body)["data"] for each in self.got)]


@contextmanager
def receiving(context: ssl.SSLContext | None = None) -> Iterator[Receiver]:
    """A receiver as long as the block runs; with ``context`` by TLS."""
    receiver = Receiver(scheme="https" if context else "http")
    server = Server(("127.0.0.1", 0), Request)
    server.receiver = receiver
    receiver.port = server.server_address[1]
    if context:
        server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield receiver
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def closed_port() -> int:
    """A port at which nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
