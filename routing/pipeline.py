"""The way of Eingänge through the house: claim, then translate, route and file in one transaction, for one or many.

Either it is ``filed`` with everything that follows, or ``duplicate``, or ``exception`` with an entry in the queue,
or nothing has happened and it is tried again. The claim is committed first: it takes a lease and counts the
attempt, so that a message that kills its worker is parked after a few attempts. The row lock, not the
lease, guarantees that nobody does the same twice.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from audit.acting import SYSTEM, Actor
from audit.faults import where
from intake import actions as intake
from intake import channels
from intake.facts import Facts
from intake.findings import Finding, Severity
from intake.models import Reply as PortalReply
from intake.models import Submission, SubmissionFile
from intake.selectors import inspector, message_file, stored_files
from intake.translate import translate
from routing import duplicates, portal, recognition, relations, replies
from routing.actions import filing
from routing.actions import replies as follow_up
from routing.actions.placing import Placement, open_and_file
from routing.models import RoutingDecision
from routing.rulebook import in_force
from routing.verdict import Hold, NewCase, Repeat, Reply, judge

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
    return attempt is not None and _take_through(submission_id, attempt)


def process_batch(submission_ids: Iterable[int], *, heed_lease: bool = True) -> int:
    """Take many Eingänge through, those that have nothing to do with each other in one transaction.

    What becomes of each is the same as with ``process`` in the order of arrival. What answers or repeats another, what
    a person has corrected and all that does not end in a new Vorgang or in the queue goes one by one, after those
    that it depends on. When anything goes wrong nothing of the batch is written, and all go one by one. Who has been
    tried before always goes alone, and first: who kills the worker shall not drag others along. ``heed_lease`` is that
    of ``process``. Returns how many were taken (not those that somebody else had claimed).
    """
    ids = set(submission_ids)
    new = intake.claim_new(ids)
    waiting = due() if heed_lease else Submission.objects.filter(state=Submission.State.RECEIVED).order_by("id")
    again = list(waiting.filter(pk__in=ids.difference(new)).values_list("pk", flat=True))
    taken = sum(process(each, heed_lease=heed_lease) for each in again)
    try:
        alone = _place_together(new)
    except Exception as error:
        log.warning("a batch of %s goes one by one: %s", len(new), where(error))
        alone = new
    for each in alone:
        _take_through(each, attempt=1)
    return taken + len(new)


def _take_through(submission_id: int, attempt: int) -> bool:
    """Take a claimed Eingang through; False when somebody else had it already."""
    try:
        files = []
        if attempt <= settings.PIPELINE_MAX_ATTEMPTS:  # committed by itself: bytes stay what they are
            files = intake.check_files([submission_id])[submission_id]
        with transaction.atomic():
            submission = next(iter(_lock([submission_id])), None)
            if submission is None:
                return False
            if attempt > settings.PIPELINE_MAX_ATTEMPTS:
                filing.hold(submission, "technical_error", {}, facts=Facts())
            else:
                run(submission, files=files)
    except Exception as error:
        # Not lost: it stays "received" and is tried again, at last it becomes a Klärfall.
        log.error("submission %s: attempt %s failed: %s", submission_id, attempt, where(error))
        intake.pause(submission_id, attempt=attempt)
    return True


def _place_together(ids: Sequence[int]) -> list[int]:
    """Place those of these claimed Eingänge that may go together; returns those that have to go alone, in order."""
    files = intake.check_files(ids)
    with transaction.atomic():
        understood = [(each, *understand(each, files[each.pk])) for each in _lock(ids)]
        one_at_a_time((each, facts) for each, facts, _ in understood)
        names = {each.pk: relations.names(each, facts) for each, facts, _ in understood}
        known, rules, line = relations.known(names.values()), in_force(), relations.Line()
        alone, opening, holding = [], [], []
        for each, facts, findings in understood:
            mine, verdict = names[each.pk], None
            goes_alone = each.corrections or replies.of(each) is not None
            if not (goes_alone or relations.related(mine, known)) and line.may_go_ahead(mine):
                verdict = judge(each.channel, facts, findings, unrelated=True, rules=rules)
            match verdict:
                case NewCase():
                    opening.append(Placement(each, facts, files[each.pk], verdict))
                case Hold():
                    holding.append((each, facts, verdict.reason, verdict.details, verdict.unit))
                case _:
                    alone.append(each.pk)
            line.add(mine, waits=each.pk in alone)
        filing.hold_all(holding)
        opened = open_and_file(opening)
        given = relations.file_references(case.file_reference_key for case in opened)
        if any(not names[each.submission.pk].asks.isdisjoint(given) for each in opening):
            raise Unforeseen("a message names an Aktenzeichen that was given in the same batch")
    return alone


class Unforeseen(Exception):
    """Messages of a batch turn out to have to do with each other."""


def run(
    submission: Submission,
    *,
    by: Actor = SYSTEM,
    files: Sequence[SubmissionFile] | None = None,
    is_understood: bool = False,
) -> None:
    """Translate, recognise, route and file a locked Eingang in state ``received``, inside a transaction.

    ``by`` is who let it run: the system, or the person who has corrected it; ``files`` are its ``stored_files``,
    where they are at hand. ``is_understood``: it was translated before, and that stays as it is but for corrections.
    """
    files = stored_files(submission) if files is None else files
    facts, findings = (recall if is_understood else understand)(submission, files)
    one_at_a_time([(submission, facts)])
    names = relations.names(submission, facts)
    related = relations.related(names, relations.known([names]))
    reply = replies.of(submission)
    if reply is not None:
        _run_reply(submission, reply, facts, findings, by=by)
        return
    own_matter = submission.corrections.get("own_matter")
    earlier = duplicates.earlier(submission, facts) if related and not own_matter else None
    verdict = judge(
        submission.channel,
        facts,
        findings,
        earlier=earlier,
        accepted=submission.corrections.get("accepted", []),
        client=submission.client,
        unrelated=not related,
    )
    if isinstance(verdict, NewCase):
        helped, whole = _helped(by), by.is_person  # what a person lets run is filed whole
        others = portal.open_cases_of_applicant(facts, verdict.rule.service) if related else []
        open_and_file([Placement(submission, facts, files, verdict, others, helped, whole)])
    else:
        _carry_out(submission, facts, verdict, by=by)


def _run_reply(
    submission: Submission, reply: PortalReply, facts: Facts, findings: Sequence[Finding], *, by: Actor
) -> None:
    """Place what a portal has sent to a Vorgang."""
    reply = follow_up.settled(reply)
    earlier = follow_up.earlier_withdrawal(submission, reply)
    if earlier is None and not submission.corrections.get("own_matter"):
        earlier = duplicates.earlier(submission, facts)
    accepted = submission.corrections.get("accepted", [])
    verdict = replies.judge(submission, reply, findings, earlier=earlier, accepted=accepted)
    _carry_out(submission, facts, verdict, by=by)


def understand(submission: Submission, files: Sequence[SubmissionFile]) -> tuple[Facts, list[Finding]]:
    """Translate the stored ``files``, as a person has corrected and accepted; kept on the (unsaved) submission."""
    noticed = [Finding.from_json(item) for item in submission.receipt_findings]
    rows = [row for row in files if not row.is_archive]
    archive = next((message_file(row) for row in files if row.is_archive), None)
    translation = translate(
        [message_file(row) for row in rows],
        archive=archive,
        envelope_findings=noticed,
        inspect=inspector(rows),
        channel=submission.channel,
    )
    if submission.client:
        translation.facts.sender = portal.sender_of(submission.client)
    reply = replies.of(submission)
    if reply is not None:
        translation.facts = replies.named_by(translation.facts, reply)
    return _as_corrected(submission, rows, translation.facts, translation.findings)


def recall(submission: Submission, files: Sequence[SubmissionFile]) -> tuple[Facts, list[Finding]]:
    """``understand`` without translating again: what was understood before, as a person has corrected it since."""
    rows = [row for row in files if not row.is_archive]
    findings = [Finding.from_json(item) for item in submission.findings]
    return _as_corrected(submission, rows, Facts.from_json(submission.facts), findings)


def can_recall(submission: Submission, corrections: dict[str, Any]) -> bool:
    """True when an Eingang failed only after it was translated, and the corrections do not ask for another reading."""
    findings = [Finding.from_json(item) for item in submission.findings]
    is_sound = submission.facts != Facts().as_json() and not any(finding.is_blocking for finding in findings)
    return is_sound and "service" not in corrections  # by the Leistung the data are checked


def _as_corrected(
    submission: Submission, rows: Sequence[SubmissionFile], facts: Facts, findings: Iterable[Finding]
) -> tuple[Facts, list[Finding]]:
    facts = corrected(facts, submission.corrections)
    findings = _accepted(findings, submission.corrections)
    blob_of = {row.name: row.blob_id for row in rows}
    submission.understand(facts, findings, duplicates.content_key(facts, blob_of))
    return facts, findings


def one_at_a_time(messages: Iterable[tuple[Submission, Facts]]) -> None:
    """Messages of the same matter are placed one after another: the second must see what became of the first.

    Advisory locks, taken in sorted order after the submissions' rows; they end with the transaction.
    """
    names = [
        name
        for submission, facts in messages
        for name in (submission.content_key, submission.message_id, *recognition.keys(facts), *portal.keys(facts))
    ]
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


def _carry_out(submission: Submission, facts: Facts, verdict: Hold | Repeat | Reply, *, by: Actor) -> None:
    match verdict:
        case Hold():
            filing.hold(submission, verdict.reason, verdict.details, facts=facts, unit=verdict.unit)
        case Repeat():
            filing.link_duplicate(submission, of=verdict.original, by=SYSTEM, why=verdict.why)
        case Reply():
            submission.findings = [*submission.findings, *(f.as_json() for f in verdict.findings)]
            actor = by if by.is_person else channels.actor(submission.channel)  # who typed it must be allowed to
            mode = RoutingDecision.Mode.RULE if verdict.rule else RoutingDecision.Mode.REPLY
            why = [*(verdict.met or [verdict.why]), *_helped(by)]
            filing.file_into(
                submission,
                facts,
                verdict.case,
                by=actor,
                mode=mode,
                explanation=why,
                rule=verdict.rule,
                everything=by.is_person,
            )


def _helped(by: Actor) -> list[str]:
    return [f"{by} hat Angaben berichtigt."] if by.is_person else []


def _accepted(findings: Iterable[Finding], corrections: dict[str, Any]) -> list[Finding]:
    """The findings, those that a person has accepted as mere hints."""
    accepted = set(corrections.get("accepted", []))
    return [replace(f, severity=Severity.HINT) if f.code in accepted else f for f in findings]


def _lock(submission_ids: Sequence[int]) -> list[Submission]:
    """The Eingänge that still wait and that nobody works on, in order of arrival, locked."""
    waiting = Submission.objects.filter(pk__in=submission_ids, state=Submission.State.RECEIVED).order_by("pk")
    locked = waiting.select_for_update(skip_locked=True, no_key=True, of=("self",))
    return list(locked.select_related("number", "client", "reply__about", "reply__request"))
