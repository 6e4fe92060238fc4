"""Nothing is stuck: runs the checks that every app registered."""

from __future__ import annotations

import json
import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from audit.registries import integrity


class Command(BaseCommand):
    """``integrity [--json]``: exit 0 when all is well, 1 when something was found."""

    help = "Prüft, ob nichts hängen geblieben ist."

    def add_arguments(self, parser: CommandParser) -> None:
        """Only ``--json``."""
        parser.add_argument("--json", action="store_true", help="Ergebnis als eine Zeile JSON")

    def handle(self, *args: Any, json: bool = False, **options: Any) -> None:
        """Run all checks and print what they found."""
        found = {name: [vars(problem) for problem in check()] for name, check in integrity}
        if json:
            self.stdout.write(_as_line(found))
        else:
            self._print(found)
        if any(found.values()):
            sys.exit(1)

    def _print(self, found: dict[str, list[dict[str, str]]]) -> None:
        for name, problems in found.items():
            self.stdout.write(f"{name}: {'in Ordnung' if not problems else f'{len(problems)} gefunden'}")
            for problem in problems:
                self.stdout.write(f"  {problem['subject']}: {problem['message']}")


def _as_line(found: dict[str, list[dict[str, str]]]) -> str:
    return json.dumps({"ok": not any(found.values()), "problems": found}, ensure_ascii=False)
