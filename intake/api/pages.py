"""The pages that the ``type`` of a problem leads to: public, in German."""

from __future__ import annotations

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from intake.api.problems import KINDS


@login_not_required
@require_safe
def problem_page(request: HttpRequest, code: str) -> HttpResponse:
    """What a kind of problem means and what to do."""
    if code not in KINDS:
        raise Http404("Diese Art von Problem gibt es nicht.")
    return render(request, "intake/problem.html", {"code": code, "kind": KINDS[code]})
