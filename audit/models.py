"""What the ground floor keeps: who looked, and the erasable values of person data."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models

from audit import acting
from audit.history import HistoryFields


class AccessLog(models.Model):
    """Somebody looked at or took away something: append-only."""

    at = models.DateTimeField("Zeitpunkt", auto_now_add=True)
    actor = models.CharField("Wer", max_length=150)
    what = models.CharField("Was", max_length=64)
    subject = models.CharField("Gegenstand", max_length=64)

    append_only = True

    class Meta:
        verbose_name = "Zugriff"
        verbose_name_plural = "Zugriffe"
        indexes = [models.Index(fields=["subject", "at"], name="audit_access_subject")]

    def __str__(self) -> str:
        return f"{self.actor}: {self.what} {self.subject}"


class PersonDataVersion(HistoryFields):
    """Old and new values of person data. Histories name who, when and what was done; the values live here only.

    ``fields`` stays for ever, ``values`` (``{field: [old, new]}``) can be erased by a recorded erasure.
    """

    model = models.CharField("Modell", max_length=64)
    object_id = models.BigIntegerField("Objekt")
    at = models.DateTimeField("Zeitpunkt", auto_now_add=True)
    actor = models.CharField("Wer", max_length=150, default=acting.actor)
    fields = ArrayField(models.CharField(max_length=64), verbose_name="Felder")
    values = models.JSONField("Werte", null=True)
    erased_at = models.DateTimeField("gelöscht am", null=True)

    class Meta:
        verbose_name = "Stand von Personendaten"
        verbose_name_plural = "Stände von Personendaten"
        indexes = [models.Index(fields=["model", "object_id", "at"], name="audit_person_object")]

    def __str__(self) -> str:
        return f"{self.model} {self.object_id}: {', '.join(self.fields)}"
