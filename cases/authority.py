"""Where the authority is: the calendar that its Fristen follow."""

from __future__ import annotations

from django.conf import settings

from cases.deadlines import Calendar, calendar_of
from cases.models import LocalHoliday


def calendar() -> Calendar:
    """Working days at the authority's seat: AUTHORITY_LAND, AUTHORITY_HOLIDAYS and the holidays added (one query)."""
    configured = calendar_of(settings.AUTHORITY_LAND, settings.AUTHORITY_HOLIDAYS)
    return configured.with_days(LocalHoliday.objects.values_list("on", "name"))
