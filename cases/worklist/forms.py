"""The forms of the worklist: what is looked for, what is done with several Vorgänge, saved views."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.utils import timezone

from cases.models import Case, OrgUnit, Service, User
from cases.worklist.listing import NOBODY, NONE, WAITING, Wanted
from cases.worklist.orders import ORDERS
from cases.worklist.relative import ME, day_of

SCOPES = {"meine": "Meine", "team": "Team", "": "Alle"}
DUE = {
    "@heute-1": "überfällig",
    "@heute": "bis heute",
    "@heute+3": "in den nächsten 3 Tagen",
    "@heute+7": "in den nächsten 7 Tagen",
    "@heute+14": "in den nächsten 14 Tagen",
    NONE: "ohne Frist",
}
FOLLOW_UP = {"@heute": "fällig", "@heute+7": "in den nächsten 7 Tagen", NONE: "ohne Wiedervorlage"}


class WorklistForm(forms.Form):
    """The filters of the worklist; they stand in the address, and what makes no sense there filters nothing."""

    text = forms.CharField(label="Aktenzeichen, Vorgangs-ID, Name, Betreff", required=False, max_length=200)
    service = forms.ChoiceField(label="Leistung", required=False)
    team = forms.ChoiceField(label="Team", required=False)
    status = forms.ChoiceField(label="Status", required=False, choices=[("", "alle"), *Case.Status.choices])
    waiting = forms.ChoiceField(
        label="Wartet",
        required=False,
        choices=[("", "alle"), *((value, words) for value, (words, _) in WAITING.items())],
    )
    handler = forms.ChoiceField(label="Bearbeitung", required=False)
    due = forms.ChoiceField(label="Frist", required=False)
    follow_up = forms.ChoiceField(label="Wiedervorlage", required=False)
    decided = forms.BooleanField(label="auch entschiedene", required=False)
    scope = forms.ChoiceField(required=False, choices=list(SCOPES.items()), widget=forms.HiddenInput)
    sort = forms.ChoiceField(required=False, choices=[(name, name) for name in ORDERS], widget=forms.HiddenInput)

    def __init__(
        self,
        data: Mapping[str, Any],
        *,
        user: User,
        teams: Sequence[OrgUnit],
        services: Sequence[Service],
        people: Sequence[User],
    ) -> None:
        """``user`` looks; ``teams``, ``services`` and ``people`` are those that can be chosen."""
        super().__init__(data)
        self._user = user
        self.fields["team"].choices = [("", "alle"), *((unit.slug, unit.name) for unit in teams)]
        self.fields["service"].choices = [("", "alle"), *((service.slug, service.name) for service in services)]
        fixed = [("", "alle"), (ME, "ich"), (NOBODY, "niemand (frei)")]
        self.fields["handler"].choices = [*fixed, *((str(each.pk), str(each)) for each in people)]
        self.fields["due"].choices = _days(DUE, data.get("due", ""))
        self.fields["follow_up"].choices = _days(FOLLOW_UP, data.get("follow_up", ""))

    def wanted(self) -> Wanted:
        """What is looked for, by this person, today."""
        self.full_clean()
        as_given = ("scope", "text", "team", "service", "status", "waiting", "sort")
        given = {name: self.cleaned_data.get(name, "") for name in as_given}
        handler = self.cleaned_data.get("handler", "")
        if handler == ME:
            handler = self._user.pk
        elif handler and handler != NOBODY:
            handler = int(handler)
        return Wanted(
            **given,
            handler=handler,
            due=_resolved(self.cleaned_data.get("due", "")),
            follow_up=_resolved(self.cleaned_data.get("follow_up", "")),
            decided=self.cleaned_data.get("decided", False) or given["status"] == Case.Status.DECIDED,
        )

    @property
    def is_filtered(self) -> bool:
        """True when the list shows less than all open Vorgänge of its tab."""
        narrowing = set(self.fields) - {"decided", "scope", "sort"}
        return any(self.cleaned_data.get(name) for name in narrowing)

    def query(self, **instead: str) -> str:
        """The filters as they stand in an address; ``instead`` replaces some, by "" takes them out."""
        pairs = {name: self.cleaned_data.get(name) for name in self.fields} | instead
        return urlencode({name: "on" if value is True else value for name, value in pairs.items() if value})


def _days(known: Mapping[str, str], given: str) -> list[tuple[str, str]]:
    """The known choices, and another day when one is given in the address."""
    choices = [("", "alle"), *known.items()]
    day = day_of(given, today=timezone.localdate()) if given not in known else None
    return [*choices, (given, f"bis {day:%d.%m.%Y}")] if day else choices


def _resolved(value: str) -> date | str:
    if value in ("", NONE):
        return value
    return day_of(value, today=timezone.localdate()) or ""


KEEP = ("", "nicht ändern")
PERIODS = {"1w": ("in 1 Woche", 7), "2w": ("in 2 Wochen", 14), "1m": ("in 1 Monat", 0)}


def day_after(period: str, today: date) -> date:
    """The day after a period (``1w``, ``2w``, ``1m``); a month later is the same day, or the last of a short month."""
    days = PERIODS[period][1]
    if days:
        return today + timedelta(days=days)
    first = (today.replace(day=1) + timedelta(days=32)).replace(day=1)
    last = (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)
    return first.replace(day=min(today.day, last.day))


class BulkForm(forms.Form):
    """What is to be done with the chosen Vorgänge. "Nicht ändern" and "niemand" are two different things."""

    handler = forms.ChoiceField(label="Bearbeitung", required=False)
    follow_up = forms.ChoiceField(
        label="Wiedervorlage", required=False, choices=[KEEP, *((key, words) for key, (words, _) in PERIODS.items())]
    )
    unit = forms.ChoiceField(label="Abgeben an", required=False)
    reason = forms.CharField(label="Grund der Abgabe", required=False, max_length=500)

    def __init__(self, *args: Any, people: Sequence[User], units: Sequence[OrgUnit], **kwargs: Any) -> None:
        """``people`` whom the person may give Vorgänge to, ``units`` that they may be handed over to."""
        super().__init__(*args, auto_id="id_bulk_%s", **kwargs)
        fixed = [KEEP, (ME, "mir zuweisen"), (NOBODY, "niemand (Zuweisung aufheben)")]
        self.fields["handler"].choices = [*fixed, *((str(each.pk), str(each)) for each in people)]
        self.fields["unit"].choices = [KEEP, *((str(unit.pk), unit.name) for unit in units)]

    def clean(self) -> dict[str, Any]:
        """Something must be chosen, and a Vorgang that is handed over belongs to the other team from then on."""
        given = super().clean()
        if not self.errors and not any(given.get(name) for name in ("handler", "follow_up", "unit")):
            raise forms.ValidationError("Es ist nichts ausgewählt, was geändert werden soll.")
        if given.get("unit") and (given.get("handler") or given.get("follow_up")):
            raise forms.ValidationError(
                "Abgegebene Vorgänge verteilt das andere Team: bitte Bearbeitung und Wiedervorlage nicht ändern."
            )
        if given.get("unit") and not given.get("reason", "").strip():
            self.add_error("reason", "Bitte angeben, warum das andere Team zuständig ist.")
        return given


class SaveViewForm(forms.Form):
    """A name for the filters, and for whom."""

    name = forms.CharField(label="Name der Ansicht", max_length=60)
    owner = forms.ChoiceField(label="Für", required=False)

    def __init__(self, *args: Any, units: Sequence[OrgUnit], **kwargs: Any) -> None:
        """``units``: those for whose people the person may keep views."""
        super().__init__(*args, auto_id="id_view_%s", **kwargs)
        self.fields["owner"].choices = [("", "nur mich"), *((str(unit.pk), f"Team {unit.name}") for unit in units)]
        if not units:
            self.fields["owner"].widget = forms.HiddenInput()


class DateInput(forms.DateInput):
    """The browser's own date field, in the form that it wants its values."""

    input_type = "date"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%d")


