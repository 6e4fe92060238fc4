"""The worker beside its cluster: the thread for virus scans goes on whatever happens, and the sweeper tidies up."""

from __future__ import annotations

import io
import os
import time
from datetime import timedelta

import pytest
from django.db import OperationalError
from django.utils import timezone

from cases import blobs
from config.management.commands import worker
from intake.models import IdempotencyRecord
from routing.models import ExceptionEntry
from tests import factories as make
from tests.intake.portal_client import PortalClient


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


@pytest.fixture
def same_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    """The sweeper renews its connection; that of a test is the test's."""
    monkeypatch.setattr(worker, "close_old_connections", lambda: None)


@pytest.mark.usefixtures("db", "same_connection")
def test_what_a_killed_process_left_half_written_is_cleared_away_once_an_hour(settings, monkeypatch) -> None:
    sha, _ = blobs.write(io.BytesIO(b"whole"))
    incoming = settings.DATA_DIR / "blobs" / "incoming"
    old, fresh = incoming / "tmpold", incoming / "tmpfresh"
    for path in (old, fresh):
        path.write_bytes(b"half")
    long_ago = time.time() - blobs.ABANDONED_SECONDS - 60
    os.utime(old, (long_ago, long_ago))
    os.utime(blobs.path_of(sha), (long_ago, long_ago))
    command = worker.Command()
    command._sweep()
    assert [path.name for path in incoming.iterdir()] == ["tmpfresh"]
    assert blobs.path_of(sha).is_file()
    os.utime(fresh, (long_ago, long_ago))
    command._sweep()
    assert fresh.is_file(), "not again so soon"
    monkeypatch.setattr(worker, "TIDY_SECONDS", 0)
    command._sweep()
    assert not fresh.exists()


@pytest.mark.usefixtures("db", "same_connection")
def test_answers_to_portals_are_forgotten_after_thirty_days() -> None:
    portal = PortalClient()
    for key, days in [("old", 31), ("young", 29)]:
        portal.post(make.application(), key=key)
        made = timezone.now() - timedelta(days=days)
        IdempotencyRecord.objects.filter(key=key).update(created_at=made)
    worker.Command()._sweep()
    assert [record.key for record in IdempotencyRecord.objects.all()] == ["young"]


@pytest.mark.usefixtures("db", "same_connection")
def test_a_store_that_cannot_be_tidied_stops_nobody(monkeypatch, caplog) -> None:
    def fail() -> int:
        raise PermissionError("no")

    monkeypatch.setattr(worker.blobs, "sweep", fail)
    worker.Command()._sweep()
    assert "tidying the file store failed" in caplog.text


@pytest.mark.usefixtures("db", "same_connection")
def test_klaerfaelle_that_wait_too_long_are_escalated_every_few_minutes(monkeypatch) -> None:
    make.team("poststelle", is_clearing=True)
    clock = [0.0]
    monkeypatch.setattr(worker.time, "monotonic", lambda: clock[0])
    command = worker.Command()
    command._sweep()
    entry = make.entry()
    ExceptionEntry.objects.filter(pk=entry.pk).update(waits_since=timezone.now() - timedelta(days=14))

    def is_escalated() -> bool:
        return ExceptionEntry.objects.get(pk=entry.pk).escalated_at is not None

    clock[0] = worker.ESCALATE_SECONDS - 1.0
    command._sweep()
    assert not is_escalated(), "not yet again"
    clock[0] = worker.ESCALATE_SECONDS + 1.0
    command._sweep()
    assert is_escalated()
