"""Values of filters that depend on who looks and when: ``@ich``, ``@heute``, ``@heute+3``, ``@heute-1``."""

from __future__ import annotations

import re
from datetime import date, timedelta

ME = "@ich"
_TODAY = re.compile(r"@heute(?:(?P<sign>[+-])(?P<days>\d{1,4}))?")


def day_of(value: str, *, today: date) -> date | None:
    """The day that is meant by ``@heute+3`` or ``2026-12-24``; None for what is no day."""
    match = _TODAY.fullmatch(value)
    if match:
        days = int(match["days"] or 0)
        return today + timedelta(days=-days if match["sign"] == "-" else days)
    try:
        return date.fromisoformat(value)
    except ValueError:
        return None
