"""Pages of the Fristen that people enter themselves: a court's, others; extended, settled, dropped."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.http import Http404
from django.utils import timezone

from cases.actions import deadline_rows
from cases.actions import deadlines as actions
from cases.actions.base import NotPossible
from cases.casework.base import ActionForm, CaseActionView, DateInput, text_area
from cases.casework.requests import ReasonForm
from cases.deadlines import Period, Regime
from cases.deadlines.computing import LONGEST, UNITS
from cases.deadlines.words import short
from cases.models import Deadline, DeadlineKind

MET, MISSED = "met", "missed"


class DeadlineForm(ActionForm):
    """Which Frist, from when, and either how long or until when."""

    kind = forms.ChoiceField(label="Art")
    title = forms.CharField(
        label="Bezeichnung", required=False, max_length=100, help_text="Zum Beispiel: Stellungnahme zur Klage."
    )
    starts_on = forms.DateField(
        label="Ereignis am",
        widget=DateInput(),
        help_text="Der Tag, der die Frist auslöst, etwa der Zustellung. Er zählt nicht mit.",
    )
    number = forms.IntegerField(label="Dauer", required=False, min_value=1, max_value=LONGEST["days"])
    unit = forms.ChoiceField(label="Einheit", choices=[(unit, many) for unit, (_, many) in UNITS.items()])
    due_on = forms.DateField(
        label="Oder: endet am",
        required=False,
        widget=DateInput(),
        help_text="Nur wenn ein festes Datum gesetzt ist, etwa vom Gericht. Dann bitte ohne Dauer und mit Grund.",
    )
    basis = forms.CharField(label="Grundlage", required=False, max_length=200, help_text="Zum Beispiel: § 82 VwGO.")
    reason = forms.CharField(
        label="Grund", required=False, max_length=1000, widget=text_area(2), help_text="Nötig bei einem festen Datum."
    )

    def prepare(self) -> None:
        """The kinds that nobody else enters; a Fiktion only where the law knows it."""
        kinds = [DeadlineKind.COURT, DeadlineKind.OTHER]
        if deadline_rows.regime_of(self.case) == Regime.VWVFG and self.case.is_open:
            kinds.append(DeadlineKind.FICTION)
        self.fields["kind"].choices = [(kind.value, kind.label) for kind in kinds]
        self.initial |= {"starts_on": timezone.localdate(), "unit": "weeks"}

    def clean(self) -> dict[str, Any]:
        """Either a length or a day, and each such that it can be."""
        given = super().clean()
        number, due_on, starts_on = given.get("number"), given.get("due_on"), given.get("starts_on")
        if self.errors:
            return given
        if (number is None) == (due_on is None):
            raise forms.ValidationError("Bitte entweder eine Dauer oder ein festes Datum angeben.")
        if number and number > LONGEST[given["unit"]]:
            self.add_error("number", f"Das ist zu lang: höchstens {LONGEST[given['unit']]} {UNITS[given['unit']][1]}.")
        if due_on and starts_on and due_on < starts_on:
            self.add_error("due_on", "Die Frist kann nicht enden, bevor sie beginnt; bitte die Daten prüfen.")
        if due_on and not given.get("reason", "").strip():
            self.add_error("reason", "Bitte angeben, woher das Datum kommt.")
        return given


class NewDeadlineView(CaseActionView):
    """Enter a Frist."""

    permission = "open_deadline"
    title = "Frist eintragen"
    button = "Frist eintragen"
    form_class = DeadlineForm
    anchor = "fristen"

    def perform(self, form: DeadlineForm) -> str:
        """Enter it."""
        data = form.cleaned_data
        deadline = actions.open_deadline(
            case=self.case,
            kind=DeadlineKind(data["kind"]),
            by=self.by,
            starts_on=data["starts_on"],
            period=Period(data["number"], data["unit"]) if data["number"] else None,
            due_on=data["due_on"],
            title=data["title"],
            basis=data["basis"],
            reason=data["reason"],
        )
        return _until(deadline, data["due_on"])


def _until(deadline: Deadline, wanted: date | None) -> str:
    """Until when it runs; a day off that was wanted has been moved."""
    said = f"Die Frist „{deadline}“ läuft bis zum {short(deadline.due_on)}."
    if wanted and wanted != deadline.due_on:
        return f"{said} Der {short(wanted)} ist kein Werktag."
    return said


class OneDeadlineView(CaseActionView):
    """A page about one Frist of the Vorgang."""

    anchor = "fristen"
    deadline: Deadline

    def find(self, *, deadline_id: int, **kwargs: Any) -> None:
        """The Frist, if it belongs to the Vorgang; that of a Nachforderung is changed there."""
        found = self.case.deadlines.filter(pk=deadline_id).select_related("case").first()
        if found is None:
            raise Http404("Diese Frist gibt es nicht.")
        if found.kind == DeadlineKind.REQUEST:
            raise NotPossible("Diese Frist gehört zu einer Nachforderung; bitte sie dort verlängern oder zurücknehmen.")
        self.deadline = found

    @property
    def lead(self) -> str:
        """Which one it is about."""
        if self.deadline.due_on is None:
            return f"{self.deadline}, angehalten"
        return f"{self.deadline}, bis zum {short(self.deadline.due_on)}"


class LaterForm(ActionForm):
    """A later day, and why."""

    due_on = forms.DateField(label="Neues Ende", widget=DateInput())
    reason = forms.CharField(label="Grund", max_length=1000, widget=text_area(2), help_text="Steht in der Historie.")


class ExtendDeadlineView(OneDeadlineView):
    """Set a later day, also after the Frist has ended."""

    permission = "extend_deadline"
    title = "Frist verlängern"
    button = "Frist verlängern"
    form_class = LaterForm

    def perform(self, form: LaterForm) -> str:
        """Extend it."""
        data = form.cleaned_data
        later = actions.extend_deadline(
            deadline=self.deadline, due_on=data["due_on"], by=self.by, reason=data["reason"]
        )
        return _until(later, data["due_on"])


class SettleDeadlineForm(ActionForm):
    """What became of it."""

    result = forms.ChoiceField(label="Ergebnis", choices=[(MET, "eingehalten"), (MISSED, "versäumt")])
    reason = forms.CharField(label="Bemerkung", required=False, max_length=1000, widget=text_area(2))


class SettleDeadlineView(OneDeadlineView):
    """What was due has happened, or has not."""

    permission = "settle_deadline"
    title = "Frist erledigen"
    button = "Speichern"
    form_class = SettleDeadlineForm

    def perform(self, form: SettleDeadlineForm) -> str:
        """Settle it."""
        data = form.cleaned_data
        settled = actions.settle_deadline(
            deadline=self.deadline, met=data["result"] == MET, by=self.by, reason=data["reason"]
        )
        return f"Die Frist „{settled}“ ist {settled.get_state_display()}."


class CancelDeadlineView(OneDeadlineView):
    """It no longer matters."""

    permission = "cancel_deadline"
    title = "Frist streichen"
    button = "Frist streichen"
    hint = "Sie bleibt mit dem Grund unter den erledigten Fristen stehen."
    form_class = ReasonForm

    def perform(self, form: ReasonForm) -> str:
        """Cancel it."""
        gone = actions.cancel_deadline(deadline=self.deadline, by=self.by, reason=form.cleaned_data["reason"])
        return f"Die Frist „{gone}“ ist entfallen."
