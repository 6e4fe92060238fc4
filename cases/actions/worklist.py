"""What belongs to the worklist itself: the next Vorgang, saved views, Vertretungen, presence."""

from __future__ import annotations

from datetime import date, timedelta

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone

from audit.acting import Actor, acting
from cases import policy
from cases.actions.base import NotPossible
from cases.actions.casework import assign
from cases.models import Case, Cover, OrgUnit, Presence, Role, SavedView, User
from cases.models.case import URGENCY

WAITS_FOR_US = (Case.Status.RECEIVED, Case.Status.EXAMINING)
PRESENCE_KEPT = timedelta(days=1)


def take_next(*, by: Actor) -> Case | None:
    """Hand out the most urgent free Vorgang of one's teams and assign it, in one step; None when none is free.

    Two at once get two different ones: who comes second does not wait for the first's, but skips it. Protected
    Vorgänge and those that wait for an answer are not handed out.
    """
    if by.user is None:
        raise PermissionDenied("Vorgänge werden nur an Personen vergeben.")
    units = policy.units_by_role(by.user)
    own = units[Role.CASEWORKER] or units[Role.LEAD]
    free = Case.objects.filter(unit__in=own, is_open=True, handler=None, is_protected=False, status__in=WAITS_FOR_US)
    with transaction.atomic():
        case = free.select_for_update(skip_locked=True, of=("self",), no_key=True).order_by(*URGENCY).first()
        return assign(case=case, to=by.user, by=by) if case else None


def save_view(*, name: str, query: str, by: Actor, unit: OrgUnit | None = None) -> SavedView:
    """Keep filters under a name: for oneself, or for a team (its Teamleitung only). A known name gets new filters."""
    name = name.strip()[:60]
    if not name:
        raise NotPossible("Bitte der Ansicht einen Namen geben.")
    if unit is not None:
        policy.require(by, "save_team_view", unit.pk)
    with transaction.atomic(), acting(by, "save_view"):
        view = SavedView.objects.select_for_update(of=("self",)).filter(**_owner(by, unit), name=name).first()
        view = view or SavedView(name=name, **_owner(by, unit))
        view.query = query
        view.save()
    return view


def rename_view(*, view: SavedView, name: str, by: Actor) -> None:
    """Give a view another name. Raises NotPossible when there is one of that name."""
    name = name.strip()[:60]
    if not name:
        raise NotPossible("Bitte der Ansicht einen Namen geben.")
    _require_owner(by, view)
    same = SavedView.objects.filter(owner=view.owner_id, unit=view.unit_id, name=name).exclude(pk=view.pk)
    with transaction.atomic(), acting(by, "rename_view"):
        if same.exists():
            raise NotPossible(f"Eine Ansicht „{name}“ gibt es schon; bitte einen anderen Namen wählen.")
        view.name = name
        view.save()


def delete_view(*, view: SavedView, by: Actor) -> None:
    """Throw a view away; the Vorgänge in it stay."""
    _require_owner(by, view)
    with transaction.atomic(), acting(by, "delete_view"):
        view.delete()


def may_change_view(by: Actor, view: SavedView) -> bool:
    """True for who owns the view, or leads the team that it belongs to."""
    if view.unit_id is not None:
        return policy.may(by, "save_team_view", view.unit_id)
    return by.user is not None and view.owner_id == by.user.pk


def set_cover(*, absent: User, substitute: User, starts_on: date, ends_on: date, by: Actor) -> Cover:
    """Have ``substitute`` see and do the casework of ``absent``, from the first to the last day.

    Everybody sets their own; the Teamleitung sets those of the people in its teams, too. Raises NotPossible for
    days that make no sense and for a substitute who has no team.
    """
    _require_cover(by, absent)
    if substitute == absent:
        raise NotPossible("Niemand vertritt sich selbst; bitte eine andere Person wählen.")
    if ends_on < starts_on:
        raise NotPossible("Der letzte Tag liegt vor dem ersten; bitte die Tage prüfen.")
    if ends_on < timezone.localdate():
        raise NotPossible("Diese Vertretung wäre schon vorbei; bitte spätere Tage wählen.")
    if not substitute.is_active or not policy.has_role(substitute, Role.CASEWORKER, Role.LEAD):
        raise NotPossible(f"{substitute} arbeitet in keinem Team und kann niemanden vertreten.")
    with transaction.atomic(), acting(by, "set_cover"):
        cover = Cover(absent=absent, substitute=substitute, starts_on=starts_on, ends_on=ends_on)
        cover.save()
    return cover


def end_cover(*, cover: Cover, by: Actor) -> None:
    """End a Vertretung: at once (yesterday was its last day), or before it has begun."""
    _require_cover(by, cover.absent)
    yesterday = timezone.localdate() - timedelta(days=1)
    with transaction.atomic(), acting(by, "end_cover"):
        locked = Cover.objects.select_for_update(of=("self",)).get(pk=cover.pk)
        if locked.ends_on <= yesterday:
            return
        if locked.starts_on > yesterday:
            locked.delete()
            return
        locked.ends_on = yesterday
        locked.save()


def may_set_cover(by: Actor, absent: User) -> bool:
    """True for oneself, and for who leads a team of ``absent``."""
    if by.user is None or not by.user.is_active:
        return False
    if by.user == absent:
        return True
    units = policy.units_by_role(absent)
    return any(policy.may(by, "set_cover", unit_id) for unit_id in units[Role.CASEWORKER] | units[Role.LEAD])


def note_presence(*, case: Case, by: Actor) -> None:
    """Note that a person has the Vorgang open now: a hint, no record."""
    now = Presence(case=case, user=by.user, seen_at=timezone.now())
    Presence.objects.bulk_create(
        [now], update_conflicts=True, unique_fields=["case", "user"], update_fields=["seen_at"]
    )


def forget_presence(user: User) -> None:
    """Forget what somebody had open days ago."""
    Presence.objects.filter(user=user, seen_at__lt=timezone.now() - PRESENCE_KEPT).delete()


def _owner(by: Actor, unit: OrgUnit | None) -> dict[str, User | OrgUnit]:
    return {"unit": unit} if unit is not None else {"owner": by.user}


def _require_owner(by: Actor, view: SavedView) -> None:
    if not may_change_view(by, view):
        raise PermissionDenied("Diese Ansicht gehört Ihnen nicht; Ansichten eines Teams ändert die Teamleitung.")


def _require_cover(by: Actor, absent: User) -> None:
    if not may_set_cover(by, absent):
        raise PermissionDenied("Eine Vertretung trägt man selbst ein, oder die Teamleitung.")
