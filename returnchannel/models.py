"""Rückkanal: what the citizen may see of a Vorgang, step by step, and how it reaches them."""

from __future__ import annotations

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
