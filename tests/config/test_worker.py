"""The worker's thread for virus scans: it goes on whatever happens, and asks less often while nobody answers."""

from __future__ import annotations

import pytest
from django.db import OperationalError

from config.management.commands import worker


class Stop:
    """An event that is set after as many waits as there are answers; keeps how long each wait was to be."""

    def __init__(self, rounds: int) -> None:
        self.rounds = rounds
        self.pauses: list[float] = []

    def wait(self, pause: float) -> bool:
        self.pauses.append(pause)
        return len(self.pauses) > self.rounds


def pauses_of(monkeypatch: pytest.MonkeyPatch, answers: list[bool | Exception]) -> list[float]:
    stop, left = Stop(len(answers)), iter(answers)

    def scan_due() -> bool:
        answer = next(left)
        if isinstance(answer, Exception):
            raise answer
        return answer

    monkeypatch.setattr(worker, "scan_due", scan_due)
    monkeypatch.setattr(worker, "close_old_connections", lambda: None)
    monkeypatch.setattr(worker.connections, "close_all", lambda: None)
    worker.Command()._scan(stop)
    return stop.pauses


def test_pauses_grow_while_the_scanner_is_away(monkeypatch: pytest.MonkeyPatch) -> None:
    pauses = pauses_of(monkeypatch, [True, False, False, False, *[False] * 5, True, True])
    assert pauses[:5] == [1.5, 1.5, 3.0, 6.0, 12.0]
    assert max(pauses) == worker.LONGEST_SCAN_PAUSE and pauses[-1] == 1.5


def test_a_database_that_restarts_does_not_end_it(monkeypatch: pytest.MonkeyPatch) -> None:
    assert len(pauses_of(monkeypatch, [OperationalError("gone"), True])) == 3
