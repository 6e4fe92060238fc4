"""What arrived: kept unchanged, with what was understood of it."""

from __future__ import annotations

from collections.abc import Iterable

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django_fsm import FSMField, transition

from audit.history import history
from cases.models import Blob, Case, CaseNumber, Document, InformationRequest
from intake.facts import Facts
from intake.findings import Finding


class ApiClient(models.Model):
    """A portal or Fachverfahren that uses the REST interface. Of its token only the SHA-256 is kept."""

    class Kind(models.TextChoices):
        """What it is, and so what it may call."""

        PORTAL = "portal", "Portal"
        FACHVERFAHREN = "fachverfahren", "Fachverfahren"

    name = models.CharField("Name", max_length=100, unique=True)
    kind = models.CharField("Art", max_length=16, choices=Kind.choices)
    token_hash = models.CharField("Prüfsumme des Tokens", max_length=64, unique=True, editable=False)
    services = ArrayField(
        models.SlugField(max_length=50),
        verbose_name="Leistungen",
        default=list,
        blank=True,
        help_text="Kürzel; leer: alle.",
    )
    is_active = models.BooleanField("gilt", default=True)
    created_at = models.DateTimeField("angelegt am", auto_now_add=True)

    history = history(excluded_fields=("token_hash",))

    class Meta:
        verbose_name = "Zugang zur Schnittstelle"
        verbose_name_plural = "Zugänge zur Schnittstelle"
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class IdempotencyRecord(models.Model):
    """The answer that a client got under its Idempotency-Key; written in the transaction of what it tells of.

    ``digest`` is the SHA-256 of the canonical body: the same key with another one is another request.
    """

    client = models.ForeignKey(ApiClient, on_delete=models.CASCADE, related_name="+")
    path = models.CharField(max_length=200)
    key = models.CharField(max_length=255)
    digest = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField()
    body = models.TextField()
    headers = models.JSONField(default=dict)
    created_at = models.DateTimeField(auto_now_add=True, db_index=True)  # old ones are deleted

    class Meta:
        verbose_name = "Antwort der Schnittstelle"
        verbose_name_plural = "Antworten der Schnittstelle"
        constraints = [models.UniqueConstraint(fields=["client", "path", "key"], name="intake_idempotency_once")]

    def __str__(self) -> str:
        return f"{self.path} {self.status}"


class RateWindow(models.Model):
    """How many requests a client has made in the minute that began at ``started_at``, for one limit."""

    client = models.ForeignKey(ApiClient, on_delete=models.CASCADE, related_name="+")
    name = models.CharField(max_length=16)
    started_at = models.DateTimeField()
    count = models.PositiveIntegerField()

    class Meta:
        verbose_name = "Zähler der Anfragen"
        verbose_name_plural = "Zähler der Anfragen"
        constraints = [models.UniqueConstraint(fields=["client", "name"], name="intake_rate_once")]

    def __str__(self) -> str:
        return f"{self.name}: {self.count}"


