"""What people do with an open Vorgang: take it up, assign it, close it, reopen it."""

from __future__ import annotations

from django.utils import timezone

from audit.acting import Actor
from cases import policy
from cases.actions import deadline_rows
from cases.actions.base import NotPossible, changing, require_transition
from cases.actions.followups import finish_all
from cases.actions.protection import pass_on
from cases.actions.requests import end_as_withdrawn, open_requests
from cases.models import Case, Decision, OrgUnit, User


def take_up(*, case: Case, by: Actor, reason: str = "") -> Case:
    """Start examining: ``eingegangen`` → ``in_pruefung``. A person who takes up a free one becomes its handler."""
    with changing(case, by=by, action="take_up", kind="status", reason=reason, public=True) as locked:
        require_transition(locked, "take_up")
        locked.take_up()
        locked.status_since = timezone.now()
        if by.is_person and locked.handler_id is None:
            locked.handler = by.user
    return locked


def assign(*, case: Case, to: User | None, by: Actor, reason: str = "") -> Case:
    """Give the Vorgang to somebody of its team (``None``: to nobody). Others than oneself: Teamleitung only."""
    mine = by.is_person and (to is None or to == by.user)
    permission = "assign" if mine else "assign_other"
    with changing(case, by=by, action="assign", kind="assigned", reason=reason, permission=permission) as locked:
        if mine and locked.handler_id not in (None, by.user.pk):
            policy.require(by, "assign_other", locked.unit_id)
        if to is not None and not policy.works_in(to, locked.unit_id):
            raise NotPossible(f"{to} gehört nicht zum Team {locked.unit}; bitte jemanden aus dem Team wählen.")
        if to is not None and locked.is_protected and not locked.readers.filter(pk=to.pk).exists():
            raise NotPossible(f"Der Vorgang ist geschützt, und {to} ist nicht benannt; bitte jemand anderen wählen.")
        locked.handler = to
    return locked


def hand_over(*, case: Case, unit: OrgUnit, by: Actor, reason: str) -> Case:
    """Give an open Vorgang to another team, with a reason: free there, and out of sight here.

    Open Wiedervorlagen are done with it: they belong to people of the old team. A protected one is seen by the
    Teamleitung of the new team only, until it names others.
    """
    if not reason.strip():
        raise NotPossible("Bitte einen Grund angeben, warum das andere Team zuständig ist.")
    if not unit.is_open:
        raise NotPossible(f"Das Team {unit} nimmt nichts mehr an; bitte ein anderes wählen.")
    with changing(case, by=by, action="hand_over", kind="handed_over", reason=reason) as locked:
        if not locked.is_open:
            raise NotPossible(f"Der Vorgang {locked} ist entschieden und kann nicht mehr abgegeben werden.")
        if locked.unit_id == unit.pk:
            raise NotPossible(f"Der Vorgang {locked} liegt schon bei {unit}.")
        finish_all(locked)
        if locked.is_protected:
            pass_on(locked, unit)
        locked.unit, locked.handler = unit, None
    return locked


def close(*, case: Case, outcome: Case.Outcome, by: Actor, reason: str) -> Case:
    """End the Vorgang without a Bescheid, with an outcome and a reason (both required)."""
    if not reason.strip():
        raise NotPossible("Bitte einen Grund angeben.")
    if outcome not in CLOSING:
        raise NotPossible("Dieses Ergebnis setzt einen Bescheid voraus.")
    with changing(case, by=by, action="close", kind="status", reason=reason, public=True) as locked:
        require_transition(locked, "close")
        leave_nothing_open(locked)
        locked.close()
        locked.outcome = outcome
        locked.closed_at = locked.status_since = timezone.now()
        deadline_rows.at_end(locked)
    return locked


def withdraw(*, case: Case, by: Actor, reason: str = "") -> Case:
    """The applicant has withdrawn the application, by the portal that it came from: → ``zurueckgenommen``.

    That is no decision: who has applied disposes of it until it is decided.
    """
    with changing(case, by=by, action="withdraw", kind="status", reason=reason, public=True) as locked:
        require_transition(locked, "close")
        leave_nothing_open(locked)
        locked.close()
        locked.outcome = Case.Outcome.WITHDRAWN
        locked.closed_at = locked.status_since = timezone.now()
        deadline_rows.at_end(locked)
    return locked


def leave_nothing_open(case: Case) -> None:
    """What waits for somebody ends with the Vorgang: open Nachforderungen and a draft. Letters may still be sent."""
    for request in open_requests(case):
        end_as_withdrawn(request)
    for draft in case.decisions.select_for_update().filter(state=Decision.State.DRAFT):
        draft.discard()
        draft.save()


CLOSING = frozenset(
    {Case.Outcome.DISCONTINUED, Case.Outcome.WITHDRAWN, Case.Outcome.HANDED_OVER, Case.Outcome.DONE}
)  # what a Vorgang can end as without a Bescheid


def reopen(*, case: Case, by: Actor, reason: str) -> Case:
    """Examine a decided Vorgang again; the reason is required."""
    if not reason.strip():
        raise NotPossible("Bitte einen Grund angeben.")
    with changing(case, by=by, action="reopen", kind="status", reason=reason, public=True) as locked:
        require_transition(locked, "reopen")
        locked.reopen()
        locked.status_since = timezone.now()
        deadline_rows.at_reopening(locked)
    return locked
