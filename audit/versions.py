"""The erasable version table of person data: recorded by actions, erased by a recorded erasure.

A model with person data names them in ``PERSONAL_FIELDS`` and leaves them out of its history.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db import connection, models, transaction
from django.utils import timezone

from audit.models import PersonDataVersion


def snapshot(instance: models.Model) -> dict[str, Any]:
    """The person data of ``instance`` as they are now, as plain JSON values."""
    values = {name: getattr(instance, name) for name in instance.PERSONAL_FIELDS}
    return json.loads(json.dumps(values, cls=DjangoJSONEncoder))


def record_created(instances: Iterable[models.Model]) -> None:
    """Record the first values of new rows; empty ones are left out."""
    PersonDataVersion.objects.bulk_create(of_created(instances))


def of_created(instances: Iterable[models.Model]) -> list[PersonDataVersion]:
    """The unsaved records of the first values of new rows; empty ones are left out."""
    rows = []
    for instance in instances:
        values = {name: [None, new] for name, new in snapshot(instance).items() if new not in ("", None, {}, [])}
        if values:
            rows.append(_row(instance, values))
    return rows


def record_changed(instance: models.Model, before: dict[str, Any]) -> None:
    """Record what differs from ``before`` (a ``snapshot``); nothing when nothing does."""
    after = snapshot(instance)
    values = {name: [before[name], after[name]] for name in after if after[name] != before[name]}
    if values:
        _row(instance, values).save()


def erase(model: type[models.Model], object_ids: Sequence[int]) -> int:
    """Erase the values of these objects for ever; who changed which field when stays. Returns the number of rows.

    To be called by an erasing action only, inside its ``acting()``.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL audit.erasure = 'on'")
        rows = PersonDataVersion.objects.filter(model=model._meta.label_lower, object_id__in=object_ids, erased_at=None)
        count = rows.update(values=None, erased_at=timezone.now())
        cursor.execute("SET LOCAL audit.erasure = 'off'")
    return count


def _row(instance: models.Model, values: dict[str, Any]) -> PersonDataVersion:
    return PersonDataVersion(
        model=instance._meta.label_lower, object_id=instance.pk, fields=sorted(values), values=values
    )
