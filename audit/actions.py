"""What the ground floor writes itself: the access log."""

from __future__ import annotations

from audit.acting import Actor
from audit.models import AccessLog


def log_access(*, by: Actor, what: str, subject: str) -> None:
    """Record that ``by`` looked at ``subject`` (an id, never person data); ``what`` is a code such as ``case_seen``."""
    AccessLog.objects.create(actor=by.name, what=what, subject=subject)
