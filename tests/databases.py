"""The tests' databases: migrated once for all processes and runs, and emptied without touching what is empty."""

from __future__ import annotations

import hashlib
from importlib.metadata import distributions
from pathlib import Path

from django.apps import apps
from django.conf import settings
from django.core.management import call_command
from django.db import connection

ROOT = Path(__file__).parents[1]
MADE_BY_MIGRATING = {"django_content_type", "auth_permission", "django_migrations"}


def template() -> str:
    """The name of a database that is as ``migrate`` leaves an empty one, for new ones to be copied from.

    It is migrated when there is none for this code and these packages; several processes wait for the first.
    Its predecessors of the same checkout are dropped.
    """
    checkout = f"template_laufmappe_{_digest(str(ROOT))[:8]}_"
    name = checkout + _version()[:16]
    with connection._nodb_cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(hashtext(%s))", [checkout])  # until this connection ends
        cursor.execute("SELECT datname FROM pg_database WHERE starts_with(datname, %s)", [checkout])
        there = [found for (found,) in cursor.fetchall()]
        if name not in there:
            for old in there:
                cursor.execute(f"DROP DATABASE IF EXISTS {old}")
            _migrate(checkout + "new")
            cursor.execute(f"ALTER DATABASE {checkout}new RENAME TO {name}")
    return name


def _migrate(name: str) -> None:
    """Create the database ``name`` as Django creates a test's; the connection is as before."""
    before, own = connection.settings_dict["NAME"], connection.settings_dict["TEST"]["NAME"]
    connection.settings_dict["TEST"]["NAME"] = name
    try:
        connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
    finally:
        connection.close()
        connection.settings_dict["TEST"]["NAME"] = own
        settings.DATABASES[connection.alias]["NAME"] = connection.settings_dict["NAME"] = before


def _version() -> str:
    """Changes with all that migrating may depend on: the product's code, and the packages."""
    ours = {Path(each.path) for each in apps.get_app_configs() if ROOT in Path(each.path).parents}
    code = [path for folder in sorted(ours) if ".venv" not in folder.parts for path in sorted(folder.rglob("*.py"))]
    packages = sorted(f"{each.name} {each.version}" for each in distributions())
    return _digest(*packages, *(f"{path} {path.read_text()}" for path in code))


def _digest(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


def empty() -> None:
    """Delete all rows of all models, past all triggers, except those that migrating makes.

    As Django's ``flush``, which rewrites a hundred tables each time to delete from the few that hold something.
    """
    tables = set(connection.introspection.django_table_names(only_existing=True, include_views=False))
    some = " UNION ALL ".join(f"SELECT '{name}' WHERE EXISTS (SELECT FROM {name})" for name in sorted(tables))
    with connection.cursor() as cursor:
        cursor.execute("SELECT rolsuper FROM pg_roles WHERE rolname = current_user")
        if cursor.fetchone() == (False,):  # who may not pass the triggers
            call_command("flush", verbosity=0, interactive=False, reset_sequences=False)
            return
        cursor.execute(some)
        filled = [name for (name,) in cursor.fetchall() if name not in MADE_BY_MIGRATING]
        if filled:
            deletions = "; ".join(f"DELETE FROM {name}" for name in filled)
            cursor.execute(f"BEGIN; SET LOCAL session_replication_role = replica; {deletions}; COMMIT")
