"""Who may use the REST interface: portals and Fachverfahren."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from audit.acting import SYSTEM
from cases.models import Service
from config import bootstrap
from intake.actions import NameTaken, make_client, revoke_client
from intake.models import ApiClient


class Command(BaseCommand):
    """``api_client create NAME --kind portal|fachverfahren [--service SLUG]…``, ``list``, ``revoke NAME``."""

    help = "Zugänge zur REST-Schnittstelle anlegen, auflisten und widerrufen."

    def add_arguments(self, parser: CommandParser) -> None:
        """The sub-commands."""
        commands = parser.add_subparsers(dest="command", required=True)
        create = commands.add_parser(
            "create", help="anlegen; die letzte Zeile ist das Token, es wird nur jetzt gezeigt"
        )
        create.add_argument("name", metavar="NAME")
        create.add_argument("--kind", required=True, choices=ApiClient.Kind.values, help="Art des Zugangs")
        create.add_argument(
            "--service", action="append", default=[], metavar="KÜRZEL", help="nur diese Leistung (mehrfach möglich)"
        )
        commands.add_parser("list", help="auflisten")
        revoke = commands.add_parser("revoke", help="widerrufen")
        revoke.add_argument("name", metavar="NAME")

    def handle(self, *args: Any, command: str, **options: Any) -> None:
        """Do it."""
        bootstrap.migrated()
        if command == "create":
            self._create(options["name"].strip(), options["kind"], options["service"])
        elif command == "list":
            self._list()
        else:
            self._revoke(options["name"])

    def _create(self, name: str, kind: str, services: list[str]) -> None:
        if not 0 < len(name) <= 100:
            raise CommandError("Der Name muss 1 bis 100 Zeichen haben.", returncode=2)
        known = set(Service.objects.filter(slug__in=services).values_list("slug", flat=True))
        if unknown := sorted(set(services) - known):
            raise CommandError(f"Diese Leistung gibt es nicht: {', '.join(unknown)}. Bitte zuerst laden.", returncode=2)
        try:
            client, token = make_client(name=name, kind=ApiClient.Kind(kind), services=services, by=SYSTEM)
        except NameTaken as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"{client.get_kind_display()} „{client}“ angelegt. Das Token wird nur jetzt gezeigt:")
        self.stdout.write(token)

    def _list(self) -> None:
        clients = list(ApiClient.objects.all())
        for client in clients:
            services = ", ".join(client.services) or "alle Leistungen"
            state = "gilt" if client.is_active else "widerrufen"
            self.stdout.write(
                f"{client.name:<30} {client.kind:<14} {state:<11} {client.created_at:%d.%m.%Y}  {services}"
            )
        if not clients:
            self.stdout.write("Noch kein Zugang; anlegen mit: manage.py api_client create NAME --kind portal")

    def _revoke(self, name: str) -> None:
        client = ApiClient.objects.filter(name=name).first()
        if client is None:
            raise CommandError(f"Den Zugang „{name}“ gibt es nicht.")
        revoke_client(client=client, by=SYSTEM)
        self.stdout.write(f"{client} ist widerrufen; sein Token gilt nicht mehr.")
