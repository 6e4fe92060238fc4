"""How long to wait before something is tried again."""

from __future__ import annotations

import random
from datetime import timedelta

FIRST_PAUSE, GROWTH, LONGEST_PAUSE = 30, 4, 72_000  # seconds; with its jitter the longest is 24 hours
JITTER = 1.2


def pause_after(attempts: int) -> timedelta:
    """How long to wait after so many attempts: 30 seconds, 2, 8 minutes … at most 24 hours, not all to the second."""
    pause = min(FIRST_PAUSE * GROWTH ** (min(attempts, 20) - 1), LONGEST_PAUSE)
    return timedelta(seconds=pause * random.uniform(1, JITTER))  # noqa: S311
