"""Tasks: a nudge, nothing more. What is due stands in the rows."""

from __future__ import annotations

import time

from routing import pipeline

BATCH = 100
SECONDS = 60  # well below the time that a task may take: the rest is for the next one


def process_due() -> int:
    """Take through what is due, at most one batch or one minute; returns how many were taken."""
    until, taken = time.monotonic() + SECONDS, 0
    for submission_id in list(pipeline.due().values_list("id", flat=True)[:BATCH]):
        if time.monotonic() > until:
            break
        taken += pipeline.process(submission_id)
    return taken
