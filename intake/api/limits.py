"""How many requests a client may make: ``API_RATE_LIMIT`` and ``API_WRITE_RATE_LIMIT``, both per minute, 0 = off."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpResponse

from intake.actions import Allowance


def of(*, is_write: bool) -> dict[str, int]:
    """The limits that a request counts against, by name; empty when they are off."""
    limits = {"all": settings.API_RATE_LIMIT}
    if is_write:
        limits["write"] = settings.API_WRITE_RATE_LIMIT
    return {name: limit for name, limit in limits.items() if limit}


def told(response: HttpResponse, allowance: Allowance | None) -> HttpResponse:
    """The answer, with ``RateLimit-Limit``, ``-Remaining`` and ``-Reset`` (seconds) of the tightest limit."""
    if allowance is not None:
        response.headers["RateLimit-Limit"] = str(allowance.limit)
        response.headers["RateLimit-Remaining"] = str(allowance.remaining)
        response.headers["RateLimit-Reset"] = str(allowance.reset)
    return response
