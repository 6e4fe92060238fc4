"""What a Teamleitung does with the exception queue. Page and Verwaltung go through these same functions."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone

from audit import versions
from audit.acting import Actor, acting
from audit.faults import where
from cases.models import Case, OrgUnit, Service
from intake import actions as intake
from intake.facts import Facts
from intake.models import Submission
from intake.selectors import stored_files
from routing import pipeline, selectors
from routing.actions import filing
from routing.actions.locking import NotClearable, lock
from routing.duplicates import originals
from routing.models import ExceptionEntry, RoutingDecision

log = logging.getLogger("laufmappe.clearing")
Resolution = ExceptionEntry.Resolution


def assign_to_case(*, entry: ExceptionEntry, case: Case, by: Actor, reason: str = "") -> None:
    """File the message into a Vorgang that exists."""
    with _clearing(entry, by=by, resolution=Resolution.ASSIGNED, reason=reason) as (locked, submission, facts):
        _file_by_hand(
            submission, facts, case, by=by, reason=reason, why=f"{by} hat den Vorgang {case.public_id} gewählt."
        )
        locked.case = case


def open_new_case(*, entry: ExceptionEntry, service: Service, unit: OrgUnit, by: Actor, reason: str = "") -> Case:
    """Open a new Vorgang of this Leistung in this team and file the message into it."""
    with _clearing(entry, by=by, resolution=Resolution.NEW_CASE, reason=reason) as (locked, submission, facts):
        case = filing.open_for(submission, facts, service=service, unit=unit, by=by)
        _file_by_hand(submission, facts, case, by=by, reason=reason, why=f"{by} hat einen neuen Vorgang eröffnet.")
        locked.case = case
    return case


def link_duplicate(*, entry: ExceptionEntry, of: Submission, by: Actor, reason: str = "") -> None:
    """Say that the message is the same as an earlier Eingang (which is neither a duplicate nor rejected)."""
    with transaction.atomic():
        pair = Submission.objects.filter(pk__in=[entry.submission_id, of.pk]).order_by("pk")
        list(pair.select_for_update(no_key=True))  # in this order, so that two who link crosswise wait for each other
        with _clearing(entry, by=by, resolution=Resolution.DUPLICATE, reason=reason) as (locked, submission, _):
            original = Submission.objects.select_related("case").filter(originals(submission), pk=of.pk).first()
            if original is None:
                raise NotClearable(
                    "Bitte den ursprünglichen Eingang wählen, nicht diesen selbst, eine Dublette oder Zurückgewiesenes."
                )
            filing.link_duplicate(submission, of=original, by=by, why=reason or f"{by} hat die Dublette erkannt.")
            locked.case = original.case


def reject(*, entry: ExceptionEntry, by: Actor, reason: str, sender_text: str = "") -> None:
    """Turn the message away, with a reason (required); its bytes stay. What came from a portal is never turned away.

    ``reason`` is for the record; ``sender_text``, kept with the Klärfall, is what the sender may be told. What was
    taken for its duplicate is looked at again, each by itself: nothing hangs on something rejected.
    """
    if not reason.strip():
        raise NotClearable("Bitte einen Grund angeben; er steht in der Historie.")
    with _clearing(entry, by=by, resolution=Resolution.REJECTED, reason=reason) as (entry, submission, _facts):
        if submission.channel == "portal":
            raise NotClearable("Ein Antrag aus dem Portal wird nicht zurückgewiesen; bitte einem Vorgang zuordnen.")
        entry.sender_text = sender_text.strip()
        intake.mark_rejected(submission, by=by, reason=reason)
        for repeated in Submission.objects.select_for_update(no_key=True, of=("self",)).filter(duplicate_of=submission):
            intake.resume(repeated, by=by, reason="Der ursprüngliche Eingang wurde zurückgewiesen.")


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
        is_understood = pipeline.can_recall(submission, corrections)  # else the failed step was the translation
        intake.resume(submission, by=by, reason=reason, corrections=merged)
        pipeline.run(submission, by=by, is_understood=is_understood)
        if submission.state != Submission.State.EXCEPTION:
            locked.case = submission.case or submission.duplicate_of.case
            before = versions.snapshot(locked)
            _resolve(locked, by=by, resolution=Resolution.RESUMED, reason=reason, before=before)
    return ExceptionEntry.objects.get(pk=entry.pk)


def make_own_matter(*, submission: Submission, by: Actor, reason: str = "") -> Submission:
    """A duplicate is none: it goes through the pipeline as a matter of its own. Returns it as it is then."""
    return _again(submission, Submission.State.DUPLICATE, by=by, reason=reason, corrections={"own_matter": True})


def take_back_rejection(*, submission: Submission, by: Actor, reason: str) -> Submission:
    """A rejected message goes through the pipeline again, with a reason (required). Returns it as it is then."""
    if not reason.strip():
        raise NotClearable("Bitte einen Grund angeben; er steht in der Historie.")
    return _again(submission, Submission.State.REJECTED, by=by, reason=reason, corrections={})


def _again(
    submission: Submission, state: Submission.State, *, by: Actor, reason: str, corrections: dict[str, Any]
) -> Submission:
    if not selectors.may_reconsider(by.user, submission):
        raise PermissionDenied("Diesen Eingang dürfen Sie nicht bearbeiten.")
    with transaction.atomic():
        rows = Submission.objects.select_for_update(no_key=True, of=("self",)).select_related("number")
        locked = rows.get(pk=submission.pk)
        if locked.state != state:
            raise NotClearable(f"Das ist nicht möglich: Der Eingang ist {locked.get_state_display()}.")
        intake.resume(locked, by=by, reason=reason, corrections=corrections)
        pipeline.run(locked)
    return Submission.objects.select_related("case", "number").get(pk=submission.pk)


def _file_by_hand(submission: Submission, facts: Facts, case: Case, *, by: Actor, reason: str, why: str) -> None:
    mode = RoutingDecision.Mode.MANUAL
    filing.file_into(submission, facts, case, by=by, mode=mode, explanation=[why], reason=reason, everything=True)


@contextmanager
def _clearing(
    entry: ExceptionEntry, *, by: Actor, resolution: ExceptionEntry.Resolution, reason: str
) -> Iterator[tuple[ExceptionEntry, Submission, Facts]]:
    """Lock entry, message and matter, check the right, and resolve the entry after the block; all or nothing."""
    with transaction.atomic():
        locked, submission = _lock(entry, by=by)
        facts = _facts(submission)
        pipeline.one_at_a_time([(submission, facts)])
        before = versions.snapshot(locked)
        yield locked, submission, facts
        _resolve(locked, by=by, resolution=resolution, reason=reason, before=before)


def _lock(entry: ExceptionEntry, *, by: Actor) -> tuple[ExceptionEntry, Submission]:
    """The entry and its message, locked; nobody else may be working on it."""
    found, submission = lock(entry, by=by)
    if submission is None:
        raise NotClearable("Zu diesem Klärfall gehört keine Nachricht, die sich zuordnen ließe.")
    return found, submission


def _resolve(
    entry: ExceptionEntry,
    *,
    by: Actor,
    resolution: ExceptionEntry.Resolution,
    reason: str,
    before: dict[str, Any],
) -> None:
    """Nobody works on it any more; ``before`` is a snapshot of its person data."""
    entry.resolution, entry.resolved_at, entry.resolved_by = resolution, timezone.now(), by.user
    entry.claimed_by = entry.claimed_at = entry.parked_until = None
    with acting(by, f"resolve_{resolution.value}", reason=reason):
        entry.save()
        versions.record_changed(entry, before)


def _facts(submission: Submission) -> Facts:
    """What was understood. After a technical error nothing was: try once more, so that as much as possible is filed."""
    if submission.facts != Facts().as_json():
        return Facts.from_json(submission.facts)
    try:
        with transaction.atomic():
            facts, _ = pipeline.understand(submission, stored_files(submission))
    except Exception as error:  # a person files what the machine cannot read: all files, and no Facts
        log.warning("submission %s: not understood: %s", submission.pk, where(error))
        return Facts()
    return facts
