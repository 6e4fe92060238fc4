"""The form of a rule: as many conditions as are wanted, where it leads, when it is asked. Works without JavaScript."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django import forms
from django.db.models import Max, Q

from cases import policy
from cases.casework.base import DateInput, text_area
from cases.conditions import OPERATORS, Condition, ConditionError
from cases.models import Case, OrgUnit, Role, Service, User
from routing import selectors
from routing.fields import FIELDS, LABELS
from routing.models import Rule, RuleChange
from routing.rulepages.words import fixed_values
from routing.soundness import check_conditions

MAX_ROWS = 20
MAX_RANK = 1_000_000
ROW = ("field", "operator", "value")
STEP = 10  # between the ranks of new rules, so that others fit in between


class DraftForm(forms.Form):
    """A draft is begun."""

    name = forms.CharField(
        label="Worum es geht",
        max_length=200,
        help_text="Zum Beispiel „Hundesteuer zum Steueramt“. Steht in der Historie jeder Regel, die sich damit ändert.",
    )


class ConditionForm(forms.Form):
    """One condition; a row without a field and a value is none."""

    field = forms.ChoiceField(
        label="Feld", required=False, choices=[("", "keine Bedingung"), *((name, LABELS[name]) for name in FIELDS)]
    )
    operator = forms.ChoiceField(
        label="Vergleich", required=False, choices=[(name, each.label) for name, each in OPERATORS.items()]
    )
    value = forms.CharField(label="Wert", required=False, max_length=1000)

    def __init__(
        self, data: Mapping[str, Any] | None = None, *, number: int, initial: Mapping[str, str] | None = None
    ) -> None:
        """``number`` counts from 1; ``initial`` is what stands there at first."""
        super().__init__(data, prefix=f"c{number}", initial=initial or {"operator": "contains"})
        self.number = number
        self.condition: Condition | None = None

    def clean(self) -> dict[str, Any]:
        """A condition that can mean something."""
        cleaned = super().clean() or {}
        name, value = cleaned.get("field", ""), cleaned.get("value", "").strip()
        if not name:
            if value and "field" not in self.errors:
                self.add_error("field", f"Bedingung {self.number}: Bitte zum Wert das Feld wählen.")
            return cleaned
        condition = Condition(name, cleaned.get("operator") or "is", value)
        if not OPERATORS[condition.operator].needs_value:
            condition = Condition(name, condition.operator)
        try:
            condition = with_codes(condition)
            check_conditions([condition])
        except ConditionError as error:
            said = str(error).removeprefix("Bedingung 1: ")
            self.add_error("value", f"Bedingung {self.number}: {said}")
        else:
            self.condition = condition
        return cleaned


def with_names(given: Mapping[str, str]) -> dict[str, str]:
    """A stored condition as people write it: names instead of codes."""
    known = fixed_values().get(given["field"], {})
    value = given.get("value", "")
    return {**given, "value": "|".join(known.get(part, part) for part in value.split("|")) if known else value}


def with_codes(condition: Condition) -> Condition:
    """The condition as the engine compares it: codes instead of names. Raises ConditionError for an unknown one."""
    known = fixed_values().get(condition.field)
    if known is None or condition.operator not in ("is", "one_of"):
        return condition
    codes = {name.casefold(): code for code, name in known.items()} | {code.casefold(): code for code in known}
    parts = [part.strip() for part in condition.value.split("|")]
    for part in parts:
        if part and part.casefold() not in codes:
            raise ConditionError(
                f"{LABELS[condition.field]} „{part}“ gibt es nicht; möglich sind: {', '.join(known.values())}."
            )
    return Condition(condition.field, condition.operator, "|".join(codes.get(part.casefold(), "") for part in parts))


@dataclass(frozen=True)
class Summary:
    """A form with its rows, as the summary of errors asks it."""

    errors: bool
    form: RuleForm
    of_rows: list[forms.BoundField]

    @property
    def non_field_errors(self) -> Any:
        """What belongs to no field."""
        return self.form.non_field_errors()

    def __iter__(self) -> Iterator[forms.BoundField]:
        """All fields."""
        yield from [*self.of_rows, *self.form]


class RuleForm(forms.Form):
    """A rule, new or to be changed. ``conditions`` are the rows; the hidden fields say what was looked at."""

    name = forms.CharField(label="Name", max_length=200, help_text="Steht am Vorgang, wenn die Regel ihn zuordnet.")
    rank = forms.IntegerField(
        label="Rang",
        min_value=0,
        max_value=MAX_RANK,
        help_text="Kleinere werden zuerst gefragt. Die erste Regel, die passt, entscheidet.",
    )
    service = forms.ModelChoiceField(
        Service.objects.none(), label="Leistung des neuen Vorgangs", required=False, empty_label="bitte wählen"
    )
    unit = forms.ModelChoiceField(
        OrgUnit.objects.none(), label="Team", required=False, empty_label="zuständiges Team der Leistung"
    )
    person = forms.ModelChoiceField(
        User.objects.none(), label="Gleich zugewiesen an", required=False, empty_label="niemanden"
    )
    case = forms.CharField(
        label="Oder in einen bestehenden Vorgang",
        required=False,
        max_length=120,
        help_text="Vorgangs-ID oder Aktenzeichen. Leer: Es wird ein neuer Vorgang eröffnet.",
    )
    valid_from = forms.DateField(label="Gilt ab", required=False, widget=DateInput(), help_text="Leer: sofort.")
    valid_until = forms.DateField(
        label="Gilt bis", required=False, widget=DateInput(), help_text="Einschließlich. Leer: unbegrenzt."
    )
    owner = forms.ModelChoiceField(
        User.objects.none(), label="Wer sie pflegt", required=False, empty_label="niemand Bestimmtes"
    )
    note = forms.CharField(label="Bemerkung", required=False, max_length=5000, widget=text_area(3))
    rows = forms.IntegerField(widget=forms.HiddenInput, required=False)
    revision = forms.IntegerField(widget=forms.HiddenInput, required=False)
    base_version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(
        self,
        data: Any = None,
        *,
        user: User,
        change: RuleChange | None = None,
        typed: Mapping[str, str] | None = None,
    ) -> None:
        """``change``: what is to be changed; without it a new rule. Bound when there is ``data``.

        ``typed`` stands in the fields, but is not looked at yet: nothing is said of what is missing.
        """
        self.user, self.change, self._typed = user, change, typed
        super().__init__(data, initial=self._initial() if typed is None else typed)
        current = change or Rule()
        services = Service.objects.filter(Q(is_open=True, versions__isnull=False) | Q(pk=current.service_id)).distinct()
        self.fields["service"].queryset = services
        self.fields["unit"].queryset = OrgUnit.objects.filter(Q(is_open=True) | Q(pk=current.unit_id))
        self.fields["person"].queryset = _people(current.person_id, *policy.CASEWORK)
        self.fields["owner"].queryset = _people(current.owner_id, Role.LEAD, Role.ADMIN)

    @cached_property
    def conditions(self) -> list[ConditionForm]:
        """The rows."""
        if self.is_bound:
            return [ConditionForm(self.data, number=n) for n in range(1, _rows(self.data) + 1)]
        if self._typed is not None:
            rows = range(1, _rows(self._typed) + 1)
            return [
                ConditionForm(number=n, initial={name: self._typed.get(f"c{n}-{name}") for name in ROW}) for n in rows
            ]
        given = [with_names(each) for each in self.change.conditions] if self.change else []
        return [ConditionForm(number=n, initial=each) for n, each in enumerate(given or [None], 1)]

    @property
    def conditions_shown(self) -> int:
        """How many rows there are, for the hidden field."""
        return len(self.conditions)

    def is_valid(self) -> bool:
        """With its rows."""
        return all([super().is_valid(), *(row.is_valid() for row in self.conditions)])

    def clean_case(self) -> Case | None:
        """The Vorgang that is named exactly; the one that stood there may stay."""
        text = self.cleaned_data["case"].strip()
        if not text:
            return None
        known = self.change.case if self.change else None
        if known is not None and text == known.public_id:
            return known
        found = selectors.case_for_assignment(self.user, text)
        if found is None:
            raise forms.ValidationError(
                "Zu dieser Angabe gibt es keinen Vorgang, dem Sie etwas zuordnen dürfen. "
                "Bitte Vorgangs-ID oder Aktenzeichen vollständig angeben."
            )
        return found

    def clean(self) -> dict[str, Any]:
        """A new Vorgang needs its Leistung; one that exists has it. And some condition there must be."""
        cleaned = super().clean() or {}
        if all(row.is_valid() and row.condition is None for row in self.conditions):
            try:
                check_conditions([])
            except ConditionError as error:
                self.conditions[0].add_error("field", str(error))
        if not cleaned.get("service") and not cleaned.get("case") and not {"case", "service"} & set(self.errors):
            self.add_error("service", "Bitte eine Leistung wählen oder einen bestehenden Vorgang angeben.")
        return cleaned

    def values(self) -> dict[str, Any]:
        """What the rule says, by attribute name."""
        given = self.cleaned_data
        case, service = given["case"], given["service"]
        return {
            **{name: given[name] for name in ("rank", "name", "note", "valid_from", "valid_until")},
            "conditions": [row.condition.as_json() for row in self.conditions if row.condition],
            "service_id": case.service_id if case else service.pk,
            "case_id": case.pk if case else None,
            **{f"{name}_id": given[name].pk if given[name] else None for name in ("unit", "person", "owner")},
        }

    @property
    def has_errors(self) -> bool:
        """Something is wrong, with it or with one of its rows."""
        return self.is_bound and bool(self.errors or any(row.errors for row in self.conditions))

    @property
    def summary(self) -> Summary:
        """What is wrong, for the summary above the form: it names the fields of the rows, too."""
        return Summary(self.has_errors, self, [bound for row in self.conditions for bound in row])

    def _initial(self) -> dict[str, Any]:
        if self.change is None:
            last = Rule.objects.filter(is_active=True).aggregate(last=Max("rank"))["last"] or 0
            return {"rank": min(last + STEP, MAX_RANK), "owner": self.user.pk}
        names = ("name", "rank", "note", "valid_from", "valid_until", "revision")
        ids = {name: getattr(self.change, f"{name}_id") for name in ("service", "unit", "person", "owner")}
        case = self.change.case.public_id if self.change.case else ""
        version = self.change.rule.version if self.change.rule else None
        return {name: getattr(self.change, name) for name in names} | ids | {"case": case, "base_version": version}


def with_row(data: Any) -> dict[str, Any]:
    """What was typed, with one more row."""
    return data.dict() | {"rows": str(min(_rows(data) + 1, MAX_ROWS))}


def without_row(data: Any, number: int) -> dict[str, Any]:
    """What was typed, without one of the rows."""
    typed, count = data.dict(), _rows(data)
    for row in range(number, count):
        for name in ROW:
            typed[f"c{row}-{name}"] = typed.get(f"c{row + 1}-{name}", "")
    return typed | {"rows": str(max(1, count - 1))}


def _rows(data: Mapping[str, Any]) -> int:
    text = str(data.get("rows", ""))
    return max(1, min(int(text), MAX_ROWS)) if text.isdecimal() and len(text) < 4 else 1


def _people(current: int | None, *roles: Role) -> Any:
    """Who is there and has one of the roles, and who stood there so far."""
    found = User.objects.filter(Q(is_active=True, memberships__role__in=roles) | Q(pk=current))
    return found.distinct().order_by("last_name", "pk")
