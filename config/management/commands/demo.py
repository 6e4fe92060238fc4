"""Laufmappe with one command: database, teams, Leistungen, rules, and sample mail through the real pipeline."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser

from config import bootstrap, importing, supervisor
from config.demo import casework, run, town, visitor
from config.management.commands.import_submissions import as_line, print_report


class Command(BaseCommand):
    """``demo [--no-serve] [--fresh] [--port 8000] [--json]``."""

    help = "Führt Laufmappe vor: richtet eine Beispielbehörde ein, verarbeitet ihre Post und startet die Seiten."

    def add_arguments(self, parser: CommandParser) -> None:
        """See the class."""
        parser.add_argument("--no-serve", action="store_true", help="nur einrichten und verarbeiten")
        parser.add_argument("--fresh", action="store_true", help="von vorn beginnen")
        parser.add_argument("--port", type=int, default=8000)
        parser.add_argument("--json", action="store_true", help="als letzte Zeile das Ergebnis als JSON")

    def handle(self, *args: Any, no_serve: bool, fresh: bool, port: int, json: bool, **options: Any) -> None:
        """Build, report, and serve unless told otherwise."""
        if not no_serve and not supervisor.is_free("127.0.0.1", port):
            raise CommandError(f"Port {port} ist belegt; bitte mit --port einen anderen angeben.", returncode=2)
        try:
            run.prepare(fresh=fresh)
        except run.NotADemo as error:
            raise CommandError(str(error)) from error
        bootstrap.migrated()
        password = town.build()
        result = run.deliver(progress=self._progress)
        casework.work()
        visitor.admit(port=port)
        report = importing.report(result)
        print_report(self, report, result)
        if not no_serve:
            self._print_logins(password, port)
        if json:
            self.stdout.write(as_line(report))
        if not no_serve:
            self.stdout.flush()
            call_command("serve", port=port)

    def _progress(self, line: str) -> None:
        if self.stderr.isatty():
            self.stderr.write(f"\r{line}", ending="")

    def _print_logins(self, password: str | None, port: int) -> None:
        self.stdout.write(f"\n{settings.AUTHORITY_NAME}: http://127.0.0.1:{port}/")
        for person in town.PEOPLE:
            self.stdout.write(f"  {person.username:<16} {person.first_name} {person.last_name} ({person.what})")
        if password:
            self.stdout.write(f"Passwort für alle: {password}")
        self.stdout.write(f"Den Weg der Bürgerin ausprobieren: {visitor.COMMAND} apply\n")
