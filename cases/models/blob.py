"""Stored bytes, found by their SHA-256, and what is known of them."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from cases.fileflags import Flag, Inspection, ScanState


class Blob(models.Model):
    """One file below ``DATA_DIR/blobs``: exactly the bytes as received, never changed. The file is there first."""

    sha256 = models.CharField(max_length=64, primary_key=True)
    size = models.BigIntegerField()
    stored_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = "Datei"
        verbose_name_plural = "Dateien"

    def __str__(self) -> str:
        return self.sha256

    @property
    def known(self) -> BlobCheck | None:
        """What is known of the bytes; None before anybody has looked."""
        return getattr(self, "result", None)


class BlobCheck(models.Model):
    """What was found in the bytes of a Blob: looked at once, because they never change, and scanned for viruses.

    ``attempts`` and ``next_scan_at`` are the scan's lease and back-off; without ``next_scan_at`` no scan is due.
    """

    class Scan(models.TextChoices):
        """What the virus scanner says."""

        UNSCANNED = ScanState.UNSCANNED.value, "ungeprüft"
        CLEAN = ScanState.CLEAN.value, "sauber"
        INFECTED = ScanState.INFECTED.value, "befallen"

    class Trouble(models.TextChoices):
        """Why a file could not be scanned."""

        NONE = "", "–"
        UNREACHABLE = "unreachable", "Virenscanner nicht erreichbar"
        REFUSED = "refused", "vom Virenscanner abgelehnt"
        TOO_LARGE = "too_large", "zu groß für den Virenscanner"

    blob = models.OneToOneField(Blob, on_delete=models.CASCADE, primary_key=True, related_name="result")
    media_type = models.CharField("Dateityp", max_length=100)
    pages = models.PositiveIntegerField("Seiten", null=True)
    flags = ArrayField(models.CharField(max_length=20), verbose_name="Merkmale", default=list)
    checked_at = models.DateTimeField("untersucht am", auto_now_add=True)
    scan_state = models.CharField("Virenprüfung", max_length=12, choices=Scan.choices, default=Scan.UNSCANNED)
    scanned_at = models.DateTimeField("auf Viren geprüft am", null=True)
    signature = models.CharField("Schadsoftware", max_length=200, blank=True)
    trouble = models.CharField("Hindernis", max_length=16, choices=Trouble.choices, default=Trouble.NONE, blank=True)
    attempts = models.PositiveIntegerField("Versuche", default=0)
    next_scan_at = models.DateTimeField("nächster Versuch", null=True)

    class Meta:
        verbose_name = "Befund einer Datei"
        verbose_name_plural = "Befunde von Dateien"
        indexes = [
            models.Index(fields=["next_scan_at"], condition=Q(scan_state="ungeprueft"), name="cases_scan_due"),
            models.Index(fields=["scanned_at"], condition=Q(scan_state="befallen"), name="cases_infected"),
        ]

    def __str__(self) -> str:
        return f"{self.blob_id}: {self.media_type}"

    @property
    def inspection(self) -> Inspection:
        """What was found by looking at the bytes."""
        return Inspection(self.media_type, self.pages, tuple(Flag(flag) for flag in self.flags))

    @property
    def is_infected(self) -> bool:
        """True when the virus scanner has found something."""
        return self.scan_state == ScanState.INFECTED
