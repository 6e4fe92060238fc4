"""What goes back to courts and lawyers by EGVP, and its proofs."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from audit.history import history
from cases.models import Blob, Case, Dispatch, Document
from intake.models import Submission


class CourtMessage(models.Model):
    """A message by EGVP/beBPo that a named person has given: an Empfangsbekenntnis, a Störungsmeldung, documents.

    ``message_id`` is our eigeneNachrichtenID and the name in the outbox. ``is_staged``: it lies complete beside the
    outbox; from then on it is only given its name there, once.
    """

    class Kind(models.TextChoices):
        """What it says."""

        RECEIPT = "eeb", "Empfangsbekenntnis"
        FAILURE = "stoerung", "Störungsmeldung"
        DOCUMENTS = "dokumente", "Dokumente"

    class State(models.TextChoices):
        """Where it stands."""

        WAITING = "waiting", "wartet"
        SENT = "sent", "an den EGVP-Client übergeben"
        DELIVERED = "delivered", "zugegangen"
        REFUSED = "refused", "nicht angenommen"
        BY_HAND = "by_hand", "von Hand erledigt"

    PERSONAL_FIELDS = ("recipient_name", "subject", "failure_text")
    RECEIPTS = (Kind.RECEIPT, Kind.FAILURE)

    case = models.ForeignKey(Case, verbose_name="Vorgang", on_delete=models.PROTECT, related_name="court_messages")
    submission = models.ForeignKey(
        Submission, verbose_name="Eingang", on_delete=models.PROTECT, related_name="court_messages"
    )
    kind = models.CharField("Art", max_length=10, choices=Kind.choices)
    state = models.CharField("Stand", max_length=10, choices=State.choices, default=State.WAITING)
    message_id = models.UUIDField("Nachrichten-ID", default=uuid.uuid4, unique=True, editable=False)
    version = models.CharField("XJustiz-Version", max_length=20, blank=True)
    recipient_name = models.CharField("Empfänger", max_length=300, blank=True)
    safe_id = models.CharField("Postfach (SAFE-ID)", max_length=200, blank=True)
    subject = models.CharField("Betreff", max_length=300, blank=True)
    known_on = models.DateField("Kenntnis am", null=True, blank=True)
    failure_code = models.CharField("Störung", max_length=4, blank=True)
    failure_text = models.CharField("Erläuterung", max_length=1000, blank=True)
    given_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="gegeben von", on_delete=models.PROTECT, related_name="+"
    )
    given_at = models.DateTimeField("gegeben am", auto_now_add=True)
    is_staged = models.BooleanField("bereitgelegt", default=False)
    sent_at = models.DateTimeField("übergeben am", null=True, blank=True)
    delivered_at = models.DateTimeField("zugegangen am", null=True, blank=True)
    carrier_id = models.CharField("Kennung beim Überbringer", max_length=300, blank=True)
    proof = models.ForeignKey(Blob, verbose_name="Nachweis", null=True, on_delete=models.PROTECT, related_name="+")
    error = models.CharField("Grund der Ablehnung", max_length=300, blank=True)
    dispatches = models.ManyToManyField(
        Dispatch, verbose_name="Zustellungen", related_name="court_messages", help_text="Gegen Empfangsbekenntnis."
    )
    answer = models.OneToOneField(
        Submission,
        verbose_name="zurückgesandtes Empfangsbekenntnis",
        null=True,
        on_delete=models.PROTECT,
        related_name="answered_court_message",
    )

    history = history(excluded_fields=("is_staged", *PERSONAL_FIELDS))

    class Meta:
        verbose_name = "Nachricht an ein Gericht"
        verbose_name_plural = "Nachrichten an Gerichte"
        ordering = ["case", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["submission"], condition=Q(kind__in=["eeb", "stoerung"]), name="returnchannel_one_receipt"
            ),
            models.CheckConstraint(
                condition=Q(kind="eeb", known_on__isnull=False) | ~Q(kind="eeb") & Q(known_on__isnull=True),
                name="returnchannel_receipt_has_its_day",
            ),
            models.CheckConstraint(
                condition=Q(kind="stoerung") & ~Q(failure_code="") | ~Q(kind="stoerung") & Q(failure_code=""),
                name="returnchannel_failure_has_its_code",
            ),
            models.CheckConstraint(
                condition=~Q(state="delivered") | Q(delivered_at__isnull=False, proof__isnull=False),
                name="returnchannel_delivered_has_proof",
            ),
        ]
        indexes = [
            models.Index(F("id"), condition=Q(state="waiting"), name="returnchannel_court_waiting"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.message_id}"


class CourtFile(models.Model):
    """One file of such a message, as it is sent: its name in the container, its bytes, the document it comes from."""

    message = models.ForeignKey(CourtMessage, on_delete=models.CASCADE, related_name="files")
    name = models.CharField("Name", max_length=120)
    blob = models.ForeignKey(Blob, on_delete=models.PROTECT, related_name="+")
    document = models.ForeignKey(
        Document, verbose_name="Dokument", null=True, on_delete=models.PROTECT, related_name="court_files"
    )

    class Meta:
        verbose_name = "Datei einer Nachricht an ein Gericht"
        verbose_name_plural = "Dateien von Nachrichten an Gerichte"
        ordering = ["message", "id"]
        constraints = [models.UniqueConstraint(fields=["message", "name"], name="returnchannel_court_file_once")]

    def __str__(self) -> str:
        return self.name
