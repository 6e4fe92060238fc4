"""How days and counts are written in the reasons of a Frist."""

from __future__ import annotations

from datetime import date

WEEKDAYS = ("Montag", "Dienstag", "Mittwoch", "Donnerstag", "Freitag", "Samstag", "Sonntag")


def day(on: date) -> str:
    """A day with its weekday, e.g. ``Samstag, 28.11.2026``."""
    return f"{WEEKDAYS[on.weekday()]}, {short(on)}"


def short(on: date) -> str:
    """A day, e.g. ``28.11.2026``."""
    return f"{on.day:02d}.{on.month:02d}.{on.year}"


def count(number: int, one: str, many: str) -> str:
    """``1 Tag``, ``14 Tage``."""
    return f"{number} {one if number == 1 else many}"
