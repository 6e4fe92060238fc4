"""What is done with a Klärfall before it is solved: claimed, passed on, asked about, parked, escalated by the house.

The same recipe as for solving it (``clearing``): lock, check the right, name the actor, save once. Nobody handles what
somebody else has claimed; taking it over is a step of its own, and stands in the history.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from audit import versions
from audit.acting import SYSTEM, Actor, acting
from cases import policy
from cases.models import Membership, OrgUnit
from routing import waiting
from routing.actions.locking import NotClearable, lock
from routing.models import ClearingQuestion, EntryPresence, ExceptionEntry

LONGEST = timedelta(days=183)  # parked for longer it would be forgotten
MOST_TEXT = 4000
PRESENCE_KEPT = timedelta(days=1)


def claim(*, entry: ExceptionEntry, by: Actor, reason: str = "") -> None:
    """Say that one works on it; Claimed when somebody else does already."""
    with _handling(entry, by=by, action="claim_entry", reason=reason) as locked:
        _give_to(locked, by)


def take_over(*, entry: ExceptionEntry, by: Actor, reason: str = "") -> None:
    """Work on it instead of who has claimed it."""
    with _handling(entry, by=by, action="take_over_entry", reason=reason, over_claim=True) as locked:
        _give_to(locked, by)


def release(*, entry: ExceptionEntry, by: Actor, reason: str = "") -> None:
    """Give one's own claim back."""
    with _handling(entry, by=by, action="release_entry", reason=reason) as locked:
        if locked.claimed_by_id is None:
            raise NotClearable("Diesen Klärfall bearbeitet gerade niemand.")
        locked.claimed_by = locked.claimed_at = None


def pass_on(*, entry: ExceptionEntry, unit: OrgUnit, by: Actor, reason: str) -> None:
    """Put it into the queue of another team, with a reason (required). It is free there, and no longer parked."""
    if not reason.strip():
        raise NotClearable("Bitte angeben, warum das andere Team zuständig ist; es liest den Grund.")
    with _handling(entry, by=by, action="pass_on_entry", reason=reason) as locked:
        if locked.unit_id == unit.pk:
            raise NotClearable(f"Der Klärfall liegt schon bei {unit}.")
        if not policy.leads_of(unit.pk):
            raise NotClearable(f"{unit} hat keine Teamleitung, die ihn sehen könnte; bitte ein anderes Team wählen.")
        locked.unit, locked.claimed_by, locked.claimed_at = unit, None, None
        _bring_back(locked)


def park(*, entry: ExceptionEntry, until: date, by: Actor, reason: str = "") -> None:
    """Lay it aside until a day in the future, on which it comes back by itself."""
    today = timezone.localdate()
    if until <= today:
        raise NotClearable("Bitte einen Tag in der Zukunft wählen.")
    if until > today + LONGEST:
        raise NotClearable("Länger als ein halbes Jahr lässt sich ein Klärfall nicht zurückstellen.")
    with _handling(entry, by=by, action="park_entry", reason=reason) as locked:
        clock = waiting.Clock()
        locked.waited_before = clock.waited(locked)
        locked.waits_since, locked.parked_until = waiting.comes_back(until), until


def bring_back(*, entry: ExceptionEntry, by: Actor, reason: str = "") -> None:
    """Take up what is parked before its day."""
    with _handling(entry, by=by, action="bring_back_entry", reason=reason) as locked:
        if not locked.is_parked:
            raise NotClearable("Dieser Klärfall ist nicht zurückgestellt.")
        _bring_back(locked)


