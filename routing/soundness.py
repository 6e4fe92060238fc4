"""Can a rule be published as it is? What cannot mean anything, or leads nowhere, is refused with a sentence."""

from __future__ import annotations

from collections.abc import Sequence

from cases import conditions as language
from cases.conditions import Condition, ConditionError
from cases.models import Case, OrgUnit, Service, User
from routing.fields import FIELDS, LABELS
from routing.models import RuleContent

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
    found = []
    try:
        check_conditions(rule.parsed)
    except (ConditionError, TypeError, KeyError) as error:
        found.append(str(error))
    if rule.valid_from and rule.valid_until and rule.valid_until < rule.valid_from:
        found.append("„Gilt bis“ liegt vor „gilt ab“; bitte den Zeitraum berichtigen.")
    return found + destination_faults(rule)


def destination_faults(rule: RuleContent) -> list[str]:
    """What is wrong with where the rule leads, as things are now."""
    service, unit = _now(Service, rule.service_id), _now(OrgUnit, rule.unit_id)
    if rule.case_id is not None:
        case = Case.objects.get(pk=rule.case_id)
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
    person = _now(User, rule.person_id)
    if person and not person.is_active:
        found.append(f"{person} arbeitet nicht mehr hier; bitte jemand anderen wählen oder das Feld leer lassen.")
    return found


def _now(model: type, pk: int | None) -> object | None:
    """The row as it is now, not as it was when the rule was read."""
    return model.objects.get(pk=pk) if pk is not None else None
