"""What all pages of the rules share: for whom they are, and how a refusal is told."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.utils.decorators import method_decorator
from django.views import View
from django.views.decorators.cache import never_cache

from audit.acting import Actor
from cases.actions.base import NotPossible
from cases.selectors import Scope
from routing.models import Rule, RuleChange, RuleDraft

REFUSED = "Die Regeln sehen und ändern die Teamleitungen und die Fachadministration."


@method_decorator(never_cache, name="dispatch")
class RulesView(View):
    """A page for the Teamleitungen and the Fachadministration."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Refuse everybody else."""
        self.scope = Scope.of_request(request)
        if not (self.scope.led or self.scope.configures):
            raise PermissionDenied(REFUSED)
        self.by = Actor.of(request.user)
        return super().dispatch(request, *args, **kwargs)


class StepView(RulesView):
    """A button: it does one thing and leads back. Its address is no page."""

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Who comes to it by itself is led back."""
        return redirect(self.back(**kwargs))

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Do it, and say what came of it."""
        try:
            messages.success(request, self.step(**kwargs))
        except (NotPossible, PermissionDenied) as error:
            messages.error(request, str(error))
        return redirect(self.back(**kwargs))

    def step(self, **kwargs: Any) -> str:
        """Call the action; returns a German sentence."""
        raise NotImplementedError

    def back(self, **kwargs: Any) -> str:
        """Where it goes on."""
        raise NotImplementedError


def rule_or_404(rule_id: int) -> Rule:
    """The rule with this number, with what it leads to."""
    found = Rule.objects.select_related("service__unit", "unit", "person", "case").filter(pk=rule_id).first()
    if found is None:
        raise Http404("Diese Regel gibt es nicht.")
    return found


def draft_or_404(draft_id: int) -> RuleDraft:
    """The draft with this number."""
    found = RuleDraft.objects.select_related("created_by", "closed_by").filter(pk=draft_id).first()
    if found is None:
        raise Http404("Diesen Entwurf gibt es nicht.")
    return found


def change_or_404(draft: RuleDraft, change_id: int) -> RuleChange:
    """A change of this draft."""
    found = draft.changes.select_related("rule", "case", "author").filter(pk=change_id).first()
    if found is None:
        raise Http404("Diese Änderung gibt es nicht, oder jemand hat sie zurückgenommen.")
    return found
