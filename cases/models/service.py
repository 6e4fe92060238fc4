"""Leistungen: what the authority does for people, declared by Leistungspakete."""

from __future__ import annotations

from typing import Any

from django.db import models

from audit.history import history
from cases.models.organisation import OrgUnit


class Service(models.Model):
    """A Leistung. What it is today stands in its newest version; a Vorgang keeps the one it was opened with."""

    slug = models.SlugField("Kürzel", unique=True)
    name = models.CharField("Name", max_length=200)
    leika_key = models.CharField("LeiKa-Schlüssel", max_length=14, blank=True)
    unit = models.ForeignKey(
        OrgUnit,
        verbose_name="zuständige Einheit",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="services",
    )
    is_open = models.BooleanField("nimmt Eingänge an", default=True)

    history = history()

    class Meta:
        verbose_name = "Leistung"
        verbose_name_plural = "Leistungen"
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class ServiceVersion(models.Model):
    """One version of a Leistungspaket, as loaded: immutable. ``sections`` holds its files, parsed, by section name."""

    service = models.ForeignKey(Service, verbose_name="Leistung", on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField("Version")
    digest = models.CharField("Prüfsumme", max_length=64)
    sections = models.JSONField("Inhalt")
    loaded_at = models.DateTimeField("geladen am", auto_now_add=True)

    append_only = True

    class Meta:
        verbose_name = "Stand einer Leistung"
        verbose_name_plural = "Stände von Leistungen"
        ordering = ["service", "number"]
        constraints = [models.UniqueConstraint(fields=["service", "number"], name="cases_service_version_once")]

    def __str__(self) -> str:
        return f"{self.service.slug} {self.number}"

    @property
    def declaration(self) -> dict[str, Any]:
        """What ``leistung.toml`` says."""
        return self.sections["leistung"]
