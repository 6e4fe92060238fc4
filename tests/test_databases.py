"""What tests that commit leave behind is gone before the next one, and the database is again as it was."""

from __future__ import annotations

import pytest
from django.apps import apps
from django.db import DatabaseError, connection

from cases.models import Case
from tests import databases
from tests import factories as make
from tests.every_page import Town

pytestmark = pytest.mark.django_db(transaction=True)


def rows() -> dict[str, int]:
    """How many there are of each model that has any."""
    models = apps.get_models(include_auto_created=True)
    return {each._meta.db_table: count for each in models if each._meta.managed and (count := each.objects.count())}


def test_emptying_leaves_what_migrating_leaves() -> None:
    before = rows()
    assert set(before) <= databases.MADE_BY_MIGRATING
    Town(full=True)
    assert len(rows()) > len(before) + 50
    databases.empty()
    assert rows() == before


def test_the_triggers_hold_afterwards() -> None:
    databases.empty()
    make.case(make.team())
    with pytest.raises(DatabaseError), connection.cursor() as cursor:
        cursor.execute(f"UPDATE {Case.history.model._meta.db_table} SET subject = 'anders'")  # noqa: S608
