"""Health for load balancers and monitoring: no log-in, no person data."""

from __future__ import annotations

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from audit.registries import health


@login_not_required
@never_cache
@require_safe
def live(request: HttpRequest) -> JsonResponse:
    """The process answers."""
    return JsonResponse({"status": "ok"})


@login_not_required
@never_cache
@require_safe
def ready(request: HttpRequest) -> JsonResponse:
    """Everything that is needed for work is there: 200, else 503, with one entry per part, vital or not."""
    parts = {name: check() for name, check in health}
    ok = all(part.ok for part in parts.values() if part.vital)
    body = {
        "status": "ok" if ok else "error",
        "parts": {name: {"ok": part.ok, "message": part.message} for name, part in parts.items()},
    }
    return JsonResponse(body, status=200 if ok else 503)
