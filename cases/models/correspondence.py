"""What the authority writes: Nachforderungen with their items, Mitteilungen, and the Versand of every letter."""

from __future__ import annotations

from datetime import date

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django_fsm import FSMField, transition

from audit.history import history
from cases.deadlines.rules import BASES
from cases.models.case import Case
from cases.models.deadline import Deadline, Pause
from cases.models.document import Document
from cases.models.party import Party


class InformationRequest(models.Model):
    """A Nachforderung: what is missing, until when. Its Frist is the fixed date that is printed in the letter."""

    class State(models.TextChoices):
        """Open until it is answered, has run out, or was withdrawn."""

        OPEN = "open", "offen"
        ANSWERED = "answered", "beantwortet"
        EXPIRED = "expired", "abgelaufen"
        WITHDRAWN = "withdrawn", "zurückgenommen"

    PERSONAL_FIELDS = ("title", "text")

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="information_requests")
    number = models.PositiveIntegerField("Nummer", help_text="Laufende Nummer im Vorgang.")
    template_key = models.SlugField("Vorlage", blank=True, help_text="Die Standardnachforderung der Leistung.")
    title = models.CharField("Gegenstand", max_length=200)
    text = models.TextField("Text")
    legal_basis = models.CharField("Rechtsgrundlage", max_length=200, blank=True)
    names_consequence = models.BooleanField("nennt die Folgen fehlender Mitwirkung", default=False)
    state = FSMField("Stand", choices=State.choices, default=State.OPEN, protected=True, editable=False)
    sent_on = models.DateField("abgesandt am")
    due_on = models.DateField("Frist")
    answered_on = models.DateField("Antwort am", null=True, blank=True)
    ended_at = models.DateTimeField("beendet am", null=True, blank=True)
    reminded_on = models.DateField("erinnert am", null=True, blank=True)
    deadline = models.OneToOneField(Deadline, on_delete=models.PROTECT, related_name="information_request")
    pause = models.OneToOneField(Pause, null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    history = history(excluded_fields=PERSONAL_FIELDS)

    class Meta:
        verbose_name = "Nachforderung"
        verbose_name_plural = "Nachforderungen"
        ordering = ["case", "number"]
        constraints = [
            models.UniqueConstraint(fields=["case", "number"], name="cases_information_request_once"),
            models.CheckConstraint(
                condition=Q(state__in=["open", "answered", "expired", "withdrawn"]), name="cases_request_state_is_known"
            ),
            models.CheckConstraint(
                condition=Q(state="open", ended_at__isnull=True) | ~Q(state="open") & Q(ended_at__isnull=False),
                name="cases_request_ended_at",
            ),
        ]
        indexes = [models.Index(F("due_on"), condition=Q(state="open"), name="cases_request_due")]

    def __str__(self) -> str:
        return f"Nachforderung {self.number}: {self.title}"

    @property
    def ends_on(self) -> date:
        """The last day of the Frist: the printed one, or a later one when a holiday was added since."""
        return max(self.due_on, self.deadline.due_on or self.due_on)

    @transition(field=state, source=[State.OPEN, State.EXPIRED], target=State.ANSWERED)
    def answer(self) -> None:
        """The answer has arrived, in time or late."""

    @transition(field=state, source=State.OPEN, target=State.EXPIRED)
    def expire(self) -> None:
        """The Frist has ended without an answer."""

    @transition(field=state, source=State.OPEN, target=State.WITHDRAWN)
    def withdraw(self) -> None:
        """It is no longer needed."""

    @transition(field=state, source=[State.EXPIRED, State.ANSWERED], target=State.OPEN)
    def extend_after_end(self) -> None:
        """The Frist is extended although it has ended (§ 31 VII VwVfG, § 26 VII SGB X), or the answer does not do."""
        self.ended_at = self.answered_on = None


class InformationRequestItem(models.Model):
    """One thing that a Nachforderung asks for; accepted singly."""

    class State(models.TextChoices):
        """Missing, or there."""

        OPEN = "open", "fehlt"
        ACCEPTED = "accepted", "liegt vor"

    PERSONAL_FIELDS = ("title", "note")  # people write their own

    request = models.ForeignKey(InformationRequest, on_delete=models.PROTECT, related_name="items")
    key = models.SlugField("Kürzel", max_length=60)
    title = models.CharField("Bezeichnung", max_length=300)
    note = models.CharField("Hinweis", max_length=500, blank=True)
    state = models.CharField("Stand", max_length=10, choices=State.choices, default=State.OPEN)
    source = models.CharField("Herkunft", max_length=40, blank=True, help_text="Woher der Nachweis kommt.")
    documents = models.ManyToManyField(
        Document,
        verbose_name="Eingegangenes",
        related_name="answers",
        help_text="Was dazu eingegangen ist; ob es genügt, sagt ein Mensch.",
    )

    history = history(excluded_fields=PERSONAL_FIELDS)

    class Meta:
        verbose_name = "Punkt einer Nachforderung"
        verbose_name_plural = "Punkte von Nachforderungen"
        ordering = ["request", "id"]
        constraints = [models.UniqueConstraint(fields=["request", "key"], name="cases_request_item_once")]

    def __str__(self) -> str:
        return self.title


class Notice(models.Model):
    """A Mitteilung to who receives the post: how things stand, an appointment, a hearing, a hand-over."""

    class Kind(models.TextChoices):
        """What it is for."""

        INTERIM = "zwischennachricht", "Zwischennachricht"
        APPOINTMENT = "termin", "Termin"
        HEARING = "anhoerung", "Anhörung"
        HANDED_OVER = "abgabenachricht", "Abgabenachricht"
        OTHER = "mitteilung", "Mitteilung"

    PERSONAL_FIELDS = ("subject", "text")

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="notices")
    number = models.PositiveIntegerField("Nummer", help_text="Laufende Nummer im Vorgang.")
    kind = models.CharField("Art", max_length=20, choices=Kind.choices)
    subject = models.CharField("Betreff", max_length=200)
    text = models.TextField("Text")
    sent_on = models.DateField("abgesandt am")
    due_on = models.DateField("Frist", null=True, blank=True)
    appointment_at = models.DateTimeField("Termin", null=True, blank=True)

    history = history(excluded_fields=PERSONAL_FIELDS)

    class Meta:
        verbose_name = "Mitteilung"
        verbose_name_plural = "Mitteilungen"
        ordering = ["case", "number"]
        constraints = [
            models.UniqueConstraint(fields=["case", "number"], name="cases_notice_once"),
            models.CheckConstraint(
                condition=~Q(kind="anhoerung") | Q(due_on__isnull=False), name="cases_hearing_has_due_date"
            ),
            models.CheckConstraint(
                condition=~Q(kind="termin") | Q(appointment_at__isnull=False), name="cases_appointment_has_time"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.number}"


class Dispatch(models.Model):
    """The Versand of one letter to one recipient: how, when, and when it counts as known there (Bekanntgabe)."""

    class Method(models.TextChoices):
        """The Zustellungsart."""

        LETTER = "einfach", "einfacher Brief"
        REGISTERED = "einschreiben", "Einschreiben"
        PZU = "pzu", "Postzustellungsurkunde"
        EEB = "eeb", "elektronisch gegen Empfangsbekenntnis"
        PORTAL = "abruf", "elektronisch zum Abruf"  # never chosen: a letter that goes by the portal

    class State(models.TextChoices):
        """Where it stands."""

        TO_SEND = "to_send", "zu versenden"
        SENT = "sent", "versandt"
        CANCELLED = "cancelled", "nicht versandt"

    CHOICES = Method.choices[:-1]
    """What a person can choose: all but the last."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="dispatches")
    document = models.OneToOneField(Document, on_delete=models.PROTECT, related_name="dispatch")
    recipient = models.ForeignKey(Party, verbose_name="Empfänger", on_delete=models.PROTECT, related_name="dispatches")
    request = models.ForeignKey(
        InformationRequest, null=True, blank=True, on_delete=models.PROTECT, related_name="dispatches"
    )
    notice = models.ForeignKey(Notice, null=True, blank=True, on_delete=models.PROTECT, related_name="dispatches")
    decision = models.ForeignKey("Decision", null=True, blank=True, on_delete=models.PROTECT, related_name="dispatches")
    is_reminder = models.BooleanField("Erinnerung", default=False, help_text="Sie stellt keine Frist.")
    method = models.CharField("Zustellungsart", max_length=14, choices=Method.choices, default=Method.LETTER)
    state = models.CharField("Stand", max_length=10, choices=State.choices, default=State.TO_SEND)
    sent_on = models.DateField("versandt am", null=True, blank=True)
    sent_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="versandt von",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    delivered_on = models.DateField(
        "zugestellt am", null=True, blank=True, help_text="Das Datum des Nachweises; elektronisch das des Abrufs."
    )
    basis = models.CharField(
        "Grundlage der Bereitstellung",
        max_length=16,
        choices=[(basis.value, label) for basis, label in BASES.items()],
        blank=True,
        help_text="Nur elektronisch zum Abruf: wonach sich die Bekanntgabe richtet.",
    )
    notified_on = models.DateField("benachrichtigt am", null=True, blank=True)
    known_on = models.DateField("bekannt gegeben am", null=True, blank=True)
    reasons = models.JSONField("Herleitung der Bekanntgabe", default=list)
    deadline = models.OneToOneField(
        Deadline, verbose_name="Rechtsbehelfsfrist", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )

    history = history()

    class Meta:
        verbose_name = "Versand"
        verbose_name_plural = "Versand"
        ordering = ["case", "id"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(state="sent") | Q(sent_on__isnull=False), name="cases_sent_dispatch_has_date"
            ),
            models.CheckConstraint(
                condition=Q(method="abruf") & ~Q(basis="") | ~Q(method="abruf") & Q(basis="", notified_on=None),
                name="cases_portal_dispatch_has_basis",
            ),
            models.CheckConstraint(
                condition=Q(request__isnull=False, notice__isnull=True, decision__isnull=True)
                | Q(request__isnull=True, notice__isnull=False, decision__isnull=True)
                | Q(request__isnull=True, notice__isnull=True, decision__isnull=False),
                name="cases_dispatch_of_one_thing",
            ),
        ]
        indexes = [models.Index(F("id"), condition=Q(state="to_send"), name="cases_dispatch_to_send")]

    def __str__(self) -> str:
        return f"{self.document} an {self.recipient}"
