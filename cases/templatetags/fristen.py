"""Fristen on pages: words with an icon, a colour beside them, and a bar that says the same again."""

from __future__ import annotations

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from cases.deadline_presenting import DeadlineRow, Level, Standing
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


def standing_badge(where: Standing) -> SafeString:
    """The words in a badge."""
    kind, symbol = LOOKS[where.level]
    return badge(where.words, kind, symbol)
