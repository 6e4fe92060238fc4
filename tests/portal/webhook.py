"""The portal's own address for webhooks: a small HTTP server that believes what is signed, and nothing else."""

from __future__ import annotations

import json
import queue
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from standardwebhooks import Webhook, WebhookVerificationError


@dataclass
class Inbox:
    """What was told: events that are signed by ``secret`` are put into ``events``, once each; others are refused."""

    secret: str = ""
    port: int = 0
    events: queue.Queue[dict[str, Any]] = field(default_factory=queue.Queue)
    raw: list[bytes] = field(default_factory=list)
    refused: int = 0
    _seen: set[str] = field(default_factory=set)

    @property
    def url(self) -> str:
        """Its address."""
        return f"http://127.0.0.1:{self.port}/laufmappe"

    def take(self, body: bytes, headers: dict[str, str]) -> int:
        """The HTTP status for what has arrived."""
        try:
            event = Webhook(self.secret).verify(body, headers)
        except WebhookVerificationError:
            self.refused += 1
            return 401
        self.raw.append(body)
        if headers["webhook-id"] not in self._seen:  # the same event may come twice
            self._seen.add(headers["webhook-id"])
            self.events.put(event)
        return 204

    def next(self, seconds: float = 10) -> dict[str, Any]:
        """The next event. Raises ``queue.Empty`` when none comes in time."""
        return self.events.get(timeout=seconds)


@contextmanager
def listening() -> Iterator[Inbox]:
    """An inbox as long as the block runs."""
    inbox = Inbox()

    class Request(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            status = inbox.take(body, {name.lower(): value for name, value in self.headers.items()})
            self.send_response(status)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *args: Any) -> None:
            """Quietly."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Request)
    server.daemon_threads, server.block_on_close = True, False
    inbox.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield inbox
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def told(event: dict[str, Any]) -> tuple[str, str, int]:
    """Vorgangs-ID, kind and version of an event; raises AssertionError when it says more than that."""
    data = event["data"]
    assert (event["specversion"], event["type"]) == ("1.0", "de.laufmappe.case.changed"), json.dumps(event)
    assert set(data) == {"case_id", "version", "status", "kind"}, json.dumps(event)
    assert event["subject"] == data["case_id"]
    return data["case_id"], data["kind"], data["version"]
