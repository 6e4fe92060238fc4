"""How days stand in the worklist: a Frist as bar and words, a Wiedervorlage, how long ago somebody was seen."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import template
from django.utils import timezone

register = template.Library()

SOON, NEAR = 3, 7


def days_in_words(day: date, *, passed: str, today: date) -> str:
    """``heute``, ``morgen``, ``in 3 Tagen``; a day that has passed: ``passed`` and ``seit 4 Tagen``."""
    days = (day - today).days
    if days < 0:
        return f"{passed} seit {-days} {'Tag' if days == -1 else 'Tagen'}"
    return {0: "heute", 1: "morgen"}.get(days, f"in {days} Tagen")


def due_level(day: date, today: date) -> str:
    """How pressing a Frist is: overdue, today, soon (3 days), near (7 days), far."""
    days = (day - today).days
    if days < 0:
        return "overdue"
    if days == 0:
        return "today"
    return "soon" if days <= SOON else "near" if days <= NEAR else "far"


@register.inclusion_tag("cases/due.html")
def due_bar(day: date | None) -> dict[str, Any]:
    """The next Frist as a bar, in words and as a date; a bar alone would say nothing to who does not see colours."""
    if day is None:
        return {"day": None}
    today = timezone.localdate()
    return {
        "day": day,
        "level": due_level(day, today),
        "words": days_in_words(day, passed="überfällig", today=today),
    }


@register.filter
def follow_up_words(day: date) -> str:
    """When a Wiedervorlage is, in words: ``heute``, ``in 3 Tagen``, ``fällig seit 2 Tagen``."""
    return days_in_words(day, passed="fällig", today=timezone.localdate())


@register.filter
def is_reached(day: date) -> bool:
    """True for today and every day before."""
    return day <= timezone.localdate()
