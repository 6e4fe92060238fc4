"""What the page of the exception queue shows: questions to one's teams, and for the Teamleitung the queue itself."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.http import HttpRequest, QueryDict
from django.urls import reverse

from cases.models import OrgUnit, Service
from cases.selectors import Scope
from routing import bulk, exceptions, queue, selectors
from routing.clearing_form import ClearingForm
from routing.handling_forms import AnswerForm


class QueueForm(forms.Form):
    """The filters; they stand in the address, and what makes no sense there filters nothing."""

    cause = forms.ChoiceField(label="Ursache", required=False)
    age = forms.ChoiceField(label="In Klärung", required=False, choices=[("", "alle"), *queue.AGES.items()])
    team = forms.ChoiceField(label="Team", required=False)
    handler = forms.ChoiceField(
        label="Bearbeitung",
        required=False,
        choices=[("", "alle"), (queue.ME, "ich"), (queue.NOBODY, "niemand (frei)")],
    )
    state = forms.ChoiceField(required=False, choices=list(queue.STATES.items()), widget=forms.HiddenInput)
    group = forms.RegexField(r"[0-9a-f]{32}", required=False, widget=forms.HiddenInput)

    def __init__(self, data: Mapping[str, Any], *, causes: Sequence[str], teams: Sequence[OrgUnit]) -> None:
        """``causes``: the reason codes that occur; ``teams``: those whose Klärfälle the person sees."""
        super().__init__(data)
        self.fields["cause"].choices = [("", "alle"), *((each, exceptions.label_of(each)) for each in causes)]
        self.fields["team"].choices = [("", "alle"), *((str(unit.pk), unit.name) for unit in teams)]

    def wanted(self) -> queue.Wanted:
        """What is looked for."""
        self.full_clean()
        given = {name: self.cleaned_data.get(name, "") for name in self.fields}
        team = given.pop("team")
        return queue.Wanted(team=int(team) if team else None, **given)

    @property
    def is_filtered(self) -> bool:
        """True when less is shown than all in this state."""
        return any(self.cleaned_data.get(name) for name in ("cause", "age", "team", "handler", "group"))

    def query(self, **instead: str) -> str:
        """The filters as they stand in an address; ``instead`` replaces some, by "" takes them out."""
        pairs = {name: self.cleaned_data.get(name) for name in self.fields} | instead
        return urlencode({name: value for name, value in pairs.items() if value})


@dataclass(frozen=True)
class Tab:
    """One of the states of the queue, with how many Klärfälle are in it."""

    label: str
    address: str
    count: int
    is_current: bool


@dataclass(frozen=True)
class Ticked:
    """What is ticked on the page: single Klärfälle, and all of a cause."""

    ids: frozenset[int] = frozenset()
    groups: frozenset[str] = frozenset()

    @classmethod
    def of(cls, data: QueryDict) -> Ticked:
        """What was sent; what is no number is nothing."""
        ids = {int(value) for value in data.getlist("entry") if value.isascii() and value.isdigit()}
        return cls(frozenset(pk for pk in ids if pk < 2**63), frozenset(data.getlist("group")))

    def __bool__(self) -> bool:
        return bool(self.ids or self.groups)


@dataclass
class Queue:
    """The queue of a person with the filters of an address."""

    scope: Scope
    counts: queue.Counts
    form: QueueForm
    wanted: queue.Wanted

    @classmethod
    def of(cls, request: HttpRequest, data: Mapping[str, Any]) -> Queue:
        """For who is logged in; ``data`` are the filters (one query, and those of the scope)."""
        scope = Scope.of_request(request)
        counts = queue.counts(scope.led)
        teams = [unit for unit in scope.teams if unit.pk in scope.led]
        form = QueueForm(data, causes=counts.causes, teams=teams)
        return cls(scope, counts, form, form.wanted())

    def entries(self) -> Any:
        """The Klärfälle that are looked for."""
        return queue.narrowed(self.scope.led, self.scope.user, self.wanted)

    def tabs(self) -> list[Tab]:
        """The states, each with its number."""
        base = reverse("clearing")
        return [
            Tab(
                label, f"{base}?state={state}" if state else base, self.counts.states[state], self.wanted.state == state
            )
            for state, label in queue.STATES.items()
        ]

    def context(self, request: HttpRequest, *, ticked: Ticked, bound: ClearingForm | None) -> dict[str, Any]:
        """All that the list shows (four queries)."""
        names = dict(Service.objects.values_list("slug", "name"))
        entries = self.entries()
        found = queue.groups(entries, names)
        pages = [found[i : i + queue.MOST_GROUPS] for i in range(0, len(found), queue.MOST_GROUPS)] or [[]]
        page = min(max(_number(request.GET.get("seite", "")), 1), len(pages))
        groups = pages[page - 1]
        queue.fill(groups, entries, each=queue.MOST_ROWS if self.wanted.group else queue.SHOWN)
        return {
            "form": self.form,
            "tabs": self.tabs(),
            "groups": [group for group in groups if group.entries],
            "total": sum(group.count for group in found),
            "causes": len(found),
            "page": page,
            "pages": len(pages),
            "query": self.form.query(),
            "without_group": self.form.query(group=""),
            "reset": self.form.query(cause="", age="", team="", handler="", group=""),
            "is_filtered": self.form.is_filtered,
            "ways": bulk.ways(self.scope, are_parked=self.wanted.state == "parked", bound=bound),
            "ticked": ticked,
            "bound": bound,
        }


def context(
    request: HttpRequest,
    *,
    data: Mapping[str, Any] | None = None,
    ticked: Ticked | None = None,
    bound: ClearingForm | None = None,
    answer: tuple[int, AnswerForm] | None = None,
) -> dict[str, Any]:
    """All of the page; ``bound`` is a way, ``answer`` an answer to a question that was sent and did not pass.

    ``data`` are the filters, where they do not stand in the address; ``ticked`` is what was chosen.
    """
    scope = Scope.of_request(request)
    found: dict[str, Any] = {"questions": _questions(scope.units, answer), "is_lead": bool(scope.led), "queue": None}
    if scope.led:
        shown = Queue.of(request, request.GET if data is None else data)
        found |= shown.context(request, ticked=ticked or Ticked(), bound=bound)
    return found


def _questions(units: Collection[int], answer: tuple[int, AnswerForm] | None) -> list[dict[str, Any]]:
    """The questions to these units with the messages that they are about, and a form for the answer to each."""
    shown = []
    for question in selectors.shown_questions(units) if units else []:
        form = answer[1] if answer and answer[0] == question.pk else AnswerForm(question_id=question.pk)
        shown.append({"question": question, "submission": question.entry.submission, "form": form})
    return shown


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 6 else 1
