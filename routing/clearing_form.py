"""What all forms of a Klärfall have in common. Page and Verwaltung show and carry out the same ones."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, ClassVar

from django import forms

from audit.acting import Actor
from cases.models import Case, OrgUnit, User
from cases.selectors import Scope
from routing.models import ExceptionEntry


@dataclass(frozen=True)
class Result:
    """What came of it: a German sentence, and the Vorgang if there is one.

    ``solved``: the Klärfall is off the table of this person (else its page is shown again). ``is_done``: what was
    wanted has happened.
    """

    text: str
    case: Case | None = None
    solved: bool = True
    is_done: bool = True


def offer(field: forms.Field, units: Iterable[OrgUnit]) -> None:
    """Let a ModelChoiceField choose among these units, which need not be asked for again to show them."""
    units = list(units)
    field.queryset = OrgUnit.objects.filter(pk__in=[unit.pk for unit in units])
    field.choices = [("", field.empty_label), *((unit.pk, str(unit)) for unit in units)]


class ClearingForm(forms.Form):
    """A way to clear a Klärfall: ``verb`` stands in the address, ``perform`` calls the action."""

    verb: ClassVar[str]
    title: ClassVar[str]
    button: ClassVar[str]
    hint: ClassVar[str] = ""
    mark_optional: ClassVar[bool] = True

    reason = forms.CharField(
        label="Bemerkung",
        required=False,
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="Steht in der Historie.",
    )
    field_order: ClassVar[list[str] | None] = None

    def __init__(
        self,
        data: Any = None,
        *,
        user: User,
        entry: ExceptionEntry | None = None,
        prefix: str | None = None,
        scope: Scope | None = None,
    ) -> None:
        """Bound when there is ``data``. The ids carry the verb, so that all forms can stand on one page.

        Without an ``entry`` it is for several Klärfälle: ``for_entry`` before each ``perform``. ``scope`` is that of
        ``user``, where it is at hand.
        """
        initial = self.initial_for(entry) if entry else {}
        super().__init__(data, auto_id=f"{self.verb}-%s", initial=initial, prefix=prefix)
        self._entry, self.user, self.scope = entry, user, scope or Scope(user)
        self.prepare()

    @property
    def entry(self) -> ExceptionEntry:
        """The Klärfall that it is about."""
        if self._entry is None:
            raise ValueError("a form for several entries is about none until for_entry() says so")
        return self._entry

    @property
    def unit_id(self) -> int | None:
        """The team where the Klärfall lies; None for several."""
        return self._entry.unit_id if self._entry else None

    def for_entry(self, entry: ExceptionEntry) -> ClearingForm:
        """The same form, filled in the same way, for this one of several Klärfälle."""
        self._entry = entry
        return self

    @classmethod
    def fits(cls, entry: ExceptionEntry) -> bool:
        """True when this way is open for the Klärfall."""
        return entry.submission_id is not None

    @classmethod
    def initial_for(cls, entry: ExceptionEntry) -> dict[str, Any]:
        """What stands in the form at first."""
        return {}

    def prepare(self) -> None:
        """Set the choices."""

    def perform(self, by: Actor) -> Result:
        """Do it. Raises NotClearable or PermissionDenied with a German sentence."""
        raise NotImplementedError
