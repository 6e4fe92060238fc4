"""What all pages share: KERN's markup for icons, badges, alerts and fields, and how sizes and ages are written."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django import template
from django.contrib.messages import constants
from django.contrib.messages.storage.base import Message
from django.forms import BoundField, CheckboxInput, CheckboxSelectMultiple, Select, Textarea
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from audit.registries import TimelineEntry
from cases import marks
from cases.casework.base import UNDO
from cases.models import Blob, Case

register = template.Library()

STATUS = {
    Case.Status.RECEIVED: ("", "mail"),
    Case.Status.EXAMINING: ("info", "search"),
    Case.Status.INFORMATION_REQUESTED: ("warning", "help"),
    Case.Status.DECIDED: ("success", "check"),
}
ALERTS = {constants.SUCCESS: "success", constants.WARNING: "warning", constants.ERROR: "danger"}
SOURCES = {"user": "account-circle", "rule": "checklist", "channel": "mail"}
WIDGETS = {Select: "select", Textarea: "textarea", CheckboxInput: "checkbox", CheckboxSelectMultiple: "checkboxes"}


@register.simple_tag
def icon(name: str) -> SafeString:
    """One of KERN's icons, as decoration: the words beside it say the same."""
    return format_html('<span class="kern-icon kern-icon--{}" aria-hidden="true"></span>', name)


@register.simple_tag
def badge(text: str, kind: str = "", symbol: str = "info") -> SafeString:
    """A small badge with icon and words. ``kind``: info, success, warning, danger; empty is neutral."""
    return format_html(
        '<span class="kern-badge kern-badge--small {}">{}<span class="kern-label kern-label--small">{}</span></span>',
        f"kern-badge--{kind}" if kind else "lm-badge--neutral",
        icon(symbol),
        text,
    )


@register.simple_tag
def file_marks(blob: Blob, name: str) -> SafeString:
    """Size, pages and marks of a file (``blob`` with its ``result``), as they stand behind its name."""
    size = " · ".join(part for part in (filesize(blob.size), marks.pages_of(blob)) if part)
    badges = format_html_join(" ", "{}", ((badge(m.text, m.kind, m.icon),) for m in marks.marks_of(blob, name)))
    return format_html('<span class="lm-muted">{}</span> {}', size, badges)


@register.simple_tag
def status_badge(case: Case) -> SafeString:
    """The status of a Vorgang; of a decided one its outcome as well."""
    kind, symbol = STATUS[Case.Status(case.status)]
    words = case.get_status_display()
    return badge(f"{words}: {case.get_outcome_display()}" if case.outcome else words, kind, symbol)


@register.filter
def alert_kind(message: Message) -> str:
    """The kind of KERN's alert for one of Django's messages."""
    return ALERTS.get(message.level, "info")


@register.filter
def undo_url(message: Message) -> str:
    """The address that takes back what a message tells; empty when nothing does."""
    return message.extra_tags.removeprefix(UNDO) if (message.extra_tags or "").startswith(UNDO) else ""


@register.filter
def timeline_icon(entry: TimelineEntry) -> str:
    """Who did it, as an icon: a person, a rule, a channel, the system."""
    return SOURCES.get(entry.source, "autorenew")


@register.inclusion_tag("kern/field.html")
def field(bound: BoundField, mark_optional: bool = True) -> dict[str, Any]:
    """A form field with label, hint and error, as KERN draws it; in filters nothing is marked as optional."""
    kind = next((kind for widget, kind in WIDGETS.items() if type(bound.field.widget) is widget), "input")
    described = []
    if bound.help_text:
        described.append(f"{bound.id_for_label}-hint")
    if bound.errors:
        described.append(f"{bound.id_for_label}-error")
    attributes: dict[str, Any] = {"class": _css_class(kind, has_error=bool(bound.errors))}
    if described:
        attributes["aria-describedby"] = " ".join(described)
    if bound.errors:
        attributes["aria-invalid"] = "true"
    control = "" if kind == "checkboxes" else bound.as_widget(attrs=attributes)
    optional = mark_optional and not bound.field.required
    return {
        "field": bound,
        "kind": kind,
        "control": control,
        "described": " ".join(described),
        "is_optional": optional,
    }


def _css_class(kind: str, *, has_error: bool) -> str:
    base = {"select": "kern-form-input__select", "checkbox": "kern-form-check__checkbox"}.get(
        kind, "kern-form-input__input"
    )
    return f"{base} {base}--error" if has_error else base


@register.inclusion_tag("kern/errors.html")
def error_summary(form: Any) -> dict[str, Any]:
    """What is wrong with a form, each with a link to its field."""
    return {"form": form, "fields": [bound for bound in form if bound.errors]}


@register.filter
def filesize(size: int) -> str:
    """A size in bytes as people write it, e.g. ``1,4 MB``."""
    power = min(3, max(0, (len(str(size)) - 1) // 3))
    amount = size / 1000**power
    digits = f"{amount:.1f}" if power and amount < 10 else f"{amount:.0f}"
    return f"{digits.replace('.', ',')} {('Byte', 'KB', 'MB', 'GB')[power]}"


@register.filter
def age(at: datetime) -> SafeString:
    """How long ago, with the exact moment as its title."""
    at = timezone.localtime(at)
    exact = date_format(at, "d.m.Y, H:i") + " Uhr"
    return format_html('<time datetime="{}" title="{}">{}</time>', at.isoformat(), exact, age_in_words(at))


def age_in_words(at: datetime) -> str:
    """``gerade eben``, ``vor 5 Minuten``, ``vor 3 Tagen``, …"""
    return _passed(at, "vor")


@register.filter
def since(at: datetime) -> str:
    """``gerade eben``, ``seit 5 Minuten``, ``seit 3 Tagen``, …"""
    return _passed(at, "seit")


def _passed(at: datetime, word: str) -> str:
    passed = timezone.now() - at
    steps = ((timedelta(days=365), "Jahr", "Jahren"), (timedelta(days=30), "Monat", "Monaten"))
    steps += ((timedelta(days=1), "Tag", "Tagen"), (timedelta(hours=1), "Stunde", "Stunden"))
    steps += ((timedelta(minutes=1), "Minute", "Minuten"),)
    for step, one, many in steps:
        if count := passed // step:
            return f"{word} {count} {one if count == 1 else many}" if count > 0 else "gerade eben"
    return "gerade eben"


@register.filter
def moment(at: datetime) -> SafeString:
    """Date and time, e.g. ``24.11.2026, 08:15 Uhr``."""
    at = timezone.localtime(at)
    return format_html('<time datetime="{}">{} Uhr</time>', at.isoformat(), date_format(at, "d.m.Y, H:i"))


@register.filter
def clock_after(pause: timedelta) -> str:
    """The time of day after a pause from now, e.g. ``8:15``."""
    return date_format(timezone.localtime(timezone.now() + pause + timedelta(minutes=1)), "G:i")


@register.filter
def minutes(pause: timedelta) -> int:
    """A pause in minutes."""
    return max(1, round(pause.total_seconds() / 60))
