"""Figures and checks of the ways on which letters reach people."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from django.conf import settings
from django.db.models import Count, Max, Min, Q, QuerySet
from django.utils import timezone

from audit.registries import Figure, Health, Problem, health, integrity, metrics
from returnchannel import channels, print_folder
from returnchannel.models import Delivery

PATIENCE = timedelta(minutes=10)
LONGEST = timedelta(days=3)  # what the print shop may take
State = Delivery.State


@metrics.register("zustellungen")
def deliveries() -> Iterator[Figure]:
    """By way: how many wait and how long the oldest, how many failed, and when one last succeeded."""
    counted = {
        "waiting": Count("pk", filter=Q(state=State.WAITING)),
        "refused": Count("pk", filter=Q(state=State.REFUSED)),
        "oldest": Min("created_at", filter=Q(state=State.WAITING)),
        "last": Max("dispatched_at"),
        "fetched": Max("retrieved_at"),
    }
    now = timezone.now()
    for row in Delivery.objects.order_by("channel").values("channel").annotate(**counted):
        slug, label = row["channel"], channels.get(row["channel"]).label
        age = (now - row["oldest"]).total_seconds() if row["oldest"] else 0
        yield Figure(f"{slug}_waiting", f"{label}: Zustellungen, die warten", row["waiting"])
        yield Figure(f"{slug}_refused", f"{label}: gescheiterte Zustellungen", row["refused"])
        yield Figure(f"{slug}_oldest_seconds", f"{label}: älteste wartende Zustellung (Sekunden)", round(age))
        last = row["fetched"] or row["last"]
        yield Figure(
            f"{slug}_last_success", f"{label}: letzter Erfolg (Unix-Zeit)", round(last.timestamp()) if last else 0
        )


@health.register("zustellungen")
def all_are_sent() -> Health:
    """None has failed, and none is overdue."""
    if overdue().exists():
        return Health(
            False, "Briefe oder Benachrichtigungen sind überfällig. Bitte prüfen, ob `worker` läuft.", vital=False
        )
    refused = Delivery.objects.filter(state=State.REFUSED).count()
    if refused:
        named = "1 Zustellung ist" if refused == 1 else f"{refused} Zustellungen sind"
        return Health(False, f"{named} gescheitert. Bitte unter „Zustellungen“ ansehen und entscheiden.", vital=False)
    return Health(True, "Alle Briefe und Benachrichtigungen sind unterwegs oder an der Reihe.", vital=False)


@integrity.register("zustellungen")
def nothing_waits_too_long() -> Iterator[Problem]:
    """Nothing is overdue here or at the print shop, and every answer of it could be understood."""
    for row in overdue().select_related("message__number"):
        yield Problem(row.message.number.public_id, "Eine Zustellung ist überfällig; bitte prüfen, ob `worker` läuft.")
    slow = Delivery.objects.filter(channel="letter", state=State.SENT, dispatched_at__lt=timezone.now() - LONGEST)
    for row in slow.select_related("message__number"):
        sentence = (
            f"Seit dem {timezone.localdate(row.dispatched_at):%d.%m.%Y} bei der Druckstraße; bitte dort nachfragen."
        )
        yield Problem(row.message.number.public_id, sentence)
    folder = settings.PRINT_FOLDER
    if folder is not None and (folder / print_folder.UNCLEAR).is_dir():
        for path in sorted((folder / print_folder.UNCLEAR).iterdir()):
            yield Problem(
                path.name, "Diese Antwort der Druckstraße ist nicht zu verstehen; bitte ansehen und entfernen."
            )


def overdue() -> QuerySet[Delivery]:
    """What could have been sent ten minutes ago."""
    return Delivery.objects.filter(state=State.WAITING, next_attempt_at__lt=timezone.now() - PATIENCE)
