"""The deliverers, threads of the worker: one tells webhooks, each by a thread of its own; one sends letters."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

from django.db import close_old_connections, connections

from audit.faults import where
from returnchannel import tasks
from returnchannel.actions import deliveries

POLL_SECONDS = 1.0
AT_ONCE = 12  # webhooks; one that hangs holds its thread for a quarter of a minute, then it is left alone
END_SECONDS = 1  # the supervisor kills after eight, and others have to end too
log = logging.getLogger("laufmappe.webhooks")


class Deliverer:
    """Looks every second for webhooks with something to send until it is told to end.

    With threads and database connections of its own: a slow receiver holds up neither the sweeper nor other receivers.
    """

    def __init__(self) -> None:
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="webhooks", daemon=True)
        self._senders: list[threading.Thread] = []

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def end(self) -> None:
        """Begin nothing new (what is cut off is sent again, under the same id)."""
        self._stop.set()
        self._thread.join(END_SECONDS)

    def _run(self) -> None:
        while not self._stop.is_set():
            try:
                close_old_connections()
                self._look()
            except Exception as error:  # the database is away: go on when it is back
                log.error("webhooks cannot be looked for: %s", where(error))
                connections.close_all()
            self._stop.wait(POLL_SECONDS)
        for sender in self._senders:
            sender.join(END_SECONDS)
        connections.close_all()

    def _look(self) -> None:
        self._senders = [sender for sender in self._senders if sender.is_alive()]
        while len(self._senders) < AT_ONCE and not self._stop.is_set() and (claim := deliveries.claim()):
            sender = threading.Thread(target=self._send, args=(claim,), name="webhook", daemon=True)
            self._senders.append(sender)
            sender.start()

    def _send(self, claim: deliveries.Claim) -> None:
        try:
            tasks.deliver(claim, stop=self._stop.is_set)
        except Exception as error:  # the claim runs out, then it is tried again
            log.error("webhook %s cannot be served: %s", claim.webhook_id, where(error))
        finally:
            connections.close_all()


class Sender:
    """Looks every second for letters, notices and court mail to be sent, and for what comes back, until told to end."""

    def __init__(self) -> None:
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="letters", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def end(self) -> None:
        """Begin nothing new (what is cut off is sent again, under the same name)."""
        self._stop.set()
        self._thread.join(END_SECONDS)

    def _run(self) -> None:
        while not self._stop.is_set():
            self._do("letters", lambda: tasks.send_due(stop=self._stop.is_set))
            self._do("court mail", tasks.court_post)
            self._stop.wait(POLL_SECONDS)
        connections.close_all()

    def _do(self, what: str, work: Callable[[], int]) -> None:
        """One kind of post; trouble with it holds up no other."""
        try:
            close_old_connections()
            work()
        except Exception as error:  # the database or a folder is away, or one cannot be sent: its claim runs out
            log.error("%s cannot be sent: %s", what, where(error))
            connections.close_all()
