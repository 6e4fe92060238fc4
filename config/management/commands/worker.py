"""The worker: the django-q2 cluster, beside it the sweeper for what was forgotten, watched folders and virus scans.

Every few minutes the sweeper also escalates Klärfälle that have waited too long; once an hour it ends Nachforderungen
that have run out, and clears away what nobody needs any more.

Folders, scans and webhooks have threads of their own, and no tasks: what hangs there holds up neither cluster nor
sweeper.
"""

from __future__ import annotations

import logging
import os
import signal
import sys
import threading
import time
from typing import Any

from django.core.management.base import BaseCommand
from django.db import Error, close_old_connections, connections
from django_q.cluster import Cluster

from cases import blobs
from cases.tasks import expire_due, scan_due
from config import bootstrap
from config.delivering import Deliverer, Sender
from config.processes import die_with_parent
from config.watching import Watcher
from intake.actions import forget_answers
from returnchannel import tasks as returnchannel
from routing.tasks import escalate_due, process_due

SWEEP_SECONDS = 1.5
GRACE_SECONDS = 6
TIDY_SECONDS = 3600
ESCALATE_SECONDS = 300
LONGEST_SCAN_PAUSE = 60  # seconds, while the virus scanner cannot be reached
log = logging.getLogger("laufmappe.worker")


class Command(BaseCommand):
    """``worker``: runs until SIGTERM or SIGINT; exit 1 when the cluster dies (the supervisor starts it again)."""

    tidied_at: float | None = None  # by the monotonic clock
    escalated_at: float | None = None
    help = "Arbeitet ab, was im Hintergrund zu tun ist."

    def handle(self, *args: Any, **options: Any) -> None:
        """Start the cluster, sweep until told to stop, end both cleanly."""
        bootstrap.migrated()
        connections.close_all()  # the cluster forks
        stop = threading.Event()
        os.register_at_fork(after_in_child=die_with_parent)
        cluster = Cluster()
        cluster.start()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stop.set())
        threading.Thread(target=self._scan, args=(stop,), daemon=True).start()
        watcher = Watcher()  # after the cluster: a process with threads must not fork
        watcher.start()
        deliverer = Deliverer()
        deliverer.start()
        sender = Sender()
        sender.start()
        while not stop.is_set() and cluster.sentinel.is_alive():
            self._sweep()
            stop.wait(SWEEP_SECONDS)
        died = not stop.is_set()
        sender.end()
        deliverer.end()
        watcher.end()
        self._end(cluster)
        connections.close_all()
        if died:
            log.error("the task cluster died")
            sys.exit(1)

    def _end(self, cluster: Cluster) -> None:
        """Stop the cluster; one whose processes were killed meanwhile may never answer: then leave without it."""
        ending = threading.Thread(target=cluster.stop, daemon=True)
        ending.start()
        ending.join(GRACE_SECONDS)
        if ending.is_alive():
            log.error("the task cluster does not end by itself")
            logging.shutdown()
            os._exit(0)  # its processes die with this one

    def _sweep(self) -> None:
        try:
            close_old_connections()
            process_due()
            self._escalate()
            self._tidy()
        except Error:  # the database restarts: go on when it is back
            log.exception("sweep failed")
            connections.close_all()

    def _escalate(self) -> None:
        """See, every few minutes, whether a Klärfall has waited too long."""
        if self.escalated_at is not None and time.monotonic() - self.escalated_at < ESCALATE_SECONDS:
            return
        self.escalated_at = time.monotonic()
        escalate_due()

    def _tidy(self) -> None:
        """Clear away, once an hour; what fails is tried again in an hour."""
        if self.tidied_at is not None and time.monotonic() - self.tidied_at < TIDY_SECONDS:
            return
        self.tidied_at = time.monotonic()
        forget_answers()
        expire_due()
        returnchannel.tidy()
        returnchannel.end_overdue()
        try:
            blobs.sweep()
        except OSError:
            log.exception("tidying the file store failed")

    def _scan(self, stop: threading.Event) -> None:
        """Show files to the virus scanner until told to stop; while it is away, ask less and less often."""
        pause = SWEEP_SECONDS
        while not stop.wait(pause):
            try:
                close_old_connections()
                pause = SWEEP_SECONDS if scan_due() else min(2 * pause, LONGEST_SCAN_PAUSE)
            except Error:
                log.exception("scan failed")
                connections.close_all()
