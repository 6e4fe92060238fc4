"""The watcher: a thread of the worker that looks into the watched folders."""

from __future__ import annotations

import logging
import threading

from django.conf import settings
from django.db import close_old_connections, connections

from intake import collecting, inbox

END_SECONDS = 3  # the supervisor kills after eight
log = logging.getLogger("laufmappe.inbox")


class Watcher:
    """Looks into every watched folder every ``INBOX_POLL_SECONDS`` until it is told to end.

    A thread of its own with its own database connection: a large mailbox does not hold up the sweeper, nor a long
    sweep the mailbox.
    """

    def __init__(self) -> None:
        self._stop = threading.Event()
        self._troubles: dict[str, str] = {}  # by channel: what went wrong the last time
        self._thread = threading.Thread(target=self._run, name="inboxes", daemon=True)

    def start(self) -> None:
        """Begin; without a watched folder there is nothing to do."""
        if inbox.configured():
            self._thread.start()

    def end(self) -> None:
        """Finish the message at hand, if that does not take too long (being killed does no harm either)."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join(END_SECONDS)

    def _run(self) -> None:
        watches = [inbox.Watch(each) for each in inbox.configured()]
        while not self._stop.is_set():
            for watch in watches:
                self._look(watch)
            self._stop.wait(settings.INBOX_POLL_SECONDS)
        connections.close_all()

    def _look(self, watch: inbox.Watch) -> None:
        try:
            close_old_connections()
            collecting.collect(watch, stop=self._stop.is_set)
            trouble = ""
        except Exception as error:  # folder or database is away: go on when it is back; health says what is wrong
            trouble = type(error).__name__
            connections.close_all()
        channel = watch.inbox.channel
        if trouble and trouble != self._troubles.get(channel):  # said once, not every two seconds
            log.error("%s: the inbox cannot be looked into (%s)", channel, trouble)
        self._troubles[channel] = trouble
