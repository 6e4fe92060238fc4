"""Rechtsbehelfe against a Bescheid: registered when they arrive, settled when they are."""

from __future__ import annotations

from datetime import date

from django.utils import timezone

from audit.acting import Actor
from cases import gates
from cases.actions import deadline_rows, following
from cases.actions.base import NotPossible, changing, require_transition
from cases.models import Deadline, Decision, Remedy

State = Remedy.State


def register_remedy(*, decision: Decision, kind: Remedy.Kind, filed_on: date, by: Actor, reason: str = "") -> Remedy:
    """A Rechtsbehelf has arrived on this day; whether it is in time is computed from the Bekanntgabe.

    A Bestandskraft that was noted before is undone: somebody has to look at it.
    """
    if filed_on > timezone.localdate():
        raise NotPossible("Das Datum liegt in der Zukunft; bitte den Tag des Eingangs angeben.")
    with changing(decision.case, by=by, action="register_remedy", kind="remedy", reason=reason, public=True) as case:
        current = Decision.objects.select_for_update().get(pk=decision.pk, case=case)
        if current.state not in (Decision.State.RELEASED, Decision.State.REPLACED):
            raise NotPossible("Ein Rechtsbehelf richtet sich gegen einen freigegebenen Bescheid.")
        if filed_on < timezone.localdate(current.released_at):
            raise NotPossible("Da war der Bescheid noch nicht freigegeben; bitte den Tag des Eingangs prüfen.")
        judged = gates.timeliness(current, filed_on)
        remedy = Remedy(
            decision=current, kind=kind, filed_on=filed_on, in_time=judged.in_time, reasons=list(judged.reasons)
        )
        remedy.save()
        if current.final_since:
            current.final_since = None
            current.save()
    return remedy


def settle_remedy(*, remedy: Remedy, state: Remedy.State, by: Actor, reason: str = "") -> Remedy:
    """What became of a Rechtsbehelf: remedied (the Vorgang is examined again), passed on, withdrawn, rejected."""
    decision = remedy.decision
    with changing(decision.case, by=by, action="settle_remedy", kind="remedy", reason=reason, public=True) as case:
        current = Remedy.objects.select_for_update().get(pk=remedy.pk, decision__case=case)
        if current.state not in Remedy.PENDING or state in (State.OPEN, current.state):
            raise NotPossible(f"Dieser Rechtsbehelf ist {current.get_state_display()}; bitte den neuen Stand prüfen.")
        current.state = state
        current.settled_on = None if state in Remedy.PENDING else timezone.localdate()
        current.save()
        if state == State.REMEDIED:
            following.remedies_ended(case, decision, Deadline.State.MET)
        if state == State.REMEDIED and not case.is_open:
            require_transition(case, "reopen")
            case.reopen()
            case.status_since = timezone.now()
            deadline_rows.at_reopening(case)
    return current
