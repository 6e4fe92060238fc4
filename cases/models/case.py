"""The Vorgang, its Vorgangs-ID and its references."""

from __future__ import annotations

from datetime import date

from django.conf import settings
from django.db import models
from django.db.models import F, Q, Value
from django.db.models.functions import Coalesce
from django_fsm import FSMField, transition

from audit.history import history
from cases.models.organisation import OrgUnit
from cases.models.service import Service, ServiceVersion

# The worklist is sorted by these. What has no date stands last; one index answers each, read one way or the other.
NEVER = date(9999, 12, 31)
BY_DUE = Coalesce("next_due", Value(NEVER, models.DateField()))
BY_FOLLOW_UP = Coalesce("next_follow_up", Value(NEVER, models.DateField()))
BY_REFERENCE = Coalesce("file_reference", "public_id")
URGENCY = (F("is_urgent").desc(), BY_DUE, F("received_at"), F("id"))
WORKLIST_INDEXES = {
    "urgency": (F("unit"), *URGENCY),
    "mine": (F("handler"), *URGENCY),
    "due": (F("unit"), BY_DUE, F("id")),
    "arrival": (F("unit"), F("received_at"), F("id")),
    "follow_up": (F("unit"), BY_FOLLOW_UP, F("id")),
    "reference": (F("unit"), BY_REFERENCE, F("id")),
}


class CaseNumber(models.Model):
    """A Vorgangs-ID: reserved at receipt, then the id of a Vorgang or an alias of one."""

    public_id = models.CharField("Vorgangs-ID", max_length=16, unique=True)
    case = models.ForeignKey("Case", null=True, blank=True, on_delete=models.PROTECT, related_name="numbers")
    reserved_at = models.DateTimeField("vergeben am", auto_now_add=True)

    class Meta:
        verbose_name = "Vorgangs-ID"
        verbose_name_plural = "Vorgangs-IDs"

    def __str__(self) -> str:
        return self.public_id


class FileReferenceCounter(models.Model):
    """The last number given out for an Aktenzeichen's prefix; locked last in a transaction, in sorted order."""

    prefix = models.CharField(max_length=100, primary_key=True)
    last = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name = "Zähler der Aktenzeichen"
        verbose_name_plural = "Zähler der Aktenzeichen"

    def __str__(self) -> str:
        return f"{self.prefix}: {self.last}"


