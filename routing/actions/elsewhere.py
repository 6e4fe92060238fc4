"""Klärfälle of other kinds than a message: the upper rooms report what has failed with a Vorgang, and settle it."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone

from audit import versions
from audit.acting import Actor, acting
from cases.models import Case
from routing import exceptions
from routing.actions.locking import NotClearable, lock
from routing.models import ExceptionEntry

Resolution = ExceptionEntry.Resolution


def report(*, kind: str, reason: str, case: Case, subject: str, details: dict[str, Any], by: Actor) -> ExceptionEntry:
    """Put something that has failed with a Vorgang into the queue of its team. ``kind`` is a registered one."""
    entry = ExceptionEntry(kind=kind, reason=reason, case=case, unit=case.unit, subject=subject[:500], details=details)
    exceptions.kind_of(entry)  # a kind that nobody can explain must not get into the queue
    with transaction.atomic(), acting(by, "raise_exception", reason=reason):
        entry.save()
        versions.record_created([entry])
    return entry


def settle(*, entries: list[ExceptionEntry], by: Actor, reason: str) -> None:
    """What they are about is settled, elsewhere or by itself; solved ones stay as they are."""
    with transaction.atomic():
        rows = ExceptionEntry.objects.select_for_update(no_key=True, of=("self",))
        for entry in rows.filter(pk__in=[each.pk for each in entries], resolved_at=None):
            _solve(entry, by=by, reason=reason)


def resume(*, entry: ExceptionEntry, by: Actor, reason: str = "", **how: Any) -> None:
    """Go on with it as its kind does; ``how`` is passed on. Raises as ``lock``, and NotClearable."""
    with transaction.atomic():
        locked, submission = lock(entry, by=by)
        if submission is not None:
            raise NotClearable("Zu diesem Klärfall gehört eine Nachricht; bitte dort berichtigen und fortsetzen.")
        try:
            exceptions.kind_of(locked).resume(entry=locked, by=by, **how)
        except PermissionDenied as refusal:
            raise NotClearable(str(refusal)) from refusal
        locked.refresh_from_db()
        if locked.resolved_at is None:
            _solve(locked, by=by, reason=reason)


def _solve(entry: ExceptionEntry, *, by: Actor, reason: str) -> None:
    with acting(by, "resolve_resumed", reason=reason):
        entry.resolution, entry.resolved_at = Resolution.RESUMED, timezone.now()
        entry.resolved_by = by.user
        entry.claimed_by = entry.claimed_at = entry.parked_until = None
        entry.save()
