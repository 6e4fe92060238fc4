"""Tasks: a nudge, nothing more. What is due stands in the rows."""

from __future__ import annotations

from routing import pipeline

BATCH = 100


def process_due() -> int:
    """Take through what is due, at most one batch; returns how many were taken."""
    ids = list(pipeline.due().values_list("id", flat=True)[:BATCH])
    return sum(pipeline.process(submission_id) for submission_id in ids)
