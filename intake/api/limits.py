"""How many requests a client may make: ``API_RATE_LIMIT`` and ``API_WRITE_RATE_LIMIT``, both per minute, 0 = off."""

from __future__ import annotations

from django.conf import settings


def of(*, is_write: bool) -> dict[str, int]:
    """The limits that a request counts against, by name; empty when they are off."""
    limits = {"all": settings.API_RATE_LIMIT}
    if is_write:
        limits["write"] = settings.API_WRITE_RATE_LIMIT
    return {name: limit for name, limit in limits.items() if limit}
