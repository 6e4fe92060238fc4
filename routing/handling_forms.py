"""What can be done with a Klärfall before it is solved, as forms: one click, or who is to look at it, or when."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django import forms
from django.utils import timezone

from audit.acting import Actor
from cases.models import OrgUnit, User
from cases.worklist.forms import DateInput
from routing.actions import handling
from routing.clearing_form import ClearingForm, Result, offer
from routing.models import ExceptionEntry

PERIODS = {"1": "bis morgen", "7": "1 Woche", "14": "2 Wochen"}


def parking_fields() -> dict[str, forms.Field]:
    """When something that is parked comes back: after a period, or on a day (``period``, ``until``)."""
    return {
        "period": forms.ChoiceField(
            label="Dauer", required=False, initial="7", choices=[*PERIODS.items(), ("", "bis zu einem Tag")]
        ),
        "until": forms.DateField(label="Anderer Tag", required=False, widget=DateInput),
    }


def parked_until(form: forms.Form, given: dict[str, Any]) -> date | None:
    """The day that was chosen: the date, where one is given. Without any an error stands at its field."""
    if given.get("until"):
        return given["until"]
    if given.get("period"):
        return timezone.localdate() + timedelta(days=int(given["period"]))
    if not form.errors:
        form.add_error("until", "Bitte einen Tag oder eine Dauer wählen.")
    return None


class OneClick(ClearingForm):
    """Nothing to fill in: a button."""

    reason = None  # type: ignore[assignment]

    @classmethod
    def fits(cls, entry: ExceptionEntry) -> bool:
        """For any kind of Klärfall, whoever looks; ``is_offered`` says to whom it is shown."""
        return True

    def is_offered(self) -> bool:
        """True when it makes sense now for this person."""
        return True


class ClaimForm(OneClick):
    """Work on it."""

    verb, title, button = "annehmen", "Annehmen", "Annehmen"

    def is_offered(self) -> bool:
        """While nobody does."""
        return self.entry.claimed_by_id is None

    def perform(self, by: Actor) -> Result:
        """Claim it."""
        handling.claim(entry=self.entry, by=by)
        return Result("Sie bearbeiten jetzt diesen Klärfall; andere sehen das.", solved=False)


class TakeOverForm(OneClick):
    """Work on it instead of somebody else."""

    verb, title, button = "uebernehmen", "Übernehmen", "Übernehmen"

    def is_offered(self) -> bool:
        """While somebody else does."""
        return self.entry.claimed_by_id not in (None, self.user.pk)

    def perform(self, by: Actor) -> Result:
        """Take it over."""
        handling.take_over(entry=self.entry, by=by)
        return Result("Sie haben diesen Klärfall übernommen; das steht in der Historie.", solved=False)


class ReleaseForm(OneClick):
    """Work on it no longer."""

    verb, title, button = "freigeben", "Freigeben", "Freigeben"

    def is_offered(self) -> bool:
        """To who does."""
        return self.entry.claimed_by_id == self.user.pk

    def perform(self, by: Actor) -> Result:
        """Give it back."""
        handling.release(entry=self.entry, by=by)
        return Result("Der Klärfall ist wieder frei.", solved=False)


class BringBackForm(OneClick):
    """Take up what is parked."""

    verb, title, button = "wieder-aufnehmen", "Wieder aufnehmen", "Jetzt wieder aufnehmen"

    def is_offered(self) -> bool:
        """While it is parked."""
        return self.entry.is_parked

    def perform(self, by: Actor) -> Result:
        """Take it up."""
        handling.bring_back(entry=self.entry, by=by)
        return Result("Der Klärfall steht wieder in der Liste.", solved=False)


class HandlingForm(ClearingForm):
    """A step that any kind of Klärfall has."""

    @classmethod
    def fits(cls, entry: ExceptionEntry) -> bool:
        """For any kind of Klärfall."""
        return True


class PassOnForm(HandlingForm):
    """Put it into the queue of another team."""

    verb, title, button = "weitergeben", "An ein anderes Team geben", "Weitergeben"
    hint = "Der Klärfall steht dann bei der Teamleitung des anderen Teams, und nicht mehr bei Ihnen."

    unit = forms.ModelChoiceField(OrgUnit.objects.none(), label="Team", empty_label="bitte wählen")
    reason = forms.CharField(
        label="Grund",
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="Warum das andere Team zuständig ist. Steht in der Historie.",
    )
    field_order = ["unit", "reason"]

    def prepare(self) -> None:
        """Any team but that where it lies."""
        offer(self.fields["unit"], (unit for pk, unit in self.scope.all_units.items() if pk != self.unit_id))

    def perform(self, by: Actor) -> Result:
        """Pass it on."""
        unit = self.cleaned_data["unit"]
        handling.pass_on(entry=self.entry, unit=unit, by=by, reason=self.cleaned_data["reason"])
        return Result(f"Der Klärfall liegt jetzt bei {unit}.")


class AskForm(HandlingForm):
    """Ask another team."""

    verb, title, button = "rueckfrage", "Ein anderes Team fragen", "Fragen"
    hint = "Das andere Team sieht Frage und Nachricht, bis es geantwortet hat. Der Klärfall bleibt bei Ihnen."
    mark_optional = False

    unit = forms.ModelChoiceField(OrgUnit.objects.none(), label="Team", empty_label="bitte wählen")
    text = forms.CharField(label="Frage", max_length=handling.MOST_TEXT, widget=forms.Textarea(attrs={"rows": 3}))
    reason = None  # type: ignore[assignment]
    field_order = ["unit", "text"]

    def prepare(self) -> None:
        """Any team but that where it lies."""
        offer(self.fields["unit"], (unit for pk, unit in self.scope.all_units.items() if pk != self.unit_id))

    def perform(self, by: Actor) -> Result:
        """Ask."""
        unit = self.cleaned_data["unit"]
        handling.ask(entry=self.entry, unit=unit, text=self.cleaned_data["text"], by=by)
        return Result(f"{unit} ist gefragt. Die Antwort erscheint hier am Klärfall.", solved=False)


class ParkForm(HandlingForm):
    """Lay it aside until a day."""

    verb, title, button = "parken", "Zurückstellen", "Zurückstellen"
    hint = "Er verlässt die Liste und kommt an dem Tag von selbst wieder. Bis dahin altert er nicht."
    field_order = ["period", "until", "reason"]

    period, until = parking_fields().values()

    def clean(self) -> dict[str, Any]:
        """One of both says until when: a day, where one is given."""
        given = super().clean() or {}
        given["day"] = parked_until(self, given)
        return given

    def perform(self, by: Actor) -> Result:
        """Park it."""
        day = self.cleaned_data["day"]
        handling.park(entry=self.entry, until=day, by=by, reason=self.cleaned_data["reason"])
        return Result(f"Der Klärfall ist bis {day:%d.%m.%Y} zurückgestellt.")


class AnswerForm(forms.Form):
    """The answer to a question to one's team."""

    text = forms.CharField(label="Antwort", max_length=handling.MOST_TEXT, widget=forms.Textarea(attrs={"rows": 3}))

    def __init__(self, data: Any = None, *, question_id: int) -> None:
        """The ids carry the question's, so that all can stand on one page."""
        super().__init__(data, auto_id=f"antwort-{question_id}-%s")


BUTTONS: tuple[type[OneClick], ...] = (ClaimForm, TakeOverForm, ReleaseForm, BringBackForm)


def offered_buttons(entry: ExceptionEntry, user: User) -> list[OneClick]:
    """The buttons that make sense now for this person."""
    buttons = [kind(entry=entry, user=user) for kind in BUTTONS]
    return [button for button in buttons if button.is_offered()]
