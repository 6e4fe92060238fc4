"""A rule from what people have solved by hand: what was solved lately, and the rule that is proposed from it."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from cases.actions.base import NotPossible
from routing import proposing, solved, trial
from routing.actions import drafts
from routing.engine import Rules
from routing.models import ExceptionEntry, Rule
from routing.proposing import Proposal
from routing.rulebook import in_force
from routing.rulepages.base import RulesView
from routing.rulepages.words import Words


class NameForm(forms.Form):
    """How the rule is to be called."""

    name = forms.CharField(label="Name der Regel", max_length=200)


class SolvedView(RulesView):
    """What was placed by hand lately, by cause and by where it went."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show it."""
        groups = solved.groups(request.user)
        return render(request, "routing/rules/solved.html", {"groups": groups, "days": solved.LATELY.days})


class ProposalView(RulesView):
    """The rule that the machine proposes from solved Klärfälle: GET shows it with its trial run, POST drafts it."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show it. It changes nothing."""
        return self.show(proposing.from_entries(self.entries()))

    def post(self, request: HttpRequest) -> HttpResponse:
        """Draw up a draft with the rule; what counts is what is proposed now."""
        proposal, form = proposing.from_entries(self.entries()), NameForm(request.POST)
        if proposal.why_not or not form.is_valid():
            return self.show(proposal, form, status=422)
        values = drafts.content_of(_unsaved(proposal)) | {"name": form.cleaned_data["name"]}
        try:
            change = drafts.in_draft(
                None,
                name=f"Vorschlag: {values['name']}"[:200],
                by=self.by,
                act=lambda draft: drafts.add_rule(draft=draft, values=values, by=self.by),
            )
        except (NotPossible, PermissionDenied) as error:
            form.add_error(None, str(error))
            return self.show(proposal, form, status=422)
        messages.success(request, "Die Regel steht in einem Entwurf. Veröffentlichen muss ihn eine zweite Person.")
        return redirect("draft-trial", draft_id=change.draft_id)

    def entries(self) -> list[ExceptionEntry]:
        """The solved Klärfälle that the address names, as far as this person sees them."""
        given = self.request.GET
        if "gruppe" in given:
            found = solved.of_group(self.request.user, given["gruppe"])
        else:
            ids = [int(each) for each in given.getlist("eintrag") if each.isascii() and each.isdigit()]
            found = solved.chosen(self.request.user, [pk for pk in ids if pk < 2**63])
        if not found:
            raise Http404("Diese gelösten Klärfälle gibt es nicht, oder sie gehören zu einem anderen Team.")
        return found

    def show(self, proposal: Proposal, form: NameForm | None = None, status: int = 200) -> HttpResponse:
        """The page."""
        context: dict[str, Any] = {"proposal": proposal, "query": self.request.GET.urlencode()}
        if proposal.conditions and proposal.service:
            rule = _unsaved(proposal)
            words = Words([rule], self.scope.all_units)
            context |= {"conditions": words.conditions(rule), "target": words.target(rule)}
        if not proposal.why_not:
            rules = in_force()
            context["run"] = trial.compare(rules, Rules([*rules.rules, rule]), on=timezone.localdate())
            context["form"] = form or NameForm(initial={"name": proposal.name})
            context["bound"] = form
        return render(self.request, "routing/rules/proposal.html", context, status=status)


def _values(proposal: Proposal) -> dict[str, Any]:
    """The rule as a draft takes it."""
    return {
        "rank": proposal.rank,
        "name": proposal.name,
        "conditions": [condition.as_json() for condition in proposal.conditions],
        "service_id": proposal.service.pk if proposal.service else None,
        "unit_id": proposal.unit.pk if proposal.unit else None,
        "note": f"Vorgeschlagen aus {proposal.covers} von Hand gelösten Klärfällen.",
    }


def _unsaved(proposal: Proposal) -> Rule:
    rule = Rule(pk=-1, version=1, **_values(proposal))
    rule.service, rule.unit = proposal.service, proposal.unit
    rule.from_change = -1
    return rule
