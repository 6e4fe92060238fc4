"""Rules are set here: by the Leistungspakete that bring some along, by who sets the system up, and from drafts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from django.db import transaction

from audit.acting import Actor, acting
from cases.conditions import Condition
from cases.models import Case, OrgUnit, Service, ServiceVersion, User
from routing.models import Rule
from routing.soundness import check_conditions


def set_rule(
    *,
    name: str,
    rank: int,
    conditions: Sequence[Condition],
    service: Service,
    by: Actor,
    unit: OrgUnit | None = None,
    person: User | None = None,
    case: Case | None = None,
    package: str = "",
    note: str = "",
    owner: User | None = None,
    valid_from: date | None = None,
    valid_until: date | None = None,
) -> Rule:
    """Create the rule ``name`` (within ``package``), or change it; a change makes a new version.

    What it leads to: a new Vorgang of ``service`` in ``unit`` (default: that of the Leistung), given to ``person`` at
    once, or an existing ``case``. ``owner`` looks after it; it is asked from ``valid_from`` to ``valid_until``.
    Raises ``cases.conditions.ConditionError`` when a condition cannot mean anything or there is none.
    """
    check_conditions(conditions)
    wanted = {
        "rank": rank,
        "note": note,
        "conditions": [condition.as_json() for condition in conditions],
        "service_id": service.pk,
        "unit_id": unit.pk if unit else None,
        "person_id": person.pk if person else None,
        "case_id": case.pk if case else None,
        "owner_id": owner.pk if owner else None,
        "valid_from": valid_from,
        "valid_until": valid_until,
        "is_active": True,
    }
    with transaction.atomic(), acting(by, "set_rule"):
        rule = Rule.objects.select_for_update().filter(package=package, name=name).first()
        if rule is None:
            rule = Rule(package=package, name=name, **wanted)
            rule.save()
        else:
            change_rule(rule, wanted)
    return rule


def new_rule(wanted: Mapping[str, Any]) -> Rule:
    """Create a rule of the authority's own with these values (by attribute name), which have been checked."""
    rule = Rule(**wanted)
    rule.save()
    return rule


def change_rule(rule: Rule, wanted: Mapping[str, Any]) -> None:
    """Give a locked rule these values (by attribute name); what differs makes a new version."""
    if any(getattr(rule, field) != value for field, value in wanted.items()):
        for field, value in wanted.items():
            setattr(rule, field, value)
        rule.version += 1
        rule.save()


def retire_rule(rule: Rule) -> None:
    """Switch a locked rule off; it stays, so that old decisions can name it."""
    change_rule(rule, {"is_active": False})


def apply_package(*, version: ServiceVersion, by: Actor) -> None:
    """Set the rules of a Leistungspaket; those that it no longer brings are switched off."""
    service = version.service
    names = []
    for declared in version.sections["routing"]["rule"]:
        names.append(declared["name"])
        set_rule(
            name=declared["name"],
            rank=declared["rank"],
            conditions=[Condition(**condition) for condition in declared["when"]],
            service=service,
            unit=OrgUnit.objects.get(slug=declared["unit"]) if "unit" in declared else None,
            package=service.slug,
            note=declared.get("note", ""),
            by=by,
        )
    with transaction.atomic(), acting(by, "retire_rule"):
        for rule in Rule.objects.filter(package=service.slug, is_active=True).exclude(name__in=names):
            retire_rule(rule)
