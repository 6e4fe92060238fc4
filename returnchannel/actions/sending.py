"""Deliveries of letters: written with the message, taken on their way, settled, called back; their times are the proof.

Who sends claims one delivery (a lease, committed, with the attempt counted), sends outside any transaction, and keeps
what became of it in another. A sender that dies in between leaves a delivery that is sent again, under the same name.
Who locks both locks the Vorgang first.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from audit.acting import SYSTEM, acting
from cases import provision
from cases.actions import NotPossible, mark_sent, providing
from cases.deadlines import Basis, Event
from cases.deadlines.rules import Rule
from cases.models import Case, Decision, Dispatch, InformationRequest
from returnchannel import channels, print_folder, ways
from returnchannel.actions import failures
from returnchannel.backoff import pause_after
from returnchannel.channels import Outcome, Result
from returnchannel.channels.letter import name_of
from returnchannel.models import Delivery, OutboundMessage

State = Delivery.State
LEASE = timedelta(minutes=5)  # longer than one attempt can take
WORN_OUT = "Nach vielen Versuchen abgebrochen; bei jedem wurde die Arbeit unterbrochen. Bitte den Betrieb verständigen."
NOT_FETCHED = "Bis zum {on:%d.%m.%Y} nicht abgerufen; die Bereitstellung ist beendet ({source})."
NOT_NOTIFIED = "Die Benachrichtigung ist gescheitert; ohne sie gilt das Schreiben nicht als bekannt gegeben ({source})."


def plan(message: OutboundMessage, dispatches: Sequence[Dispatch], choice: ways.Choice) -> None:
    """Put each letter of a message on its way, in the transaction of the message."""
    for dispatch in dispatches:
        basis = choice.basis_for(dispatch)
        if basis is not None and dispatch.document_id == message.document_id:  # what the portal does not show is posted
            _provide(message, dispatch, basis)
        elif ways.prints() and dispatch.method in ways.BY_POST:
            _begin(message, dispatch, ways.LETTER)
        if choice.can_be_notified(dispatch):
            _begin(message, dispatch, ways.MAIL)


def claim() -> Delivery | None:
    """Take the delivery that has waited longest for oneself and count the attempt; None when nothing is due."""
    now = timezone.now()
    with transaction.atomic():
        due = Delivery.objects.filter(state=State.WAITING, next_attempt_at__lte=now).order_by("next_attempt_at", "id")
        found = due.select_for_update(skip_locked=True, of=("self",)).first()
        if found is None:
            return None
        Delivery.objects.filter(pk=found.pk).update(attempts=F("attempts") + 1, next_attempt_at=now + LEASE)
    return _whole(found.pk)


def settle(delivery: Delivery, outcome: Outcome) -> None:
    """Keep what became of a claimed attempt. What was ended meanwhile stays so, and leaves nothing behind."""
    channel = channels.get(delivery.channel)
    with _locked(delivery) as row, acting(channels.actor(delivery.channel), "settle_delivery"):
        if row.state != State.WAITING:
            _clear(row)
            return
        if row.attempts != delivery.attempts:  # somebody else has taken it over
            return
        row.last_error = outcome.error[:300]
        if outcome.result == Result.DELIVERED:
            channel.confirm(row)
            _note_sent(row)
        elif outcome.result == Result.ENDED and not _is_needed(row):
            _end(row)
        elif outcome.result == Result.FAILED and row.attempts < settings.DELIVERY_MAX_ATTEMPTS:
            row.next_attempt_at = timezone.now() + pause_after(row.attempts)
            row.save()
        else:
            _refuse(row, outcome.error)


def note_posted(*, delivery: Delivery, on: date) -> None:
    """The print shop has posted a letter on this day; a person looks where that cannot be."""
    actor = channels.actor(ways.LETTER)
    with _locked(delivery) as row, acting(actor, "note_posted"):
        if row.state == State.DELIVERED:
            return
        dispatch = Dispatch.objects.get(pk=row.dispatch_id)
        if dispatch.state == Dispatch.State.TO_SEND:
            try:
                with transaction.atomic():
                    mark_sent(dispatch=dispatch, on=on, by=actor)
            except NotPossible as refusal:
                _refuse(row, f"Die Druckstraße meldet den Versand am {on:%d.%m.%Y}. {refusal}")
                return
        elif dispatch.state == Dispatch.State.CANCELLED:
            _refuse(row, f"Die Druckstraße hat diesen zurückgehaltenen Brief am {on:%d.%m.%Y} doch versandt.")
            return
        row.state, row.next_attempt_at, row.delivered_at, row.last_error = State.DELIVERED, None, timezone.now(), ""
        row.dispatched_at = row.dispatched_at or timezone.now()
        row.save()
        failures.solve(row, by=SYSTEM, reason=f"Die Druckstraße hat den Brief am {on:%d.%m.%Y} versandt.")


def note_failed(*, delivery: Delivery, error: str) -> None:
    """The print shop could not print or post a letter, and says why."""
    with _locked(delivery) as row, acting(channels.actor(ways.LETTER), "note_failed"):
        if row.state in (State.WAITING, State.SENT):
            _refuse(row, f"Die Druckstraße meldet: {error}")


def note_retrieved(*, delivery_id: int) -> None:
    """The portal has fetched what was provided for it; only the first time counts."""
    actor, delivery = channels.actor(ways.PORTAL), Delivery.objects.select_related("message").get(pk=delivery_id)
    with _locked(delivery) as row, acting(actor, "note_retrieved"):
        if row.state != State.SENT or row.retrieved_at is not None:
            return
        if row.ends_on and row.ends_on < timezone.localdate():  # too late, though nobody has ended it yet
            _by_letter(row, NOT_FETCHED.format(on=row.ends_on, source=_rule_of(row).source))
            return
        row.state, row.retrieved_at = State.DELIVERED, timezone.now()
        row.delivered_at = row.retrieved_at
        row.save()
        providing.note_retrieved(dispatch=row.dispatch, on=timezone.localdate(row.retrieved_at), by=actor)


def end_overdue() -> int:
    """End what was provided and not fetched in time: a letter follows. Returns how many. Idempotent."""
    today, ended = timezone.localdate(), 0
    overdue = Delivery.objects.filter(channel=ways.PORTAL, state=State.SENT, ends_on__lt=today)
    for delivery in overdue.select_related("message__case", "dispatch"):
        with _locked(delivery) as row:
            if row.state == State.SENT and row.ends_on and row.ends_on < today:
                rule = _rule_of(row)
                _by_letter(row, NOT_FETCHED.format(on=row.ends_on, source=rule.source))
                ended += 1
    return ended


def call_back(dispatches: Sequence[Dispatch]) -> set[int]:
    """Let no machine send these letters; returns the ids of those that the print shop has taken already.

    Inside a transaction that has locked their Vorgang. The files go away when it is committed.
    """
    gone: set[int] = set()
    rows = Delivery.objects.select_for_update(of=("self",)).filter(dispatch__in=[row.pk for row in dispatches])
    open_rows = rows.filter(state__in=[State.WAITING, State.SENT, State.REFUSED]).exclude(channel=ways.PORTAL)
    for row in open_rows.select_related("message__number"):
        if row.channel == ways.LETTER and row.state != State.REFUSED and not _call_back_files(row):
            gone.add(row.dispatch_id)
        elif row.channel == ways.LETTER or row.state == State.WAITING:
            _end(row)
            failures.solve(row, by=SYSTEM, reason="Der Brief wird nicht mehr von der Druckstraße versandt.")
    return gone


def tidy_folder() -> None:
    """Clear away, or put back, what was called back by somebody who died or failed in between. Idempotent."""
    folder = settings.PRINT_FOLDER
    if folder is None or not folder.is_dir():
        return
    for name in print_folder.withdrawn(folder):
        delivery = of_name(name)
        if delivery is None:
            continue
        with _locked(delivery) as row:
            if row.state == State.SENT:
                print_folder.undo(folder, name)
            else:
                print_folder.clear(folder, name)


def of_name(name: str) -> Delivery | None:
    """The letter with files of this name; None when there is none."""
    number = name.rsplit("_", 1)[-1]
    if not number.isascii() or not number.isdecimal() or len(number) > 18:
        return None
    row = Delivery.objects.filter(pk=int(number), channel=ways.LETTER).select_related("message__number").first()
    return row if row is not None and name_of(row) == name else None


def _provide(message: OutboundMessage, dispatch: Dispatch, basis: Basis) -> None:
    actor = channels.actor(ways.PORTAL)
    provided = providing.provide(dispatch=dispatch, basis=basis, by=actor)
    dispatch.method, dispatch.state = provided.method, provided.state
    row = Delivery(message=message, dispatch=dispatch, channel=ways.PORTAL, state=State.SENT)
    row.provided_at, row.ends_on = timezone.now(), provision.ends_on(provided)
    with acting(actor, "provide_letter"):
        row.save()


def _begin(message: OutboundMessage, dispatch: Dispatch, channel: str) -> None:
    with acting(SYSTEM, "plan_delivery"):
        Delivery(message=message, dispatch=dispatch, channel=channel, next_attempt_at=timezone.now()).save()


def _note_sent(row: Delivery) -> None:
    row.state, row.next_attempt_at, row.dispatched_at = State.SENT, None, timezone.now()
    if row.channel == ways.MAIL:
        row.notice_sent_at = row.dispatched_at
    row.save()
    if row.channel != ways.MAIL or row.dispatch.method != Dispatch.Method.PORTAL:
        return
    on = timezone.localdate(row.notice_sent_at)
    noted = providing.note_notified(dispatch=row.dispatch, on=on, by=channels.actor(ways.MAIL))
    for provided in Delivery.objects.filter(dispatch=row.dispatch, channel=ways.PORTAL, state=State.SENT):
        provided.ends_on = provision.ends_on(noted)
        provided.save()


def _refuse(row: Delivery, error: str) -> None:
    row.state, row.next_attempt_at, row.last_error = State.REFUSED, None, error[:300]
    row.save()
    if row.channel == ways.LETTER:
        failures.report(row)
    elif row.dispatch.method == Dispatch.Method.PORTAL and row.dispatch.known_on is None:
        rule = _rule_of(row)
        for provided in Delivery.objects.filter(dispatch=row.dispatch, channel=ways.PORTAL, state=State.SENT):
            if rule.event is Event.NOTIFIED:
                _by_letter(_whole(provided.pk), NOT_NOTIFIED.format(source=rule.source))


def _is_needed(row: Delivery) -> bool:
    """True for a notice without which what is provided never counts as known."""
    return row.channel == ways.MAIL and row.dispatch.method == Dispatch.Method.PORTAL and row.dispatch.known_on is None


def _stands(dispatch: Dispatch) -> bool:
    """False when what the letter is about was withdrawn, replaced or is over: it is not to be posted any more."""
    if dispatch.decision is not None:
        return dispatch.decision.state == Decision.State.RELEASED
    return dispatch.request is None or dispatch.request.state == InformationRequest.State.OPEN


def _by_letter(row: Delivery, reason: str) -> None:
    """What was provided does not become known there: a letter follows, unless its matter is over."""
    actor = channels.actor(ways.PORTAL)
    with acting(actor, "end_provision", reason=reason):
        row.last_error = reason[:300]
        _end(row)
        if not _stands(row.dispatch):
            return
        providing.end_provision(dispatch=row.dispatch, reason=reason, by=actor)
        if ways.prints():
            _begin(row.message, row.dispatch, ways.LETTER)


def _rule_of(row: Delivery) -> Rule:
    dispatch = row.dispatch
    return provision.rule_of(dispatch.case, Basis(dispatch.basis), dispatch.sent_on)


def _end(row: Delivery) -> None:
    row.state, row.next_attempt_at = State.CANCELLED, None
    row.save()


def _call_back_files(row: Delivery) -> bool:
    """True when nobody has taken them; they are cleared away after the commit."""
    folder, name = settings.PRINT_FOLDER, name_of(row)
    if folder is None or not folder.is_dir():
        return row.state == State.WAITING
    if not print_folder.call_back(folder, name, was_released=row.state == State.SENT):
        return False
    transaction.on_commit(lambda: print_folder.clear(folder, name))
    return True


def _clear(row: Delivery) -> None:
    if row.channel == ways.LETTER and row.state == State.CANCELLED and settings.PRINT_FOLDER is not None:
        print_folder.clear(settings.PRINT_FOLDER, name_of(row))


def _whole(pk: int) -> Delivery:
    rows = Delivery.objects.select_related(
        "message__number", "message__case__service_version", "dispatch__document", "dispatch__recipient",
        "dispatch__case__service_version", "dispatch__decision", "dispatch__request",
    )  # fmt: skip
    return rows.get(pk=pk)


@contextmanager
def _locked(delivery: Delivery) -> Iterator[Delivery]:
    """A transaction in which the Vorgang of a delivery and then the delivery itself are locked; freshly read."""
    with transaction.atomic():
        Case.objects.select_for_update(no_key=True, of=("self",)).get(pk=delivery.message.case_id)
        Delivery.objects.select_for_update(of=("self",)).get(pk=delivery.pk)
        yield _whole(delivery.pk)
