"""Fristen of a Vorgang, what stops its service clock, and holidays that the authority has added."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from django.db import models
from django.db.models import Q

from audit.history import history
from cases.deadlines.computing import UNITS
from cases.deadlines.duties import FICTION_DAYS
from cases.models.case import Case


@dataclass(frozen=True)
class Traits:
    """What a kind of Frist is like.

    ``pausable``: a Nachforderung stops it. ``legal``: the law or a court sets it, not the authority. ``early_days``: so
    many days before its end it is warned of. ``shifts``: it ends on a working day. ``extendable``: a person may set a
    later day. ``of_duty``: it binds the authority, until the Vorgang is decided.
    """

    pausable: bool = False
    legal: bool = False
    early_days: int = 3
    shifts: bool = True
    extendable: bool = True
    of_duty: bool = False


class DeadlineKind(models.TextChoices):
    """The kinds of Fristen; those of the authority's duties have the names that the computing knows."""

    PROCESSING = "bearbeitungsziel", "Bearbeitungsziel"
    FICTION = "vwvfg_42a", "Genehmigungsfiktion (§ 42a VwVfG)"
    VWGO = "vwgo_75", "Untätigkeitsklage möglich (§ 75 VwGO)"
    SGG = "sgg_88", "Untätigkeitsklage möglich (§ 88 SGG)"
    REQUEST = "nachforderung", "Nachforderung"
    HEARING = "anhoerung", "Anhörung"
    NOTICE = "mitteilung", "Frist aus einer Mitteilung"
    REMEDY = "rechtsbehelf", "Rechtsbehelf"
    COURT = "gericht", "gerichtliche Frist"
    OTHER = "sonstige", "sonstige Frist"

    @property
    def traits(self) -> Traits:
        """What this kind is like."""
        return TRAITS[self]

    @property
    def is_duty(self) -> bool:
        """True for what the law sets the authority itself."""
        return self in (DeadlineKind.FICTION, DeadlineKind.VWGO, DeadlineKind.SGG)


TRAITS: dict[str, Traits] = {
    DeadlineKind.PROCESSING: Traits(pausable=True, early_days=7, shifts=False, of_duty=True),
    DeadlineKind.FICTION: Traits(legal=True, early_days=21, shifts=False, of_duty=True),
    DeadlineKind.VWGO: Traits(legal=True, early_days=21, shifts=False, extendable=False, of_duty=True),
    DeadlineKind.SGG: Traits(legal=True, early_days=30, shifts=False, extendable=False, of_duty=True),
    DeadlineKind.REQUEST: Traits(),
    DeadlineKind.HEARING: Traits(),
    DeadlineKind.NOTICE: Traits(),
    DeadlineKind.REMEDY: Traits(legal=True, early_days=7, extendable=False),
    DeadlineKind.COURT: Traits(legal=True, early_days=7),
    DeadlineKind.OTHER: Traits(),
}
ONCE = (DeadlineKind.PROCESSING, DeadlineKind.FICTION, DeadlineKind.VWGO, DeadlineKind.SGG)


class Deadline(models.Model):
    """A Frist: computed from ``starts_on`` and its length, or set by a person with a reason (``is_manual``).

    ``due_on`` is empty only while the service clock stands with no end in sight. ``reasons`` are German sentences,
    ``reason`` is a person's own. The personal Wiedervorlage is something else.
    """

    class State(models.TextChoices):
        """What became of it."""

        OPEN = "open", "offen"
        MET = "met", "eingehalten"
        MISSED = "missed", "versäumt"
        CANCELLED = "cancelled", "entfallen"

    case = models.ForeignKey(Case, verbose_name="Vorgang", on_delete=models.PROTECT, related_name="deadlines")
    kind = models.CharField("Art", max_length=20, choices=DeadlineKind.choices)
    title = models.CharField("Bezeichnung", max_length=100, blank=True)
    starts_on = models.DateField("läuft ab")
    length = models.PositiveIntegerField("Dauer", null=True, blank=True)
    unit = models.CharField(
        "Einheit", max_length=6, blank=True, choices=[(unit, many) for unit, (_, many) in UNITS.items()]
    )
    due_on = models.DateField("endet am", null=True, blank=True)
    warn_on = models.DateField("erinnert ab", null=True, blank=True)
    state = models.CharField("Stand", max_length=9, choices=State.choices, default=State.OPEN)
    settled_on = models.DateField("erledigt am", null=True, blank=True)
    basis = models.CharField("Grundlage", max_length=200, blank=True)
    reasons = models.JSONField("Begründung", default=list, blank=True)
    is_manual = models.BooleanField("von Hand gesetzt", default=False)
    reason = models.TextField("Grund", blank=True)

    history = history()

    class Meta:
        verbose_name = "Frist"
        verbose_name_plural = "Fristen"
        constraints = [
            models.CheckConstraint(
                condition=Q(due_on__isnull=False) | Q(kind=DeadlineKind.PROCESSING), name="cases_deadline_has_end"
            ),
            models.CheckConstraint(
                condition=Q(is_manual=True) | Q(length__isnull=False) & ~Q(unit=""), name="cases_deadline_is_computed"
            ),
            models.CheckConstraint(
                condition=Q(state="open", settled_on__isnull=True) | (~Q(state="open") & Q(settled_on__isnull=False)),
                name="cases_deadline_settled_has_day",
            ),
            models.UniqueConstraint(
                fields=["case", "kind"], condition=Q(state="open", kind__in=ONCE), name="cases_deadline_once"
            ),
        ]
        indexes = [models.Index(fields=["due_on"], condition=Q(state="open"), name="cases_deadline_open")]

    def __str__(self) -> str:
        return self.title or self.get_kind_display()

    @property
    def traits(self) -> Traits:
        """What its kind is like."""
        return TRAITS[self.kind]

    @property
    def last_posting_on(self) -> date | None:
        """Of what binds the authority by law: the last day on which posting is in time by the fiction."""
        is_duty = DeadlineKind(self.kind).is_duty
        return self.due_on - timedelta(days=FICTION_DAYS) if is_duty and self.due_on else None


class Pause(models.Model):
    """The service clock stands: from a dispatch to the day of the answer or of the end of its Frist.

    Without ``ends_on`` nobody knows yet until when.
    """

    case = models.ForeignKey(Case, verbose_name="Vorgang", on_delete=models.PROTECT, related_name="pauses")
    starts_on = models.DateField("ab")
    ends_on = models.DateField("bis", null=True, blank=True)
    cause = models.CharField("Anlass", max_length=200)

    history = history()

    class Meta:
        verbose_name = "Pause der Bearbeitungsuhr"
        verbose_name_plural = "Pausen der Bearbeitungsuhr"
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_on__isnull=True) | Q(ends_on__gte=models.F("starts_on")), name="cases_pause_in_order"
            )
        ]

    def __str__(self) -> str:
        return self.cause


class LocalHoliday(models.Model):
    """A holiday at the authority's seat that nobody knew of when Fristen were computed."""

    on = models.DateField("Tag", unique=True)
    name = models.CharField("Name", max_length=100)
    entered_at = models.DateTimeField("eingetragen am", auto_now_add=True)

    history = history()

    class Meta:
        verbose_name = "örtlicher Feiertag"
        verbose_name_plural = "örtliche Feiertage"
        ordering = ["on"]

    def __str__(self) -> str:
        return f"{self.name} ({self.on:%d.%m.%Y})"
