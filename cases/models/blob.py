"""Stored bytes, found by their SHA-256."""

from __future__ import annotations

from django.db import models


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
