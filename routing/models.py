"""Verteilung: the rules, what they decided and why, and what a person has to decide."""

from __future__ import annotations

from datetime import date, timedelta

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from audit.history import history
from cases.conditions import Condition
from cases.models import Case, OrgUnit, Service
from intake.models import Submission


class RuleContent(models.Model):
    """What one row of the decision table says: when all conditions hold, the message goes to this Leistung and team."""

    rank = models.PositiveIntegerField("Rang", help_text="Kleinere zuerst.")
    name = models.CharField("Name", max_length=200)
    note = models.TextField("Bemerkung", blank=True)
    conditions = models.JSONField("Bedingungen", default=list)
    service = models.ForeignKey(Service, verbose_name="Leistung", on_delete=models.PROTECT, related_name="%(class)ss")
    unit = models.ForeignKey(
        OrgUnit,
        verbose_name="Team",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="%(class)ss",
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
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="wer sie pflegt",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    valid_from = models.DateField("gilt ab", null=True, blank=True, help_text="Leer: sofort.")
    valid_until = models.DateField("gilt bis", null=True, blank=True, help_text="Einschließlich. Leer: unbegrenzt.")

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.name

    @property
    def parsed(self) -> list[Condition]:
        """The conditions as objects."""
        return [Condition(**item) for item in self.conditions]

    def holds_on(self, day: date) -> bool:
        """True when the rule is asked on this day."""
        return (self.valid_from is None or self.valid_from <= day) and (
            self.valid_until is None or day <= self.valid_until
        )


CONTENT = tuple(field.attname for field in RuleContent._meta.local_fields)
"""The names of the attributes that make up a rule, for copying one and for comparing two."""


class Rule(RuleContent):
    """A published row of the decision table.

    Rules are asked in the order of ``rank``; two of the same rank that both match decide nothing.
    """

    package = models.SlugField("aus dem Leistungspaket", blank=True)
    version = models.PositiveIntegerField("Version", default=1)
    is_active = models.BooleanField("gilt", default=True)

    history = history()

    class Meta:
        verbose_name = "Regel"
        verbose_name_plural = "Regeln"
        ordering = ["rank", "id"]
        constraints = [models.UniqueConstraint(fields=["package", "name"], name="routing_rule_name_once")]


class Rulebook(models.Model):
    """One row that says whether the rules, or what they lead to, have changed: then it has another stamp.

    Database triggers write it (``routing.triggers``), so that nobody can forget to.
    """

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    stamp = models.UUIDField()

    class Meta:
        verbose_name = "Stand der Regeln"
        verbose_name_plural = "Stand der Regeln"

    def __str__(self) -> str:
        return str(self.stamp)


class RuleDraft(models.Model):
    """Changes of rules that belong together: drawn up by one person, tried out, and published by another."""

    class State(models.TextChoices):
        """Where it is."""

        OPEN = "open", "in Arbeit"
        PUBLISHED = "published", "veröffentlicht"
        DISCARDED = "discarded", "verworfen"

    name = models.CharField("Worum es geht", max_length=200)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="entworfen von", on_delete=models.PROTECT, related_name="+"
    )
    created_at = models.DateTimeField("entworfen am", auto_now_add=True)
    state = models.CharField("Stand", max_length=10, choices=State.choices, default=State.OPEN)
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="beendet von", null=True, on_delete=models.PROTECT, related_name="+"
    )
    closed_at = models.DateTimeField("beendet am", null=True)
    trial = models.JSONField("Probelauf", default=dict, help_text="Was der Probelauf bei der Veröffentlichung zeigte.")

    history = history()

    class Meta:
        verbose_name = "Regelentwurf"
        verbose_name_plural = "Regelentwürfe"
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(state="open", closed_at=None) | (~Q(state="open") & Q(closed_at__isnull=False)),
                name="routing_draft_closed_has_date",
            )
        ]

    def __str__(self) -> str:
        return self.name


class RuleChange(RuleContent):
    """One change within a draft: a new rule, a rule as it shall be, or one that shall no longer hold."""

    class Kind(models.TextChoices):
        """What is to become of the rule."""

        NEW = "new", "neu"
        CHANGE = "change", "geändert"
        RETIRE = "retire", "aufgehoben"

    draft = models.ForeignKey(RuleDraft, on_delete=models.CASCADE, related_name="changes")
    kind = models.CharField("Art", max_length=6, choices=Kind.choices)
    rule = models.ForeignKey(Rule, null=True, blank=True, on_delete=models.PROTECT, related_name="changes")
    base_version = models.PositiveIntegerField("ausgehend von Version", null=True)
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="zuletzt bearbeitet von", on_delete=models.PROTECT, related_name="+"
    )
    revision = models.PositiveIntegerField("Fassung", default=1, help_text="Damit niemand eine fremde überschreibt.")

    history = history()

    class Meta:
        verbose_name = "Regeländerung"
        verbose_name_plural = "Regeländerungen"
        ordering = ["rank", "id"]
        constraints = [
            models.UniqueConstraint(fields=["draft", "rule"], name="routing_one_change_per_rule"),
            models.CheckConstraint(
                condition=Q(kind="new", rule=None) | (~Q(kind="new") & Q(rule__isnull=False)),
                name="routing_change_of_rule",
            ),
        ]

    @property
    def is_outdated(self) -> bool:
        """True when the rule has got another version since this change was drawn up (reads the rule)."""
        return self.rule is not None and self.rule.version != self.base_version


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
        indexes = [models.Index(fields=["rule_id_then", "at"], name="routing_hits_of_rule")]

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
