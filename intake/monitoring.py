"""Figures and health of the Eingang."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from django.conf import settings
from django.db.models import Count
from django.utils import timezone

from audit.registries import Figure, Health, Problem, health, integrity, metrics
from intake.models import Submission

PATIENCE = timedelta(minutes=10)


def overdue() -> list[Submission]:
    """Eingänge that nobody has taken through for ten minutes."""
    before = timezone.now() - PATIENCE
    due = Submission.objects.filter(state=Submission.State.RECEIVED, stored_at__lt=before)
    return list(due.order_by("id")[:100])


@metrics.register("submissions")
def submissions() -> Iterator[Figure]:
    """How many Eingänge are in which state."""
    counts = dict(Submission.objects.order_by().values_list("state").annotate(n=Count("pk")))
    for state in Submission.State:
        yield Figure(f"submissions_{state.value}", f"Eingänge: {state.label}", counts.get(state.value, 0))


@metrics.register("nebenkanal")
def side_channel() -> Iterator[Figure]:
    """How many Eingänge came on another way than the one that their Leistung provides for, per Leistung."""
    strays = Submission.objects.filter(is_side_channel=True, case__isnull=False).order_by()
    for slug, count in sorted(strays.values_list("case__service__slug").annotate(n=Count("pk"))):
        yield Figure(f"side_channel_{slug}", f"Nebenkanal: {slug}", count)


@health.register("eingang")
def processing() -> Health:
    """Nothing waits too long."""
    waiting = len(overdue())
    if waiting:
        return Health(False, f"{waiting} Eingänge warten seit über zehn Minuten. Bitte prüfen, ob `worker` läuft.")
    return Health(True, "Kein Eingang wartet.")


@health.register("dateiablage")
def store() -> Health:
    """The blob store can be written."""
    try:
        settings.DATA_DIR.mkdir(parents=True, exist_ok=True)
        probe = settings.DATA_DIR / ".schreibprobe"
        probe.touch()
        probe.unlink()
    except OSError as error:
        why = f"In DATA_DIR kann nicht geschrieben werden ({error.strerror}). Bitte Rechte und Platz prüfen."
        return Health(False, why)
    return Health(True, "Die Dateiablage ist beschreibbar.")


@integrity.register("eingang")
def nothing_waits() -> Iterator[Problem]:
    """No Eingang hangs in ``received``."""
    for submission in overdue():
        yield Problem(str(submission), "Wartet seit über zehn Minuten; bitte prüfen, ob `worker` läuft.")
