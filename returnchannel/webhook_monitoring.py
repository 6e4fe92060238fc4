"""Figures and checks of the webhooks."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from django.db.models import Count, Exists, Min, OuterRef, Q, QuerySet
from django.utils import timezone

from audit.registries import Figure, Health, Problem, health, integrity, metrics
from returnchannel.models import Webhook, WebhookDelivery

PATIENCE = timedelta(minutes=10)
State = WebhookDelivery.State


@metrics.register("webhooks")
def deliveries() -> Iterator[Figure]:
    """How much waits, how much was parked, and how long the oldest has been waiting."""
    rows = WebhookDelivery.objects.filter(state__in=[State.WAITING, State.PARKED])
    found = rows.aggregate(
        waiting=Count("pk", filter=Q(state=State.WAITING)),
        parked=Count("pk", filter=Q(state=State.PARKED)),
        oldest=Min("change__at", filter=Q(state=State.WAITING)),
    )
    age = (timezone.now() - found["oldest"]).total_seconds() if found["oldest"] else 0
    yield Figure("webhooks_waiting", "Webhooks: Zustellungen, die warten", found["waiting"])
    yield Figure("webhooks_parked", "Webhooks: zurückgestellte Zustellungen", found["parked"])
    yield Figure("webhooks_oldest_seconds", "Webhooks: älteste wartende Zustellung (Sekunden)", round(age))
    gone = Webhook.objects.filter(switched_off_reason=Webhook.Off.GONE)
    yield Figure("webhooks_gone", "Webhooks, die der Empfänger beendet hat", gone.count())


@health.register("webhooks")
def all_are_told() -> Health:
    """No delivery was parked, and none is overdue. The house works on: portals can read the feed meanwhile."""
    if overdue().exists():
        sentence = "Zustellungen an Webhooks sind überfällig. Bitte prüfen, ob `worker` läuft."
        return Health(False, sentence, vital=False)
    parked = WebhookDelivery.objects.filter(state=State.PARKED).count()
    if parked:
        named = "1 Zustellung an einen Webhook ist" if parked == 1 else f"{parked} Zustellungen an Webhooks sind"
        sentence = f"{named} nach vielen Versuchen zurückgestellt. Bitte das Portal verständigen und in der Verwaltung "
        return Health(False, f"{sentence}unter „Zustellungen an Webhooks“ noch einmal senden.", vital=False)
    return Health(True, "Alle Webhooks sind benachrichtigt oder an der Reihe.", vital=False)


@integrity.register("webhooks")
def nothing_is_stuck() -> Iterator[Problem]:
    """Nobody waits without a next attempt that comes; what was parked waits for a person."""
    parked = WebhookDelivery.objects.filter(state=State.PARKED).order_by()
    for client, name, count in parked.values_list("webhook__client__name", "webhook__name").annotate(n=Count("pk")):
        sentence = f"Zurückgestellte Zustellungen: {count}; bitte in der Verwaltung noch einmal senden oder aufgeben."
        yield Problem(f"Webhook {client}: {name}", sentence)
    for client, name in overdue().values_list("webhook__client__name", "webhook__name").distinct().order_by():
        yield Problem(f"Webhook {client}: {name}", "Zustellungen sind überfällig; bitte prüfen, ob `worker` läuft.")


def overdue() -> QuerySet[WebhookDelivery]:
    """What could have been sent ten minutes ago, of webhooks that nobody has looked after since."""
    before = timezone.now() - PATIENCE
    earlier = WebhookDelivery.objects.filter(
        webhook=OuterRef("webhook"), number=OuterRef("number"), id__lt=OuterRef("id"), state=State.WAITING
    )
    rows = WebhookDelivery.objects.filter(~Exists(earlier), state=State.WAITING, next_attempt_at__lt=before)
    unseen = Q(webhook__leased_until=None) | Q(webhook__leased_until__lt=before)
    speaking = Q(webhook__paused_until=None) | Q(webhook__paused_until__lt=before)
    return rows.filter(unseen, speaking, webhook__is_active=True, webhook__client__is_active=True)
