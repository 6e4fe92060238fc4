"""The Fristenrechner on the command line."""

from __future__ import annotations

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from cases import deadlines
from cases.deadlines import Basis, DeadlineError, Event, Period, Question, Regime
from cases.deadlines.words import day

UNITS = ("days", "weeks", "months")


class Command(BaseCommand):
    """``frist --land NW --posted 24.11.2026``: exit 2 when the question makes no sense."""

    help = "Fristen berechnen, mit Begründung. Ohne Dauer: der Rechtsbehelf (ein Monat). Keine Rechtsberatung."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        """The question. Days are ISO (2026-11-24) or German (24.11.2026)."""
        parser.add_argument("--land", required=True, help="NW, BY, …")
        parser.add_argument("--regime", choices=[regime.value for regime in Regime], help="Verfahrensrecht")
        parser.add_argument("--local", help="Besonderheiten des Ortes, z. B. catholic oder Augsburg")
        event = parser.add_mutually_exclusive_group(required=True)
        event.add_argument("--posted", metavar="TAG", help="zur Post gegeben oder elektronisch abgesendet")
        event.add_argument("--provided", metavar="TAG", help="im Postfach bereitgestellt")
        event.add_argument("--notified", metavar="TAG", help="Benachrichtigung über die Bereitstellung abgesendet")
        event.add_argument("--retrieved", metavar="TAG", help="abgerufen")
        event.add_argument("--known", metavar="TAG", help="bekannt gegeben")
        bases = [basis.value for basis in Basis if basis is not Basis.DISPATCH]
        parser.add_argument("--basis", choices=bases, help="Grundlage der Bekanntgabe im Postfach")
        length = parser.add_mutually_exclusive_group()
        length.add_argument("--days", type=int, metavar="N", help="Frist in Tagen")
        length.add_argument("--weeks", type=int, metavar="N", help="Frist in Wochen")
        length.add_argument("--months", type=int, metavar="N", help="Frist in Monaten")
        length.add_argument("--no-remedy-notice", action="store_true", help="ohne richtige Rechtsbehelfsbelehrung")
        parser.add_argument("--json", action="store_true", help='{"known","ends","reasons"}')

    def handle(self, *args: Any, **options: Any) -> None:
        """Answer."""
        try:
            answer = deadlines.answer(_question(options))
        except DeadlineError as error:
            raise CommandError(str(error), returncode=2) from error
        if options["json"]:
            found = {"known": _iso(answer.known), "ends": _iso(answer.ends), "reasons": list(answer.reasons)}
            self.stdout.write(json.dumps(found, ensure_ascii=False))
            return
        self.stdout.write(f"Bekannt gegeben: {day(answer.known) if answer.known else 'noch nicht'}")
        self.stdout.write(f"Fristende:       {day(answer.ends) if answer.ends else 'die Frist läuft noch nicht'}\n")
        for reason in answer.reasons:
            self.stdout.write(f"- {reason}")


def _question(options: dict[str, Any]) -> Question:
    given = next(name for name in (*Event, "known") if options[name] is not None)
    unit = next((unit for unit in UNITS if options[unit] is not None), None)
    return Question(
        calendar=deadlines.calendar_of(options["land"], options["local"] or ""),
        on=deadlines.parse_day(options[given]),
        event=None if given == "known" else Event(given),
        regime=Regime(options["regime"]) if options["regime"] else None,
        basis=Basis(options["basis"]) if options["basis"] else None,
        period=Period(options[unit], unit) if unit else None,
        has_notice=not options["no_remedy_notice"],
    )


def _iso(on: Any) -> str | None:
    return on.isoformat() if on else None
