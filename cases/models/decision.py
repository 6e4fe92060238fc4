"""The Bescheid and what comes after it. A named person decides; the software never does (§ 35a VwVfG, § 31a SGB X)."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django_fsm import FSMField, transition

from audit.history import history
from cases.models.case import Case
from cases.models.correspondence import Dispatch
from cases.models.document import Document


class Decision(models.Model):
    """A Bescheid: drafted by one, released (where the Leistung asks for four eyes: by another)."""

    class State(models.TextChoices):
        """Where it stands."""

        DRAFT = "draft", "Entwurf"
        RELEASED = "released", "freigegeben"
        REPLACED = "replaced", "durch eine neue Fassung ersetzt"
        WITHDRAWN = "withdrawn", "zurückgenommen"
        DISCARDED = "discarded", "verworfen"

    OUTCOMES = (
        Case.Outcome.GRANTED,
        Case.Outcome.PARTLY_GRANTED,
        Case.Outcome.REJECTED,
        Case.Outcome.REFUSED,
        Case.Outcome.DISCONTINUED,
    )
    PERSONAL_FIELDS = ("operative_part", "reasoning")

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="decisions")
    number = models.PositiveIntegerField("Nummer", help_text="Laufende Nummer im Vorgang.")
    corrects = models.ForeignKey(
        "self", verbose_name="berichtigt", null=True, blank=True, on_delete=models.PROTECT, related_name="corrections"
    )
    state = FSMField("Stand", choices=State.choices, default=State.DRAFT, protected=True, editable=False)
    outcome = models.CharField("Ergebnis", max_length=20, choices=Case.Outcome.choices)
    operative_part = models.TextField("Entscheidung", help_text="Der verfügende Teil (Tenor).")
    reasoning = models.TextField("Begründung", blank=True)
    remedy_notice = models.TextField("Rechtsbehelfsbelehrung", blank=True)
    method = models.CharField("Zustellungsart", max_length=14, choices=Dispatch.CHOICES, default=Dispatch.Method.LETTER)
    drafted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="entworfen von", on_delete=models.PROTECT, related_name="+"
    )
    revision = models.PositiveIntegerField("Fassung des Entwurfs", default=1)
    released_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="freigegeben von",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    released_at = models.DateTimeField("freigegeben am", null=True, blank=True)
    final_since = models.DateField("bestandskräftig seit", null=True, blank=True)

    history = history(excluded_fields=PERSONAL_FIELDS)

    class Meta:
        verbose_name = "Bescheid"
        verbose_name_plural = "Bescheide"
        ordering = ["case", "number"]
        constraints = [
            models.UniqueConstraint(fields=["case", "number"], name="cases_decision_once"),
            models.UniqueConstraint(fields=["case"], condition=Q(state="draft"), name="cases_one_draft"),
            models.CheckConstraint(
                condition=Q(state__in=["draft", "discarded"])
                | Q(released_by__isnull=False, released_at__isnull=False) & ~Q(remedy_notice=""),
                name="cases_released_decision_is_complete",
            ),
            models.CheckConstraint(
                condition=~Q(outcome__in=["abgelehnt", "versagt", "teilweise_bewilligt"], reasoning="")
                | Q(state__in=["draft", "discarded"]),
                name="cases_refusal_has_reasoning",
            ),
        ]

    def __str__(self) -> str:
        return f"Bescheid {self.number}: {self.get_outcome_display()}"

    @transition(field=state, source=State.DRAFT, target=State.RELEASED)
    def release(self) -> None:
        """A person decides."""

    @transition(field=state, source=State.DRAFT, target=State.DISCARDED)
    def discard(self) -> None:
        """The draft is dropped."""

    @transition(field=state, source=State.RELEASED, target=State.REPLACED)
    def replace(self) -> None:
        """A corrected version takes its place."""

    @transition(field=state, source=State.RELEASED, target=State.WITHDRAWN)
    def withdraw(self) -> None:
        """It is taken back; the Vorgang is examined again."""


class ReportedDecision(models.Model):
    """A decision that was made in a Fachverfahren and reported from there: by whom, when, and its Bescheid.

    The Fachverfahren makes it known itself; here it is recorded, filed and shown.
    """

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="reported_decisions")
    outcome = models.CharField("Ergebnis", max_length=20, choices=Case.Outcome.choices)
    decided_by = models.CharField("entschieden von", max_length=200)
    decided_at = models.DateTimeField("entschieden am")
    reported_by = models.CharField("gemeldet von", max_length=150, help_text="Der Zugang des Fachverfahrens.")
    reported_at = models.DateTimeField("gemeldet am")
    document = models.OneToOneField(
        Document, verbose_name="Bescheid", null=True, on_delete=models.PROTECT, related_name="reported_decision"
    )

    history = history()

    class Meta:
        verbose_name = "gemeldete Entscheidung"
        verbose_name_plural = "gemeldete Entscheidungen"
        ordering = ["case", "id"]
        constraints = [models.CheckConstraint(condition=~Q(decided_by=""), name="cases_reported_decision_has_a_person")]

    def __str__(self) -> str:
        return f"{self.get_outcome_display()}, entschieden von {self.decided_by}"


class Remedy(models.Model):
    """A Rechtsbehelf against a Bescheid."""

    class Kind(models.TextChoices):
        """What was lodged."""

        OBJECTION = "widerspruch", "Widerspruch"
        APPEAL = "einspruch", "Einspruch"
        ACTION = "klage", "Klage"

    class State(models.TextChoices):
        """What became of it."""

        OPEN = "open", "anhängig"
        REMEDIED = "abgeholfen", "abgeholfen"
        PASSED_ON = "vorgelegt", "vorgelegt (nicht abgeholfen)"
        WITHDRAWN = "zurueckgenommen", "zurückgenommen"
        REJECTED = "zurueckgewiesen", "zurückgewiesen"

    PENDING = (State.OPEN, State.PASSED_ON)

    decision = models.ForeignKey(Decision, on_delete=models.PROTECT, related_name="remedies")
    kind = models.CharField("Art", max_length=12, choices=Kind.choices)
    filed_on = models.DateField("eingegangen am")
    in_time = models.BooleanField("fristgerecht", null=True, help_text="Leer, solange die Bekanntgabe nicht feststeht.")
    reasons = models.JSONField("Herleitung", default=list)
    state = models.CharField("Stand", max_length=16, choices=State.choices, default=State.OPEN)
    settled_on = models.DateField("erledigt am", null=True, blank=True)

    history = history()

    class Meta:
        verbose_name = "Rechtsbehelf"
        verbose_name_plural = "Rechtsbehelfe"
        ordering = ["decision", "id"]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} vom {self.filed_on:%d.%m.%Y}"
