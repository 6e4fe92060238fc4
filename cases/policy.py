"""Who may do what: one table, asked by every action. What is not in it is forbidden.

People act by their roles in the unit that is responsible; the machine only does what is named for it,
and never a decision (§ 35a VwVfG, § 31a SGB X). Flags such as ``is_superuser`` give nothing here.
"""

from __future__ import annotations

from collections.abc import Iterable

from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.utils import timezone

from audit.acting import Actor, Source
from cases.models import Case, Cover, Membership, OrgUnit, Role, User

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
    "request_information": CASEWORK,
    "expire_request": CASEWORK,
    "send_notice": CASEWORK,
    "send": CASEWORK,
    "record_delivery": CASEWORK,
    "give_receipt": CASEWORK,
    "send_to_court": CASEWORK,
    "draft_decision": CASEWORK,
    "release_decision": CASEWORK,
    "withdraw_decision": CASEWORK,
    "mark_final": CASEWORK,
    "register_remedy": CASEWORK,
    "settle_remedy": CASEWORK,
    "write_note": CASEWORK,
    "edit_parties": CASEWORK,
    "edit_document": CASEWORK,
    "move_document": CASEWORK,
    "protect": frozenset({Role.LEAD}),
    "open_deadline": CASEWORK,
    "settle_deadline": CASEWORK,
    "extend_deadline": CASEWORK,
    "cancel_deadline": CASEWORK,
    "start_pause": CASEWORK,
    "end_pause": CASEWORK,
    "hand_over": CASEWORK,
    "set_follow_up": CASEWORK,
    "finish_follow_up": CASEWORK,
    "save_team_view": frozenset({Role.LEAD}),
    "set_cover": frozenset({Role.LEAD}),  # for others; for oneself everybody
    "clear_exception": frozenset({Role.LEAD}),
}
# What the machine (rules, channels, the system) does by itself
MACHINE = frozenset(
    {
        "open_case",
        "take_up",
        "add_documents",
        "expire_request",
        "open_deadline",
        "settle_deadline",
        "start_pause",
        "end_pause",
    }
)
# What comes from outside by a named access and is no decision of the machine: the applicant withdraws; in the
# Fachverfahren a person has asked for something or decided
REPORTED = frozenset({"withdraw", "report_examination", "report_request", "report_decision"})
# What a way to the recipient proves of a letter: the print shop has posted it, the portal shows it or had it fetched,
# who was served has given an Empfangsbekenntnis
PROVEN = frozenset({"report_sent", "report_delivery", "record_delivery"})
# What who leads the central clearing (the Poststelle) may do in every unit: put mail where it belongs
CLEARING = frozenset({"open_case", "add_documents"})
# What a Vertretung may not do although a Sachbearbeitung may: it is not about a Vorgang of whom they cover
NOT_BY_COVER = frozenset({"open_case"})


def units_by_role(user: User) -> dict[Role, set[int]]:
    """The ids of the units in which ``user`` has each role; a Teamleitung leads sub-units too (two queries)."""
    found: dict[Role, set[int]] = {role: set() for role in Role}
    for role, unit_id in Membership.objects.filter(user=user, unit__isnull=False).values_list("role", "unit_id"):
        found[Role(role)].add(unit_id)
    if found[Role.LEAD]:
        found[Role.LEAD] = with_children(found[Role.LEAD])
    return found


def covers_today(user: User) -> QuerySet[Cover]:
    """Whom ``user`` covers today."""
    today = timezone.localdate()
    return Cover.objects.filter(substitute=user, starts_on__lte=today, ends_on__gte=today)


def covered_units(user: User) -> dict[int, set[int]]:
    """Whom ``user`` covers today (ids of people), and the units in which those work themselves (one query).

    Who has left is covered by nobody: their Vorgänge must be given to others.
    """
    works = covers_today(user).filter(absent__is_active=True, absent__memberships__role__in=CASEWORK)
    found: dict[int, set[int]] = {}
    for absent_id, unit_id in works.values_list("absent_id", "absent__memberships__unit_id"):
        found.setdefault(absent_id, set()).add(unit_id)
    return found


def may_with(by: Actor, action: str, case: Case) -> bool:
    """True when ``by`` may do ``action`` with this Vorgang: by a role in its unit, or as the Vertretung of its handler.

    With a protected one only named people may do anything but file what has arrived for it.
    """
    in_unit = may(by, action, case.unit_id)
    if not by.is_person or by.user is None:
        return in_unit
    if case.is_protected and action != "add_documents":
        named = case.readers.filter(pk=by.user.pk).exists()
        return named and (in_unit or (action == "protect" and inherits_protection(by.user, case)))
    return in_unit or _may_cover(by.user, action, case)


def inherits_protection(user: User, case: Case) -> bool:
    """True for who works on a protected Vorgang while none of the named leads its team."""
    return works_in(user, case.unit_id) and not case.readers.filter(pk__in=leads_of(case.unit_id)).exists()


def leads_of(unit_id: int) -> set[int]:
    """The ids of the people who lead this unit, or one above it (two queries)."""
    parents, above, unit = dict(OrgUnit.objects.values_list("id", "parent_id")), set(), unit_id
    while unit is not None and unit not in above:
        above.add(unit)
        unit = parents[unit]
    found = Membership.objects.filter(role=Role.LEAD, unit__in=above, user__is_active=True)
    return set(found.values_list("user_id", flat=True))


def _may_cover(user: User, action: str, case: Case) -> bool:
    can_be_covered = Role.CASEWORKER in PEOPLE.get(action, frozenset()) and action not in NOT_BY_COVER
    if not can_be_covered or case.is_protected or case.handler_id is None or not user.is_active:
        return False
    return case.unit_id in covered_units(user).get(case.handler_id, set())


def with_children(unit_ids: Iterable[int]) -> set[int]:
    """These units and all units below them (one query)."""
    return below(unit_ids, OrgUnit.objects.values_list("id", "parent_id"))


def below(unit_ids: Iterable[int], parents: Iterable[tuple[int, int | None]]) -> set[int]:
    """These units and all units below them; ``parents`` are the ids of all units with those above them."""
    children: dict[int | None, list[int]] = {}
    for unit_id, parent_id in parents:
        children.setdefault(parent_id, []).append(unit_id)
    found: set[int] = set()
    todo = list(unit_ids)
    while todo:
        unit_id = todo.pop()
        if unit_id not in found:
            found.add(unit_id)
            todo += children.get(unit_id, [])
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
        return action in MACHINE or (by.kind is Source.CHANNEL and action in REPORTED | PROVEN)
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
