"""Where portals are told of changes, and of which they were."""

from __future__ import annotations

import uuid

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from audit.history import history
from cases.models import CaseNumber
from intake.models import ApiClient
from returnchannel.models.change import PublicChange


class Webhook(models.Model):
    """Where a portal wants to be told that something has changed. One that it gives up stays, switched off."""

    class Off(models.TextChoices):
        """Why nothing is sent any more."""

        GONE = "gone", "vom Empfänger beendet (HTTP 410)"
        REMOVED = "removed", "vom Portal gelöscht"

    SECRETS = ("secret", "previous_secret")

    client = models.ForeignKey(ApiClient, verbose_name="Portal", on_delete=models.PROTECT, related_name="webhooks")
    name = models.SlugField("Name", max_length=50, db_index=False)
    url = models.CharField("Adresse", max_length=500)
    kinds = ArrayField(
        models.CharField(max_length=20, choices=PublicChange.Kind.choices),
        verbose_name="Arten",
        default=list,
        blank=True,
        help_text="Leer: alle.",
    )
    secret = models.CharField("Geheimnis", max_length=100, editable=False)
    previous_secret = models.CharField("voriges Geheimnis", max_length=100, blank=True, editable=False)
    previous_until = models.DateTimeField("voriges gilt bis", null=True, blank=True)
    is_active = models.BooleanField("gilt", default=True)
    switched_off_reason = models.CharField("beendet, weil", max_length=10, choices=Off.choices, blank=True)
    switched_off_at = models.DateTimeField("beendet am", null=True, blank=True)
    created_at = models.DateTimeField("angelegt am", auto_now_add=True)
    leased_until = models.DateTimeField("wird beliefert bis", null=True, editable=False)
    paused_until = models.DateTimeField("antwortet nicht, nächster Versuch", null=True, editable=False)

    history = history(excluded_fields=(*SECRETS, "leased_until", "paused_until"))

    class Meta:
        verbose_name = "Webhook"
        verbose_name_plural = "Webhooks"
        ordering = ["client", "name"]
        constraints = [models.UniqueConstraint(fields=["client", "name"], name="returnchannel_webhook_name")]

    def __str__(self) -> str:
        return f"{self.client}: {self.name}"


class WebhookDelivery(models.Model):
    """One change that one webhook is to be told of, written with the change; each attempt has the same ``event_id``."""

    class State(models.TextChoices):
        """Where it is."""

        WAITING = "waiting", "wartet"
        DELIVERED = "delivered", "zugestellt"
        PARKED = "parked", "zurückgestellt"
        CANCELLED = "cancelled", "hinfällig"

    webhook = models.ForeignKey(Webhook, verbose_name="Webhook", on_delete=models.PROTECT, related_name="deliveries")
    change = models.ForeignKey(
        PublicChange, verbose_name="Änderung", on_delete=models.PROTECT, related_name="deliveries", db_index=False
    )
    number = models.ForeignKey(
        CaseNumber, verbose_name="Vorgangs-ID", on_delete=models.PROTECT, related_name="+", db_index=False
    )  # that of the change: the order within a Vorgang is found by an index
    event_id = models.UUIDField("Kennung", default=uuid.uuid4, unique=True, editable=False)
    state = models.CharField("Stand", max_length=10, choices=State.choices, default=State.WAITING)
    attempts = models.PositiveSmallIntegerField("Versuche", default=0)
    next_attempt_at = models.DateTimeField("nächster Versuch", null=True, blank=True)
    last_status = models.PositiveSmallIntegerField("letzte Antwort (HTTP)", null=True, blank=True)
    last_error = models.CharField("letzter Fehler", max_length=300, blank=True)
    ended_at = models.DateTimeField("beendet am", null=True, blank=True)
    delivered_at = models.DateTimeField("zugestellt am", null=True, blank=True)
    handled_by = models.CharField("entschieden von", max_length=150, blank=True)

    class Meta:
        verbose_name = "Zustellung an Webhook"
        verbose_name_plural = "Zustellungen an Webhooks"
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["change", "webhook"], name="returnchannel_told_once"),
            models.CheckConstraint(
                condition=Q(state__in=["waiting", "delivered", "parked", "cancelled"]),
                name="returnchannel_delivery_state",
            ),
            models.CheckConstraint(
                condition=Q(state="waiting", next_attempt_at__isnull=False, ended_at=None)
                | (~Q(state="waiting") & Q(next_attempt_at=None, ended_at__isnull=False)),
                name="returnchannel_delivery_times",
            ),
        ]
        indexes = [
            models.Index(
                fields=["webhook", "number", "id"], condition=Q(state="waiting"), name="returnchannel_in_order"
            ),
            models.Index(
                fields=["webhook", "next_attempt_at"], condition=Q(state="waiting"), name="returnchannel_delivery_due"
            ),
            models.Index(fields=["webhook", "id"], condition=Q(state="parked"), name="returnchannel_parked"),
            models.Index(fields=["ended_at"], condition=~Q(state="waiting"), name="returnchannel_ended"),
        ]

    def __str__(self) -> str:
        return f"{self.change} an {self.webhook_id}"