def ask(*, entry: ExceptionEntry, unit: OrgUnit, text: str, by: Actor, reason: str = "") -> ClearingQuestion:
    """Ask another team about it. Who works there or leads it sees question and message until it is answered."""
    if not text.strip():
        raise NotClearable("Bitte die Frage eingeben.")
    with _handling(entry, by=by, action="ask_about_entry", reason=reason) as locked:
        if not Membership.objects.filter(unit=unit, role__in=policy.CASEWORK, user__is_active=True).exists():
            raise NotClearable(f"In {unit} arbeitet niemand, der antworten könnte; bitte ein anderes Team wählen.")
        question = ClearingQuestion(entry=locked, unit=unit, text=text.strip()[:MOST_TEXT], asked_by=by.user)
        question.save()
        versions.record_created([question])
    return question


def answer(*, question: ClearingQuestion, text: str, by: Actor, reason: str = "") -> ClearingQuestion:
    """Answer a question to one's own team. NotClearable when it is answered, or its Klärfall solved."""
    if not text.strip():
        raise NotClearable("Bitte die Antwort eingeben.")
    with transaction.atomic():
        rows = ClearingQuestion.objects.select_related("entry").select_for_update(no_key=True, of=("self",))
        locked = rows.get(pk=question.pk)
        if by.user is None or not policy.works_in(by.user, locked.unit_id):
            raise PermissionDenied("Diese Frage beantwortet das Team, an das sie gerichtet ist.")
        if locked.answered_at is not None:
            raise NotClearable(f"Diese Frage hat {locked.answered_by} schon beantwortet.")
        if locked.entry.resolved_at is not None:
            raise NotClearable("Der Klärfall ist inzwischen gelöst; die Antwort wird nicht mehr gebraucht.")
        before = versions.snapshot(locked)
        locked.answer, locked.answered_by, locked.answered_at = text.strip()[:MOST_TEXT], by.user, timezone.now()
        with acting(by, "answer_question", reason=reason):
            locked.save()
            versions.record_changed(locked, before)
    return locked


def escalate(*, entry: ExceptionEntry, by: Actor = SYSTEM, reason: str = "") -> bool:
    """Mark that it has waited too long: who leads the central clearing sees it from then on. False when it is marked.

    Only the house does this (``waiting.too_long``); what was solved, parked or escalated meanwhile is left alone.
    """
    still = Q(pk=entry.pk, resolved_at=None, escalated_at=None)
    still &= Q(parked_until=None) | Q(parked_until__lte=timezone.localdate())
    with transaction.atomic():
        locked = ExceptionEntry.objects.filter(still).select_for_update(no_key=True).first()
        if locked is None:
            return False
        locked.escalated_at = timezone.now()
        with acting(by, "escalate_entry", reason=reason):
            locked.save()
    return True


def note_presence(*, entry: ExceptionEntry, by: Actor) -> None:
    """Note that a person has the Klärfall open now: a hint, no record; what they had open days ago is forgotten."""
    now = timezone.now()
    seen = EntryPresence(entry=entry, user=by.user, seen_at=now)
    EntryPresence.objects.bulk_create(
        [seen], update_conflicts=True, unique_fields=["entry", "user"], update_fields=["seen_at"]
    )
    EntryPresence.objects.filter(user=by.user, seen_at__lt=now - PRESENCE_KEPT).delete()


@contextmanager
def _handling(
    entry: ExceptionEntry, *, by: Actor, action: str, reason: str, over_claim: bool = False
) -> Iterator[ExceptionEntry]:
    """Lock the entry, and after the block save it once, as this action of ``by``; all or nothing."""
    with transaction.atomic():
        locked, _ = lock(entry, by=by, over_claim=over_claim)
        with acting(by, action, reason=reason.strip()):
            yield locked
            locked.save()


def _give_to(entry: ExceptionEntry, by: Actor) -> None:
    if entry.claimed_by_id != by.user.pk:
        entry.claimed_by, entry.claimed_at = by.user, timezone.now()


def _bring_back(entry: ExceptionEntry) -> None:
    """No longer parked; when its day has not come yet, it waits again from now on."""
    if entry.is_parked:
        entry.waits_since = timezone.now()
    entry.parked_until = None
