"""Serves Laufmappe: web and worker."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connections

from config import bootstrap, supervisor


class Command(BaseCommand):
    """``serve [--port 8000] [--host 127.0.0.1]``: migrate, collectstatic, web and worker; SIGTERM ends both, exit 0."""

    help = "Startet Laufmappe: Seiten und Hintergrundarbeit."

    def add_arguments(self, parser: CommandParser) -> None:
        """Where to listen."""
        parser.add_argument("--port", type=int, default=8000)
        parser.add_argument("--host", default="127.0.0.1")

    def handle(self, *args: Any, port: int, host: str, **options: Any) -> None:
        """Prepare, then supervise until told to stop."""
        if not supervisor.is_free(host, port):
            raise CommandError(f"Port {port} ist belegt; bitte mit --port einen anderen angeben.", returncode=2)
        bootstrap.migrated()
        call_command("check", databases=["default"])  # refuses to start without the append-only triggers
        if not settings.LOCAL:
            call_command("collectstatic", interactive=False, verbosity=0)
        connections["default"].close()  # the process stays a user of the embedded database

        def say() -> None:
            self.stdout.write(f"Laufmappe läuft: http://{host}:{port}/ (Ende mit Strg+C)")
            self.stdout.flush()

        supervisor.supervise(supervisor.children(host, port), ready=lambda: supervisor.listens(host, port), say=say)
