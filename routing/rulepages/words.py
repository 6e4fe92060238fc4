"""Rules in words, as a Teamleitung reads them without training."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from typing import Any

from django.utils.formats import date_format

from cases.conditions import OPERATORS, Condition
from cases.models import Case, Document, OrgUnit, Service, User
from intake import channels
from intake.presenting import STANDARDS
from routing.fields import LABELS, VALUE_LABELS

Difference = tuple[str, str, str]  # label, before, after

UNLIMITED = "immer"


def fixed_values() -> dict[str, dict[str, str]]:
    """The fields that know certain values only, each with those values and their names."""
    return {
        "channel": {slug: channels.get(slug).label for slug in channels.slugs()},
        "standard": dict(STANDARDS),
        "document_role": {str(value): str(label) for value, label in Document.Role.choices},
    }


class Words:
    """Rules, changes and old versions of rules in words; what they lead to is read for all at once (three queries)."""

    def __init__(self, rules: Iterable[Any], units: Mapping[int, OrgUnit]) -> None:
        """``rules``: all that will be asked about (``Rule``, ``RuleChange``, or rows of their histories).

        ``units``: all teams by id, as the ``Scope`` of the page knows them.
        """
        rules = list(rules)
        self.services: dict[int, Service] = {service.pk: service for service in Service.objects.all()}
        self._units = units
        people = {pk for rule in rules for pk in (rule.person_id, rule.owner_id)} - {None}
        self._people = User.objects.in_bulk(people) if people else {}
        cases = {rule.case_id for rule in rules} - {None}
        self._cases = Case.objects.in_bulk(cases) if cases else {}
        roles = {str(value): str(label) for value, label in Document.Role.choices}
        names = {service.slug: service.name for service in self.services.values()}
        self._value_labels: dict[str, Callable[[str], str]] = {
            **VALUE_LABELS,
            "document_role": lambda value: roles.get(value, value),
            "service": lambda slug: names.get(slug, slug),
        }

    def conditions(self, rule: Any) -> list[str]:
        """Each condition, e.g. ``Betreff enthält „Gewerbe“ oder „Gaststätte“``."""
        return [self._condition(Condition(**each)) for each in rule.conditions]

    def _condition(self, condition: Condition) -> str:
        if condition.operator not in OPERATORS:  # of an old version
            return " ".join([condition.field, condition.operator, condition.value])
        return condition.in_words(LABELS, self._value_labels)

    def target(self, rule: Any) -> str:
        """Where it leads, e.g. ``neuer Vorgang „Wohngeld“ im Team Wohngeldstelle, an Wanda Szymańska``."""
        if rule.case_id is not None:
            return f"in den Vorgang {self._cases[rule.case_id].public_id}"
        service = self.services[rule.service_id]
        unit = self._units.get(rule.unit_id or service.unit_id or 0)
        team = f"im Team {unit}" if unit else "ohne Team"
        person = f", an {self._people[rule.person_id]}" if rule.person_id else ""
        return f"neuer Vorgang „{service}“ {team}{person}"

    def period(self, rule: Any) -> str:
        """When it is asked, e.g. ``ab 01.01.2027``."""
        parts = [f"ab {_day(rule.valid_from)}"] if rule.valid_from else []
        parts += [f"bis {_day(rule.valid_until)}"] if rule.valid_until else []
        return " ".join(parts) or UNLIMITED

    def owner(self, rule: Any) -> str:
        """Who looks after it; "" for nobody."""
        return str(self._people[rule.owner_id]) if rule.owner_id else ""

    def rows(self, rule: Any) -> list[tuple[str, str]]:
        """All that it says, as (label, value)."""
        rows = [
            ("Rang", str(rule.rank)),
            ("Name", rule.name),
            ("Wenn", "\nund ".join(self.conditions(rule)) or "–"),
            ("Dann", self.target(rule)),
            ("Gilt", self.period(rule)),
            ("Pflegt", self.owner(rule) or "–"),
            ("Bemerkung", rule.note or "–"),
        ]
        return rows if getattr(rule, "is_active", True) else [*rows, ("Stand", "aufgehoben")]

    def differences(self, before: Any, after: Any) -> list[Difference]:
        """What the second says otherwise than the first."""
        old, new = dict(self.rows(before)), dict(self.rows(after))
        labels = list(dict.fromkeys([*old, *new]))
        return [
            (label, old.get(label, "gilt"), new.get(label, "gilt"))
            for label in labels
            if old.get(label) != new.get(label)
        ]


def _day(day: date) -> str:
    return date_format(day, "d.m.Y")
