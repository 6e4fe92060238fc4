"""System checks: what the authority has set can be used."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.checks import Error, register

from cases import deadlines, own_references


@register()
def own_reference_patterns(app_configs: Any, **kwargs: Any) -> list[Error]:
    """Every pattern of our Aktenzeichen can be used."""
    try:
        own_references.check(settings.OWN_REFERENCE_PATTERNS)
    except own_references.PatternError as error:
        return [Error(str(error), id="cases.E001")]
    return []


@register()
def holidays_are_known(app_configs: Any, **kwargs: Any) -> list[Error]:
    """The Land is one, and what is said of local holidays can be understood: every Frist rests on it."""
    try:
        deadlines.Calendar(settings.AUTHORITY_LAND)
    except deadlines.DeadlineError as error:
        return [Error(f"AUTHORITY_LAND: {error}", id="cases.E002")]
    try:
        deadlines.calendar_of(settings.AUTHORITY_LAND, settings.AUTHORITY_HOLIDAYS)
    except deadlines.DeadlineError as error:
        return [Error(f"AUTHORITY_HOLIDAYS: {error}", id="cases.E003")]
    return []
