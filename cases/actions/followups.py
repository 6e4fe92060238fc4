"""Wiedervorlagen: set, done. ``Case.next_follow_up`` is the nearest one that is not done."""

from __future__ import annotations

from datetime import date

from django.utils import timezone

from audit import versions
from audit.acting import Actor
from cases import policy
from cases.actions.base import NotPossible, changing
from cases.models import Case, FollowUp, User


def set_follow_up(*, case: Case, due_on: date, by: Actor, user: User | None = None, note: str = "") -> FollowUp:
    """Have the Vorgang come up again on a day, for ``user`` (default: who handles it, else who sets it).

    Raises NotPossible for a day that has passed, and for somebody who does not work on the Vorgang.
    """
    if due_on < timezone.localdate():
        raise NotPossible("Der Tag der Wiedervorlage liegt in der Vergangenheit; bitte einen späteren wählen.")
    with changing(case, by=by, action="set_follow_up", kind="follow_up") as locked:
        wanted = user or locked.handler or by.user
        if not _works_on(wanted, locked):
            raise NotPossible(f"{wanted} bearbeitet Vorgänge dieses Teams nicht; bitte jemanden aus dem Team wählen.")
        follow_up = FollowUp(case=locked, due_on=due_on, user=wanted, note=note.strip()[:300], by=by.name)
        follow_up.save()
        versions.record_created([follow_up])
        locked.next_follow_up = next_follow_up(locked)
    return follow_up


def finish_follow_up(*, follow_up: FollowUp, by: Actor) -> None:
    """Tick a Wiedervorlage off. Raises NotPossible when it is done already."""
    with changing(follow_up.case, by=by, action="finish_follow_up", kind="follow_up") as locked:
        fresh = FollowUp.objects.select_for_update(of=("self",)).get(pk=follow_up.pk)
        if fresh.done_at is not None:
            raise NotPossible("Diese Wiedervorlage ist schon erledigt.")
        _finish(fresh)
        locked.next_follow_up = next_follow_up(locked)


def finish_all(case: Case) -> None:
    """Tick all of a locked Vorgang off, inside another action that gives it to people who did not set them."""
    for follow_up in case.follow_ups.filter(done_at=None):
        _finish(follow_up)
    case.next_follow_up = None


def next_follow_up(case: Case) -> date | None:
    """The nearest day on which the Vorgang comes up again."""
    return case.follow_ups.filter(done_at=None).order_by("due_on").values_list("due_on", flat=True).first()


def _finish(follow_up: FollowUp) -> None:
    follow_up.done_at = timezone.now()
    follow_up.save()


def _works_on(user: User, case: Case) -> bool:
    return policy.may_with(Actor.of(user), "set_follow_up", case)
