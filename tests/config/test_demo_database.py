"""The demonstration touches no database but its own, and builds its town once."""

from __future__ import annotations

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from cases.models import Case, User
from config.demo import run, town
from tests import factories as make

pytestmark = pytest.mark.django_db


def test_a_database_that_is_no_demos_stays_as_it_is() -> None:
    make.user(make.team())  # a real one has tables from its first migrate on
    with pytest.raises(run.NotADemo, match="gehört nicht zu einer Vorführung"):
        run.prepare(fresh=True)
    with pytest.raises(CommandError, match="bleibt unverändert"):
        call_command("demo", no_serve=True)
    assert User.objects.count() == 1


@pytest.mark.parametrize("fresh", [True, False])
def test_the_database_of_another_application_stays_as_it_is(fresh: bool) -> None:
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE kunden (name text)")
        cursor.execute("COMMENT ON SCHEMA public IS NULL")
    with pytest.raises(run.NotADemo):
        run.prepare(fresh=fresh)
    assert "kunden" in connection.introspection.table_names()


def test_building_the_town_twice_changes_nothing() -> None:
    town.build()
    before = User.objects.count(), Case.objects.count()
    town.build()
    assert (User.objects.count(), Case.objects.count()) == before
