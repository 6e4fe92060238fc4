"""Deliveries that failed for good: told to a person, who lets them be sent again or takes them into their own hands."""

from __future__ import annotations

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone

from audit.acting import SYSTEM, Actor, acting
from cases import policy
from cases.models import Case, Dispatch, Role
from returnchannel import print_folder, ways
from returnchannel.channels.letter import name_of
from returnchannel.models import Delivery
from routing.actions import elsewhere
from routing.exceptions import Explanation
from routing.models import ExceptionEntry

KIND = "delivery"
RESEND, BY_HAND = "erneut", "von-hand"
WAYS = {RESEND: "Erneut an die Druckstraße geben", BY_HAND: "Von Hand drucken und versenden"}
State = Delivery.State


class NotPossible(Exception):
    """It is not in a state for this; the message is a German sentence."""


def report(row: Delivery) -> None:
    """Put a letter that could not be printed or posted into the queue of the team that is responsible."""
    elsewhere.report(
        kind=KIND,
        reason="letter_refused",
        case=row.message.case,
        subject=f"{row.dispatch.document.title}, {row.message.number.public_id}",
        details={"delivery": row.pk, "error": row.last_error},
        by=SYSTEM,
    )


def solve(row: Delivery, *, by: Actor, reason: str) -> None:
    """What was in the queue about it is settled."""
    entries = ExceptionEntry.objects.filter(kind=KIND, details__delivery=row.pk, resolved_at=None)
    elsewhere.settle(entries=list(entries), by=by, reason=reason)


def explain(entry: ExceptionEntry) -> Explanation:
    """Why it is in the queue, and what to do."""
    return Explanation(
        "Brief nicht versandt",
        str(entry.details.get("error", "")),
        "Bitte die Ursache beheben und den Brief erneut an die Druckstraße geben, oder ihn von Hand drucken, versenden "
        "und im Vorgang unter „Schreiben“ als versandt vermerken.",
    )


def resume(*, entry: ExceptionEntry, by: Actor, way: str) -> None:
    """Go on with a letter in the queue, for who may clear it. Raises NotPossible."""
    row = Delivery.objects.select_related("message").get(pk=entry.details["delivery"])
    _go_on(row, way=way, by=by)


def resend(*, delivery: Delivery, by: Actor) -> None:
    """Send again, now and with all attempts, what has failed. Raises PermissionDenied and NotPossible."""
    _require(delivery, by)
    _go_on(delivery, way=RESEND, by=by)


def take_over(*, delivery: Delivery, by: Actor) -> None:
    """Send it no more: a person prints the letter, or does without the notice. Raises as ``resend``."""
    _require(delivery, by)
    _go_on(delivery, way=BY_HAND, by=by)


def may_handle(by: Actor, case: Case) -> bool:
    """True for who runs or configures the house, and who sends the letters of this Vorgang."""
    user = by.user
    if user is None or not user.is_active:
        return False
    return policy.has_role(user, Role.OPERATIONS, Role.ADMIN) or policy.may_with(by, "send", case)


def _require(delivery: Delivery, by: Actor) -> None:
    if not may_handle(by, delivery.message.case):
        raise PermissionDenied("Über diese Zustellung entscheiden das zuständige Team und der IT-Betrieb.")


def _go_on(delivery: Delivery, *, way: str, by: Actor) -> None:
    with transaction.atomic(), acting(by, "resend" if way == RESEND else "take_over_delivery"):
        Case.objects.select_for_update(no_key=True, of=("self",)).get(pk=delivery.message.case_id)
        rows = Delivery.objects.select_for_update(of=("self",)).select_related("dispatch", "message__number")
        row = rows.get(pk=delivery.pk)
        if row.state != State.REFUSED:
            raise NotPossible(f"Diese Zustellung ist nicht gescheitert, sondern {row.get_state_display()}.")
        if way == RESEND and row.channel == ways.LETTER and row.dispatch.state != Dispatch.State.TO_SEND:
            raise NotPossible("Dieser Brief ist nicht mehr zu versenden; bitte die Zustellung aufgeben.")
        row.handled_by, row.attempts = by.name, 0
        row.state, row.next_attempt_at = State.CANCELLED, None
        if way == RESEND:
            row.state, row.next_attempt_at, row.dispatched_at = State.WAITING, timezone.now(), None
        row.save()
        if row.channel == ways.LETTER and settings.PRINT_FOLDER is not None:
            print_folder.clear(settings.PRINT_FOLDER, name_of(row))  # its last answer is none to the next time
        solve(row, by=by, reason=WAYS[way])
