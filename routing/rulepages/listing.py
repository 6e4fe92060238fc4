"""The decision table: the rules that somebody looks for, in the order in which they are asked, page by page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.core.paginator import Page, Paginator
from django.db.models import Q, QuerySet, TextField
from django.db.models.functions import Cast

from cases.models import OrgUnit, Service
from routing import hits
from routing.models import Rule
from routing.rulepages.words import Words
from routing.soundness import misled_rules

SIZE = 100
STATES = {
    "": "gelten jetzt",
    "noch-nicht": "gelten noch nicht",
    "nicht-mehr": "gelten nicht mehr",
    "nie": "nie getroffen (12 Monate)",
    "immer-berichtigt": "immer berichtigt (12 Monate)",
    "leer": "führen ins Leere",
    "alle": "alle",
}


class RuleFilter(forms.Form):
    """What is looked for; it stands in the address, and what makes no sense there filters nothing."""

    text = forms.CharField(label="Name, Bemerkung, Wert", required=False, max_length=200)
    team = forms.ChoiceField(label="Team", required=False)
    service = forms.ChoiceField(label="Leistung", required=False)
    state = forms.ChoiceField(label="Regeln, die", required=False, choices=list(STATES.items()))

    def __init__(self, data: Mapping[str, Any]) -> None:
        """Set the choices (two queries)."""
        super().__init__(data)
        units, services = OrgUnit.objects.values_list("slug", "name"), Service.objects.values_list("slug", "name")
        self.fields["team"].choices = [("", "alle"), *units]
        self.fields["service"].choices = [("", "alle"), *services]
        self.full_clean()

    def query(self) -> str:
        """The filters as they stand in an address."""
        return urlencode({name: value for name, value in self.cleaned_data.items() if value})

    def rules(self, today: date) -> QuerySet[Rule]:
        """The rules that are looked for, in their order."""
        given = {name: self.cleaned_data.get(name, "") for name in self.fields}
        found = Rule.objects.filter(_state(given["state"], today))
        if team := given["team"]:
            own = Q(unit__slug=team) | Q(unit=None, service__unit__slug=team)
            found = found.filter(Q(case=None) & own | Q(case__unit__slug=team))
        if given["service"]:
            found = found.filter(service__slug=given["service"])
        for word in given["text"].split():
            found = found.annotate(said=Cast("conditions", TextField())).filter(
                Q(name__icontains=word) | Q(note__icontains=word) | Q(said__icontains=word)
            )
        return found.order_by("rank", "pk")


def _state(state: str, today: date) -> Q:
    over, later = Q(valid_until__lt=today), Q(valid_from__gt=today)
    match state:
        case "noch-nicht":
            return Q(is_active=True) & later & ~over
        case "nicht-mehr":
            return Q(is_active=False) | over
        case "nie":
            return Q(is_active=True) & ~over & hits.never(today)
        case "immer-berichtigt":
            return Q(is_active=True) & ~over & hits.always_corrected(today)
        case "leer":
            return Q(pk__in=[rule.pk for rule, _ in misled_rules()])
        case "alle":
            return Q()
        case _:
            return Q(is_active=True) & (Q(valid_until=None) | ~over) & (Q(valid_from=None) | ~later)


@dataclass(frozen=True)
class Row:
    """A row of the table."""

    rule: Rule
    conditions: list[str]
    target: str
    period: str
    owner: str
    hits: hits.Hits
    state: str = ""
    faults: list[str] = field(default_factory=list)


def state_of(rule: Rule, today: date) -> str:
    """What there is to be said of a rule that is not asked today; "" of one that is."""
    if not rule.is_active:
        return "aufgehoben"
    if rule.valid_until and rule.valid_until < today:
        return "abgelaufen"
    return "noch nicht" if rule.valid_from and rule.valid_from > today else ""


def page_of(rules: QuerySet[Rule], number: str) -> Page:
    """One page of the rules; what is no number of a page gives the nearest."""
    return Paginator(rules, SIZE).get_page(number)


def rows_of(rules: list[Rule], units: Mapping[int, OrgUnit], today: date) -> list[Row]:
    """The rules in words with their figures (five queries, however many they are)."""
    words, figures = Words(rules, units), hits.of_rules([rule.pk for rule in rules], today=today)
    faults = {rule.pk: sentences for rule, sentences in misled_rules()}
    return [
        Row(
            rule,
            words.conditions(rule),
            words.target(rule),
            words.period(rule),
            words.owner(rule),
            figures.get(rule.pk, hits.Hits()),
            state_of(rule, today),
            faults.get(rule.pk, []),
        )
        for rule in rules
    ]
