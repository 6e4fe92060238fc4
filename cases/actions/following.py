"""What follows for the Fristen from what people do: to be called inside ``changing``, with the Vorgang locked.

A Nachforderung has its Frist from the day that it is written, and stops the service clock from the day that it is
sent; a Bescheid that counts as known lets the remedy run; nothing is open on a decided Vorgang but that.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from django.utils import timezone

from cases import deadlines
from cases.actions import deadline_rows as rows
from cases.actions.base import NotPossible
from cases.deadlines import DeadlineError, Period
from cases.models import Case, Deadline, DeadlineKind, Decision, Dispatch, InformationRequest, Notice, Pause

State = Deadline.State
ENDED = {
    InformationRequest.State.ANSWERED: State.MET,
    InformationRequest.State.EXPIRED: State.MISSED,
    InformationRequest.State.WITHDRAWN: State.CANCELLED,
}


def request_deadline(case: Case, days: int, sent_on: date, number: int) -> Deadline:
    """The unsaved Frist of a Nachforderung that is sent on this day, with its reasons."""
    try:
        return rows.new(
            case, DeadlineKind.REQUEST, starts_on=sent_on, period=Period.days(days), title=f"Nachforderung {number}"
        )
    except DeadlineError as error:
        raise NotPossible(str(error)) from error


def request_extended(request: InformationRequest, *, by_name: str, reason: str, resumed: bool = False) -> None:
    """Its Frist has another end now, set by a person. ``resumed``: after an answer the clock has run on until now."""
    deadline = request.deadline
    said = f"Verlängert bis {request.due_on:%d.%m.%Y} von {by_name}" + (f": {reason}" if reason else ".")
    deadline.state, deadline.settled_on, deadline.is_manual, deadline.reason = State.OPEN, None, True, reason
    rows.put(deadline, request.due_on, [*deadline.reasons, said])
    deadline.save()
    if request.pause is not None:
        if resumed:
            request.pause = _new_pause(request, timezone.localdate(), request.due_on)
            request.save()
        else:
            rows.stretch_pause(request.case, request.pause, request.due_on)
    rows.refresh_next_due(request.case)


def request_ended(request: InformationRequest) -> None:
    """Answered, run out or withdrawn: its Frist is over, and the service clock runs on."""
    on, state = request.answered_on or timezone.localdate(), ENDED[InformationRequest.State(request.state)]
    if state == State.MET and on > request.ends_on:
        state = State.MISSED
    if request.deadline.state == State.OPEN or (request.deadline.state, state) == (State.MISSED, State.MET):
        rows.settle(request.deadline, state, on)
    if request.pause is not None and request.state != InformationRequest.State.EXPIRED:
        rows.stretch_pause(request.case, request.pause, min(on, request.pause.ends_on or on))
    rows.refresh_next_due(request.case)


def notice_awaits(notice: Notice) -> None:
    """A hearing, or what else asks for an answer, has the Frist that the letter says."""
    _by_hand(
        notice.case,
        DeadlineKind.HEARING if notice.kind == Notice.Kind.HEARING else DeadlineKind.NOTICE,
        starts_on=notice.sent_on,
        due_on=notice.due_on,
        title=str(notice),
        said=[f"So steht es im Schreiben vom {notice.sent_on:%d.%m.%Y}."],
    )


def notice_withheld(notice: Notice) -> None:
    """Nobody gets it: no answer to it is awaited."""
    kinds = (DeadlineKind.HEARING, DeadlineKind.NOTICE)
    for deadline in Deadline.objects.filter(case=notice.case, kind__in=kinds, title=str(notice), state=State.OPEN):
        rows.settle(deadline, State.CANCELLED, timezone.localdate())
    rows.refresh_next_due(notice.case)


def sent(row: Dispatch) -> None:
    """A letter has left the house, or its delivery is known now."""
    if row.request_id is not None and row.request.pause_id is None and not row.is_reminder:
        _clock_stops(row.request, row.sent_on)
    stands = row.decision_id is not None and row.decision.state == Decision.State.RELEASED
    if stands and row.known_on is not None:
        _remedy_runs(row)


def remedies_ended(case: Case, decision: Decision, state: Deadline.State) -> None:
    """The Bescheid does not stand any more, or cannot be challenged: nobody awaits a remedy against it."""
    for deadline in Deadline.objects.filter(pk__in=decision.dispatches.values("deadline"), state=State.OPEN):
        rows.settle(deadline, state, timezone.localdate())
    rows.refresh_next_due(case)


def _remedy_runs(row: Dispatch) -> None:
    """The remedy of this recipient, from the Bekanntgabe on; another Bekanntgabe begins it anew."""
    month = deadlines.notification.ONE_MONTH
    fresh = rows.new(
        row.case,
        DeadlineKind.REMEDY,
        starts_on=row.known_on,
        period=month,
        title=f"Rechtsbehelf gegen Bescheid {row.decision.number}",
        why=row.reasons,
    )
    if row.deadline is None:
        row.deadline = fresh
    else:
        row.deadline.starts_on = fresh.starts_on
        row.deadline.due_on, row.deadline.warn_on, row.deadline.reasons = fresh.due_on, fresh.warn_on, fresh.reasons
    if row.decision.final_since:  # another Bekanntgabe has turned out: it is not final by the old one
        row.decision.final_since = None
        row.decision.save()
        row.deadline.state, row.deadline.settled_on = State.OPEN, None
    row.deadline.save()
    rows.refresh_next_due(row.case)


def _clock_stops(request: InformationRequest, sent_on: date) -> None:
    """From the dispatch on; where the answer was there before somebody noted the dispatch, until that."""
    until = min(request.answered_on or request.due_on, request.due_on)
    if sent_on < until:
        request.pause = _new_pause(request, sent_on, until)
        request.save()


def _new_pause(request: InformationRequest, starts_on: date, ends_on: date) -> Pause:
    pause = Pause(case=request.case, starts_on=starts_on, ends_on=ends_on, cause=f"Nachforderung {request.number}")
    pause.save()
    rows.recompute_clock(request.case)
    return pause


def _by_hand(
    case: Case, kind: DeadlineKind, *, starts_on: date, due_on: date, title: str, said: Sequence[str]
) -> Deadline:
    deadline = Deadline(
        case=case,
        kind=kind,
        title=title[:100],
        starts_on=starts_on,
        due_on=due_on,
        warn_on=rows.warn_on(kind, due_on),
        reasons=list(said),
        is_manual=True,
        reason=" ".join(said),
    )
    deadline.save()
    rows.refresh_next_due(case)
    return deadline
