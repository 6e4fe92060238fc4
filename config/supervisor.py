"""Web and worker under one supervisor: both run, or both are ended."""

from __future__ import annotations

import logging
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from django.conf import settings

from config.processes import die_with_parent

log = logging.getLogger("laufmappe.serve")

GRACE_SECONDS = 8  # SIGTERM ends everything within ten seconds
RESTART_PAUSE = 1.0


@dataclass
class Child:
    """A process that has to run: its name and command line."""

    name: str
    command: list[str]
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it (again)."""
        self.process = subprocess.Popen(self.command, cwd=settings.BASE_DIR, preexec_fn=die_with_parent)


def children(host: str, port: int) -> list[Child]:
    """The web server and the worker."""
    web = [sys.executable, "-m", "gunicorn", "config.wsgi", "--bind", f"{host}:{port}"]
    web += ["--workers", "2", "--threads", "4", "--max-requests", "5000", "--graceful-timeout", "5"]
    web += ["--log-level", "warning"]
    return [Child("web", web), Child("worker", [sys.executable, "manage.py", "worker"])]


def is_free(host: str, port: int) -> bool:
    """True when nobody listens there yet."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True


def listens(host: str, port: int) -> bool:
    """True when somebody answers there."""
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1" if host == "0.0.0.0" else host, port)) == 0  # noqa: S104


def supervise(processes: list[Child], *, ready: Callable[[], bool], say: Callable[[], None]) -> None:
    """Run them until SIGTERM or SIGINT; one that dies is started again after a pause. ``say`` once it is ``ready``."""
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    for child in processes:
        child.start()
    said = False
    while not stop.wait(0.2):
        if not said and ready():
            say()
            said = True
        for child in processes:
            if child.process and child.process.poll() is not None:
                log.error("%s ended with %s, starting it again", child.name, child.process.returncode)
                stop.wait(RESTART_PAUSE)
                if not stop.is_set():
                    child.start()
    _end(processes)


def _end(processes: list[Child]) -> None:
    running = [child.process for child in processes if child.process and child.process.poll() is None]
    for process in running:
        process.terminate()
    deadline = time.monotonic() + GRACE_SECONDS
    for process in running:
        try:
            process.wait(max(0.1, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
