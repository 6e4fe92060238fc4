"""What the citizen may see of a Vorgang, step by step."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from cases.models import Case, CaseNumber
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
