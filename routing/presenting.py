"""How a Klärfall is put before people, on its page and in the Verwaltung; and how one of its forms is carried out."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from audit.acting import Actor
from cases.models import Case, OrgUnit, User
from cases.selectors import Scope, visible_cases
from cases.worklist.presenting import present_from
from intake.facts import Facts
from intake.models import Submission
from intake.presenting import channel_label
from routing import candidates, clues, destinations, exceptions, nearness, reading, selectors
from routing.actions.locking import NotClearable, in_whose_hands
from routing.clearing_form import ClearingForm, Result
from routing.forms import FORMS, NewCaseForm
from routing.handling_forms import OneClick, offered_buttons
from routing.models import ExceptionEntry
from routing.pipeline import where
from routing.proposing import PLACED
from routing.rulebook import in_force
from routing.verdict import asked

log = logging.getLogger("laufmappe.clearing")
TIES = ("equal_rules", "no_unit", "unit_closed", "service_closed")
"""Reasons for which the rules that matched then are shown as they were."""
CHOSEN = {"unit": "team", "service": "leistung"}
"""The fields of the form for a new Vorgang that an address can fill, and what they are called there."""


def entry_context(
    entry: ExceptionEntry,
    user: User,
    bound: ClearingForm | None = None,
    chosen: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """All that the page of a Klärfall shows; ``bound`` is the form that was sent and did not pass.

    ``entry`` is one of ``selectors.entry_for``. ``chosen`` is what the address says: ``team`` and ``leistung`` (ids)
    stand in the form for a new Vorgang then.
    """
    submission = selectors.content_of(user, entry)
    is_open, units = entry.resolved_at is None, Scope.known(user).all_units
    context: dict[str, Any] = {
        "entry": entry,
        "clear_base": reverse("clearing-entry", args=[entry.pk]),  # the addresses of the forms begin so
        "explanation": exceptions.explain(entry),
        "case_link": _visible(entry.case, user),
        "bound": bound,
        "is_placed": entry.resolution in PLACED and entry.case_id is not None,
        "hands": in_whose_hands(entry) if is_open and entry.claimed_by_id not in (None, user.pk) else "",
        "is_mine": is_open and entry.claimed_by_id == user.pk,
        "buttons": offered_buttons(entry, user) if is_open else [],
        "present": present_from(entry.others_present) if is_open else [],
        "steps": steps_of(entry, units),
        "questions": questions_of(entry, units),
        "forms": _forms(entry, user, bound, chosen or {}) if is_open else [],
        "rules": entry.details.get("rules", []) if is_open and entry.reason in TIES else [],
        "remark": "" if is_open else entry.history.order_by("history_id").last().history_reason,
    }
    if submission is not None:
        facts = Facts.from_json(submission.facts)
        context |= {
            "submission": submission,
            "channel": channel_label(submission.channel),
            **reading.of(entry, submission, facts),
            "originals": selectors.possible_originals(submission) if is_open else [],
        }
        if is_open:
            context |= _places_to_go(entry, submission, facts, user)
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


def steps_of(entry: ExceptionEntry, units: Mapping[int, OrgUnit]) -> list[Step]:
    """What has happened to a Klärfall before it is solved, in order, from what ``selectors.entry_for`` gives."""
    found = []
    for row in entry.past:
        text, reason = STEPS.get(row["history_action"], ""), row["history_reason"]
        match row["history_action"]:
            case "raise_exception":
                text, reason = f"in die Klärung gestellt: {exceptions.label_of(row['reason'])}", ""
            case "pass_on_entry":
                text = f"an {units[row['unit_id']]} gegeben"
            case "park_entry":
                text = f"zurückgestellt bis {date.fromisoformat(row['parked_until']):%d.%m.%Y}"
        if text:
            found.append(Step(datetime.fromisoformat(row["history_date"]), row["actor"], text, reason))
    return found


@dataclass(frozen=True)
class Question:
    """What another team was asked about a Klärfall, and what it has answered."""

    unit: OrgUnit
    asked_by: User
    asked_at: datetime
    text: str
    answered_by: User | None
    answered_at: datetime | None
    answer: str


def questions_of(entry: ExceptionEntry, units: Mapping[int, OrgUnit]) -> list[Question]:
    """What was asked about a Klärfall, in order, from what ``selectors.entry_for`` gives."""

    def person(row: dict[str, str], who: str) -> User:
        return User(**{name: row[f"{who}_{name}"] for name in ("username", "first_name", "last_name")})

    return [
        Question(
            unit=units[row["unit_id"]],
            asked_by=person(row, "asked_by"),
            asked_at=datetime.fromisoformat(row["asked_at"]),
            text=row["text"],
            answered_by=person(row, "answered_by") if row["answered_at"] else None,
            answered_at=datetime.fromisoformat(row["answered_at"]) if row["answered_at"] else None,
            answer=row["answer"],
        )
        for row in entry.asked
    ]


def _places_to_go(entry: ExceptionEntry, submission: Submission, facts: Facts, user: User) -> dict[str, Any]:
    """Where the message may belong: Vorgänge, teams, and the rules that came near (three queries)."""
    may_open = selectors.unit_ids_to_file_in(user)
    given = clues.of(facts)
    rows = clues.search(submission, facts, given, may_open)
    near = nearness.of(in_force(), asked(submission.channel, facts))
    named, units = getattr(entry, "named_service", None), Scope.known(user).all_units
    return {
        "candidates": candidates.of(entry, user, facts, given=given, rows=rows),
        "destinations": destinations.of(rows, near, units=units, named=named, may_open=may_open),
        "nearness": near,
    }


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


def _forms(
    entry: ExceptionEntry, user: User, bound: ClearingForm | None, chosen: Mapping[str, str]
) -> list[ClearingForm]:
    open_ways = [form for form in FORMS.values() if form.fits(entry) and not issubclass(form, OneClick)]
    forms = [bound if bound and bound.verb == form.verb else form(entry=entry, user=user) for form in open_ways]
    wanted = {name: chosen[key] for name, key in CHOSEN.items() if chosen.get(key, "").isdecimal()}
    for form in forms:
        if wanted and form.verb == NewCaseForm.verb and not form.is_bound:
            form.initial |= wanted  # what is none of its choices selects nothing
            form.is_prefilled = True
    return forms


def _visible(case: Case | None, user: User) -> Case | None:
    """The Vorgang, if the person may open its page."""
    return visible_cases(user, Scope.known(user)).filter(pk=case.pk).first() if case else None


def _with_link(result: Result, user: User) -> str | SafeString:
    case = _visible(result.case, user)
    if case is None:
        return result.text
    link = reverse("case", args=[case.public_id])
    return format_html('{} <a class="kern-link" href="{}">Vorgang {} öffnen</a>', result.text, link, case)
