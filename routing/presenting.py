"""How a Klärfall is put before people, on its page and in the Verwaltung; and how one of its forms is carried out."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from audit.acting import Actor
from cases.models import Case, User
from cases.selectors import visible_cases
from intake.facts import Facts
from intake.models import Submission
from intake.presenting import channel_label, fact_rows, findings
from intake.selectors import files_of
from routing import exceptions, selectors
from routing.actions.locking import NotClearable, in_whose_hands
from routing.clearing_form import ClearingForm, Result
from routing.forms import FORMS
from routing.handling_forms import OneClick, offered_buttons
from routing.models import ExceptionEntry
from routing.pipeline import where

log = logging.getLogger("laufmappe.clearing")


def entry_context(entry: ExceptionEntry, user: User, bound: ClearingForm | None = None) -> dict[str, Any]:
    """All that the page of a Klärfall shows; ``bound`` is the form that was sent and did not pass."""
    submission = selectors.content_of(user, entry)
    is_open = entry.resolved_at is None
    context: dict[str, Any] = {
        "entry": entry,
        "clear_base": reverse("clearing-entry", args=[entry.pk]),  # the addresses of the forms begin so
        "explanation": exceptions.explain(entry),
        "case_link": _visible(entry.case, user),
        "bound": bound,
        "hands": in_whose_hands(entry) if is_open and entry.claimed_by_id not in (None, user.pk) else "",
        "is_mine": is_open and entry.claimed_by_id == user.pk,
        "buttons": offered_buttons(entry, user) if is_open else [],
        "present": selectors.present_at(entry, user) if is_open else [],
        "steps": steps_of(entry),
        "questions": list(entry.questions.select_related("unit", "asked_by", "answered_by")),
        "forms": _forms(entry, user, bound) if is_open else [],
        "rules": entry.details.get("rules", []) if is_open else [],
        "remark": "" if is_open else entry.history.order_by("history_id").last().history_reason,
    }
    if is_open:
        context["candidates"] = _candidates(entry, user)
    if submission is not None:
        context |= {
            "submission": submission,
            "channel": channel_label(submission.channel),
            "facts": fact_rows(Facts.from_json(submission.facts)),
            "findings": findings(submission.findings),
            "files": list(files_of(submission)),
            "originals": selectors.possible_originals(submission) if is_open else [],
        }
    return context


STEPS = {
    "claim_entry": "angenommen",
    "take_over_entry": "übernommen",
    "release_entry": "freigegeben",
    "bring_back_entry": "wieder aufgenommen",
    "ask_about_entry": "ein anderes Team gefragt",
    "escalate_entry": "eskaliert",
}


@dataclass(frozen=True)
class Step:
    """Something that was done with a Klärfall: when, by whom, what and why."""

    at: datetime
    actor: str
    text: str
    reason: str


def steps_of(entry: ExceptionEntry) -> list[Step]:
    """What has happened to a Klärfall before it is solved, in order, from its history (one query)."""
    rows = entry.history.select_related("unit").order_by("history_id")
    found = []
    for row in rows.exclude(history_action__startswith="resolve_").exclude(history_action="erase"):
        text, reason = STEPS.get(row.history_action, ""), row.history_reason
        if row.history_action == "raise_exception":
            text, reason = f"in die Klärung gestellt: {exceptions.label_of(row.reason)}", ""
        elif row.history_action == "pass_on_entry":
            text = f"an {row.unit} gegeben"
        elif row.history_action == "park_entry":
            text = f"zurückgestellt bis {row.parked_until:%d.%m.%Y}"
        if text:
            found.append(Step(row.history_date, row.history_user_id, text, reason))
    return found


def carry_out(request: HttpRequest, form: ClearingForm) -> Result | None:
    """Do what a sent form says and tell the person; None when it did not pass, with the reason in its errors."""
    if not form.is_valid():
        return None
    try:
        result = form.perform(Actor.of(request.user))
    except (NotClearable, PermissionDenied) as error:
        form.add_error(None, str(error) or "Das dürfen Sie nicht.")
        return None
    except (OSError, DatabaseError) as error:  # all or nothing: everything is as it was
        log.error("entry %s: %s failed: %s", form.entry.pk, form.verb, where(error))
        form.add_error(None, technical(form.entry))
        return None
    tell = messages.success if result.is_done else messages.warning
    tell(request, _with_link(result, request.user))
    return result


def technical(entry: ExceptionEntry) -> str:
    """What a person is told when something has failed that neither they nor the message can help."""
    return (
        "Das ist an einem technischen Fehler gescheitert; nichts wurde geändert. Bitte den Betrieb "
        f"verständigen (Klärfall {entry.pk})."
    )


def outcome_in_words(submission: Submission, user: User) -> str:
    """What has become of an Eingang that went through the pipeline; a Vorgang is named to who may see it."""
    if _visible(submission.case, user):
        return f"Der Eingang ist jetzt im Vorgang {submission.case} abgelegt."
    if submission.case:
        own = submission.number.public_id
        return f"Der Eingang ist bei der zuständigen Stelle abgelegt, unter der Vorgangs-ID {own}."
    return f"Der Eingang steht jetzt so: {submission.get_state_display()}."


def _candidates(entry: ExceptionEntry, user: User) -> list[dict[str, Any]]:
    """The Vorgänge in question, and whether the person may open their pages."""
    found = selectors.candidates_of(user, entry)
    shown = set(visible_cases(user).filter(pk__in=[case.pk for case, _ in found]).values_list("pk", flat=True))
    return [{"case": case, "why": why, "is_visible": case.pk in shown} for case, why in found]


def _forms(entry: ExceptionEntry, user: User, bound: ClearingForm | None) -> list[ClearingForm]:
    open_ways = [form for form in FORMS.values() if form.fits(entry) and not issubclass(form, OneClick)]
    return [bound if bound and bound.verb == form.verb else form(entry=entry, user=user) for form in open_ways]


def _visible(case: Case | None, user: User) -> Case | None:
    """The Vorgang, if the person may open its page."""
    return visible_cases(user).filter(pk=case.pk).first() if case else None


def _with_link(result: Result, user: User) -> str | SafeString:
    case = _visible(result.case, user)
    if case is None:
        return result.text
    link = reverse("case", args=[case.public_id])
    return format_html('{} <a class="kern-link" href="{}">Vorgang {} öffnen</a>', result.text, link, case)