class FollowUpForm(forms.Form):
    """A Wiedervorlage: after a period or on a day, for somebody."""

    period = forms.ChoiceField(
        label="Wann",
        required=False,
        initial="1w",
        choices=[*((key, words) for key, (words, _) in PERIODS.items()), ("", "an einem anderen Tag")],
    )
    due_on = forms.DateField(label="Anderer Tag", required=False, widget=DateInput)
    user = forms.ChoiceField(label="Für")
    note = forms.CharField(label="Notiz", required=False, max_length=300)

    def __init__(self, *args: Any, people: Sequence[User], handler: User | None = None, **kwargs: Any) -> None:
        """``people`` of the team; ``handler`` is proposed."""
        super().__init__(*args, auto_id="id_follow_%s", **kwargs)
        self.fields["user"].choices = [(str(each.pk), str(each)) for each in people]
        self.fields["user"].initial = str(handler.pk) if handler else None

    def clean(self) -> dict[str, Any]:
        """One of both says when: a day, where one is given."""
        given = super().clean()
        if not self.errors and not given.get("due_on"):
            if not given.get("period"):
                self.add_error("due_on", "Bitte einen Tag oder eine Dauer wählen.")
            else:
                given["due_on"] = day_after(given["period"], timezone.localdate())
        return given


class CoverForm(forms.Form):
    """A Vertretung: who is away, who steps in, from when to when."""

    absent = forms.ChoiceField(label="Abwesend")
    substitute = forms.ChoiceField(label="Vertretung")
    starts_on = forms.DateField(label="Erster Tag", widget=DateInput)
    ends_on = forms.DateField(label="Letzter Tag", widget=DateInput)

    def __init__(self, *args: Any, absent: Sequence[User], people: Sequence[User], **kwargs: Any) -> None:
        """``absent``: for whom the person may say so (themselves first); ``people`` who can step in."""
        super().__init__(*args, auto_id="id_cover_%s", **kwargs)
        self.fields["absent"].choices = [(str(each.pk), str(each)) for each in absent]
        self.fields["substitute"].choices = [("", "bitte wählen"), *((str(each.pk), str(each)) for each in people)]
