"""Figures and health of the stored files."""

from __future__ import annotations

from collections.abc import Iterator

from django.db.models import Count

from audit.registries import Figure, Health, health, metrics
from cases import scanner
from cases.models import BlobCheck

NO_SCANNER = "Es ist kein Virenscanner eingerichtet; Dateien sind ungeprüft."


@metrics.register("virenpruefung")
def scans() -> Iterator[Figure]:
    """How many files are scanned, waiting and infected."""
    counts = dict(BlobCheck.objects.order_by().values_list("scan_state").annotate(n=Count("pk")))
    for state in BlobCheck.Scan:
        yield Figure(f"files_{state.value}", f"Virenprüfung: {state.label}", counts.get(state.value, 0))


@health.register("virenscanner")
def scanning() -> Health:
    """The virus scanner answers. Nothing waits for it: without it files are filed and marked as unscanned."""
    client = scanner.configured()
    if client is None:
        return Health(True, f"{NO_SCANNER} Zum Einrichten bitte CLAMAV_SOCKET setzen.", vital=False)
    if not client.ping():
        return Health(
            False,
            "Der Virenscanner antwortet nicht; Dateien werden ungeprüft abgelegt und später geprüft. Bitte prüfen, ob "
            "clamd läuft und CLAMAV_SOCKET stimmt.",
            vital=False,
        )
    return Health(True, "Der Virenscanner antwortet.", vital=False)
