"""Tasks: a nudge, nothing more. What is due stands in the rows."""

from __future__ import annotations

import time

from intake.selectors import bytes_of
from routing import pipeline, waiting
from routing.actions import handling

BATCH = 100
BATCH_BYTES = 200 * 1024 * 1024
SECONDS = 60  # well below the time that a task may take: the rest is for the next one


def process_due() -> int:
    """Take through what is due, at most one batch or one minute; returns how many were taken."""
    waiting = list(pipeline.due().values_list("id", flat=True)[:BATCH])
    together = _at_most(BATCH_BYTES, waiting)
    if len(together) > 1:
        return pipeline.process_batch(together)
    until, taken = time.monotonic() + SECONDS, 0
    for submission_id in waiting:
        if time.monotonic() > until:
            break
        taken += pipeline.process(submission_id)
    return taken


def escalate_due() -> int:
    """Escalate the Klärfälle that have waited too long; returns how many. Idempotent."""
    return sum(handling.escalate(entry=entry) for entry in waiting.too_long())


def _at_most(size: int, waiting: list[int]) -> list[int]:
    """The first of these that hold no more than ``size`` bytes together, so that they can be read in time."""
    together, sizes = [], bytes_of(waiting) if len(waiting) > 1 else {}
    for submission_id in waiting:
        size -= sizes.get(submission_id, 0)
        if size < 0:
            break
        together.append(submission_id)
    return together
