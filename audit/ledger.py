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

FEW = 20  # rows; above that bulk_create is as fast


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
        for rows in self._histories.values():
            insert(rows)
        insert(self._versions)
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


def insert(rows: Sequence[models.Model], *, along: str = "") -> None:
    """INSERT new rows of one model in one statement, and give them their keys; no signal is sent.

    As ``bulk_create``, which builds its statement anew each time: for a few rows that costs more than the rows.
    ``along`` is an INSERT that reads the new rows from ``new``: what always comes with them, without a further query.
    """
    if len(rows) > FEW:
        _insert_many(rows, along)
    elif rows:
        head, one, tail, fields, returned = _insertion(type(rows[0]))
        values = [field.get_db_prep_save(field.pre_save(row, add=True), connection) for row in rows for field in fields]
        statement = head + ", ".join([one] * len(rows)) + tail
        if along:
            keys = ", ".join(connection.ops.quote_name(field.column) for field in returned)
            written = statement.removesuffix(tail)
            statement = f"WITH new AS ({written} RETURNING *), along AS ({along}) SELECT {keys} FROM new"  # noqa: S608
        with connection.cursor() as cursor:
            cursor.execute(statement, values)
            for row, found in zip(rows, cursor.fetchall() if returned else [()] * len(rows), strict=True):
                for field, value in zip(returned, found, strict=True):
                    setattr(row, field.attname, value)
                row._state.adding, row._state.db = False, connection.alias


def _insert_many(rows: Sequence[models.Model], along: str) -> None:
    model = type(rows[0])
    model._base_manager.bulk_create(rows)
    if along:
        quote = connection.ops.quote_name
        key = quote(model._meta.pk.column)
        new = f"SELECT * FROM {quote(model._meta.db_table)} WHERE {key} = ANY(%s)"  # noqa: S608
        with connection.cursor() as cursor:
            cursor.execute(f"WITH new AS ({new}) {along}", [[row.pk for row in rows]])


@cache
def _insertion(
    model: type[models.Model],
) -> tuple[str, str, str, list[models.Field], list[models.Field]]:
    """The parts of an INSERT (what stands before, for and after the rows), its fields, and those that it returns."""
    meta, quote = model._meta, connection.ops.quote_name
    returned = list(meta.db_returning_fields)
    fields = [field for field in meta.local_concrete_fields if field not in returned and not field.generated]
    head = f"INSERT INTO {quote(meta.db_table)} ({', '.join(quote(field.column) for field in fields)}) VALUES "  # noqa: S608
    tail = f" RETURNING {', '.join(quote(field.column) for field in returned)}" if returned else ""
    return head, f"({', '.join(['%s'] * len(fields))})", tail, fields, returned


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
