"""The form of the Fristenrechner."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.utils import timezone

from cases import authority, deadlines
from cases.deadlines import LAENDER, REGIMES, Basis, Calendar, DeadlineError, Event, Period, Question, Regime
from cases.deadlines.calendar import FIRST, LAST
from cases.deadlines.computing import LONGEST
from cases.deadlines.rules import BASES, EVENTS

KNOWN, REMEDY, REMEDY_YEAR = "known", "remedy", "remedy-year"
HAPPENED = [*((event.value, label) for event, label in EVENTS.items()), (KNOWN, "Bekannt gegeben (Tag steht fest)")]
LENGTHS = [
    (REMEDY, "Rechtsbehelf: ein Monat"),
    (REMEDY_YEAR, "Rechtsbehelf ohne richtige Belehrung: ein Jahr"),
    ("days", "Tage"),
    ("weeks", "Wochen"),
    ("months", "Monate"),
]


def _day(label: str, *, required: bool = True, help_text: str = "") -> forms.DateField:
    limits = {"min": FIRST.isoformat(), "max": LAST.isoformat()}
    widget = forms.DateInput(attrs={"type": "date", **limits}, format="%Y-%m-%d")
    formats = ["%Y-%m-%d", "%d.%m.%Y"]
    return forms.DateField(label=label, required=required, help_text=help_text, widget=widget, input_formats=formats)


class CalculatorForm(forms.Form):
    """A question to the Fristenrechner; it stands in the address, so that it can be kept and passed on."""

    event = forms.ChoiceField(label="Was ist geschehen?", choices=HAPPENED)
    on = _day("An welchem Tag?")
    arrived = _day(
        "Tatsächlich zugegangen am", required=False, help_text="Wenn bekannt; nur ein späterer Zugang ändert etwas."
    )
    unit = forms.ChoiceField(label="Welche Frist?", choices=LENGTHS)
    number = forms.IntegerField(
        label="Anzahl", required=False, min_value=1, max_value=LONGEST["days"], help_text="Bei Tagen, Wochen, Monaten."
    )
    regime = forms.ChoiceField(label="Verfahrensrecht", choices=[(r.value, label) for r, label in REGIMES.items()])
    basis = forms.ChoiceField(
        label="Grundlage der Bekanntgabe",
        required=False,
        choices=[("", "wie üblich"), *((b.value, BASES[b]) for b in Basis if b is not Basis.DISPATCH)],
    )
    land = forms.ChoiceField(label="Land der Behörde", choices=list(LAENDER.items()))
    local = forms.CharField(
        label="Feiertage des Ortes",
        required=False,
        max_length=500,
        help_text="catholic (überwiegend katholische Gemeinde), Augsburg oder einzelne Tage wie 2027-05-14=Stadtfest, "
        "getrennt durch Semikolon.",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """A new one is about the authority's own place, today."""
        super().__init__(*args, **kwargs)
        self.initial.setdefault("on", timezone.localdate())
        self.initial.setdefault("land", settings.AUTHORITY_LAND)
        self.initial.setdefault("local", settings.AUTHORITY_HOLIDAYS)

    def clean(self) -> dict[str, Any]:
        """The answer as ``answer`` among the cleaned data."""
        said = super().clean()
        if self.errors:
            return said
        if said["unit"] in LONGEST and said["number"] is None:
            self.add_error("number", "Bitte angeben, wie viele.")
            return said
        try:
            said["answer"] = deadlines.answer(self._question(said))
        except DeadlineError as error:
            raise forms.ValidationError(str(error)) from error
        return said

    def _question(self, said: dict[str, Any]) -> Question:
        return Question(
            calendar=self._calendar(said),
            on=said["on"],
            event=None if said["event"] == KNOWN else Event(said["event"]),
            regime=Regime(said["regime"]),
            basis=Basis(said["basis"]) if said["basis"] else None,
            period=Period(said["number"], said["unit"]) if said["unit"] in LONGEST else None,
            has_notice=said["unit"] != REMEDY_YEAR,
            arrived=None if said["event"] == KNOWN else said["arrived"],
        )

    def _calendar(self, said: dict[str, Any]) -> Calendar:
        """At the authority's own place the holidays count that were added later as well."""
        if (said["land"], said["local"]) == (settings.AUTHORITY_LAND, settings.AUTHORITY_HOLIDAYS):
            return authority.calendar()
        return deadlines.calendar_of(said["land"], said["local"])
