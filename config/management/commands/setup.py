"""A real first start: authority, Land, teams, the first administrator, one Leistung, a dry run on the inbox."""

from __future__ import annotations

import getpass
import sys
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from audit.acting import SYSTEM
from cases.actions import load_package, make_user, set_membership, set_service_unit
from cases.models import Membership, OrgUnit, Role, User
from cases.packages import SHIPPED, PackageError
from config import bootstrap, first_start


class Command(BaseCommand):
    """``setup``: asks for what is not given; run again it changes only what is given. All or nothing."""

    help = "Richtet Laufmappe für eine Behörde ein."

    def add_arguments(self, parser: CommandParser) -> None:
        """Everything can be given, for a set-up without questions."""
        parser.add_argument("--authority", help="Name der Behörde (nur ohne DATABASE_URL; sonst AUTHORITY_NAME)")
        parser.add_argument("--land", choices=first_start.LAENDER, help="Land (nur ohne DATABASE_URL)")
        parser.add_argument("--teams", type=Path, help="CSV mit den Spalten kuerzel;name;uebergeordnet;klaerung")
        parser.add_argument("--admin", help="Anmeldename der ersten Administration")
        parser.add_argument("--password-stdin", action="store_true", help="Passwort von der Standardeingabe lesen")
        parser.add_argument("--leistung", help="erste Leistung: mitgeliefertes Paket oder Verzeichnis")
        parser.add_argument("--team", help="Kürzel des Teams, das für diese Leistung zuständig ist")
        parser.add_argument("--inbox", type=Path, help="Kopie eines Eingangsordners für einen Probelauf")

    def handle(self, *args: Any, **options: Any) -> None:
        """All steps in one transaction: a wrong value changes nothing."""
        self._authority(options["authority"], options["land"])
        bootstrap.migrated()
        with transaction.atomic():
            if options["teams"]:
                self._teams(options["teams"])
            self._admin(options["admin"], from_stdin=options["password_stdin"])
            if options["leistung"]:
                self._service(options["leistung"], options["team"])
        if options["inbox"]:
            self._dry_run(options["inbox"])
        self.stdout.write("Eingerichtet.")
        self._next_steps()

    def _next_steps(self) -> None:
        """What is still missing before work can begin."""
        steps = []
        if not OrgUnit.objects.filter(is_clearing=True).exists():
            steps.append("ein Team zur zentralen Klärung machen (Spalte klaerung oder Verwaltung)")
        if not Membership.objects.filter(role=Role.LEAD).exists():
            steps.append("in der Verwaltung Personen anlegen und Rollen geben, mindestens eine Teamleitung")
        for number, step in enumerate([*steps, "`manage.py serve` starten"], 1):
            self.stdout.write(f"  {number}. {step}")

    def _authority(self, name: str | None, land: str | None) -> None:
        if not name and not land:
            if not settings.AUTHORITY_IS_SET:
                raise CommandError("Bitte mit --authority und --land sagen, für welche Behörde.", returncode=2)
            self.stdout.write(f"Behörde: {settings.AUTHORITY_NAME} ({settings.AUTHORITY_LAND})")
            return
        if not settings.LOCAL:
            sentence = "Mit DATABASE_URL bitte AUTHORITY_NAME und AUTHORITY_LAND in der Umgebung setzen."
            raise CommandError(sentence, returncode=2)
        path = first_start.write_authority(name or settings.AUTHORITY_NAME, land or settings.AUTHORITY_LAND)
        self.stdout.write(f"Behörde und Land stehen in {path}.")

    def _teams(self, path: Path) -> None:
        try:
            count = first_start.load_teams(path)
        except first_start.TableError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"{count} Teams eingerichtet.")

    def _admin(self, username: str | None, *, from_stdin: bool) -> None:
        if not username:
            if User.objects.filter(is_superuser=True, is_active=True).exists():
                return
            if not sys.stdin.isatty():
                raise CommandError("Es gibt noch keine Administration: bitte --admin NAME angeben.", returncode=2)
            username = input("Anmeldename der Administration: ").strip()
        if User.objects.filter(username=username).exists():
            self.stdout.write(f"{username} gibt es schon.")
            return
        password = sys.stdin.readline().rstrip("\n") if from_stdin else _ask_twice()
        try:
            validate_password(password, User(username=username))
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from error
        with transaction.atomic():
            user = make_user(username=username, password=password, is_admin=True, by=SYSTEM)
            set_membership(user=user, role=Role.ADMIN, by=SYSTEM)
        self.stdout.write(f"{username} kann sich anmelden.")

    def _service(self, name: str, team: str | None) -> None:
        directory = SHIPPED / name if (SHIPPED / name).is_dir() else Path(name)
        unit = OrgUnit.objects.filter(slug=team).first() if team else None
        if team and unit is None:
            raise CommandError(f"Das Team „{team}“ gibt es nicht; bitte zuerst mit --teams anlegen.")
        try:
            version, _ = load_package(directory=directory, by=SYSTEM)
        except PackageError as error:
            raise CommandError(str(error)) from error
        if unit:
            set_service_unit(service=version.service, unit=unit, by=SYSTEM)
        self.stdout.write(f"{version.service}: Version {version.number}, Team {version.service.unit or 'noch keines'}.")

    def _dry_run(self, inbox: Path) -> None:
        if not inbox.exists():
            raise CommandError(f"{inbox} gibt es nicht.", returncode=2)
        counts: dict[str, int] = {}
        for name, what, why in first_start.dry_run(inbox):
            counts[what] = counts.get(what, 0) + 1
            self.stdout.write(f"{what:<14} {name}: {why}")
        total = ", ".join(f"{count} {what}" for what, count in sorted(counts.items())) or "keine Nachrichten"
        self.stdout.write(f"Probelauf (nichts gespeichert): {total}")


def _ask_twice() -> str:
    if not sys.stdin.isatty():
        raise CommandError("Ohne Terminal bitte --password-stdin verwenden.", returncode=2)
    password = getpass.getpass("Passwort: ")
    if getpass.getpass("Passwort noch einmal: ") != password:
        raise CommandError("Die beiden Passwörter sind verschieden; bitte noch einmal.")
    return password
