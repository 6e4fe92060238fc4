"""The worker: the django-q2 cluster, and beside it the sweeper for what was forgotten and the watched folders."""

from __future__ import annotations

import logging
import os
import signal
import sys
import threading
from typing import Any

from django.core.management.base import BaseCommand
from django.db import Error, close_old_connections, connections
from django_q.cluster import Cluster

from config import bootstrap
from config.processes import die_with_parent
from config.watching import Watcher
from routing.tasks import process_due

SWEEP_SECONDS = 1.5
log = logging.getLogger("laufmappe.worker")


class Command(BaseCommand):
    """``worker``: runs until SIGTERM or SIGINT; exit 1 when the cluster dies (the supervisor starts it again)."""

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
        watcher = Watcher()  # after the cluster: a process with threads must not fork
        watcher.start()
        while not stop.is_set() and cluster.sentinel.is_alive():
            self._sweep()
            stop.wait(SWEEP_SECONDS)
        died = not stop.is_set()
        watcher.end()
        cluster.stop()
        connections.close_all()
        if died:
            log.error("the task cluster died")
            sys.exit(1)

    def _sweep(self) -> None:
        try:
            close_old_connections()
            process_due()
        except Error:  # the database restarts: go on when it is back
            log.exception("sweep failed")
            connections.close_all()
