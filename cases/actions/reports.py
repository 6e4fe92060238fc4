"""What a Fachverfahren reports of a Vorgang: a person there examines, has asked for something, or has decided.

The same report again changes nothing; one that the state machine does not allow says which are allowed.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime

from django.db import transaction
from django.utils import timezone

from audit.acting import Actor
from cases.actions import deadline_rows
from cases.actions.base import NotPossible, changing, require
from cases.actions.casework import leave_nothing_open
from cases.actions.documents import NewDocument, add_documents
from cases.actions.requests import (
    end_as_answered,
    new_request,
    open_requests,
    resume_when_none_is_open,
    store_request,
    write_request,
)
from cases.actions.sending import can_be_posted
from cases.models import Case, Dispatch, InformationRequest, ReportedDecision
from cases.standard_texts import RequestedItem

Status = Case.Status
TITLE, TEXT = "Fehlende Unterlagen", "Für die Bearbeitung fehlt noch etwas. Bitte reichen Sie nach:"


class NotAllowed(NotPossible):
    """The Vorgang is not in a state for this report; ``allowed`` are the states that may be reported now."""

    def __init__(self, case: Case, allowed: Sequence[str]) -> None:
        super().__init__(f"Der Vorgang {case.public_id} ist {case.get_status_display()}.")
        self.allowed = list(allowed)


def report_examination(*, case: Case, by: Actor) -> bool:
    """It is examined in the Fachverfahren; what that has asked for itself is answered with this.

    Returns whether anything has changed. Raises NotAllowed, also while people here wait for an answer.
    """
    with _reported(case, by, "report_examination") as found:
        if found.status == Status.EXAMINING:
            return False
        if Status.EXAMINING not in _allowed(found, by):
            raise NotAllowed(found, _allowed(found, by))
        with changing(found, by=by, action="report_examination", kind="status", public=True) as locked:
            if locked.status == Status.RECEIVED:
                locked.take_up()
                locked.status_since = timezone.now()
            for request in open_requests(locked):
                end_as_answered(request, timezone.localdate())
            resume_when_none_is_open(locked)
    return True


def report_receipt(*, case: Case, by: Actor) -> bool:
    """That it has arrived is known: changes nothing, and nothing goes back to it. Raises NotAllowed."""
    with _reported(case, by, "report_examination") as found:
        if found.status != Status.RECEIVED:
            raise NotAllowed(found, _allowed(found, by))
    return False


def report_request(*, case: Case, items: Sequence[RequestedItem], due_on: date, text: str, by: Actor) -> bool:
    """The Fachverfahren has asked for something, until a day (of the next year) that it says itself.

    The letter is written here and waits to be sent, where somebody can be written to. Returns whether anything has
    changed: the same items until the same day are the same Nachforderung. Raises NotAllowed.
    """
    with _reported(case, by, "report_request") as found:
        if any(_is_same(request, items, due_on) for request in open_requests(found)):
            return False
        if not found.is_open:
            raise NotAllowed(found, _allowed(found, by))
        with changing(found, by=by, action="report_request", kind="information_request", public=True) as locked:
            days = (due_on - timezone.localdate()).days
            request, rows = new_request(locked, title=TITLE, text=text.strip() or TEXT, items=items, days=days)
            deadline, said = request.deadline, f"So hat es das Fachverfahren „{by.name}“ gemeldet."
            deadline.is_manual, deadline.reason = True, said
            deadline_rows.put(deadline, due_on, [said])
            request.due_on = due_on
            rows = store_request(locked, request, rows)
            if can_be_posted(locked):
                write_request(request, rows, consequence="", method=Dispatch.Method.LETTER, by=by)
    return True


def report_decision(
    *,
    case: Case,
    outcome: Case.Outcome,
    decided_by: str,
    decided_at: datetime,
    by: Actor,
    document: NewDocument | None = None,
) -> bool:
    """A person has decided in the Fachverfahren: who (required), when (aware), and their Bescheid, which is filed.

    It ends what is open here, a draft too. The machine never decides: without a name there is no decision (§ 35a
    VwVfG, § 31a SGB X). Returns whether anything has changed. Raises NotAllowed, for another outcome of a decided
    Vorgang too, and NotPossible without a person or in the future.
    """
    if not decided_by.strip():
        raise NotPossible("Es entscheidet immer ein Mensch; bitte angeben, wer entschieden hat.")
    if decided_at > timezone.now():
        raise NotPossible("Die Entscheidung läge in der Zukunft.")
    with _reported(case, by, "report_decision") as found:
        if found.status == Status.DECIDED and found.outcome == outcome:
            return False
        if not found.is_open:
            raise NotAllowed(found, _allowed(found, by))
        said = f"Entschieden von {decided_by.strip()} am {timezone.localdate(decided_at):%d.%m.%Y}."
        with changing(found, by=by, action="report_decision", kind="decision", reason=said, public=True) as locked:
            leave_nothing_open(locked)
            filed = None
            if document:
                (filed,) = add_documents(case=locked, documents=[document], received_at=timezone.now(), by=by)
            reported = ReportedDecision(case=locked, outcome=outcome, document=filed)
            reported.decided_by, reported.decided_at = decided_by.strip(), decided_at
            reported.reported_by, reported.reported_at = by.name, timezone.now()
            reported.save()
            locked.decide()
            locked.outcome = outcome
            locked.closed_at = locked.status_since = timezone.now()
            deadline_rows.at_end(locked)
    return True


@contextmanager
def _reported(case: Case, by: Actor, action: str) -> Iterator[Case]:
    """The Vorgang, locked before it is looked at: of two reports at once the second sees the first."""
    with transaction.atomic():
        found = Case.objects.select_for_update(of=("self",), no_key=True).get(pk=case.pk)
        require(by, action, found)
        yield found


def _allowed(case: Case, by: Actor) -> list[str]:
    """Which states may be reported of the Vorgang now, as its state machine says; never the one that it has."""
    if not case.is_open:
        return []
    own = case.status == Status.INFORMATION_REQUESTED and all(_asked_by(r, by) for r in open_requests(case))
    can_examine = case.status == Status.RECEIVED or own
    states = [Status.EXAMINING] if can_examine else []
    if case.status != Status.INFORMATION_REQUESTED:
        states.append(Status.INFORMATION_REQUESTED)
    return [str(state) for state in (*states, Status.DECIDED)]


def _asked_by(request: InformationRequest, by: Actor) -> bool:
    first = request.history.order_by("history_id")[0]
    return (first.history_user_id, first.history_source) == (by.name, by.kind)


def _is_same(request: InformationRequest, items: Sequence[RequestedItem], due_on: date) -> bool:
    keys = set(request.items.values_list("key", flat=True))
    return request.due_on == due_on and keys == {item.key for item in items}
