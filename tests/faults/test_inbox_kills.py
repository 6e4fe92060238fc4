"""``kill -9`` for workers while their inboxes fill: every message exactly once, and every folder empty at the end."""

from __future__ import annotations

import os
import random
import subprocess
import time
from collections import Counter
from pathlib import Path

import pytest

from audit.registries import integrity
from intake.channels.folder import FAILED, PROCESSED
from intake.models import Submission
from tests import factories as make
from tests import processes

KILLS = 12
CONTAINERS, MAILS = 60, 60
pytestmark = [pytest.mark.faults, pytest.mark.django_db(transaction=True)]


class Postman:
    """Fills two inboxes as other programs do: containers under a lock file, mails by renaming, both from elsewhere."""

    def __init__(self, folder: Path) -> None:
        self.egvp, self.eml, self.elsewhere = folder / "egvp", folder / "eml", folder / "elsewhere"
        for each in (self.egvp, self.eml, self.elsewhere):
            each.mkdir()
        self.containers = iter(range(CONTAINERS))
        self.mails = iter(range(MAILS))

    def deliver(self) -> bool:
        """One container and one mail; False when all has been delivered."""
        container, mail = next(self.containers, None), next(self.mails, None)
        if container is not None:
            self._container(container)
        if mail is not None:
            self._mail(mail)
        return container is not None or mail is not None

    def _container(self, number: int) -> None:
        target = self.egvp / f"{number:03d}"
        target.mkdir()
        (target / "lockfile").touch()
        files = make.container(subject="Klage wegen Gewerbe", foreign=f"{number} K {number}/26")
        make.write_container(target, files)
        (target / "lockfile").unlink()

    def _mail(self, number: int) -> None:
        lines = (f"From: {number}@example.org", f"Message-ID: <{number}@example.org>", "Subject: Gewerbe", "", "Text")
        path = self.elsewhere / f"{number:03d}.eml"
        path.write_text("\n".join(lines))
        os.rename(path, self.eml / path.name)


def waiting(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir() if path.name not in (PROCESSED, FAILED)]


def put_away(folder: Path) -> list[str]:
    return [path.name for day in (folder / PROCESSED).iterdir() for path in day.iterdir()]


def test_every_message_exactly_once_while_workers_are_killed(tmp_path: Path) -> None:
    unit = make.team("ordnungsamt")
    make.lead(unit)
    make.rule("Gewerbe", unit=unit)
    post, log, chance = Postman(tmp_path), tmp_path / "workers.log", random.Random()
    settings = {
        "EGVP_INBOX": str(post.egvp),
        "EML_INBOX": str(post.eml),
        "INBOX_SETTLE_SECONDS": "0.05",
        "INBOX_POLL_SECONDS": "0.1",
        "PIPELINE_LEASE_SECONDS": "2",
    }

    def start() -> subprocess.Popen[bytes]:
        return processes.start(processes.command("worker"), log, **settings)

    started = running = [start(), start()]
    try:
        until, kills, more = time.monotonic() + 240, 0, True
        while more or kills < KILLS:
            more = post.deliver()
            time.sleep(chance.uniform(0.02, 0.25))
            if Submission.objects.exists() and chance.random() < 0.25 and kills < KILLS:
                victim = chance.randrange(2)
                processes.kill_group(running[victim])
                running = [start() if index == victim else each for index, each in enumerate(running)]
                started = [*started, running[victim]]
                kills += 1
            assert time.monotonic() < until, log.read_text()[-3000:]
        open_ones = Submission.objects.filter(state=Submission.State.RECEIVED)
        while waiting(post.egvp) or waiting(post.eml) or open_ones.exists():
            assert time.monotonic() < until, log.read_text()[-3000:]
            time.sleep(0.1)
    finally:
        for process in started:
            processes.kill_group(process)

    states = Counter(Submission.objects.values_list("channel", "state"))
    assert states == {("egvp", "filed"): CONTAINERS, ("eml", "filed"): MAILS}, states
    assert sorted(put_away(post.egvp)) == sorted(f"{number:03d}" for number in range(CONTAINERS))
    assert sorted(put_away(post.eml)) == sorted(f"{number:03d}.eml" for number in range(MAILS))
    assert all(submission.files.count() == 2 for submission in Submission.objects.all())
    assert not (post.egvp / FAILED).exists() and not (post.eml / FAILED).exists()
    assert [problem for _, check in integrity for problem in check()] == []
