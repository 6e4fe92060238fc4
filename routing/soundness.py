"""Can a rule be published as it is? What cannot mean anything, or leads nowhere, is refused with a sentence."""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import Q
from django.utils import timezone

from cases import conditions as language
from cases.conditions import Condition, ConditionError
from cases.models import Case, OrgUnit, Service, User
from routing.fields import FIELDS, LABELS
from routing.models import Rule, RuleContent

MAX_SLOW = 50
"""How many rules of which nothing can be looked up (a pattern without a fixed word, "ist angegeben") there may be."""


def check_conditions(conditions: Sequence[Condition]) -> None:
    """Raise ConditionError with a sentence that says which condition (counted from 1) cannot mean anything."""
    if not conditions:
        raise ConditionError("Eine Regel ohne Bedingung gilt für nichts; bitte mindestens eine angeben.")
    for number, condition in enumerate(conditions, start=1):
        try:
            language.check([condition], FIELDS)
        except ConditionError as error:
            name = LABELS.get(condition.field, condition.field)
            raise ConditionError(
                f"Bedingung {number}: {str(error).replace(f'„{condition.field}“', f'„{name}“')}"
            ) from error


def faults(rule: RuleContent) -> list[str]:
    """What keeps the (maybe unsaved) rule from doing its work, each a sentence; empty when it is sound."""
    return faults_of_content(rule) + destination_faults(rule)


def faults_of_content(rule: RuleContent) -> list[str]:
    """What is wrong with its conditions and its period, each a sentence (no query)."""
    found = []
    try:
        check_conditions(rule.parsed)
    except (ConditionError, TypeError, KeyError) as error:
        found.append(str(error))
    if rule.valid_from and rule.valid_until and rule.valid_until < rule.valid_from:
        found.append("„Gilt bis“ liegt vor „gilt ab“; bitte den Zeitraum berichtigen.")
    return found


def destination_faults(rule: RuleContent) -> list[str]:
    """What is wrong with where the rule leads, as things are now."""
    service, unit = _now(Service, rule.service_id), _now(OrgUnit, rule.unit_id)
    return faults_of_destination(service, unit, _now(User, rule.person_id), _now(Case, rule.case_id))


def faults_of_destination(service: Service, unit: OrgUnit | None, person: User | None, case: Case | None) -> list[str]:
    """What is wrong with a destination that has been read already."""
    if case is not None:
        decided = case.status == Case.Status.DECIDED
        return [f"Der Vorgang {case} ist schon entschieden; bitte einen offenen wählen."] if decided else []
    found = []
    if not service.is_open:
        found.append(f"Die Leistung {service} nimmt keine Eingänge an; bitte eine andere wählen.")
    unit = unit or service.unit
    if unit is None:
        found.append(f"Für {service} ist kein Team zuständig; bitte ein Team wählen.")
    elif not unit.is_open:
        found.append(f"Das Team {unit} nimmt nichts mehr an; bitte ein anderes wählen.")
    if person and not person.is_active:
        found.append(f"{person} arbeitet nicht mehr hier; bitte jemand anderen wählen oder das Feld leer lassen.")
    return found


def misled_rules() -> list[tuple[Rule, list[str]]]:
    """The rules that are asked, now or later, and lead nowhere, with the sentences that say why (one query)."""
    lost = Q(service__is_open=False) | Q(person__is_active=False)
    lost |= Q(unit__is_open=False) | Q(unit=None) & (Q(service__unit=None) | Q(service__unit__is_open=False))
    nowhere = Q(case=None) & lost | Q(case__status=Case.Status.DECIDED)
    asked = Q(valid_until=None) | Q(valid_until__gte=timezone.localdate())
    rules = Rule.objects.filter(nowhere, asked, is_active=True).select_related(
        "service__unit", "unit", "person", "case"
    )
    return [(rule, faults_of_destination(rule.service, rule.unit, rule.person, rule.case)) for rule in rules]


def _now(model: type, pk: int | None) -> object | None:
    """The row as it is now, not as it was when the rule was read."""
    return model.objects.get(pk=pk) if pk is not None else None
