"""The five ways to clear a Klärfall, as forms, and ``FORMS``: these and what can be done with it before."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms

from audit.acting import Actor
from cases import numbers
from cases.models import Case, OrgUnit, Service
from intake.facts import Facts
from intake.models import Submission
from intake.presenting import findings
from routing import exceptions, selectors
from routing.actions import clearing, elsewhere
from routing.clearing_form import ClearingForm, Result, offer
from routing.handling_forms import BUTTONS, AskForm, ParkForm, PassOnForm
from routing.models import ExceptionEntry


class AssignForm(ClearingForm):
    """File the message into a Vorgang that exists."""

    verb, title, button = "zuordnen", "Einem Vorgang zuordnen", "Zuordnen"

    case = forms.CharField(
        label="Vorgangs-ID oder Aktenzeichen", max_length=120, help_text="Zum Beispiel V-7K3M-9QTR-G."
    )
    field_order = ["case", "reason"]

    def clean_case(self) -> Case:
        """The Vorgang that is named exactly."""
        case = selectors.case_for_assignment(self.user, self.cleaned_data["case"])
        if case is None:
            raise forms.ValidationError(
                "Zu dieser Angabe gibt es keinen Vorgang, dem Sie etwas zuordnen dürfen. "
                "Bitte Vorgangs-ID oder Aktenzeichen vollständig angeben."
            )
        return case

    def perform(self, by: Actor) -> Result:
        """File it."""
        case = self.cleaned_data["case"]
        clearing.assign_to_case(entry=self.entry, case=case, by=by, reason=self.cleaned_data["reason"])
        return Result(f"Die Nachricht ist dem Vorgang {case} zugeordnet.", case)


class NewCaseForm(ClearingForm):
    """Open a new Vorgang for the message."""

    verb, title, button = "neuer-vorgang", "Neuen Vorgang eröffnen", "Vorgang eröffnen"

    service = forms.ModelChoiceField(Service.objects.none(), label="Leistung", empty_label="bitte wählen")
    unit = forms.ModelChoiceField(
        OrgUnit.objects.none(), label="Team", required=False, empty_label="zuständiges Team der Leistung"
    )
    field_order = ["service", "unit", "reason"]

    def prepare(self) -> None:
        """Open Leistungen with a loaded version, and the units in which the person may open a Vorgang."""
        offer(self.fields["service"], (service for service in self.scope.all_services if service.is_loaded))
        offer(self.fields["unit"], selectors.units_to_open_in(self.scope))

    def clean(self) -> dict[str, Any]:
        """Without a team it is that of the Leistung."""
        cleaned = super().clean() or {}
        service = cleaned.get("service")
        if service and not cleaned.get("unit") and "unit" not in self.errors:
            cleaned["unit"] = service.unit
            if service.unit is None:
                self.add_error("unit", "Für diese Leistung ist kein Team zuständig; bitte ein Team wählen.")
        return cleaned

    def perform(self, by: Actor) -> Result:
        """Open it."""
        chosen = self.cleaned_data
        case = clearing.open_new_case(
            entry=self.entry, service=chosen["service"], unit=chosen["unit"], by=by, reason=chosen["reason"]
        )
        return Result(f"Der Vorgang {case} ist eröffnet, die Nachricht liegt darin.", case)


class DuplicateForm(ClearingForm):
    """Say that the message has been here before."""

    verb, title, button = "dublette", "Als Dublette verknüpfen", "Verknüpfen"

    original = forms.CharField(
        label="Vorgangs-ID des ursprünglichen Eingangs",
        max_length=20,
        help_text="Die Kennung, die der frühere Eingang bei seiner Ankunft bekommen hat.",
    )
    field_order = ["original", "reason"]

    def clean_original(self) -> Submission:
        """The earlier Eingang."""
        public_id = numbers.normalise(self.cleaned_data["original"])
        original = selectors.original_submission(public_id) if public_id else None
        if original is None:
            raise forms.ValidationError("Zu dieser Vorgangs-ID gibt es keinen Eingang. Bitte die Kennung prüfen.")
        return original

    def perform(self, by: Actor) -> Result:
        """Link it."""
        original = self.cleaned_data["original"]
        clearing.link_duplicate(entry=self.entry, of=original, by=by, reason=self.cleaned_data["reason"])
        text = f"Die Nachricht ist als Dublette des Eingangs {original.number} verknüpft; nichts ist doppelt abgelegt."
        return Result(text, original.case)


class RejectForm(ClearingForm):
    """Turn the message away; what came from a portal never is."""

    verb, title, button = "zurueckweisen", "Zurückweisen", "Zurückweisen"

    reason = forms.CharField(
        label="Grund",
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Steht in der Historie. Die Nachricht bleibt gespeichert.",
    )
    sender_text = forms.CharField(
        label="Mitteilung an den Absender (wird mit dem Rückkanal versandt)",
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Was der Absender erfahren soll. Der Text wird aufbewahrt; versandt ist er damit noch nicht.",
    )
    field_order = ["reason", "sender_text"]

    @classmethod
    def fits(cls, entry: ExceptionEntry) -> bool:
        """Not for applications from a portal: they end as a Vorgang in any case."""
        return super().fits(entry) and entry.submission.channel != "portal"

    def perform(self, by: Actor) -> Result:
        """Turn it away."""
        given = self.cleaned_data
        clearing.reject(entry=self.entry, by=by, reason=given["reason"], sender_text=given["sender_text"])
        return Result("Die Nachricht ist zurückgewiesen; sie bleibt gespeichert.")


class ResumeForm(ClearingForm):
    """Correct what was understood, accept findings, and let the pipeline go on."""

    verb, title, button = "fortsetzen", "Berichtigen und fortsetzen", "Fortsetzen"
    hint = "Nur ändern, was falsch verstanden wurde. Danach sucht die Verteilung den Vorgang noch einmal."
    mark_optional = False
    FACTS: ClassVar[dict[str, str]] = {
        "sender_code": "sender.code",
        "sender_name": "sender.name",
    }  # form field -> path, where they differ

    subject = forms.CharField(label="Betreff", required=False, max_length=2000)
    own_reference = forms.CharField(label="Unser Zeichen", required=False, max_length=200)
    foreign_reference = forms.CharField(label="Zeichen des Absenders", required=False, max_length=200)
    court_code = forms.CharField(label="Gerichtsschlüssel des Verfahrens", required=False, max_length=20)
    court_reference = forms.CharField(label="Aktenzeichen des Gerichts", required=False, max_length=200)
    sender_name = forms.CharField(label="Absender", required=False, max_length=300)
    sender_code = forms.CharField(label="Gerichtsschlüssel des Absenders", required=False, max_length=20)
    service = forms.ChoiceField(label="Leistung", required=False)
    accepted = forms.MultipleChoiceField(
        label="Diese Mängel hinnehmen",
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="Ohne Häkchen bleibt die Nachricht in Klärung.",
    )
    field_order = [
        "accepted",
        "subject",
        "own_reference",
        "foreign_reference",
        "court_code",
        "court_reference",
        "sender_name",
        "sender_code",
        "service",
        "reason",
    ]

    @classmethod
    def initial_for(cls, entry: ExceptionEntry) -> dict[str, Any]:
        """What was understood."""
        if not cls.fits(entry):
            return {}
        facts = Facts.from_json(entry.submission.facts)
        names = ("subject", "own_reference", "foreign_reference", "court_code", "court_reference", "service")
        return {name: getattr(facts, name) for name in names} | {
            "sender_code": facts.sender.code,
            "sender_name": facts.sender.name,
        }

    def prepare(self) -> None:
        """Leistungen, what the message says among them, and the findings that hold it up."""
        services = {service.slug: service.name for service in self.scope.all_services}
        understood = self.initial.get("service", "")
        if understood and understood not in services:
            services[understood] = f"{understood} (unbekannt)"
        self.fields["service"].choices = [("", "keine Angabe"), *services.items()]
        blocking = {f.code: f.message for f in findings(self.entry.submission.findings) if f.is_blocking}
        if blocking:
            self.fields["accepted"].choices = list(blocking.items())
            self.fields["accepted"].initial = list(blocking)
        else:
            del self.fields["accepted"]

    def corrections(self) -> dict[str, str]:
        """What differs from what was understood, by the path of the Fact."""
        given = {name: self.cleaned_data[name] for name in self.initial}
        changed = {name: value for name, value in given.items() if value.split() != self.initial[name].split()}
        return {self.FACTS.get(name, name): value for name, value in changed.items()}

    def perform(self, by: Actor) -> Result:
        """Go on; the message may come back with another reason."""
        entry = clearing.correct_and_resume(
            entry=self.entry,
            corrections=self.corrections(),
            accepted=self.cleaned_data.get("accepted", []),
            by=by,
            reason=self.cleaned_data["reason"],
        )
        if entry.resolved_at is None:
            explanation = exceptions.explain(entry)
            text = f"Die Nachricht lässt sich auch so nicht zuordnen: {explanation.cause} {explanation.what_to_do}"
            return Result(text, solved=False, is_done=False)
        if entry.case is None:
            return Result(f"Die Nachricht ist verarbeitet: {entry.submission.get_state_display()}.")
        return Result(f"Die Nachricht liegt jetzt im Vorgang {entry.case}.", entry.case)


class GoOnForm(ClearingForm):
    """Go on with what has failed with a Vorgang, in one of the ways of its kind."""

    verb, title, button = "fortfuehren", "So geht es weiter", "Ausführen"

    way = forms.ChoiceField(label="Weg", widget=forms.RadioSelect)
    field_order = ["way", "reason"]

    @classmethod
    def fits(cls, entry: ExceptionEntry) -> bool:
        """For what is no message and can be gone on with."""
        return entry.submission_id is None and bool(exceptions.kind_of(entry).ways)

    def prepare(self) -> None:
        """The ways of its kind."""
        self.fields["way"].choices = list(exceptions.kind_of(self.entry).ways.items())

    def perform(self, by: Actor) -> Result:
        """Go on."""
        way = self.cleaned_data["way"]
        elsewhere.resume(entry=self.entry, by=by, reason=self.cleaned_data["reason"], way=way)
        return Result(f"Erledigt: {dict(self.fields['way'].choices)[way]}.")


FORMS: dict[str, type[ClearingForm]] = {
    form.verb: form
    for form in (
        *BUTTONS,
        AssignForm,
        NewCaseForm,
        ResumeForm,
        GoOnForm,
        DuplicateForm,
        PassOnForm,
        AskForm,
        ParkForm,
        RejectForm,
    )
}
