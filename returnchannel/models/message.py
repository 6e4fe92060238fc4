"""What is written to who applied."""

from __future__ import annotations

from django.db import models

from audit.history import history
from cases.models import Case, CaseNumber, Dispatch, Document, ReportedDecision


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
    names_case_id = models.BooleanField(
        "nennt die Vorgangs-ID", default=False, help_text="Text oder Schreiben; geprüft, als die Nachricht entstand."
    )
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
