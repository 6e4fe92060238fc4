"""Schriftstücke of a Vorgang and the files that they consist of."""

from __future__ import annotations

from django.db import models

from audit.history import history
from cases.models.blob import Blob
from cases.models.case import Case


class Document(models.Model):
    """One Schriftstück. Its files (original, other formats, signatures, older versions) hang below it."""

    class Role(models.TextChoices):
        """What the document is; the value stands in file names."""

        COMPLAINT = "klage", "Klage"
        APPLICATION = "antrag", "Antrag"
        ATTACHMENT = "anlage", "Anlage"
        JUDGMENT = "urteil", "Urteil"
        COURT_ORDER = "beschluss", "Beschluss"
        INSTRUCTION = "verfuegung", "Verfügung"
        NOTE = "vermerk", "Vermerk"
        MINUTES = "protokoll", "Protokoll"
        SERVICE_OF_DOCUMENTS = "zustellung", "Zustellungsdokument"
        EXPERT_OPINION = "gutachten", "Gutachten"
        LETTER = "schreiben", "Schreiben"
        DECISION = "bescheid", "Bescheid"
        OBJECTION = "widerspruch", "Widerspruch"
        OBJECTION_DECISION = "widerspruchsbescheid", "Widerspruchsbescheid"
        COSTS = "kosten", "Kostendokument"
        ACKNOWLEDGEMENT = "empfangsbekenntnis", "Empfangsbekenntnis"
        PROOF = "nachweis", "Nachweis"
        OTHER = "sonstiges", "Sonstiges"

    PERSONAL_FIELDS = ("title",)

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="documents")
    number = models.PositiveIntegerField("Nummer", help_text="Laufende Nummer im Vorgang.")
    role = models.CharField("Art", max_length=24, choices=Role.choices, default=Role.OTHER)
    title = models.CharField("Titel", max_length=300, blank=True)
    source_id = models.CharField("Kennung beim Absender", max_length=64, blank=True)
    document_date = models.DateField("Datum des Schreibens", null=True, blank=True)
    received_at = models.DateTimeField("Eingang")
    eeb_required = models.BooleanField("gegen Empfangsbekenntnis", default=False)

    history = history(excluded_fields=PERSONAL_FIELDS)

    class Meta:
        verbose_name = "Dokument"
        verbose_name_plural = "Dokumente"
        ordering = ["case", "number"]
        constraints = [models.UniqueConstraint(fields=["case", "number"], name="cases_document_number_once")]
        indexes = [models.Index(fields=["case", "source_id"], name="cases_document_source")]

    def __str__(self) -> str:
        return self.title or self.get_role_display()


class DocumentFile(models.Model):
    """One file of a document: its name as filed, its original name, its bytes."""

    class Part(models.TextChoices):
        """What the file is to its document."""

        ORIGINAL = "original", "Original"
        REPRESENTATION = "representation", "anderes Format"
        SIGNATURE = "signature", "Signatur"
        TRANSFER_NOTE = "transfer_note", "Transfervermerk"
        VERIFICATION = "verification", "Prüfvermerk"
        EEB_REQUEST = "eeb_request", "Anforderung des Empfangsbekenntnisses"

    PERSONAL_FIELDS = ("original_name",)

    document = models.ForeignKey(Document, on_delete=models.PROTECT, related_name="files")
    blob = models.ForeignKey(Blob, on_delete=models.PROTECT, related_name="+")
    part = models.CharField("Teil", max_length=16, choices=Part.choices, default=Part.ORIGINAL)
    version = models.PositiveIntegerField("Version", default=1)
    file_name = models.CharField("Dateiname", max_length=255)
    original_name = models.CharField("ursprünglicher Name", max_length=1000)

    history = history(excluded_fields=PERSONAL_FIELDS)

    class Meta:
        verbose_name = "Datei eines Dokuments"
        verbose_name_plural = "Dateien von Dokumenten"
        ordering = ["document", "-version", "id"]

    def __str__(self) -> str:
        return self.file_name