class Submission(models.Model):
    """One Eingang on one channel: UNIQUE (channel, external_id), so that received twice is the same one.

    The row is the truth about its processing: ``attempts`` and ``next_attempt_at`` are the claim's lease
    and have no history.
    """

    class State(models.TextChoices):
        """What became of it."""

        RECEIVED = "received", "eingegangen"
        FILED = "filed", "abgelegt"
        EXCEPTION = "exception", "in Klärung"
        DUPLICATE = "duplicate", "Dublette"
        REJECTED = "rejected", "zurückgewiesen"

    PERSONAL_FIELDS = ("source", "reply_channel", "facts", "corrections", "findings", "receipt_findings")

    channel = models.CharField("Kanal", max_length=32)
    external_id = models.CharField("Kennung beim Überbringer", max_length=300)
    source = models.CharField("Quelle", max_length=1000, blank=True)
    client = models.ForeignKey(
        ApiClient, verbose_name="Zugang", null=True, blank=True, on_delete=models.PROTECT, related_name="submissions"
    )
    service = models.CharField("genannte Leistung", max_length=100, blank=True)
    reply_channel = models.JSONField(
        "Rückkanal", null=True, blank=True, help_text="Wie geantwortet werden soll, so wie das Portal es sagt."
    )
    state = FSMField("Zustand", choices=State.choices, default=State.RECEIVED, protected=True, editable=False)
    stored_at = models.DateTimeField("gespeichert am", auto_now_add=True)
    received_at = models.DateTimeField("rechtlicher Eingang")
    number = models.OneToOneField(
        CaseNumber, verbose_name="reservierte Vorgangs-ID", on_delete=models.PROTECT, related_name="submission"
    )
    case = models.ForeignKey(
        Case, verbose_name="Vorgang", null=True, blank=True, on_delete=models.PROTECT, related_name="submissions"
    )
    is_side_channel = models.BooleanField(
        "Nebenkanal", default=False, help_text="Kam nicht auf dem Weg, der für die Leistung vorgesehen ist."
    )
    duplicate_of = models.ForeignKey(
        "self", verbose_name="Dublette von", null=True, blank=True, on_delete=models.PROTECT, related_name="duplicates"
    )
    message_id = models.CharField("Kennung des Absenders", max_length=200, blank=True)
    fingerprint = models.CharField(
        "Fingerabdruck des Inhalts", max_length=64, help_text="Daran zeigt sich, ob dieselbe Kennung dasselbe bringt."
    )
    content_key = models.CharField("Fingerabdruck der Dokumente und Zeichen", max_length=64, blank=True)
    facts = models.JSONField("Verstandenes", default=dict)
    corrections = models.JSONField("Berichtigungen", default=dict)
    receipt_findings = models.JSONField("Befunde beim Empfang", default=list)
    findings = models.JSONField("Befunde", default=list)
    attempts = models.PositiveIntegerField("Versuche", default=0)
    next_attempt_at = models.DateTimeField("nächster Versuch", null=True, blank=True)

    history = history(excluded_fields=("attempts", "next_attempt_at", *PERSONAL_FIELDS))

    class Meta:
        verbose_name = "Eingang"
        verbose_name_plural = "Eingänge"
        constraints = [
            models.UniqueConstraint(fields=["channel", "external_id"], name="intake_received_once"),
            models.CheckConstraint(
                condition=Q(state__in=["received", "filed", "exception", "duplicate", "rejected"]),
                name="intake_state_is_known",
            ),
            models.CheckConstraint(condition=~Q(state="filed") | Q(case__isnull=False), name="intake_filed_has_case"),
            models.CheckConstraint(
                condition=~Q(state="duplicate") | Q(duplicate_of__isnull=False), name="intake_duplicate_of_something"
            ),
        ]
        indexes = [
            models.Index(fields=["next_attempt_at", "id"], condition=Q(state="received"), name="intake_due"),
            models.Index(fields=["message_id"], condition=~Q(message_id=""), name="intake_message_id"),
            models.Index(fields=["content_key"], condition=~Q(content_key=""), name="intake_content_key"),
        ]

    def __str__(self) -> str:
        return f"{self.channel} {self.external_id}"

    def understand(self, facts: Facts, findings: Iterable[Finding], content_key: str) -> None:
        """Keep what the translation understood; saved with the step that follows."""
        self.facts = facts.as_json()
        self.findings = [finding.as_json() for finding in findings]
        self.message_id = facts.message_id[:200].lower()  # UUIDs come in both cases
        self.content_key = content_key
        if facts.received_at:
            self.received_at = facts.received_at

    @transition(field=state, source=[State.RECEIVED, State.EXCEPTION, State.DUPLICATE], target=State.FILED)
    def file(self) -> None:
        """It is in its Vorgang."""

    @transition(field=state, source=State.RECEIVED, target=State.EXCEPTION)
    def hold(self) -> None:
        """A person has to look."""

    @transition(field=state, source=[State.RECEIVED, State.EXCEPTION], target=State.DUPLICATE)
    def mark_duplicate(self) -> None:
        """It has been here before."""

    @transition(field=state, source=State.EXCEPTION, target=State.REJECTED)
    def reject(self) -> None:
        """A person has turned it away."""

    @transition(field=state, source=[State.EXCEPTION, State.REJECTED, State.DUPLICATE], target=State.RECEIVED)
    def resume(self) -> None:
        """The pipeline takes it up again (a duplicate: as a matter of its own)."""
        self.duplicate_of = None


class Reply(models.Model):
    """To which Vorgangs-ID a portal has sent an Eingang, and what for; written with it, and never changed.

    ``items``: ``[{"key", "attachment"}]``: which item of the Nachforderung which attachment (from 1 on) answers.
    """

    class Kind(models.TextChoices):
        """What it is."""

        RESPONSE = "response", "Antwort"
        WITHDRAWAL = "withdrawal", "Rücknahme"

    submission = models.OneToOneField(Submission, on_delete=models.CASCADE, primary_key=True, related_name="reply")
    kind = models.CharField("Art", max_length=12, choices=Kind.choices)
    about = models.ForeignKey(
        CaseNumber, verbose_name="zur Vorgangs-ID", on_delete=models.PROTECT, related_name="replies"
    )
    request = models.ForeignKey(
        InformationRequest, verbose_name="Nachforderung", null=True, on_delete=models.PROTECT, related_name="replies"
    )
    items = models.JSONField("Punkte", default=list)

    class Meta:
        verbose_name = "Antwort eines Portals"
        verbose_name_plural = "Antworten von Portalen"

    def __str__(self) -> str:
        return f"{self.get_kind_display()} zu {self.about}"


class SubmissionFile(models.Model):
    """One file of an Eingang, as received; ``document`` once it belongs to one."""

    PERSONAL_FIELDS = ("name",)

    submission = models.ForeignKey(Submission, on_delete=models.CASCADE, related_name="files")
    blob = models.ForeignKey(Blob, on_delete=models.PROTECT, related_name="+")
    name = models.TextField("Name")
    is_archive = models.BooleanField("ganzes Archiv", default=False)
    document = models.ForeignKey(
        Document, null=True, blank=True, on_delete=models.PROTECT, related_name="submission_files"
    )

    class Meta:
        verbose_name = "Datei eines Eingangs"
        verbose_name_plural = "Dateien von Eingängen"
        ordering = ["submission", "id"]

    def __str__(self) -> str:
        return self.name
