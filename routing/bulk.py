"""The same thing done with several Klärfälle: each by the same form, action and rights as on its own page."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django import forms
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from audit.acting import Actor
from audit.faults import where
from cases.selectors import Scope
from intake.presenting import findings
from routing import exceptions, presenting
from routing.actions import clearing
from routing.actions.locking import NotClearable
from routing.clearing_form import ClearingForm, Result
from routing.forms import AssignForm, NewCaseForm, RejectForm
from routing.handling_forms import BringBackForm, ClaimForm, OneClick, ParkForm, PassOnForm, ReleaseForm
from routing.models import ExceptionEntry

MOST = 200
log = logging.getLogger("laufmappe.clearing")


class ResumeAllForm(ClearingForm):
    """Let the pipeline go on with each, as it is; what is found wanting is accepted where a person says so."""

    verb, title, button = "fortsetzen", "Noch einmal verteilen", "Fortsetzen"
    hint = "Etwa nach einer neuen Regel. Was sich auch dann nicht zuordnen lässt, bleibt in Klärung."

    accept = forms.BooleanField(label="Mängel der Nachrichten hinnehmen", required=False)
    field_order = ["accept", "reason"]

    def perform(self, by: Actor) -> Result:
        """Go on."""
        submission = self.entry.submission
        shown = findings(submission.findings) if submission and self.cleaned_data["accept"] else []
        done = clearing.correct_and_resume(
            entry=self.entry,
            corrections={},
            accepted=[finding.code for finding in shown if finding.is_blocking],
            by=by,
            reason=self.cleaned_data["reason"],
        )
        if done.resolved_at is None:
            cause = exceptions.explain(done).cause
            return Result(f"Lässt sich auch so nicht zuordnen. {cause}", solved=False, is_done=False)
        return Result("Fortgesetzt.")


WAYS: dict[str, type[ClearingForm]] = {
    form.verb: form
    for form in (
        ClaimForm,
        ReleaseForm,
        BringBackForm,
        AssignForm,
        NewCaseForm,
        ResumeAllForm,
        PassOnForm,
        ParkForm,
        RejectForm,
    )
}
FINAL = {
    AssignForm.verb: "Alle ausgewählten Nachrichten diesem Vorgang zuordnen?",
    NewCaseForm.verb: "Für jede ausgewählte Nachricht einen neuen Vorgang eröffnen?",
    RejectForm.verb: "Alle ausgewählten Nachrichten zurückweisen?",
}


@dataclass(frozen=True)
class Way:
    """One way as it stands below the list: its form, and what is asked before it (empty: nothing)."""

    form: ClearingForm
    question: str
    is_button: bool


def ways(scope: Scope, *, are_parked: bool, bound: ClearingForm | None = None) -> list[Way]:
    """The ways for several Klärfälle; ``bound`` is the one that was sent and did not pass."""
    found = []
    for verb, kind in WAYS.items():
        if kind is BringBackForm and not are_parked:
            continue
        form = bound if bound is not None and bound.verb == verb else form_for(verb, scope)
        if form is not None:
            found.append(Way(form, FINAL.get(verb, ""), issubclass(kind, OneClick)))
    return found


def form_for(verb: str, scope: Scope, data: Any = None) -> ClearingForm | None:
    """The form of a way, its fields under names of their own: all stand in one form of the page."""
    kind = WAYS.get(verb)
    if kind is None:
        return None
    form = kind(data, user=scope.user, scope=scope, prefix=verb)
    form.use_required_attribute = False  # who goes one way leaves the others empty
    return form


@dataclass
class Outcome:
    """What became of several Klärfälle: how many were done, and which were not, by the reason."""

    title: str
    done: int = 0
    left: dict[str, list[ExceptionEntry]] = field(default_factory=dict)

    @property
    def count(self) -> int:
        """All together."""
        return self.done + sum(len(entries) for entries in self.left.values())

    @property
    def summary(self) -> str:
        """``Zurückweisen: 38 von 40 Klärfällen erledigt.``"""
        of = "1 Klärfall" if self.count == 1 else f"{self.count} Klärfällen"
        return f"{self.title}: {self.done} von {of} erledigt."

    @property
    def reasons(self) -> list[SafeString]:
        """Each reason with every Klärfall that it holds for, by the number of its Eingang, linked."""
        return [format_html("Nicht erledigt: {}: {}", _linked(entries), why) for why, entries in self.left.items()]


def _linked(entries: Iterable[ExceptionEntry]) -> SafeString:
    links = [(reverse("clearing-entry", args=[entry.pk]), name_of(entry)) for entry in entries]
    return format_html_join(", ", '<a class="kern-link" href="{}">{}</a>', links)


def name_of(entry: ExceptionEntry) -> str:
    """How a Klärfall is called where nothing of its content shall stand."""
    return entry.submission.number.public_id if entry.submission else f"Klärfall {entry.pk}"


def carry_out(form: ClearingForm, entries: Iterable[ExceptionEntry], *, by: Actor) -> Outcome:
    """Do what a valid form says with each, in a transaction of its own; one that fails does not hold up the others."""
    outcome = Outcome(form.title)
    for entry in entries:
        why = _one(form.for_entry(entry), by)
        if why:
            outcome.left.setdefault(why, []).append(entry)
        else:
            outcome.done += 1
    return outcome


def _one(form: ClearingForm, by: Actor) -> str:
    """Why it could not be done with this one; empty when it is."""
    try:
        result = form.perform(by)
    except (NotClearable, PermissionDenied) as error:
        return str(error) or "Das dürfen Sie nicht."
    except (OSError, DatabaseError) as error:  # of this one nothing is changed; the others go on
        log.error("entry %s: %s failed: %s", form.entry.pk, form.verb, where(error))
        return presenting.technical(form.entry)
    return "" if result.is_done else result.text
