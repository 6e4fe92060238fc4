"""``manage.py standards``: install and list official schemas and code lists."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from intake import schemas

_KINDS = {"schema": "Schema", "codelist": "Codeliste"}


class Command(BaseCommand):
    """Exit code 0 when everything went well (sets of other standards are named and left out), 1 when something could
    not be installed or nothing fitted, 2 when used wrongly."""

    help = "Amtliche Schemata und Codelisten (XJustiz, xdomea) einspielen und auflisten."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The two subcommands."""
        commands = parser.add_subparsers(dest="action", required=True, metavar="BEFEHL")
        install = commands.add_parser("install", help="aus einem ZIP oder Ordner des XRepository einspielen")
        install.add_argument("source", metavar="ZIP_ODER_ORDNER", type=Path)
        commands.add_parser("list", help="installierte Schemata und Codelisten zeigen")

    def handle(self, *args: Any, **options: Any) -> None:
        """Run the subcommand."""
        if options["action"] == "install":
            self._install(options["source"])
        else:
            self._list()

    def _install(self, source: Path) -> None:
        try:
            results = schemas.install(source)
        except FileNotFoundError as error:
            message = f"{source} gibt es nicht. Bitte ein ZIP oder einen Ordner angeben."
            raise CommandError(message, returncode=2) from error
        except ValueError as error:
            raise CommandError(str(error), returncode=1) from error
        for result in results:
            line = f"{_KINDS[result.kind]} {result.name} {result.version}".rstrip()
            if result.ok:
                self.stdout.write(f"{line}: eingespielt ({_files(result.files)})")
            else:
                self.stderr.write(f"{line}: nicht eingespielt – {result.problem}")
        failed = sum(not result.ok and result.problem != schemas.UNRECOGNISED for result in results)
        if failed or not any(result.ok for result in results):
            raise CommandError("Nicht alles konnte eingespielt werden; siehe die Meldungen oben.", returncode=1)

    def _list(self) -> None:
        installed = schemas.listing()
        if not installed:
            self.stdout.write(
                "Noch nichts eingespielt. Die Schemata gibt es im XRepository (www.xrepository.de); dann: "
                "manage.py standards install ZIP_ODER_ORDNER"
            )
        for each in installed:
            self.stdout.write(f"{_KINDS[each.kind]:<10} {each.name} {each.version} ({_files(each.files)})")


def _files(count: int) -> str:
    return "1 Datei" if count == 1 else f"{count} Dateien"
