"""A letter that goes by the portal instead: provided, its notice sent, fetched; or by post after all.

What is proven there (when it could be seen, when it was fetched) is the doing of the channel, and lets the Bekanntgabe
and what follows from it run.
"""

from __future__ import annotations

from datetime import date

from django.utils import timezone

from audit.acting import Actor
from cases.actions import following, sending
from cases.actions.base import NotPossible, changing
from cases.deadlines import Basis
from cases.models import Dispatch

Method, State = Dispatch.Method, Dispatch.State


def provide(*, dispatch: Dispatch, basis: Basis, by: Actor) -> Dispatch:
    """A plain letter is provided in the portal from now on, and needs no dispatch by post."""
    with changing(dispatch.case, by=by, action="provide_letter", kind="sent", permission="report_sent") as case:
        row = sending.locked(dispatch, case)
        if row.state != State.TO_SEND or row.method != Method.LETTER:
            raise NotPossible(
                "Nur ein einfacher Brief, der noch zu versenden ist, kann im Portal bereitgestellt werden."
            )
        row.method, row.basis = Method.PORTAL, basis.value
        row.state, row.sent_on = State.SENT, timezone.localdate()
        _note(row)
    return row


def note_notified(*, dispatch: Dispatch, on: date, by: Actor) -> Dispatch:
    """The notice that something is provided was sent on this day; only the first counts."""
    with changing(dispatch.case, by=by, action="note_notified", kind="sent", permission="report_sent") as case:
        row = _provided(sending.locked(dispatch, case))
        row.notified_on = row.notified_on or on
        _note(row)
    return row


def note_retrieved(*, dispatch: Dispatch, on: date, by: Actor) -> Dispatch:
    """It was fetched on this day; only the first time counts."""
    with changing(dispatch.case, by=by, action="note_retrieved", kind="sent", permission="report_delivery") as case:
        row = _provided(sending.locked(dispatch, case))
        row.delivered_on = row.delivered_on or on
        _note(row)
    return row


def end_provision(*, dispatch: Dispatch, reason: str, by: Actor) -> Dispatch:
    """It does not become known by the portal: it is a letter to be sent again. ``reason``: a German sentence."""
    with changing(
        dispatch.case, by=by, action="end_provision", kind="sent", reason=reason, permission="report_delivery"
    ) as case:
        row = _provided(sending.locked(dispatch, case))
        if row.known_on is not None:
            raise NotPossible(f"Das Schreiben gilt schon als bekannt gegeben am {row.known_on:%d.%m.%Y}.")
        row.method, row.state, row.basis = Method.LETTER, State.TO_SEND, ""
        row.sent_on = row.notified_on = row.delivered_on = None
        row.save()
    return row


def _provided(row: Dispatch) -> Dispatch:
    if row.method != Method.PORTAL or row.state != State.SENT:
        raise NotPossible("Dieses Schreiben ist nicht im Portal bereitgestellt.")
    return row


def _note(row: Dispatch) -> None:
    sending.note_known(row)
    following.sent(row)
    row.save()
