"""After a change of rules: what still waits where the old rules have put it, to be moved by a click."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.html import format_html

from cases.selectors import visible_cases
from routing import rerouting
from routing.actions.rerouting import reroute
from routing.rulepages.base import RulesView

MOST_REASONS = 20


class ReroutingView(RulesView):
    """GET shows what would lie elsewhere by now, POST moves what is ticked."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show it. It changes nothing."""
        context = {"offers": rerouting.offers(request.user), "newest": rerouting.NEWEST, "leads": bool(self.scope.led)}
        return render(request, "routing/rules/rerouting.html", context)

    def post(self, request: HttpRequest) -> HttpResponse:
        """Move what is ticked, each by itself, and say what became of it."""
        ids = request.POST.getlist("vorgang")
        cases = list(visible_cases(request.user).filter(public_id__in=ids).order_by("pk"))
        if not cases:
            messages.error(request, "Bitte mindestens einen Vorgang ankreuzen.")
            return redirect("rerouting")
        done = reroute(cases=cases, by=self.by)
        tell = messages.warning if done.kept else messages.success
        tell(request, f"Neu verteilt: {len(done.moved)} von {len(cases)}.")
        for case, why in done.kept[:MOST_REASONS]:
            messages.warning(request, format_html("Nicht verschoben: {}: {}", case, why))
        return redirect("rerouting")
