"""Who may do what: one table, asked by every action. What is not in it is forbidden.

People act by their roles in the unit that is responsible; the machine only does what is named for it,
and never a decision (§ 35a VwVfG, § 31a SGB X). Flags such as ``is_superuser`` give nothing here.
"""

from __future__ import annotations

from collections.abc import Iterable

from django.core.exceptions import PermissionDenied

from audit.acting import Actor
from cases.models import Membership, OrgUnit, Role, User

CASEWORK = frozenset({Role.CASEWORKER, Role.LEAD})

# action -> the roles that may do it in the responsible unit
PEOPLE: dict[str, frozenset[Role]] = {
    "open_case": CASEWORK,
    "take_up": CASEWORK,
    "assign": CASEWORK,
    "assign_other": frozenset({Role.LEAD}),
    "add_documents": CASEWORK,
    "close": CASEWORK,
    "reopen": CASEWORK,
    "open_deadline": CASEWORK,
    "settle_deadline": CASEWORK,
    "extend_deadline": CASEWORK,
    "cancel_deadline": CASEWORK,
    "start_pause": CASEWORK,
    "end_pause": CASEWORK,
    "clear_exception": frozenset({Role.LEAD}),
}
# What the machine (rules, channels, the system) does by itself
MACHINE = frozenset(
    {"open_case", "take_up", "add_documents", "open_deadline", "settle_deadline", "start_pause", "end_pause"}
)
# What who leads the central clearing (the Poststelle) may do in every unit: put mail where it belongs
CLEARING = frozenset({"open_case", "add_documents"})


def units_by_role(user: User) -> dict[Role, set[int]]:
    """The ids of the units in which ``user`` has each role; a Teamleitung leads sub-units too (two queries)."""
    found: dict[Role, set[int]] = {role: set() for role in Role}
    for role, unit_id in Membership.objects.filter(user=user, unit__isnull=False).values_list("role", "unit_id"):
        found[Role(role)].add(unit_id)
    if found[Role.LEAD]:
        found[Role.LEAD] = with_children(found[Role.LEAD])
    return found


def with_children(unit_ids: Iterable[int]) -> set[int]:
    """These units and all units below them."""
    below: dict[int | None, list[int]] = {}
    for unit_id, parent_id in OrgUnit.objects.values_list("id", "parent_id"):
        below.setdefault(parent_id, []).append(unit_id)
    found: set[int] = set()
    todo = list(unit_ids)
    while todo:
        unit_id = todo.pop()
        if unit_id not in found:
            found.add(unit_id)
            todo += below.get(unit_id, [])
    return found


def has_role(user: User, *roles: Role) -> bool:
    """True when ``user`` has one of the roles anywhere."""
    return Membership.objects.filter(user=user, role__in=roles).exists()


def works_in(user: User, unit_id: int) -> bool:
    """True when ``user`` is there and works in this unit or leads it."""
    units = units_by_role(user)
    return user.is_active and unit_id in units[Role.CASEWORKER] | units[Role.LEAD]


def may(by: Actor, action: str, unit_id: int) -> bool:
    """True when ``by`` may do ``action`` in this unit."""
    if not by.is_person:
        return action in MACHINE
    roles = PEOPLE.get(action, frozenset())
    if not roles or by.user is None or not by.user.is_active:
        return False
    units = units_by_role(by.user)
    if any(unit_id in units[role] for role in roles):
        return True
    return action in CLEARING and OrgUnit.objects.filter(pk__in=units[Role.LEAD], is_clearing=True).exists()


def require(by: Actor, action: str, unit_id: int) -> None:
    """Raise PermissionDenied (with a German sentence) unless ``by`` may do ``action`` in this unit."""
    if not may(by, action, unit_id):
        raise PermissionDenied("Dafür fehlt Ihnen in diesem Team die Berechtigung.")
