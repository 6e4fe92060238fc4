"""Forms of this room."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

from django import forms

from cases.models import Case, OrgUnit
from cases.selectors import Wanted


class WorklistForm(forms.Form):
    """The filters of the worklist; they stand in the address, and what makes no sense there filters nothing."""

    text = forms.CharField(label="Aktenzeichen, Vorgangs-ID oder Betreff", required=False, max_length=200)
    team = forms.ChoiceField(label="Team", required=False)
    status = forms.ChoiceField(label="Status", required=False, choices=[("", "alle"), *Case.Status.choices])
    decided = forms.BooleanField(label="auch entschiedene", required=False)

    def __init__(self, *args: Any, teams: Sequence[OrgUnit], **kwargs: Any) -> None:
        """``teams``: those that can be chosen."""
        super().__init__(*args, **kwargs)
        self.fields["team"].choices = [("", "alle"), *((unit.slug, unit.name) for unit in teams)]

    def wanted(self) -> Wanted:
        """What is looked for."""
        self.full_clean()
        given = {name: self.cleaned_data.get(name, "") for name in ("text", "team", "status")}
        decided = self.cleaned_data.get("decided", False) or given["status"] == Case.Status.DECIDED
        return Wanted(**given, decided=decided)

    @property
    def is_filtered(self) -> bool:
        """True when the list shows less than all open Vorgänge."""
        return any(self.cleaned_data.get(name) for name in ("text", "team", "status"))

    def query(self) -> str:
        """The filters as they stand in an address, for links to other pages of the same list."""
        pairs = {name: self.cleaned_data.get(name) for name in self.fields if self.cleaned_data.get(name)}
        return urlencode({name: "on" if value is True else value for name, value in pairs.items()})
