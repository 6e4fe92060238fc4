"""Verteilung: the rules, what they decided and why, and what a person has to decide."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from audit.history import history
from cases.conditions import Condition
from cases.models import Case, OrgUnit, Service
from intake.models import Submission


class Rule(models.Model):
    """One row of the decision table: when all conditions hold, the message goes to this Leistung and team.

    Rules are asked in the order of ``rank``; two of the same rank that both match decide nothing.
    """

    rank = models.PositiveIntegerField("Rang", help_text="Kleinere zuerst.")
    name = models.CharField("Name", max_length=200)
    note = models.TextField("Bemerkung", blank=True)
    conditions = models.JSONField("Bedingungen", default=list)
    service = models.ForeignKey(Service, verbose_name="Leistung", on_delete=models.PROTECT, related_name="rules")
    unit = models.ForeignKey(
        OrgUnit,
        verbose_name="Team",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="rules",
        help_text="Leer: das Team der Leistung.",
    )
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="Person",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        help_text="Wem ein neuer Vorgang gleich zugewiesen wird.",
    )
    case = models.ForeignKey(
        Case,
        verbose_name="bestehender Vorgang",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        help_text="Statt eines neuen Vorgangs.",
    )
    package = models.SlugField("aus dem Leistungspaket", blank=True)
    version = models.PositiveIntegerField("Version", default=1)
    is_active = models.BooleanField("gilt", default=True)

    history = history()

    class Meta:
        verbose_name = "Regel"
        verbose_name_plural = "Regeln"
        ordering = ["rank", "id"]
        constraints = [models.UniqueConstraint(fields=["package", "name"], name="routing_rule_name_once")]

    def __str__(self) -> str:
        return self.name

    @property
    def parsed(self) -> list[Condition]:
        """The conditions as objects."""
        return [Condition(**item) for item in self.conditions]


class RoutingDecision(models.Model):
    """Where an Eingang went and why: rule, its version, the conditions that held. Without person data; append-only."""

    class Mode(models.TextChoices):
        """Who decided."""

        RULE = "rule", "nach Regel"
        REPLY = "reply", "als Antwort erkannt"
        DUPLICATE = "duplicate", "als Dublette erkannt"
        MANUAL = "manual", "von Hand"

    submission = models.ForeignKey(Submission, on_delete=models.PROTECT, related_name="decisions")
    case = models.ForeignKey(Case, null=True, on_delete=models.PROTECT, related_name="routing_decisions")
    at = models.DateTimeField("Zeitpunkt", auto_now_add=True)
    actor = models.CharField("Wer", max_length=150)
    mode = models.CharField("Weg", max_length=12, choices=Mode.choices)
    rule_id_then = models.BigIntegerField("Nummer der Regel", null=True)
    rule_name = models.CharField("Regel", max_length=200, blank=True)
    rule_version = models.PositiveIntegerField("Version der Regel", null=True)
    explanation = models.JSONField("Begründung", default=list)

    append_only = True

    class Meta:
        verbose_name = "Zuordnung"
        verbose_name_plural = "Zuordnungen"
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.get_mode_display()}: {self.rule_name}" if self.rule_name else self.get_mode_display()


class ExceptionEntry(models.Model):
    """Something that the machine could not place, for a Teamleitung: a reason code, and what to do."""

    class Resolution(models.TextChoices):
        """How it was cleared."""

        ASSIGNED = "assigned", "einem Vorgang zugeordnet"
        NEW_CASE = "new_case", "neuer Vorgang"
        DUPLICATE = "duplicate", "Dublette"
        REJECTED = "rejected", "zurückgewiesen"
        RESUMED = "resumed", "berichtigt und fortgesetzt"

    PERSONAL_FIELDS = ("subject", "sender_text")

    kind = models.CharField("Art", max_length=32)
    reason = models.CharField("Ursache", max_length=64)
    subject = models.CharField("Betreff", max_length=500, blank=True)
    details = models.JSONField("Einzelheiten", default=dict, help_text="Kandidaten und nächste Regeln.")
    submission = models.ForeignKey(
        Submission, null=True, blank=True, on_delete=models.PROTECT, related_name="exceptions"
    )
    case = models.ForeignKey(Case, null=True, blank=True, on_delete=models.PROTECT, related_name="exceptions")
    unit = models.ForeignKey(
        OrgUnit, verbose_name="Team", null=True, blank=True, on_delete=models.PROTECT, related_name="exceptions"
    )
    created_at = models.DateTimeField("seit", auto_now_add=True)
    claimed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="in Bearbeitung von",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    claimed_at = models.DateTimeField("in Bearbeitung seit", null=True, blank=True)
    parked_until = models.DateField("zurückgestellt bis", null=True, blank=True)
    waits_since = models.DateTimeField(
        "wartet seit", default=timezone.now, help_text="Ab wann die Dienststunden zählen; nach dem Zurückstellen neu."
    )
    waited_before = models.DurationField(
        "vorher gewartet", default=timedelta, help_text="Dienststunden bis zum letzten Zurückstellen."
    )
    escalated_at = models.DateTimeField("eskaliert", null=True, blank=True)
    sender_text = models.TextField("Mitteilung an den Absender", blank=True)
    resolution = models.CharField("Lösung", max_length=12, choices=Resolution.choices, blank=True)
    resolved_at = models.DateTimeField("gelöst am", null=True, blank=True)
    resolved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="gelöst von", null=True, on_delete=models.PROTECT, related_name="+"
    )

    history = history(excluded_fields=PERSONAL_FIELDS)

    class Meta:
        verbose_name = "Klärfall"
        verbose_name_plural = "Klärfälle"
        ordering = ["created_at", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["submission"], condition=Q(resolved_at=None), name="routing_one_open_entry"
            ),
            models.CheckConstraint(
                condition=Q(resolved_at__isnull=True, resolution="")
                | (Q(resolved_at__isnull=False) & ~Q(resolution="")),
                name="routing_resolved_has_resolution",
            ),
            models.CheckConstraint(
                condition=Q(claimed_by__isnull=True, claimed_at__isnull=True)
                | Q(claimed_by__isnull=False, claimed_at__isnull=False),
                name="routing_claimed_since",
            ),
        ]
        indexes = [
            models.Index(fields=["unit", "created_at"], condition=Q(resolved_at=None), name="routing_open_entries")
        ]

    def __str__(self) -> str:
        return f"{self.reason} {self.pk}"

    @property
    def is_parked(self) -> bool:
        """True until the day on which it comes back by itself."""
        return self.parked_until is not None and self.parked_until > timezone.localdate()


class ClearingQuestion(models.Model):
    """A question about a Klärfall to another team, and its answer; the team sees the message while it is open."""

    PERSONAL_FIELDS = ("text", "answer")

    entry = models.ForeignKey(ExceptionEntry, on_delete=models.PROTECT, related_name="questions")
    unit = models.ForeignKey(
        OrgUnit, verbose_name="gefragtes Team", on_delete=models.PROTECT, related_name="clearing_questions"
    )
    text = models.TextField("Frage")
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="gefragt von", on_delete=models.PROTECT, related_name="+"
    )
    asked_at = models.DateTimeField("gefragt am", default=timezone.now)
    answer = models.TextField("Antwort", blank=True)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="beantwortet von", null=True, on_delete=models.PROTECT, related_name="+"
    )
    answered_at = models.DateTimeField("beantwortet am", null=True, blank=True)

    history = history(excluded_fields=PERSONAL_FIELDS)

    class Meta:
        verbose_name = "Rückfrage zu einem Klärfall"
        verbose_name_plural = "Rückfragen zu Klärfällen"
        ordering = ["asked_at", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(answered_by__isnull=True, answered_at__isnull=True)
                | Q(answered_by__isnull=False, answered_at__isnull=False),
                name="routing_answered_by_somebody",
            ),
        ]
        indexes = [
            models.Index(fields=["unit", "asked_at"], condition=Q(answered_at=None), name="routing_open_questions")
        ]

    def __str__(self) -> str:
        return f"{self.pk} zu {self.entry_id}"


class EntryPresence(models.Model):
    """Somebody has opened the Klärfall: a hint for the colleagues, no lock and no record."""

    entry = models.ForeignKey(ExceptionEntry, on_delete=models.CASCADE, related_name="presences")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    seen_at = models.DateTimeField("zuletzt geöffnet")

    class Meta:
        verbose_name = "Anwesenheit am Klärfall"
        verbose_name_plural = "Anwesenheiten an Klärfällen"
        constraints = [models.UniqueConstraint(fields=["entry", "user"], name="routing_presence_once")]

    def __str__(self) -> str:
        return f"{self.user} hat Klärfall {self.entry_id} geöffnet"
