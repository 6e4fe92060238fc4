"""Pages of the Vorgang's way: take up, assign, close, reopen."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import Q
from django.urls import reverse

from cases import actions, policy, selectors
from cases.actions.base import NotPossible, require
from cases.casework.base import ActionForm, CaseActionView, CaseStepView, text_area
from cases.casework.requests import ReasonForm
from cases.models import Case, OrgUnit, User

NOBODY = "-"


class TakeUpView(CaseStepView):
    """Start examining."""

    permission = "take_up"

    def step(self) -> str:
        """Take it up."""
        actions.take_up(case=self.case, by=self.by)
        return "Die Prüfung hat begonnen; der Vorgang gehört jetzt Ihnen."


class TakeView(CaseStepView):
    """Become its handler."""

    permission = "assign"
    undo = "assign-undo"

    def step(self) -> str:
        """Assign it to oneself."""
        if self.case.handler_id not in (None, self.request.user.pk):
            raise NotPossible(f"{self.case.handler} bearbeitet den Vorgang schon.")
        actions.assign(case=self.case, to=self.request.user, by=self.by)
        return "Der Vorgang ist Ihnen zugewiesen."


class UndoAssignView(CaseStepView):
    """Take the last assignment back."""

    permission = "assign"

    def step(self) -> str:
        """Give it back to who had it."""
        case = actions.undo_assign(case=self.case, by=self.by)
        return f"Zurückgenommen: Die Bearbeitung liegt wieder bei {case.handler or 'niemandem'}."


class AssignForm(ActionForm):
    """To whom."""

    to = forms.ChoiceField(label="Bearbeitung")
    reason = forms.CharField(label="Bemerkung", required=False, max_length=1000, widget=text_area(2))

    def prepare(self) -> None:
        """Those who work in the team; without the Teamleitung's right oneself and nobody."""
        people = User.objects.filter(
            is_active=True, memberships__unit=self.case.unit, memberships__role__in=policy.CASEWORK
        )
        if "assign_other" not in self.view.allowed:
            people = people.filter(pk=self.view.request.user.pk)
        names = [
            (str(user.pk), str(user)) for user in people.distinct().order_by("last_name", "first_name", "username")
        ]
        self.fields["to"].choices = [(NOBODY, "niemand"), *names]
        self.initial["to"] = str(self.case.handler_id or NOBODY)


class AssignView(CaseActionView):
    """Give the Vorgang to somebody of the team, or to nobody."""

    permission = "assign"
    undo = "assign-undo"
    title = "Zuweisen"
    button = "Zuweisen"
    form_class = AssignForm

    def find(self, **kwargs: Any) -> None:
        """Who is no Teamleitung takes nothing away from a colleague."""
        if self.case.handler_id not in (None, self.request.user.pk):
            require(self.by, "assign_other", self.case)

    def perform(self, form: AssignForm) -> str:
        """Assign it."""
        chosen = form.cleaned_data["to"]
        to = None if chosen == NOBODY else User.objects.get(pk=chosen)
        actions.assign(case=self.case, to=to, by=self.by, reason=form.cleaned_data["reason"])
        return f"Zugewiesen an {to}." if to else "Die Zuweisung ist aufgehoben."


class HandOverForm(ActionForm):
    """To which team, and why."""

    unit = forms.ModelChoiceField(label="Team", queryset=OrgUnit.objects.none(), empty_label="bitte wählen")
    reason = forms.CharField(label="Grund", max_length=1000, widget=text_area(3), help_text="Steht in der Historie.")

    def prepare(self) -> None:
        """Every team that takes anything new, but its own."""
        self.fields["unit"].queryset = OrgUnit.objects.filter(is_open=True).exclude(pk=self.case.unit_id)


class _LeavingView(CaseActionView):
    """Something after which a person may not see the Vorgang any more."""

    def done_url(self) -> str:
        """To the Vorgang, if this person still sees it."""
        visible = selectors.visible_cases(self.request.user).filter(pk=self.case.pk).exists()
        return super().done_url() if visible else reverse("worklist")


