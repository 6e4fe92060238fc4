"""The way of an Eingang through the house: claim, then translate, route and file in one transaction.

Either it is ``filed`` with everything that follows, or ``duplicate``, or ``exception`` with an entry in the queue,
or nothing has happened and it is tried again. The claim is committed first: it takes a lease and counts the
attempt, so that a message that kills its worker is parked after a few attempts. The row lock, not the
lease, guarantees that nobody does the same twice.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from audit.acting import SYSTEM, Actor, Source
from audit.faults import where
from intake import actions as intake
from intake import channels
from intake.facts import Facts
from intake.findings import Finding, Severity
from intake.models import Submission
from intake.selectors import archive_file, inspector, message_file, message_rows
from intake.translate import translate
from routing import duplicates, portal, recognition
from routing.actions import filing
from routing.models import RoutingDecision
from routing.verdict import Hold, NewCase, Repeat, Reply, Verdict, judge

MAX_LOCKS = 500
"""How many keys of one message are locked: the database's table of locks is for everybody."""
log = logging.getLogger("laufmappe.pipeline")


def due() -> QuerySet[Submission]:
    """What waits for the pipeline and is not claimed by somebody just now, oldest first."""
    free = Q(next_attempt_at=None) | Q(next_attempt_at__lte=timezone.now())
    return Submission.objects.filter(free, state=Submission.State.RECEIVED).order_by("id")


def process(submission_id: int, *, heed_lease: bool = True) -> bool:
    """Take one Eingang through. False when it was not to be had (done, or claimed by somebody else).

    With ``heed_lease=False`` a claim that somebody else holds is passed over (safe because of the row lock): for
    an importer that takes up what a killed one left behind.
    """
    attempt = intake.claim(submission_id, heed_lease=heed_lease)
    if attempt is None:
        return False
    try:
        if attempt <= settings.PIPELINE_MAX_ATTEMPTS:  # committed by itself: bytes stay what they are
            intake.check_files(submission_id)
        with transaction.atomic():
            submission = _lock(submission_id)
            if submission is None:
                return False
            if attempt > settings.PIPELINE_MAX_ATTEMPTS:
                filing.hold(submission, "technical_error", {}, facts=Facts())
            else:
                run(submission)
    except Exception as error:
        # Not lost: it stays "received" and is tried again, at last it becomes a Klärfall.
        log.error("submission %s: attempt %s failed: %s", submission_id, attempt, where(error))
        intake.pause(submission_id, attempt=attempt)
    return True


def run(submission: Submission, *, by: Actor = SYSTEM) -> None:
    """Translate, recognise, route and file a locked Eingang in state ``received``, inside a transaction.

    ``by`` is who let it run: the system, or the person who has corrected it.
    """
    facts, findings = understand(submission)
    one_at_a_time(submission, facts)
    client = submission.client
    earlier = None if submission.corrections.get("own_matter") else duplicates.earlier(submission, facts)
    accepted = submission.corrections.get("accepted", [])
    verdict = judge(submission.channel, facts, findings, earlier=earlier, accepted=accepted, client=client)
    _carry_out(submission, facts, verdict, by=by)


def understand(submission: Submission) -> tuple[Facts, list[Finding]]:
    """Translate the stored bytes, with what a person has corrected and accepted; kept on the (unsaved) submission."""
    noticed = [Finding.from_json(item) for item in submission.receipt_findings]
    rows = message_rows(submission)
    files, archive = [message_file(row) for row in rows], archive_file(submission)
    translation = translate(
        files, archive=archive, envelope_findings=noticed, inspect=inspector(rows), channel=submission.channel
    )
    if submission.client:
        translation.facts.sender = portal.sender_of(submission.client)
    facts = corrected(translation.facts, submission.corrections)
    findings = _accepted(translation.findings, submission.corrections)
    blob_of = {row.name: row.blob_id for row in rows}
    submission.understand(facts, findings, duplicates.content_key(facts, blob_of))
    return facts, findings


def one_at_a_time(submission: Submission, facts: Facts) -> None:
    """Messages of the same matter are placed one after another: the second must see what became of the first.

    Advisory locks, taken in sorted order after the submission's row; they end with the transaction.
    """
    names = [submission.content_key, submission.message_id, *recognition.keys(facts), *portal.keys(facts)]
    numbers = sorted({int.from_bytes(hashlib.sha256(n.encode()).digest()[:8], signed=True) for n in names if n})
    if numbers:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(n) FROM unnest(%s::bigint[]) AS n", [numbers[:MAX_LOCKS]])


def corrected(facts: Facts, corrections: dict[str, Any]) -> Facts:
    """The Facts with what a person corrected: ``{"facts": {"sender.code": …, "subject": …}}``."""
    for path, value in corrections.get("facts", {}).items():
        head, _, rest = path.partition(".")
        new = replace(getattr(facts, head), **{rest: value}) if rest else value
        facts = replace(facts, **{head: new})
    return facts


def _carry_out(submission: Submission, facts: Facts, verdict: Verdict, *, by: Actor) -> None:
    helped = [f"{by} hat Angaben berichtigt."] if by.is_person else []
    match verdict:
        case Hold():
            filing.hold(submission, verdict.reason, verdict.details, facts=facts, unit=verdict.unit)
        case Repeat():
            filing.link_duplicate(submission, of=verdict.original, by=SYSTEM, why=verdict.why)
        case Reply():
            submission.findings = [*submission.findings, *(f.as_json() for f in verdict.findings)]
            actor = by if by.is_person else channels.actor(submission.channel)  # who typed it must be allowed to
            why, mode = [verdict.why, *helped], RoutingDecision.Mode.REPLY
            whole = by.is_person
            filing.file_into(submission, facts, verdict.case, by=actor, mode=mode, explanation=why, everything=whole)
        case NewCase():
            rule, mode = verdict.rule, RoutingDecision.Mode.RULE
            actor = Actor(Source.RULE, f"Regel „{rule.name[:100]}“, Version {rule.version}")
            opened = filing.open_for(
                submission, facts, service=rule.service, unit=verdict.unit, handler=rule.person, by=actor
            )
            why, whole = [*verdict.met, *helped], by.is_person
            filing.note_possible_duplicates(submission, facts, opened, by=actor)
            filing.file_into(
                submission, facts, opened, by=actor, mode=mode, explanation=why, rule=rule, everything=whole
            )


def _accepted(findings: Iterable[Finding], corrections: dict[str, Any]) -> list[Finding]:
    """The findings, those that a person has accepted as mere hints."""
    accepted = set(corrections.get("accepted", []))
    return [replace(f, severity=Severity.HINT) if f.code in accepted else f for f in findings]


def _lock(submission_id: int) -> Submission | None:
    waiting = Submission.objects.filter(pk=submission_id, state=Submission.State.RECEIVED)
    locked = waiting.select_for_update(skip_locked=True, no_key=True, of=("self",))
    return locked.select_related("number", "client").first()
