"""Nachforderungen: asked, extended, reminded of, answered item by item, run out, withdrawn."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from simple_history.utils import bulk_create_with_history

from audit import versions
from audit.acting import Actor
from cases import authority, composing, standard_texts
from cases.actions import following, sending
from cases.actions.base import NotPossible, changing, require_transition
from cases.actions.deadline_rows import refresh_next_due
from cases.deadlines import DeadlineError
from cases.deadlines.calendar import within_reach
from cases.models import Case, Dispatch, Document, InformationRequest, InformationRequestItem
from cases.standard_texts import RequestedItem

State, ItemState = InformationRequest.State, InformationRequestItem.State
LONGEST_DAYS = 365


def request_information(
    *,
    case: Case,
    title: str,
    text: str,
    items: Sequence[RequestedItem],
    days: int,
    by: Actor,
    template_key: str = "",
    legal_basis: str = "",
    consequence: str = "",
    method: Dispatch.Method = Dispatch.Method.LETTER,
    reason: str = "",
) -> InformationRequest:
    """Ask who receives the post for what is missing: → ``nachforderung``.

    ``days`` after the letter counts as known its Frist ends, on a working day that is printed as a fixed date.
    ``consequence`` says what happens when nothing comes (§ 66 III SGB I). The letters wait to be sent.
    """
    with changing(
        case, by=by, action="request_information", kind="information_request", reason=reason, public=True
    ) as c:
        require_transition(c, "request_information")
        request, rows = new_request(
            c,
            title=title,
            text=text,
            items=items,
            days=days,
            template_key=template_key,
            legal_basis=legal_basis,
            consequence=consequence,
        )
        sending.require_filled(request.title, request.text, consequence)
        rows = store_request(c, request, rows)
        write_request(request, rows, consequence=consequence, method=method, by=by)
    return request


def store_request(
    case: Case, request: InformationRequest, rows: Sequence[InformationRequestItem]
) -> list[InformationRequestItem]:
    """Store a new Nachforderung with its Frist and items: → ``nachforderung``. To be called inside ``changing``."""
    request.deadline.save()
    request.deadline = request.deadline  # the id that it has by now
    request.save()
    versions.record_created([request])
    stored = bulk_create_with_history(rows, InformationRequestItem)
    versions.record_created(stored)
    if case.status != Case.Status.INFORMATION_REQUESTED:
        case.status_since = timezone.now()
    case.request_information()
    refresh_next_due(case)
    return stored


def new_request(
    case: Case,
    *,
    title: str,
    text: str,
    items: Sequence[RequestedItem],
    days: int,
    template_key: str = "",
    legal_basis: str = "",
    consequence: str = "",
) -> tuple[InformationRequest, list[InformationRequestItem]]:
    """The Nachforderung as it would be sent today, with its items, unsaved; NotPossible says what is missing."""
    if not title.strip() or not text.strip():
        raise NotPossible("Bitte Gegenstand und Text eingeben.")
    if not items:
        raise NotPossible("Bitte mindestens einen Punkt auswählen oder eintragen.")
    if len({item.key for item in items}) < len(items):
        raise NotPossible("Ein Punkt steht zweimal auf der Liste; bitte jeden nur einmal anfordern.")
    if not 1 <= days <= LONGEST_DAYS:
        raise NotPossible(f"Bitte eine Frist von 1 bis {LONGEST_DAYS} Tagen angeben.")
    today, number = timezone.localdate(), case.information_requests.count() + 1
    deadline = following.request_deadline(case, days, today, number)
    values = standard_texts.values_for(case, settings.AUTHORITY_NAME)
    request = InformationRequest(
        case=case,
        number=number,
        template_key=template_key,
        title=title.strip()[:200],
        text=standard_texts.fill(text.strip(), values),
        legal_basis=legal_basis[:200],
        names_consequence=bool(consequence.strip()),
        sent_on=today,
        due_on=deadline.due_on,
        deadline=deadline,
    )
    rows = [
        InformationRequestItem(request=request, key=item.key, title=item.title[:300], note=item.note[:500])
        for item in items
    ]
    return request, rows


def extend_request(*, request: InformationRequest, until: date, by: Actor, reason: str = "") -> InformationRequest:
    """Give more time, also after the Frist ended (§ 31 VII VwVfG, § 26 VII SGB X); ``until`` must be a working day.

    So it is asked for again, too, when what has arrived is not all of it.
    """
    with _changing(request, by=by, action="extend_request", reason=reason) as (case, current):
        resumed = current.state == State.ANSWERED and current.items.filter(state=ItemState.OPEN).exists()
        if current.state not in (State.OPEN, State.EXPIRED) and not resumed:
            raise NotPossible(f"Verlängern lässt sie sich nicht mehr: Sie ist {current.get_state_display()}.")
        if until <= max(current.due_on, timezone.localdate()):
            raise NotPossible("Bitte ein Datum nach der bisherigen Frist und nach heute wählen.")
        free = _why_free(until)
        if free:
            raise NotPossible(f"Der {until:%d.%m.%Y} ist kein Werktag ({free}); bitte einen Werktag wählen.")
        if current.state != State.OPEN:
            require_transition(case, "request_information")
            case.request_information()
            case.status_since = timezone.now()
            current.extend_after_end()
        current.due_on = until
        current.save()
        following.request_extended(current, by_name=by.name, reason=reason, resumed=resumed)
    return current


def _why_free(on: date) -> str:
    try:
        return authority.calendar().why_free(within_reach(on))
    except DeadlineError as error:
        raise NotPossible(str(error)) from error


def remind_request(*, request: InformationRequest, by: Actor, reason: str = "") -> InformationRequest:
    """Remind of what is still missing by a letter of its own; the Frist stays."""
    with _changing(request, by=by, action="remind_request", reason=reason) as (case, current):
        items = list(current.items.all())
        if current.state != State.OPEN or all(item.state == ItemState.ACCEPTED for item in items):
            raise NotPossible("Zu erinnern gibt es nichts: Die Nachforderung ist nicht mehr offen.")
        if not _is_sent(current):
            raise NotPossible("Erinnern lässt sich erst, wenn die Nachforderung als versandt vermerkt ist.")
        today = timezone.localdate()
        sending.prepare(
            case,
            lambda party: composing.reminder(current, items, party, by=by.user, on=today),
            of=current,
            title=f"Erinnerung zur Nachforderung {current.number}",
            role=Document.Role.LETTER,
            method=Dispatch.Method.LETTER,
            by=by,
            is_reminder=True,
        )
        current.reminded_on = today
        current.save()
    return current


def set_items(
    *, request: InformationRequest, accepted: Collection[str], by: Actor, reason: str = ""
) -> InformationRequest:
    """Say which items (by key) are there; the others are missing. When all are there, it is answered."""
    with _changing(request, by=by, action="set_items", reason=reason) as (case, current):
        if current.state == State.WITHDRAWN:
            raise NotPossible("Diese Nachforderung wurde zurückgenommen.")
        items = list(current.items.all())
        changed = [item for item in items if (item.state == ItemState.ACCEPTED) != (item.key in accepted)]
        if not changed:
            raise NotPossible("Die Häkchen stehen schon so; geändert wurde nichts.")
        for item in changed:
            item.state = ItemState.ACCEPTED if item.key in accepted else ItemState.OPEN
            item.save()
        complete = all(item.state == ItemState.ACCEPTED for item in items)
        if complete and current.state in (State.OPEN, State.EXPIRED):
            _end(current, current.answer, answered_on=timezone.localdate())
            following.request_ended(current)
            resume_when_none_is_open(case)
    return current


def note_arrival(
    *,
    case: Case,
    on: date,
    by: Actor,
    request: InformationRequest | None = None,
    items: Mapping[str, Sequence[Document]] | None = None,
) -> list[InformationRequest]:
    """Something has arrived for a Vorgang on this day: the Nachforderungen that waited for an answer then have one.

    The Vorgang goes back to who works on it; whether what came suffices, a person says. What came before it was asked
    for is no answer; what came in time and is filed after the Frist has run out is one. Who says which ``request`` is
    answered, answers that one only, and who says which ``items`` (documents by key) leaves it open until there is
    something to each. Returns those that were answered by this; none when nothing was awaited.
    """
    with transaction.atomic():
        if request is not None and items:
            _note_items(request, items)
        named = {} if request is None else {"pk": request.pk}
        waiting = case.information_requests.filter(**named).select_related("deadline")
        if not any(awaited(each, on) for each in waiting):
            return []
        with changing(
            case, by=by, action="note_arrival", kind="information_request", permission="add_documents", public=True
        ) as locked:
            found = [each for each in _locked(locked).filter(**named) if awaited(each, on)]
            answered = [each for each in found if not items or _has_something_to_each(each)]
            for each in answered:
                each.case = locked
                end_as_answered(each, on)
            resume_when_none_is_open(locked)
    return answered


def _note_items(request: InformationRequest, items: Mapping[str, Sequence[Document]]) -> None:
    """Keep what came to each item; one with a key that it does not have is passed over."""
    for item in request.items.filter(key__in=items):
        item.documents.add(*items[item.key])


def _has_something_to_each(request: InformationRequest) -> bool:
    return not request.items.filter(state=ItemState.OPEN, documents=None).exists()


def expire_request(*, request: InformationRequest, by: Actor, reason: str = "") -> InformationRequest:
    """The Frist has ended without an answer: the Vorgang goes back to who works on it."""
    with _changing(request, by=by, action="expire_request", reason=reason, permission="expire_request") as (
        case,
        current,
    ):
        if current.state != State.OPEN or current.ends_on >= timezone.localdate():
            raise NotPossible("Die Frist dieser Nachforderung läuft noch, oder sie ist schon beendet.")
        if not _is_sent(current):
            raise NotPossible("Diese Nachforderung ist nicht als versandt vermerkt; so kann ihre Frist nicht ablaufen.")
        _end(current, current.expire)
        sending.cancel_unsent(list(current.dispatches.select_for_update()))
        following.request_ended(current)
        resume_when_none_is_open(case)
    return current


def withdraw_request(*, request: InformationRequest, by: Actor, reason: str) -> InformationRequest:
    """It is no longer needed; a letter that has not left the house stays. The reason is required."""
    if not reason.strip():
        raise NotPossible("Bitte einen Grund angeben.")
    with _changing(request, by=by, action="withdraw_request", reason=reason) as (case, current):
        end_as_withdrawn(current)
        resume_when_none_is_open(case)
    return current


def awaited(request: InformationRequest, on: date) -> bool:
    """True when an answer to it was awaited on this day."""
    in_time = request.state == State.EXPIRED and on <= request.ends_on
    return on >= request.sent_on and (request.state == State.OPEN or in_time)


def _is_sent(request: InformationRequest) -> bool:
    return request.dispatches.filter(state=Dispatch.State.SENT, is_reminder=False).exists()


def open_requests(case: Case) -> list[InformationRequest]:
    """The open Nachforderungen of a locked Vorgang, locked too."""
    found = list(_locked(case).filter(state=State.OPEN))
    for request in found:
        request.case = case
    return found


def end_as_withdrawn(request: InformationRequest) -> None:
    """The part of withdrawing that closing a Vorgang shares. To be called inside ``changing``."""
    if request.state != State.OPEN:
        raise NotPossible(f"Diese Nachforderung ist schon {request.get_state_display()}.")
    _end(request, request.withdraw)
    sending.cancel_unsent(list(request.dispatches.select_for_update()))
    following.request_ended(request)


@contextmanager
def _changing(
    request: InformationRequest, *, by: Actor, action: str, reason: str, permission: str = "request_information"
) -> Iterator[tuple[Case, InformationRequest]]:
    """``changing`` for a Nachforderung: the locked Vorgang and the Nachforderung, freshly read."""
    with changing(
        request.case,
        by=by,
        action=action,
        kind="information_request",
        reason=reason,
        permission=permission,
        public=True,
    ) as case:
        current = _locked(case).get(pk=request.pk)
        current.case = case
        yield case, current


def _locked(case: Case) -> QuerySet[InformationRequest]:
    rows = InformationRequest.objects.select_for_update(of=("self",)).select_related("deadline", "pause")
    return rows.filter(case=case)


def end_as_answered(request: InformationRequest, on: date) -> None:
    """The answer is there. To be called inside ``changing``."""
    _end(request, request.answer, answered_on=on)
    following.request_ended(request)


def _end(request: InformationRequest, transition: Callable[[], None], answered_on: date | None = None) -> None:
    transition()
    request.ended_at = timezone.now()
    request.answered_on = answered_on
    request.save()


def resume_when_none_is_open(case: Case) -> None:
    """Nothing is awaited any more: it is the authority's turn. To be called inside ``changing``."""
    waits = case.information_requests.filter(state=State.OPEN).exists()
    if case.status == Case.Status.INFORMATION_REQUESTED and not waits:
        case.resume()
        case.status_since = timezone.now()


def write_request(
    request: InformationRequest,
    items: Sequence[InformationRequestItem],
    *,
    consequence: str,
    method: Dispatch.Method,
    by: Actor,
) -> None:
    """The letters of a stored Nachforderung. To be called inside ``changing``."""
    sending.prepare(
        request.case,
        lambda party: composing.information_request(request, items, party, by=by.user, consequence=consequence),
        of=request,
        title=f"Nachforderung {request.number}",
        role=Document.Role.LETTER,
        method=method,
        by=by,
    )
