"""Takes messages from files and folders through the whole pipeline; needs no worker."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from config import bootstrap, importing
from intake import channels
from intake.models import Submission
from routing.exceptions import label_of


class Command(BaseCommand):
    """``import_submissions PATH… --channel egvp [--json]``: exit 0 when everything arrived safely, else 1."""

    help = "Nimmt Nachrichten aus Dateien und Ordnern auf (sie werden nicht verändert)."

    def add_arguments(self, parser: CommandParser) -> None:
        """Paths, channel and ``--json``."""
        parser.add_argument("paths", nargs="+", type=Path, metavar="PFAD")
        parser.add_argument("--channel", required=True, choices=channels.slugs(), help="Eingangskanal")
        parser.add_argument("--json", action="store_true", help="als letzte Zeile das Ergebnis als JSON")

    def handle(self, *args: Any, paths: list[Path], channel: str, json: bool, **options: Any) -> None:
        """Import and report."""
        missing = [str(path) for path in paths if not path.exists()]
        if missing:
            raise CommandError(f"Das gibt es nicht: {', '.join(missing)}. Bitte den Pfad prüfen.", returncode=2)
        bootstrap.migrated()
        result = importing.run(paths, channel=channel, progress=self._progress)
        report = importing.report(result)
        print_report(self, report, result)
        if json:
            self.stdout.write(as_line(report))
        if result.failed:
            sys.exit(1)

    def _progress(self, line: str) -> None:
        if self.stderr.isatty():
            self.stderr.write(f"\r{line}", ending="")


def as_line(report: dict[str, Any]) -> str:
    """The report as one line of JSON."""
    return json.dumps(report, ensure_ascii=False)


def print_report(command: BaseCommand, report: dict[str, Any], result: importing.Import) -> None:
    """Print for people what became of each message and why."""
    for item in report["submissions"]:
        name = Path(item["source"]).name
        blocking = [f["message"] for f in item["findings"] if f["code"] == item["reason"]]
        why = "; ".join(blocking or item["why"] or [label_of(item["reason"])])
        known = " (schon bekannt)" if item["already_known"] else ""
        command.stdout.write(f"{Submission.State(item['state']).label:<14} {item['case_id']}  {name}{known}: {why}")
    for what, items in (("übergangen", result.skipped), ("fehlgeschlagen", result.failed)):
        for source, why in items:
            command.stdout.write(f"{what:<14} {'':<15}{Path(source).name}: {why}")
    command.stdout.write(
        "{received} neu, {already_known} schon bekannt; {filed} abgelegt, {exception} in Klärung, "
        "{duplicate} Dubletten, {rejected} zurückgewiesen, {skipped} übergangen ({seconds} s)".format(**report)
    )
