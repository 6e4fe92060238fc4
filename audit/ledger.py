"""The history of rows that are written in bulk: collected, then written with one INSERT per table.

simple-history notes what is saved row by row; bulk writes send no signal. Who writes in bulk notes here what was done,
inside the ``acting()`` of each row, and writes it all at the end of the same transaction.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache
from typing import Any

from django.db import connection, models
from django.utils import timezone

from audit import versions
from audit.models import PersonDataVersion


class Ledger:
    """What is to be kept of rows that were written: history, and the values of person data."""

    def __init__(self) -> None:
        self._histories: dict[type[models.Model], list[models.Model]] = {}
        self._versions: list[PersonDataVersion] = []

    def created(self, rows: Sequence[models.Model]) -> None:
        """New rows, which have their keys already."""
        self.received(rows)
        self._versions += versions.of_created(row for row in rows if hasattr(row, "PERSONAL_FIELDS"))

    def received(self, rows: Sequence[models.Model]) -> None:
        """New rows whose person data are not versioned: they are kept as they came until they are erased."""
        self._note(rows, "+")

    def changed(self, rows: Sequence[models.Model]) -> None:
        """Rows as they are after a change that did not touch person data."""
        self._note(rows, "~")

    def write(self) -> None:
        """Write what was collected, in the order in which it was noted."""
        for model, rows in self._histories.items():
            model._base_manager.bulk_create(rows)
        PersonDataVersion.objects.bulk_create(self._versions)
        self._histories, self._versions = {}, []

    def _note(self, rows: Sequence[models.Model], kind: str) -> None:
        for row in rows:
            model, names = _history_of(type(row))
            values = {name: getattr(row, name) for name in names}
            noted = model(history_type=kind, history_date=timezone.now(), **values)
            self._histories.setdefault(model, []).append(noted)


@cache
def _history_of(model: type[models.Model]) -> tuple[type[models.Model], list[str]]:
    """The history's model and what it tracks (simple-history builds a manager class whenever it is asked)."""
    history = model.history.model
    return history, [field.attname for field in history.tracked_fields]


def rewrite(rows: Sequence[models.Model], names: Iterable[str]) -> None:
    """UPDATE the fields ``names`` of all these rows of one model, each with its own values, in one statement."""
    if not rows:
        return
    meta = rows[0]._meta
    fields = [meta.pk, *(meta.get_field(name) for name in names)]
    arrays = ", ".join(f"unnest(%s::{_type(field)}[])" for field in fields)
    quote = connection.ops.quote_name
    columns = [quote(field.column) for field in fields]
    sets = ", ".join(f"{column} = v.{column}" for column in columns[1:])
    given = f"(SELECT {arrays}) AS v({', '.join(columns)})"
    statement = f"UPDATE {quote(meta.db_table)} t SET {sets} FROM {given} WHERE t.{columns[0]} = v.{columns[0]}"  # noqa: S608
    with connection.cursor() as cursor:
        cursor.execute(statement, [[_value(field, row) for row in rows] for field in fields])


def _type(field: models.Field) -> str:
    """The type of the column without its length: a cast to a length would cut off silently what is too long."""
    whole = field.rel_db_type(connection) if field.primary_key else field.db_type(connection)
    return whole.partition("(")[0]


def _value(field: models.Field, row: models.Model) -> Any:
    return field.get_db_prep_save(getattr(row, field.attname), connection)
