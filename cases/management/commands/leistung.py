"""Leistungspakete: load a version."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from audit.acting import SYSTEM
from cases.actions import load_package
from cases.packages import SHIPPED, PackageError


class Command(BaseCommand):
    """``leistung load DIR…``: exit 1 when a package is wrong (then nothing of it is loaded)."""

    help = "Leistungspakete laden. DIR ist ein Verzeichnis oder der Name eines mitgelieferten Pakets."

    def add_arguments(self, parser: CommandParser) -> None:
        """The sub-commands."""
        commands = parser.add_subparsers(dest="command", required=True)
        load = commands.add_parser("load", help="neuen Stand laden")
        load.add_argument("directories", nargs="+", metavar="DIR")

    def handle(self, *args: Any, directories: list[str], **options: Any) -> None:
        """Load each package; say what was done."""
        failed = False
        for name in directories:
            shipped = SHIPPED / name
            directory = shipped if not Path(name).exists() and shipped.is_dir() else Path(name)
            try:
                version, is_new = load_package(directory=directory, by=SYSTEM)
            except PackageError as error:
                self.stderr.write(str(error))
                failed = True
                continue
            self.stdout.write(f"{version.service}: Version {version.number} {'geladen' if is_new else 'gilt schon'}.")
            if version.service.unit is None:
                unit = version.declaration["unit"]
                self.stdout.write(f"  Das Team „{unit}“ gibt es noch nicht; bitte anlegen und der Leistung zuweisen.")
        if failed:
            sys.exit(1)