class HandOverView(_LeavingView):
    """Another team is responsible."""

    permission = "hand_over"
    title = "An ein anderes Team abgeben"
    button = "Abgeben"
    hint = "Der Vorgang ist dort frei. Offene Wiedervorlagen sind damit erledigt, Fristen laufen weiter."
    form_class = HandOverForm

    def perform(self, form: HandOverForm) -> str:
        """Hand it over."""
        unit = form.cleaned_data["unit"]
        actions.hand_over(case=self.case, unit=unit, by=self.by, reason=form.cleaned_data["reason"])
        return f"Der Vorgang {self.case} liegt jetzt beim Team {unit}."


class ProtectForm(ActionForm):
    """Who may see it, and why."""

    readers = forms.MultipleChoiceField(
        label="Wer den Vorgang sehen und bearbeiten darf", widget=forms.CheckboxSelectMultiple, required=False
    )
    reason = forms.CharField(label="Grund", max_length=1000, widget=text_area(2), help_text="Steht in der Historie.")

    def prepare(self) -> None:
        """Those who work in the team or lead it."""
        here = User.objects.filter(memberships__unit=self.case.unit, memberships__role__in=policy.CASEWORK)
        people = User.objects.filter(Q(pk__in=here.values("pk")) | Q(pk=self.view.request.user.pk), is_active=True)
        self.fields["readers"].choices = [(str(user.pk), str(user)) for user in people.order_by("last_name", "pk")]
        self.initial["readers"] = [str(pk) for pk in self.case.readers.values_list("pk", flat=True)]


class ProtectView(_LeavingView):
    """Let named people only see the Vorgang, others than before, or the whole team again."""

    permission = "protect"
    title = "Vorgang schützen"
    button = "Schützen"
    hint = (
        "Für Auskunftssperren, Vorgänge von Beschäftigten und bei Befangenheit: Nur die Benannten sehen ihn noch, "
        "auch in Suche, Listen und Dokumenten."
    )
    template = "cases/protect.html"
    form_class = ProtectForm

    def perform(self, form: ProtectForm) -> str:
        """Protect it, or (with ``lift``) lift the protection."""
        reason = form.cleaned_data["reason"]
        if "lift" in self.request.POST:
            actions.lift_protection(case=self.case, by=self.by, reason=reason)
            return "Der Schutz ist aufgehoben; das ganze Team sieht den Vorgang wieder."
        readers = User.objects.filter(pk__in=form.cleaned_data["readers"])
        actions.protect(case=self.case, readers=list(readers), by=self.by, reason=reason)
        return "Der Vorgang ist geschützt."


class CloseForm(ActionForm):
    """How it ends without a Bescheid, and why."""

    outcome = forms.ChoiceField(label="Ergebnis")
    reason = forms.CharField(label="Grund", max_length=1000, widget=text_area(3), help_text="Steht in der Historie.")

    def prepare(self) -> None:
        """What needs no Bescheid."""
        order = (Case.Outcome.DONE, Case.Outcome.WITHDRAWN, Case.Outcome.HANDED_OVER, Case.Outcome.DISCONTINUED)
        self.fields["outcome"].choices = [(outcome.value, outcome.label) for outcome in order]


class CloseView(CaseActionView):
    """End the Vorgang without a Bescheid: done, Rücknahme, Abgabe, Einstellung."""

    permission = "close"
    title = "Vorgang abschließen"
    button = "Abschließen"
    hint = (
        "Offene Nachforderungen werden zurückgenommen, ein Entwurf wird verworfen. "
        "Bei einer Abgabe vorher die Abgabenachricht schreiben."
    )
    form_class = CloseForm
    confirm = "Den Vorgang abschließen? Offene Nachforderungen und ein Entwurf enden damit."

    def perform(self, form: CloseForm) -> str:
        """Close it."""
        outcome = Case.Outcome(form.cleaned_data["outcome"])
        actions.close(case=self.case, outcome=outcome, reason=form.cleaned_data["reason"], by=self.by)
        return f"Der Vorgang ist abgeschlossen: {outcome.label}."


class ReopenView(CaseActionView):
    """Examine a decided Vorgang again."""

    permission = "reopen"
    title = "Vorgang wieder aufnehmen"
    button = "Wieder aufnehmen"
    form_class = ReasonForm

    def perform(self, form: ReasonForm) -> str:
        """Reopen it."""
        actions.reopen(case=self.case, reason=form.cleaned_data["reason"], by=self.by)
        return "Der Vorgang ist wieder in Prüfung."
