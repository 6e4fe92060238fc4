"""What a Teamleitung does with the exception queue. Page and Verwaltung go through these same functions."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone

from audit.acting import Actor, acting
from cases.models import Case, OrgUnit, Service
from intake import actions as intake
from intake.facts import Facts
from intake.models import Submission
from routing import pipeline, selectors
from routing.actions import filing
from routing.models import ExceptionEntry, RoutingDecision

Resolution = ExceptionEntry.Resolution


class NotClearable(Exception):
    """The entry cannot be cleared this way; the message is a German sentence for the person who tried."""


def assign_to_case(*, entry: ExceptionEntry, case: Case, by: Actor, reason: str = "") -> None:
    """File the message into a Vorgang that exists."""
    with _clearing(entry, by=by, resolution=Resolution.ASSIGNED, reason=reason) as (locked, submission):
        facts = _facts(submission)
        why = [f"{by} hat den Vorgang {case.public_id} gewählt."]
        mode = RoutingDecision.Mode.MANUAL
        filing.file_into(submission, facts, case, by=by, mode=mode, explanation=why, reason=reason)
        locked.case = case


def open_new_case(*, entry: ExceptionEntry, service: Service, unit: OrgUnit, by: Actor, reason: str = "") -> Case:
    """Open a new Vorgang of this Leistung in this team and file the message into it."""
    with _clearing(entry, by=by, resolution=Resolution.NEW_CASE, reason=reason) as (locked, submission):
        facts = _facts(submission)
        case = filing.open_for(submission, facts, service=service, unit=unit, by=by)
        why = [f"{by} hat einen neuen Vorgang eröffnet."]
        mode = RoutingDecision.Mode.MANUAL
        filing.file_into(submission, facts, case, by=by, mode=mode, explanation=why, reason=reason)
        locked.case = case
    return case


def link_duplicate(*, entry: ExceptionEntry, of: Submission, by: Actor, reason: str = "") -> None:
    """Say that the message is the same as an earlier Eingang."""
    if of.pk == entry.submission_id or of.state == Submission.State.DUPLICATE:
        raise NotClearable("Bitte den ursprünglichen Eingang wählen, nicht diesen selbst oder eine Dublette.")
    with _clearing(entry, by=by, resolution=Resolution.DUPLICATE, reason=reason) as (locked, submission):
        filing.link_duplicate(submission, of=of, by=by, why=reason or f"{by} hat die Dublette erkannt.")
        locked.case = of.case


def reject(*, entry: ExceptionEntry, by: Actor, reason: str) -> None:
    """Turn the message away, with a reason (required); its bytes stay."""
    if not reason.strip():
        raise NotClearable("Bitte einen Grund angeben; er steht in der Historie.")
    with _clearing(entry, by=by, resolution=Resolution.REJECTED, reason=reason) as (_, submission):
        intake.mark_rejected(submission, by=by, reason=reason)


def correct_and_resume(
    *, entry: ExceptionEntry, corrections: dict[str, Any], accepted: list[str], by: Actor, reason: str = ""
) -> ExceptionEntry:
    """Correct what was understood, accept findings (by code), and let the pipeline go on at once.

    ``corrections``: ``{"subject": …, "own_reference": …, "sender.code": …}``. When the message cannot be placed even
    so, the entry stays open, with the new reason; returns it as it is then.
    """
    with transaction.atomic():
        locked, submission = _lock(entry, by=by)
        earlier = submission.corrections
        merged = {
            "facts": earlier.get("facts", {}) | corrections,
            "accepted": sorted(set(earlier.get("accepted", [])) | set(accepted)),
        }
        intake.resume(submission, by=by, reason=reason, corrections=merged)
        pipeline.run(submission)
        if submission.state != Submission.State.EXCEPTION:
            locked.case = submission.case
            _resolve(locked, by=by, resolution=Resolution.RESUMED, reason=reason)
    return ExceptionEntry.objects.get(pk=entry.pk)


@contextmanager
def _clearing(
    entry: ExceptionEntry, *, by: Actor, resolution: ExceptionEntry.Resolution, reason: str
) -> Iterator[tuple[ExceptionEntry, Submission]]:
    """Lock entry and message, check the right, and resolve the entry after the block; all or nothing."""
    with transaction.atomic():
        locked, submission = _lock(entry, by=by)
        yield locked, submission
        _resolve(locked, by=by, resolution=resolution, reason=reason)


def _lock(entry: ExceptionEntry, *, by: Actor) -> tuple[ExceptionEntry, Submission]:
    if not selectors.visible_entries(by.user).filter(pk=entry.pk).exists():
        raise PermissionDenied("Diesen Klärfall dürfen Sie nicht bearbeiten.")
    locked = ExceptionEntry.objects.select_for_update(no_key=True).get(pk=entry.pk)
    if locked.resolved_at is not None:
        raise NotClearable(f"Dieser Klärfall ist schon gelöst ({locked.get_resolution_display()}).")
    submissions = Submission.objects.select_for_update(no_key=True, of=("self",)).select_related("number")
    return locked, submissions.get(pk=locked.submission_id)


def _resolve(entry: ExceptionEntry, *, by: Actor, resolution: ExceptionEntry.Resolution, reason: str) -> None:
    entry.resolution, entry.resolved_at, entry.resolved_by = resolution, timezone.now(), by.user
    with acting(by, f"resolve_{resolution.value}", reason=reason):
        entry.save()


def _facts(submission: Submission) -> Facts:
    return Facts.from_json(submission.facts)
