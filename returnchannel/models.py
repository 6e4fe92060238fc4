"""Rückkanal: what the citizen may see of a Vorgang, step by step, and how it reaches them."""

from __future__ import annotations

import uuid

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from audit.history import history
from cases.models import Case, CaseNumber, Dispatch, Document, ReportedDecision
from intake.models import ApiClient


class PublicChange(models.Model):
    """One step that the citizen sees, for the feed of the portal that handed the application over.

    Written in the transaction of the change. ``position`` is given after that is committed, in one line for all
    (``returnchannel.actions.feed``): so nobody who reads on from a position misses what was still under way then.
    """

    class Kind(models.TextChoices):
        """What has changed."""

        RECEIPT = "receipt", "Eingangsbestätigung"
        STATUS = "status", "Status"
        INFORMATION_REQUEST = "information_request", "Nachforderung"
        DECISION = "decision", "Bescheid"
        NOTICE = "notice", "Mitteilung"

    number = models.ForeignKey(
        CaseNumber, verbose_name="Vorgangs-ID", on_delete=models.PROTECT, related_name="public_changes"
    )
    client = models.ForeignKey(
        ApiClient, verbose_name="Portal", null=True, on_delete=models.PROTECT, related_name="public_changes"
    )
    version = models.PositiveIntegerField("Stand")
    kind = models.CharField("Art", max_length=20, choices=Kind.choices)
    status = models.CharField("Status", max_length=16, choices=Case.Status.choices)
    at = models.DateTimeField("Zeitpunkt")
    position = models.BigIntegerField("Stelle im Verlauf aller", null=True, unique=True)

    class Meta:
        verbose_name = "öffentliche Änderung"
        verbose_name_plural = "öffentliche Änderungen"
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["number", "version"], name="returnchannel_version_once")]
        indexes = [
            models.Index(fields=["client", "position"], name="returnchannel_feed"),
            models.Index(fields=["id"], condition=Q(position=None), name="returnchannel_without_position"),
        ]

    def __str__(self) -> str:
        return f"{self.number_id} v{self.version}: {self.get_kind_display()}"


class OutboundMessage(models.Model):
    """What is told to who applied: receipt, Nachforderung, Bescheid, Mitteilung; numbered per Vorgangs-ID."""

    class Kind(models.TextChoices):
        """What it is."""

        RECEIPT = "receipt", "Eingangsbestätigung"
        INFORMATION_REQUEST = "information_request", "Nachforderung"
        DECISION = "decision", "Bescheid"
        NOTICE = "notice", "Mitteilung"

    PERSONAL_FIELDS = ("title", "text")

    number = models.ForeignKey(
        CaseNumber, verbose_name="Vorgangs-ID", on_delete=models.PROTECT, related_name="outbound_messages"
    )
    case = models.ForeignKey(
        Case, verbose_name="Vorgang", null=True, on_delete=models.PROTECT, related_name="outbound_messages"
    )
    n = models.PositiveIntegerField("Nummer", help_text="Laufende Nummer unter der Vorgangs-ID.")
    kind = models.CharField("Art", max_length=20, choices=Kind.choices)
    at = models.DateTimeField("Zeitpunkt")
    title = models.CharField("Betreff", max_length=300)
    text = models.TextField("Text", blank=True)
    document = models.ForeignKey(
        Document, verbose_name="Schreiben", null=True, on_delete=models.PROTECT, related_name="outbound_messages"
    )
    reported = models.OneToOneField(
        ReportedDecision,
        verbose_name="gemeldete Entscheidung",
        null=True,
        on_delete=models.PROTECT,
        related_name="outbound_message",
    )
    dispatches = models.ManyToManyField(
        Dispatch, verbose_name="Versand", related_name="outbound_messages", help_text="An jeden Empfänger einer."
    )

    history = history(excluded_fields=PERSONAL_FIELDS)

    class Meta:
        verbose_name = "Nachricht nach außen"
        verbose_name_plural = "Nachrichten nach außen"
        ordering = ["number", "n"]
        constraints = [models.UniqueConstraint(fields=["number", "n"], name="returnchannel_message_once")]

    def __str__(self) -> str:
        return f"{self.number_id}/{self.n}"


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
