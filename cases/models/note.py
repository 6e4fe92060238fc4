"""Vermerke: what people write down about a Vorgang."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils import timezone

from audit.history import history
from cases.models.case import Case


class Note(models.Model):
    """A Vermerk or Telefonvermerk."""

    class Kind(models.TextChoices):
        """What it records."""

        NOTE = "vermerk", "Vermerk"
        CALL = "telefonvermerk", "Telefonvermerk"

    PERSONAL_FIELDS = ("text", "with_whom")

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="notes")
    kind = models.CharField("Art", max_length=14, choices=Kind.choices, default=Kind.NOTE)
    text = models.TextField("Text")
    with_whom = models.CharField("Gespräch mit", max_length=200, blank=True)
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    written_at = models.DateTimeField("geschrieben am", auto_now_add=True)
    revision = models.PositiveIntegerField("Fassung", default=1)

    history = history(excluded_fields=PERSONAL_FIELDS)

    class Meta:
        verbose_name = "Vermerk"
        verbose_name_plural = "Vermerke"
        ordering = ["case", "-written_at", "-id"]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} vom {timezone.localdate(self.written_at):%d.%m.%Y}"
