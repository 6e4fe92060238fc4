"""``kill -9`` at random moments: nothing is lost, nothing is done twice, nothing is half done."""

from __future__ import annotations

import random
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Collection
from pathlib import Path

import pytest
from django.db import connection
from django.utils import timezone

from audit.registries import integrity
from cases.models import Case, CaseNumber, Document
from intake.models import Submission, SubmissionFile
from routing.models import ExceptionEntry, RoutingDecision
from tests import factories as make
from tests import processes

KILLS = 20
IMPORTED, RECEIVED = 240, 60
BATCH_KILLS, IN_BATCHES = 4, 450
RECEIVER = str(Path(__file__).with_name("receiver.py"))
pytestmark = [pytest.mark.faults, pytest.mark.django_db(transaction=True)]
State = Submission.State


def write_messages(inbox: Path, first: int, count: int) -> None:
    """Messages of new proceedings; one in three answers the one before it, one in ten is broken."""
    for number in range(first, first + count):
        matter = number - 1 if number % 3 == 2 else number
        files = make.container(
            subject="Klage wegen Gewerbeuntersagung",
            foreign=f"{matter} K {matter}/26",
            message_id=f"{number:08d}-2222-4000-8000-000000000000",
            pdf=make.PDF + str(number).encode(),
        )
        if number % 10 == 9:
            files["attachments/xjustiz_nachricht.xml"] = b"<kaputt"
        make.write_container(inbox / f"{number:04d}", files)


class House:
    """Two importers, a receiver and two workers; whoever is killed is started again."""

    def __init__(self, folder: Path, inbox: Path, mailbox: Path) -> None:
        importer = processes.command("import_submissions", str(inbox), "--channel", "egvp")
        worker = processes.command("worker")
        self.commands = [importer, importer, [sys.executable, RECEIVER, str(mailbox)], worker, worker]
        self.log = folder / "processes.log"
        self.started: list[subprocess.Popen[bytes]] = []
        self.running: list[subprocess.Popen[bytes]] = [self._start(i) for i in range(len(self.commands))]
        self.kills = 0

    def _start(self, index: int) -> subprocess.Popen[bytes]:
        process = processes.start(self.commands[index], self.log, PIPELINE_LEASE_SECONDS="2")
        self.started.append(process)
        return process

    def kill_one(self, chance: random.Random) -> None:
        """Kill somebody: the process alone, or with all its children."""
        alive = [i for i, process in enumerate(self.running) if process.poll() is None]
        index = chance.choice(alive)
        victim = self.running[index]
        if chance.random() < 0.5:
            processes.kill_group(victim)
        else:
            victim.kill()
            victim.wait()
        self.kills += 1
        self.running[index] = self._start(index)

    def end(self) -> None:
        """Kill all, and the children that outlived a parent."""
        for process in self.started:
            processes.kill_group(process)


def wait_for(condition, seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if condition():
            return True
        time.sleep(0.05)
    return False


def test_every_message_exactly_once_under_twenty_kills(tmp_path: Path) -> None:
    unit = make.team("ordnungsamt")
    make.lead(unit)
    make.rule("Gewerbe", unit=unit)
    inbox, mailbox = tmp_path / "inbox", tmp_path / "mailbox"
    write_messages(inbox, 0, IMPORTED)
    write_messages(mailbox, 3000, RECEIVED)
    total = IMPORTED + RECEIVED
    settled = Submission.objects.exclude(state=State.RECEIVED)
    chance = random.Random()  # a new one each time: a failure prints its messages, not its luck
    house = House(tmp_path, inbox, mailbox)
    try:
        assert wait_for(lambda: Submission.objects.exists(), 60), house.log.read_text()
        while house.kills < KILLS:
            time.sleep(chance.uniform(0.05, 0.6))
            house.kill_one(chance)
        assert wait_for(lambda: Submission.objects.count() == total == settled.count(), 120), (
            Submission.objects.count(),
            settled.count(),
            house.log.read_text()[-3000:],
        )
    finally:
        house.end()
    check_everything([*range(IMPORTED), *range(3000, 3000 + RECEIVED)])


def test_a_batch_is_placed_whole_or_not_at_all(tmp_path: Path) -> None:
    """An importer is killed while it has a batch in hand, again and again; at last one comes through."""
    unit = make.team("ordnungsamt")
    make.lead(unit)
    make.rule("Gewerbe", unit=unit)
    inbox, log, chance = tmp_path / "inbox", tmp_path / "importer.log", random.Random()
    write_messages(inbox, 0, IN_BATCHES)
    importer = processes.command("import_submissions", str(inbox), "--channel", "egvp")
    in_hand = Submission.objects.filter(state=State.RECEIVED, attempts=1)
    for _ in range(BATCH_KILLS):
        before = set(in_hand.values_list("pk", flat=True))
        process = processes.start(importer, log)
        try:
            assert wait_for(lambda: in_hand.exclude(pk__in=before).count() > 1, 60), log.read_text()[-3000:]  # noqa: B023
            time.sleep(chance.uniform(0, 0.4))
        finally:
            processes.kill_group(process)
        placed = Submission.objects.exclude(state=State.RECEIVED).count()
        assert RoutingDecision.objects.count() + ExceptionEntry.objects.count() == placed
    finished = processes.run("import_submissions", str(inbox), "--channel", "egvp")
    assert finished.returncode == 0, finished.stderr
    check_everything(range(IN_BATCHES))


def check_everything(numbers: Collection[int]) -> None:
    """Each of these messages once, each with all that follows from it, and the parts agree with each other."""
    total = len(numbers)
    states = Counter(Submission.objects.values_list("state", flat=True))
    broken = sum(1 for n in numbers if n % 10 == 9)
    assert states == {State.FILED: total - broken, State.EXCEPTION: broken}
    assert Counter(ExceptionEntry.objects.values_list("reason", flat=True)) == {"xml_not_wellformed": broken}
    assert RoutingDecision.objects.count() == total - broken
    assert Document.objects.count() == total - broken
    assert SubmissionFile.objects.count() == 2 * total
    assert SubmissionFile.objects.exclude(document=None).count() == total - broken
    assert CaseNumber.objects.count() == total
    matters = {n - 1 if n % 3 == 2 else n for n in numbers if n % 10 != 9}
    assert Case.objects.count() == len(matters), "one Vorgang for each matter"
    assert Case.history.filter(history_type="+").count() == len(matters)
    assert Document.history.count() == total - broken
    year = timezone.localdate().year
    expected = {f"30.4-{year}-{n:06d}" for n in range(1, len(matters) + 1)}
    assert set(Case.objects.values_list("file_reference", flat=True)) == expected, "no number is lost or given twice"
    assert [problem for _, check in integrity for problem in check()] == []
    with connection.cursor() as cursor:
        cursor.execute("SELECT max(attempts) FROM intake_submission")
        assert cursor.fetchone()[0] <= 5
