"""Append-only tables, kept by the database: a trigger refuses UPDATE and DELETE on each of them.

Installed after every migrate for each model that says ``append_only`` (all histories do), so that no
migration knows of them. Row triggers only: TRUNCATE, by which Django empties tables, fires none.
An erasure sets ``audit.erasure`` for its own transaction.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.apps import apps
from django.db import connections

NAME = "audit_append_only"
FUNCTION = f"""
CREATE OR REPLACE FUNCTION {NAME}() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF current_setting('audit.erasure', true) = 'on' THEN
    IF TG_OP = 'DELETE' THEN RETURN OLD; ELSE RETURN NEW; END IF;
  END IF;
  RAISE EXCEPTION 'append-only: % on %', TG_OP, TG_TABLE_NAME USING ERRCODE = 'insufficient_privilege';
END $$"""
WITHOUT_TRIGGER = """
SELECT c.relname FROM pg_class c
  LEFT JOIN pg_trigger t ON t.tgrelid = c.oid AND t.tgname = %s AND t.tgenabled = 'O'
 WHERE c.relkind = 'r' AND c.relnamespace = current_schema()::regnamespace AND c.relname = ANY(%s) AND t.oid IS NULL
 ORDER BY c.relname"""


def protected_tables() -> Iterator[str]:
    """The tables that must be append-only."""
    for model in apps.get_models():
        if getattr(model, "append_only", False):
            yield model._meta.db_table


def unprotected(using: str = "default") -> list[str]:
    """Append-only tables that exist but have no trigger: must be empty."""
    with connections[using].cursor() as cursor:
        cursor.execute(WITHOUT_TRIGGER, [NAME, list(protected_tables())])
        return [name for (name,) in cursor.fetchall()]


def install(sender: Any, using: str = "default", **kwargs: Any) -> None:
    """Receiver of post_migrate: create the triggers that are missing."""
    missing = unprotected(using)
    if not missing:
        return
    with connections[using].cursor() as cursor:
        cursor.execute(FUNCTION)
        for table in missing:
            cursor.execute(
                f'CREATE TRIGGER {NAME} BEFORE UPDATE OR DELETE ON "{table}" FOR EACH ROW EXECUTE FUNCTION {NAME}()'
            )
