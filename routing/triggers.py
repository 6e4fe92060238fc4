"""The rules' stamp, kept by the database: whatever changes rules, Leistungen or teams changes it.

So a process knows by one look whether the rules that it has compiled are still those in force.
"""

from __future__ import annotations

from typing import Any

from django.core.checks import Error, Tags, register
from django.db import connections

NAME = "routing_new_stamp"
TABLES = ("routing_rule", "cases_service", "cases_orgunit")
FUNCTION = """
CREATE OR REPLACE FUNCTION routing_new_stamp() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO routing_rulebook (id, stamp) VALUES (1, gen_random_uuid())
    ON CONFLICT (id) DO UPDATE SET stamp = excluded.stamp;
  RETURN NULL;
END $$"""
WITH_TRIGGER = "SELECT tgrelid::regclass::text FROM pg_trigger WHERE tgname = %s AND tgenabled = 'O'"
TABLES_THERE = """
SELECT relname FROM pg_class WHERE relname = ANY(%s) AND relnamespace = current_schema()::regnamespace"""


def missing(using: str = "default") -> list[str]:
    """The tables that exist but whose changes do not change the stamp: must be empty."""
    with connections[using].cursor() as cursor:
        cursor.execute(WITH_TRIGGER, [NAME])
        having = {name for (name,) in cursor.fetchall()}
        cursor.execute(TABLES_THERE, [list(TABLES)])
        return sorted({name for (name,) in cursor.fetchall()} - having)


def install(sender: Any, using: str = "default", **kwargs: Any) -> None:
    """Receiver of post_migrate: create the triggers that are missing."""
    tables = missing(using)
    if not tables:
        return
    with connections[using].cursor() as cursor:
        cursor.execute(FUNCTION)
        for table in tables:
            cursor.execute(
                f'CREATE TRIGGER {NAME} AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON "{table}" '
                f"FOR EACH STATEMENT EXECUTE FUNCTION {NAME}()"
            )


@register(Tags.database)
def stamp_is_kept(app_configs: Any, databases: list[str] | None = None, **kwargs: Any) -> list[Error]:
    """Each table that the rules depend on has its trigger (checked where databases are checked, as ``serve`` does)."""
    found = [t for alias in databases or [] if connections[alias].vendor == "postgresql" for t in missing(alias)]
    hint = "Bitte `manage.py migrate` ausführen."
    return [
        Error(f"Änderungen der Tabelle {t} würden von der Verteilung nicht bemerkt.", hint=hint, id="routing.E001")
        for t in found
    ]
