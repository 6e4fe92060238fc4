"""System checks: the trail cannot be switched off by accident."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.checks import Error, Tags, register
from django.db import connections

from audit import triggers


@register()
def history_is_on(app_configs: Any, **kwargs: Any) -> list[Error]:
    """The history must not be switched off."""
    if getattr(settings, "SIMPLE_HISTORY_ENABLED", True):
        return []
    return [Error("Die Historie ist ausgeschaltet; bitte SIMPLE_HISTORY_ENABLED entfernen.", id="audit.E001")]


@register(Tags.database)
def triggers_are_there(app_configs: Any, databases: list[str] | None = None, **kwargs: Any) -> list[Error]:
    """Each append-only table has its trigger (checked where databases are checked, as ``serve`` does)."""
    found = []
    for alias in databases or []:
        if connections[alias].vendor == "postgresql":
            found += triggers.unprotected(alias)
    hint = "Bitte `manage.py migrate` ausführen."
    return [
        Error(f"Die Tabelle {table} ist nicht gegen Änderungen geschützt.", hint=hint, id="audit.E002")
        for table in found
    ]
