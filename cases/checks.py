"""System checks: what the authority has set can be used."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.checks import Error, register

from cases import own_references


@register()
def own_reference_patterns(app_configs: Any, **kwargs: Any) -> list[Error]:
    """Every pattern of our Aktenzeichen can be used."""
    try:
        own_references.check(settings.OWN_REFERENCE_PATTERNS)
    except own_references.PatternError as error:
        return [Error(str(error), id="cases.E001")]
    return []
