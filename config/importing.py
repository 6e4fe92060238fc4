"""Importing: messages from files and folders through the whole pipeline, and the report of what became of them."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import DatabaseError
from django.utils import timezone

from audit.faults import where
from intake import channels
from intake.actions import receive
from intake.channels.base import Skipped
from intake.facts import Facts
from intake.models import Submission
from routing import pipeline
from routing.models import ExceptionEntry

log = logging.getLogger("laufmappe.import")
BATCH = 100  # messages that are taken through at a time
STATES = ("filed", "exception", "rejected", "duplicate")


@dataclass
class Import:
    """One run: what was received (source as given, id, known before), what was left alone, and what failed."""

    submissions: list[tuple[str, int, bool]] = field(default_factory=list)
    skipped: list[tuple[str, str]] = field(default_factory=list)
    failed: list[tuple[str, str]] = field(default_factory=list)
    seconds: float = 0.0

    def __add__(self, other: Import) -> Import:
        """Both runs as one."""
        return Import(
            submissions=self.submissions + other.submissions,
            skipped=self.skipped + other.skipped,
            failed=self.failed + other.failed,
            seconds=round(self.seconds + other.seconds, 3),
        )


@contextmanager
def timed(result: Import) -> Iterator[None]:
    """Note in ``result`` how long the block took."""
    start = time.monotonic()
    yield
    result.seconds = round(time.monotonic() - start, 3)


def run(paths: Iterable[Path], *, channel: str, progress: Callable[[str], None] = lambda line: None) -> Import:
    """Receive every message at ``paths`` and take it through the pipeline here; sources are never moved or changed.

    They are taken through ``BATCH`` at a time. What cannot be stored now (full disk, database away) is named in
    ``failed``, and the others go on.
    """
    result, start = Import(), time.monotonic()
    waiting: list[tuple[str, int]] = []
    for path in paths:
        for envelope in channels.get(channel).envelopes(path):
            if isinstance(envelope, Skipped):
                result.skipped.append((envelope.source, envelope.why))
                continue
            with _naming(envelope.source, result):
                receipt = receive(envelope, by=channels.actor(channel), defer=False)
                result.submissions.append((envelope.source, receipt.submission.pk, receipt.already_known))
                waiting.append((envelope.source, receipt.submission.pk))
            if len(waiting) == BATCH:
                _settle_all(waiting, result, progress)
                waiting = []
    _settle_all(waiting, result, progress)
    result.seconds = round(time.monotonic() - start, 3)
    return result


def _settle_all(received: list[tuple[str, int]], result: Import, progress: Callable[[str], None]) -> None:
    """Take a batch through; what is left of it (claimed by a killed process, failed) one by one."""
    left = {submission_id for _, submission_id in received}
    try:
        pipeline.process_batch(left, heed_lease=False)
        left = set(Submission.objects.filter(pk__in=left, state=Submission.State.RECEIVED).values_list("pk", flat=True))
    except DatabaseError as error:
        log.error("import of a batch failed: %s", where(error))  # the next lines say of which messages
    for source, submission_id in received:
        if submission_id in left:
            with _naming(source, result):
                settle(submission_id)
    progress(f"{len(result.submissions)} Nachrichten verarbeitet")


@contextmanager
def _naming(source: str, result: Import) -> Iterator[None]:
    """Name in ``failed`` what cannot be stored in the block, and go on."""
    try:
        yield
    except (OSError, DatabaseError) as error:
        log.error("import failed: %s", where(error))
        why = error.strerror if isinstance(error, OSError) and error.strerror else type(error).__name__
        sentence = f"Nicht aufgenommen ({why}). Die Quelle ist unverändert; bitte später erneut aufnehmen."
        result.failed.append((source, sentence))


def settle(submission_id: int) -> None:
    """Take an Eingang through until something has become of it (at last it is a Klärfall).

    What a killed process left claimed is taken over; what another process works on is waited for. After more failures
    than a message may have it is left as it is: a worker will try again.
    """
    failures = 0
    waiting = Submission.objects.filter(pk=submission_id, state=Submission.State.RECEIVED)
    while waiting.exists() and failures <= settings.PIPELINE_MAX_ATTEMPTS + 1:
        if not pipeline.process(submission_id, heed_lease=False):
            time.sleep(0.02)
        elif waiting.exists():
            failures += 1
            time.sleep(min(0.05 * 2**failures, 2))


def report(result: Import) -> dict[str, Any]:
    """The result as the contract of ``import_submissions --json`` says."""
    ids = [submission_id for _, submission_id, _ in result.submissions]
    related = ("number", "case__service", "case__unit", "duplicate_of__case__service", "duplicate_of__case__unit")
    rows = Submission.objects.select_related(*related).prefetch_related("decisions").in_bulk(ids)
    entries = {e.submission_id: e for e in _entries(ids)}
    known = sum(known for _, _, known in result.submissions)
    states = [rows[submission_id].state for submission_id in ids]
    return {
        "received": len(ids) - known,
        "already_known": known,
        **{state: states.count(state) for state in STATES},
        "seconds": result.seconds,
        "skipped": len(result.skipped),
        "failed": len(result.failed),
        "submissions": [
            _one(source, rows[submission_id], already_known, entries.get(submission_id))
            for source, submission_id, already_known in result.submissions
        ],
    }


def _entries(ids: list[int]) -> Iterable[ExceptionEntry]:
    return ExceptionEntry.objects.filter(submission__in=ids, resolved_at=None).select_related("unit")


def _one(source: str, row: Submission, already_known: bool, entry: ExceptionEntry | None) -> dict[str, Any]:
    case = row.case or (row.duplicate_of.case if row.duplicate_of else None)
    unit = case.unit if case else (entry.unit if entry else None)
    return {
        "submission_id": row.pk,
        "source": source,
        "already_known": already_known,
        "external_id": row.external_id,
        "state": row.state,
        "case_id": case.public_id if case else row.number.public_id,
        "service": case.service.slug if case else None,
        "unit": unit.slug if unit else None,
        "reason": entry.reason if entry else None,
        "why": [sentence for decision in row.decisions.all() for sentence in decision.explanation],
        "findings": [{"code": f["code"], "message": f["message"]} for f in row.findings],
        "facts": _facts(row),
    }


def _facts(row: Submission) -> dict[str, Any]:
    facts = Facts.from_json(row.facts)
    arrival = facts.received_at or timezone.localtime(row.received_at)
    return {
        "standard": facts.standard,
        "version": facts.version,
        "sender": vars(facts.sender),
        "recipient": vars(facts.recipient),
        "subject": facts.subject,
        "own_reference": facts.own_reference,
        "foreign_reference": facts.foreign_reference,
        "received_at": arrival.isoformat(),
        "eeb_required": facts.eeb_required,
        "urgent": facts.urgent,
        "origin": facts.origin,
        "documents": [{"name": d.name, "role": d.role, "versions": d.versions} for d in facts.documents],
    }
