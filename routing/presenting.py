"""How a Klärfall is put before people, on its page and in the Verwaltung; and how one of its forms is carried out."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import groupby
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
from cases.selectors import Scope, visible_cases
from intake.facts import Facts
from intake.models import Submission
from intake.presenting import channel_label
from routing import candidates, clues, destinations, exceptions, fields, nearness, reading, selectors
from routing.actions.clearing import NotClearable
from routing.forms import FORMS, ClearingForm, NewCaseForm, Result
from routing.models import ExceptionEntry
from routing.pipeline import where
from routing.rulebook import in_force

log = logging.getLogger("laufmappe.clearing")
TIES = ("equal_rules", "no_unit", "service_closed")
"""Reasons for which the rules that matched then are shown as they were."""
CHOSEN = {"unit": "team", "service": "leistung"}
"""The fields of the form for a new Vorgang that an address can fill, and what they are called there."""


@dataclass(frozen=True)
class Group:
    """Open Klärfälle of the same cause, oldest first."""

    label: str
    what_to_do: str
    entries: list[ExceptionEntry]

    @property
    def oldest(self) -> ExceptionEntry:
        """The one that has been waiting longest."""
        return self.entries[0]


def groups_of(user: User) -> list[Group]:
    """The open Klärfälle of ``user`` by cause; the cause that has been waiting longest first."""
    explained = [(exceptions.explain(entry), entry) for entry in selectors.open_entries(user)]
    explained.sort(key=lambda pair: pair[0].label)  # stable: oldest first within a cause
    groups = [
        Group(label, pairs[0][0].what_to_do, [entry for _, entry in pairs])
        for label, each in groupby(explained, key=lambda pair: pair[0].label)
        if (pairs := list(each))
    ]
    return sorted(groups, key=lambda group: (group.oldest.created_at, group.oldest.pk))


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
    is_open = entry.resolved_at is None
    context: dict[str, Any] = {
        "entry": entry,
        "clear_base": reverse("clearing-entry", args=[entry.pk]),  # the addresses of the forms begin so
        "explanation": exceptions.explain(entry),
        "case_link": _visible(entry.case, user),
        "bound": bound,
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


def _places_to_go(entry: ExceptionEntry, submission: Submission, facts: Facts, user: User) -> dict[str, Any]:
    """Where the message may belong: Vorgänge, teams, and the rules that came near (three queries)."""
    may_open = selectors.unit_ids_to_file_in(user)
    given = clues.of(facts)
    rows = clues.search(submission, facts, given, may_open)
    near = nearness.of(in_force(), fields.values(submission.channel, facts))
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
        form.add_error(
            None,
            "Das ist an einem technischen Fehler gescheitert; nichts wurde geändert. Bitte den Betrieb "
            f"verständigen (Klärfall {form.entry.pk}).",
        )
        return None
    tell = messages.success if result.solved else messages.warning
    tell(request, _with_link(result, request.user))
    return result


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
    open_ways = [form for form in FORMS.values() if form.fits(entry)]
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
