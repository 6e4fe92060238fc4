"""The base of every history: who (as text), what, why, from where. Rows are append-only."""

from __future__ import annotations

from typing import Any

from django.db import models
from simple_history.models import HistoricalRecords

from audit import acting


class HistoryFields(models.Model):
    """Columns that every history row has beside the tracked fields, under names that no tracked field has."""

    history_action = models.CharField("Aktion", max_length=64, default=acting.action)
    history_reason = models.TextField("Grund", default=acting.reason, blank=True)
    history_source = models.CharField("Quelle", max_length=16, default=acting.source)

    append_only = True

    class Meta:
        abstract = True


def _actor_of(row: Any) -> str:
    return row.history_user_id


def _keep_actor(row: Any, user: Any) -> None:
    """The column's default has filled it already."""


def _no_user(**kwargs: Any) -> None:
    return None


class _History(HistoricalRecords):
    """With a German name."""

    def get_meta_options(self, model: type[models.Model]) -> dict[str, Any]:
        """Django's options of the history's model."""
        names = {
            "verbose_name": f"Historie: {model._meta.verbose_name}",
            "verbose_name_plural": f"Historie: {model._meta.verbose_name_plural}",
        }
        return super().get_meta_options(model) | names


def history(*, excluded_fields: tuple[str, ...] = ()) -> HistoricalRecords:
    """The history of a model, without ``excluded_fields`` (person data, counters, generated columns).

    The actor, action, reason and source come from ``acting()`` by callable defaults, because bulk writes
    send no signal.
    """
    return _History(
        bases=[HistoryFields],
        excluded_fields=list(excluded_fields),
        history_id_field=models.BigAutoField(),
        history_user_id_field=models.CharField("Wer", max_length=150, default=acting.actor),
        history_user_getter=_actor_of,
        history_user_setter=_keep_actor,
        get_user=_no_user,
    )
