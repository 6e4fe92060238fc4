"""Protected Vorgänge (Auskunftssperre, a colleague's own matter, Befangenheit): seen by named people only."""

from __future__ import annotations

from collections.abc import Collection

from audit.acting import Actor
from cases import policy
from cases.actions.base import NotPossible, changing
from cases.models import Case, CaseReader, OrgUnit, User


def protect(*, case: Case, readers: Collection[User], by: Actor, reason: str) -> Case:
    """Only ``readers`` see the Vorgang from now on. They must work in its team, or lead it; the reason is required.

    The handler is one of them, or is released from it. Where none of the named leads the team (any more), each of
    them may name others and lift the protection, so that it never stays for ever.
    """
    _require_reason(reason)
    if not readers:
        raise NotPossible("Bitte mindestens eine Person benennen; sonst könnte niemand den Vorgang bearbeiten.")
    with changing(case, by=by, action="protect", kind="protected", reason=reason) as locked:
        for reader in readers:
            if not policy.works_in(reader, locked.unit_id):
                raise NotPossible(f"{reader} gehört nicht zum Team {locked.unit}; bitte jemand anderen benennen.")
        wanted = {reader.pk for reader in readers}
        _name(locked, wanted)
        locked.is_protected = True
        if locked.handler_id not in wanted:
            locked.handler = None
    return locked


def lift_protection(*, case: Case, by: Actor, reason: str) -> Case:
    """The whole team sees the Vorgang again; the reason is required."""
    _require_reason(reason)
    with changing(
        case, by=by, action="lift_protection", kind="protected", reason=reason, permission="protect"
    ) as locked:
        if not locked.is_protected:
            raise NotPossible("Der Vorgang ist nicht geschützt.")
        locked.is_protected = False
        for row in CaseReader.objects.filter(case=locked):
            row.delete()
    return locked


def pass_on(case: Case, unit: OrgUnit) -> None:
    """A protected Vorgang goes to another team: its Teamleitung is named, nobody else. Inside ``changing``."""
    leads = policy.leads_of(unit.pk)
    if not leads:
        raise NotPossible(f"{unit} hat keine Teamleitung, die den geschützten Vorgang sehen könnte.")
    _name(case, leads)


def _name(case: Case, wanted: Collection[int]) -> None:
    known = {row.user_id: row for row in CaseReader.objects.filter(case=case)}
    for user_id in set(wanted) - set(known):
        CaseReader(case=case, user_id=user_id).save()
    for user_id in set(known) - set(wanted):
        known[user_id].delete()


def _require_reason(reason: str) -> None:
    if not reason.strip():
        raise NotPossible("Bitte einen Grund angeben.")