class Case(models.Model):
    """A Vorgang: worked on until it is decided. ``status`` changes by the methods below, called by actions only."""

    class Status(models.TextChoices):
        """The four coarse states; they are what the citizen sees."""

        RECEIVED = "eingegangen", "eingegangen"
        EXAMINING = "in_pruefung", "in Prüfung"
        INFORMATION_REQUESTED = "nachforderung", "Nachforderung"
        DECIDED = "entschieden", "entschieden"

    class Outcome(models.TextChoices):
        """How a Vorgang ended."""

        GRANTED = "bewilligt", "bewilligt"
        PARTLY_GRANTED = "teilweise_bewilligt", "teilweise bewilligt"
        REJECTED = "abgelehnt", "abgelehnt"
        REFUSED = "versagt", "versagt"
        DISCONTINUED = "eingestellt", "eingestellt"
        WITHDRAWN = "zurueckgenommen", "zurückgenommen"
        HANDED_OVER = "abgegeben", "abgegeben"
        DONE = "erledigt", "erledigt"

    class ReferenceSource(models.TextChoices):
        """Who gives the Aktenzeichen."""

        OWN = "own", "eigenes"
        EAKTE = "eakte", "aus der eAkte"
        FACHVERFAHREN = "fachverfahren", "aus dem Fachverfahren"

    PERSONAL_FIELDS = ("subject",)
    OPEN = (Status.RECEIVED, Status.EXAMINING, Status.INFORMATION_REQUESTED)

    public_id = models.CharField("Vorgangs-ID", max_length=16, unique=True, editable=False)
    service = models.ForeignKey(Service, verbose_name="Leistung", on_delete=models.PROTECT, related_name="cases")
    service_version = models.ForeignKey(
        ServiceVersion, verbose_name="Stand der Leistung", on_delete=models.PROTECT, related_name="+"
    )
    unit = models.ForeignKey(OrgUnit, verbose_name="Team", on_delete=models.PROTECT, related_name="cases")
    handler = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="Bearbeitung",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="cases",
    )
    status = FSMField("Status", choices=Status.choices, default=Status.RECEIVED, protected=True, editable=False)
    status_since = models.DateTimeField("Status seit")
    outcome = models.CharField("Ergebnis", max_length=20, choices=Outcome.choices, blank=True)
    closed_at = models.DateTimeField("abgeschlossen am", null=True, blank=True)
    subject = models.CharField("Betreff", max_length=500, blank=True)
    file_reference = models.CharField("Aktenzeichen", max_length=120, null=True, blank=True, unique=True)
    file_reference_key = models.CharField(max_length=120, blank=True, db_index=True, editable=False)
    file_reference_source = models.CharField(
        "Herkunft des Aktenzeichens", max_length=14, choices=ReferenceSource.choices, default=ReferenceSource.OWN
    )
    received_at = models.DateTimeField("Eingang", help_text="Der rechtliche Eingang, nicht der Zeitpunkt des Imports.")
    is_urgent = models.BooleanField("eilt", default=False)
    is_protected = models.BooleanField("geschützt", default=False, help_text="Nur namentlich Benannte sehen ihn.")
    readers = models.ManyToManyField(
        settings.AUTH_USER_MODEL, verbose_name="Benannte", through="CaseReader", related_name="+"
    )
    next_due = models.DateField("nächste Frist", null=True, blank=True)
    next_follow_up = models.DateField("nächste Wiedervorlage", null=True, blank=True)
    version = models.PositiveIntegerField("Stand", default=0, help_text="Wächst mit jeder öffentlichen Änderung.")
    is_open = models.GeneratedField(
        expression=~Q(status="entschieden"), output_field=models.BooleanField(), db_persist=True
    )

    history = history(excluded_fields=("is_open", *PERSONAL_FIELDS))
    expected_otherwise = False  # set while it is locked, by what moves the day that the citizen is told

    class Meta:
        verbose_name = "Vorgang"
        verbose_name_plural = "Vorgänge"
        constraints = [
            models.CheckConstraint(
                condition=Q(status__in=["eingegangen", "in_pruefung", "nachforderung", "entschieden"]),
                name="cases_status_is_known",
            ),
            models.CheckConstraint(
                condition=(Q(status="entschieden") & Q(closed_at__isnull=False) & ~Q(outcome=""))
                | (~Q(status="entschieden") & Q(closed_at__isnull=True) & Q(outcome="")),
                name="cases_decided_has_outcome",
            ),
        ]
        indexes = [
            *(
                models.Index(*columns, condition=Q(is_open=True), name=f"cases_worklist_{name}")
                for name, columns in WORKLIST_INDEXES.items()
            ),
            models.Index(F("unit"), F("received_at"), F("id"), name="cases_all_by_arrival"),
            models.Index(F("unit"), *URGENCY, condition=Q(is_open=True, handler=None), name="cases_worklist_free"),
        ]

    def __str__(self) -> str:
        return self.file_reference or self.public_id

    @transition(field=status, source=Status.RECEIVED, target=Status.EXAMINING)
    def take_up(self) -> None:
        """Somebody (or the complete checks) starts examining."""

    @transition(
        field=status,
        source=[Status.RECEIVED, Status.EXAMINING, Status.INFORMATION_REQUESTED],
        target=Status.INFORMATION_REQUESTED,
    )
    def request_information(self) -> None:
        """Something is missing, and was asked for (again)."""

    @transition(field=status, source=Status.INFORMATION_REQUESTED, target=Status.EXAMINING)
    def resume(self) -> None:
        """No Nachforderung is open any more: it is the authority's turn again."""

    @transition(field=status, source=list(OPEN), target=Status.DECIDED)
    def decide(self) -> None:
        """A person has released the Bescheid."""

    @transition(field=status, source=list(OPEN), target=Status.DECIDED)
    def close(self) -> None:
        """The Vorgang ends without a Bescheid."""

    @transition(field=status, source=Status.DECIDED, target=Status.EXAMINING)
    def reopen(self) -> None:
        """A decided Vorgang is examined again."""
        self.outcome = ""
        self.closed_at = None


class CaseReader(models.Model):
    """Somebody who may see a protected Vorgang by name."""

    case = models.ForeignKey(Case, on_delete=models.CASCADE)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE)

    history = history()

    class Meta:
        verbose_name = "Benannte Person"
        verbose_name_plural = "Benannte Personen"
        constraints = [models.UniqueConstraint(fields=["case", "user"], name="cases_reader_once")]

    def __str__(self) -> str:
        return f"{self.user} darf {self.case} sehen"


class ForeignReference(models.Model):
    """The reference under which somebody else (a court, another authority) keeps the same matter."""

    PERSONAL_FIELDS = ("reference", "key")  # lawyers put names into theirs

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="foreign_references")
    reference = models.CharField("Zeichen", max_length=200)
    key = models.CharField(max_length=200, help_text="Das Zeichen ohne Unterschiede der Schreibweise.")
    holder = models.CharField("Stelle", max_length=100, blank=True, help_text="Gerichtsschlüssel oder SAFE-ID.")

    history = history(excluded_fields=PERSONAL_FIELDS)

    class Meta:
        verbose_name = "fremdes Zeichen"
        verbose_name_plural = "fremde Zeichen"
        constraints = [models.UniqueConstraint(fields=["case", "key", "holder"], name="cases_foreign_reference_once")]
        indexes = [models.Index(fields=["key", "holder"], name="cases_foreign_reference_key")]

    def __str__(self) -> str:
        return self.reference
