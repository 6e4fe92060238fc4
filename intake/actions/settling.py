"""What becomes of an Eingang: claimed, looked into, filed, held, linked, rejected or taken up again."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from audit import versions
from audit.acting import Actor, acting
from audit.ledger import Ledger, rewrite
from cases.actions import look_into
from cases.models import Case, CaseNumber
from intake.findings import Finding
from intake.models import Submission, SubmissionFile

LONGEST_PAUSE = 300  # seconds between two attempts

_CLAIM = """
UPDATE intake_submission SET attempts = attempts + 1, next_attempt_at = %s WHERE id IN (
  SELECT id FROM intake_submission WHERE id = ANY(%s) AND state = 'received'
     AND (%s OR next_attempt_at IS NULL OR next_attempt_at <= %s) AND (%s::int IS NULL OR attempts <= %s)
   ORDER BY id FOR NO KEY UPDATE SKIP LOCKED) RETURNING id, attempts"""
# The Vorgangs-ID of an Eingang and those of its duplicates lead to the Vorgang, unless they lead to one already.
_ALIASES = """
WITH filed(id, case_id) AS (SELECT unnest(%s::bigint[]), unnest(%s::bigint[]))
UPDATE cases_casenumber n SET case_id = v.case_id FROM (
  SELECT s.number_id, filed.case_id FROM filed JOIN intake_submission s ON s.id = filed.id UNION ALL
  SELECT s.number_id, filed.case_id FROM filed JOIN intake_submission s ON s.duplicate_of_id = filed.id) v
 WHERE n.id = v.number_id AND n.case_id IS NULL"""
# What the pipeline changes of an Eingang
_SETTLED = (
    "state", "case", "is_side_channel", "received_at", "message_id", "content_key", "facts", "findings",
)  # fmt: skip


def claim(submission_id: int, *, heed_lease: bool = True) -> int | None:
    """Take a waiting Eingang for oneself, in one committed UPDATE: lease it and count the attempt.

    Returns the number of the attempt, or None when it is not to be had. ``heed_lease=False`` takes over another's.
    """
    return _claimed([submission_id], heed_lease, max_attempts=None).get(submission_id)


def claim_new(submission_ids: Iterable[int]) -> list[int]:
    """Take those of these Eingänge for oneself that nobody has tried before, in one committed UPDATE; oldest first."""
    return sorted(_claimed(list(submission_ids), heed_lease=True, max_attempts=0))


def _claimed(ids: list[int], heed_lease: bool, max_attempts: int | None) -> dict[int, int]:
    """The claimed ones with the number of the attempt. What somebody works on is locked: passed over, not awaited."""
    lease = timezone.now() + timedelta(seconds=settings.PIPELINE_LEASE_SECONDS)
    with connection.cursor() as cursor:
        cursor.execute(_CLAIM, [lease, ids, not heed_lease, timezone.now(), max_attempts, max_attempts])
        return dict(cursor.fetchall())


def check_files(submission_ids: Iterable[int]) -> dict[int, list[SubmissionFile]]:
    """Look into the files of Eingänge, as far as nobody has done so before (one query when all are known).

    Returns the stored files of each, with their blobs and what is known of them, in the order of their receipt.
    """
    found: dict[int, list[SubmissionFile]] = {submission_id: [] for submission_id in submission_ids}
    rows = SubmissionFile.objects.filter(submission__in=list(found)).select_related("blob__result").order_by("id")
    for row in rows:
        found[row.submission_id].append(row)
    look_into([row.blob for rows in found.values() for row in rows])
    return found


def pause(submission_id: int, *, attempt: int) -> None:
    """After a failed attempt: wait twice as long as the last time (2, 4, 8 … at most 300 seconds)."""
    until = timezone.now() + timedelta(seconds=min(2**attempt, LONGEST_PAUSE))
    Submission.objects.filter(pk=submission_id, state=Submission.State.RECEIVED).update(next_attempt_at=until)


def mark_filed(submission: Submission, *, case: Case, by: Actor, reason: str = "") -> None:
    """It is in ``case``: its own, or (then its reserved Vorgangs-ID becomes an alias) another.

    The Vorgangs-IDs of its duplicates become aliases too.
    """
    mark_all_filed([(submission, case, by)], reason=reason)


def mark_all_filed(filed: Sequence[tuple[Submission, Case, Actor]], *, reason: str = "") -> None:
    """``mark_filed`` for many (Eingang, Vorgang, who) at once."""
    with connection.cursor() as cursor:
        cursor.execute(_ALIASES, [[s.pk for s, _, _ in filed], [case.pk for _, case, _ in filed]])
    for submission, case, _ in filed:
        submission.file()
        submission.case = case
    _settled([(submission, by, reason) for submission, _, by in filed], "file_submission")


def add_finding(*, case: Case, finding: Finding, by: Actor) -> None:
    """Add something that was noticed later to the first Eingang of a Vorgang; the same again is not added."""
    with transaction.atomic(), acting(by, "add_finding"):
        rows = Submission.objects.select_for_update(no_key=True, of=("self",)).filter(case=case)
        submission = rows.order_by("received_at", "id").first()
        if submission is None or finding.as_json() in submission.findings:
            return
        before = versions.snapshot(submission)
        submission.findings = [*submission.findings, finding.as_json()]
        submission.save()
        versions.record_changed(submission, before)


def mark_exceptions(held: Sequence[tuple[Submission, str]], *, by: Actor) -> None:
    """A person has to look: (Eingang, code of the exception)."""
    for submission, _ in held:
        submission.hold()
    _settled([(submission, by, reason) for submission, reason in held], "hold_submission")


def _settled(settled: Sequence[tuple[Submission, Actor, str]], action: str) -> None:
    """Save what was understood of these Eingänge and what has become of them, with its history."""
    ledger = Ledger()
    for submission, by, reason in settled:
        with acting(by, action, reason=reason):
            ledger.changed([submission])
    rewrite([submission for submission, _, _ in settled], _SETTLED)
    ledger.write()


def mark_duplicate(submission: Submission, *, of: Submission, by: Actor, reason: str = "") -> None:
    """It is the same as ``of``; the reserved Vorgangs-ID becomes an alias of that one's Vorgang."""
    if of.case_id:
        CaseNumber.objects.filter(pk=submission.number_id, case=None).update(case=of.case)
    with acting(by, "link_duplicate", reason=reason):
        submission.mark_duplicate()
        submission.duplicate_of = of
        submission.save()


def mark_rejected(submission: Submission, *, by: Actor, reason: str) -> None:
    """A person has turned it away; the bytes stay."""
    with acting(by, "reject_submission", reason=reason):
        submission.reject()
        submission.save()


def resume(submission: Submission, *, by: Actor, reason: str = "", corrections: dict[str, Any] | None = None) -> None:
    """Let the pipeline take it up again, with corrected Facts; attempts are counted anew."""
    before = versions.snapshot(submission)
    with acting(by, "resume_submission", reason=reason):
        submission.resume()
        submission.corrections = submission.corrections | (corrections or {})
        submission.attempts, submission.next_attempt_at = 0, None
        submission.save()
        versions.record_changed(submission, before)
