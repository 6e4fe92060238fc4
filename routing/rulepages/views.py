"""The decision table and the page of one rule."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from cases.actions.base import NotPossible
from routing.actions import drafts
from routing.models import RuleChange, RuleDraft
from routing.rulepages import presenting
from routing.rulepages.base import RulesView, draft_or_404, rule_or_404
from routing.rulepages.listing import RuleFilter, page_of, rows_of


class RulesListView(RulesView):
    """All rules, in the order in which they are asked."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show one page of them."""
        today = timezone.localdate()
        form = RuleFilter(request.GET)
        page = page_of(form.rules(today), request.GET.get("seite", "1"))
        context = {
            "form": form,
            "page": page,
            "rows": rows_of(list(page.object_list), self.scope.all_units, today),
            "query": form.query(),
            "open_drafts": RuleDraft.objects.filter(state=RuleDraft.State.OPEN).count(),
        }
        return render(request, "routing/rules/list.html", context)


class RuleView(RulesView):
    """One rule: what it says, its versions, and what became of it."""

    def get(self, request: HttpRequest, rule_id: int) -> HttpResponse:
        """Show it."""
        context = presenting.rule_context(rule_or_404(rule_id), self.scope)
        return render(request, "routing/rules/rule.html", context)


class IntoDraftView(RulesView):
    """A rule is taken into a draft, a new one or one that there is: to be changed, switched off, or copied."""

    def get(self, request: HttpRequest, rule_id: int) -> HttpResponse:
        """The address of a form is no page: back to the rule."""
        return redirect("rule", rule_id=rule_or_404(rule_id).pk)

    def post(self, request: HttpRequest, rule_id: int) -> HttpResponse:
        """Do it, and go on in the draft. Nothing changes before that is published."""
        rule = rule_or_404(rule_id)
        chosen, verb = request.POST.get("draft", ""), request.POST.get("verb", "")
        act = {"aendern": drafts.change_rule, "aufheben": drafts.retire_rule, "kopieren": drafts.copy_rule}.get(verb)
        if act is None:
            messages.error(request, "Bitte wählen, was mit der Regel geschehen soll.")
            return redirect("rule", rule_id=rule.pk)
        try:
            change = drafts.in_draft(
                draft_or_404(int(chosen)) if chosen.isdecimal() else None,
                name=f"Regel „{rule}“"[:200],
                by=self.by,
                act=lambda draft: act(draft=draft, rule=rule, by=self.by),
            )
        except (NotPossible, PermissionDenied) as error:
            messages.error(request, str(error))
            return redirect("rule", rule_id=rule.pk)
        if change.kind == RuleChange.Kind.RETIRE:
            messages.success(request, "Im Entwurf vorgemerkt: Die Regel wird mit seiner Veröffentlichung aufgehoben.")
            return redirect("draft", draft_id=change.draft_id)
        return redirect("draft-change", draft_id=change.draft_id, change_id=change.pk)
