"""Fristen on pages: words with an icon, a colour beside them, and a bar that says the same again."""

from __future__ import annotations

from datetime import date

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from cases.deadline_presenting import DeadlineRow, Level, Standing, standing
from cases.templatetags.laufmappe import badge

register = template.Library()

LOOKS = {
    Level.OK: ("success", "calendar-today"),
    Level.WARN: ("warning", "warning"),
    Level.OVERDUE: ("danger", "danger"),
    Level.STOPPED: ("info", "info"),
    Level.OVER: ("", "check"),
}


@register.simple_tag
def deadline_bar(row: DeadlineRow) -> SafeString:
    """A Frist's standing in words, and below it how much of it is over."""
    if not row.total:
        return standing_badge(row.standing)
    return format_html(
        '{} <progress class="lm-bar lm-bar--{}" value="{}" max="{}" aria-hidden="true"></progress>',
        standing_badge(row.standing),
        row.standing.level,
        row.passed,
        row.total,
    )


@register.simple_tag
def due_badge(due_on: date | None, warn_on: date | None = None) -> SafeString | str:
    """The standing of a bare day, as lists show the next Frist of a Vorgang; nothing without one."""
    return standing_badge(standing(due_on, warn_on)) if due_on else ""


def standing_badge(where: Standing) -> SafeString:
    """The words in a badge."""
    kind, symbol = LOOKS[where.level]
    return badge(where.words, kind, symbol)
