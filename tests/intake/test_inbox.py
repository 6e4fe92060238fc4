"""Watched folders: what is complete is received and put away, exactly once, and what hangs is named."""

from __future__ import annotations

import errno
import os
import shutil
import threading
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import DataError, OperationalError, connection, connections
from django.utils import timezone

from audit.registries import health, integrity, metrics
from config.watching import Watcher
from intake import collecting, inbox
from intake.channels.folder import FAILED, PROCESSED
from intake.inbox import Inbox, Watch
from intake.models import Submission
from tests import factories as make

pytestmark = pytest.mark.django_db


class Clock:
    """A clock that the test turns."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def watch(tmp_path: Path, settings, clock: Clock) -> Watch:
    folder = tmp_path / "post"
    folder.mkdir()
    settings.INBOXES = {"egvp": folder}
    settings.INBOX_SETTLE_SECONDS = 5
    return Watch(Inbox("egvp", folder), clock=clock)


def looks(watch: Watch, clock: Clock, times: int = 2, pause: float = 6) -> int:
    """Look several times; returns how many messages were put away."""
    taken = 0
    for _ in range(times):
        taken += collecting.collect(watch)
        clock.now += pause
    return taken


def put(watch: Watch, name: str = "0001", **values) -> Path:
    return make.write_container(watch.inbox.folder / name, make.container(**values))


def lying(watch: Watch) -> list[str]:
    return [path.name for path in watch.inbox.entries()]


def processed(watch: Watch) -> list[str]:
    day = watch.inbox.folder / PROCESSED / timezone.localdate().isoformat()
    return sorted(path.name for path in day.iterdir()) if day.exists() else []


def test_a_complete_message_is_received_and_put_away(watch: Watch, clock: Clock) -> None:
    put(watch)
    (watch.inbox.folder / "Thumbs.db").touch()
    assert looks(watch, clock) == 1
    submission = Submission.objects.get()
    assert (submission.channel, submission.state) == ("egvp", "received")
    assert submission.source == str(watch.inbox.folder / "0001")
    assert (lying(watch), processed(watch)) == ([], ["0001"])
    assert looks(watch, clock, 3) == 0


def test_one_look_is_never_enough(watch: Watch, clock: Clock, settings) -> None:
    settings.INBOX_SETTLE_SECONDS = 0
    put(watch)
    assert collecting.collect(watch) == 0
    assert collecting.collect(watch) == 1


def test_it_waits_until_nobody_has_written_for_a_while(watch: Watch, clock: Clock) -> None:
    folder = put(watch)
    for number in range(4):
        assert looks(watch, clock, 1, pause=4) == 0
        (folder / "attachments" / f"{number}.pdf").write_bytes(make.PDF)
    assert looks(watch, clock, 2, pause=4) == 0
    assert looks(watch, clock, 1) == 1
    assert Submission.objects.get().files.count() == 6


def test_a_changed_time_alone_is_a_change(watch: Watch, clock: Clock) -> None:
    folder = put(watch)
    assert looks(watch, clock, 1) == 0
    os.utime(folder / "attachments" / "Klage.pdf", (1, 1))
    assert looks(watch, clock, 1) == 0
    assert looks(watch, clock, 1) == 1


@pytest.mark.parametrize("lock", ["0001/lockfile", "0001/x.tmp", "0001.lock", "0001.part", "lockfile.lck"])
def test_locked_messages_wait(watch: Watch, clock: Clock, lock: str) -> None:
    put(watch)
    path = watch.inbox.folder / lock
    path.touch()
    inside = lock.startswith("0001")
    assert looks(watch, clock, 3) == (0 if inside else 1)
    path.unlink()
    assert looks(watch, clock) == (1 if inside else 0)
    assert lying(watch) == []


def test_hidden_files_are_still_being_written(watch: Watch, clock: Clock) -> None:
    (watch.inbox.folder / ".post.zip.Xy12").write_bytes(b"PK")
    assert looks(watch, clock, 3) == 0
    assert lying(watch) == [".post.zip.Xy12"]


def test_what_is_known_already_is_put_away_beside_it(watch: Watch, clock: Clock) -> None:
    original = make.container()
    for _ in range(3):
        make.write_container(watch.inbox.folder / "0001", original)
        assert looks(watch, clock) == 1
    assert Submission.objects.count() == 1
    assert processed(watch) == ["0001", "0001~2", "0001~3"]


def test_endings_stay_when_a_name_is_made_unique(watch: Watch, clock: Clock) -> None:
    for content in (b"a", b"b"):
        (watch.inbox.folder / "brief.pdf").write_bytes(content)
        assert looks(watch, clock) == 1
    assert processed(watch) == ["brief.pdf", "brief~2.pdf"]


def test_content_is_no_failure(watch: Watch, clock: Clock) -> None:
    (watch.inbox.folder / "a.zip").write_bytes(b"kaputt")
    (watch.inbox.folder / "b.pdf").write_bytes(make.PDF)
    (watch.inbox.folder / "c").mkdir()
    (watch.inbox.folder / "d").symlink_to("/etc/hostname")
    os.mkfifo(watch.inbox.folder / "e")
    assert looks(watch, clock) == 5
    assert Submission.objects.count() == 5
    assert processed(watch) == ["a.zip", "b.pdf", "c", "d", "e"]
    assert not (watch.inbox.folder / FAILED).exists()


def test_a_crash_before_putting_away_does_no_harm(watch: Watch, clock: Clock, monkeypatch) -> None:
    put(watch)
    with monkeypatch.context() as patched:
        patched.setattr(collecting, "put_away", _raising(KeyboardInterrupt()))
        with pytest.raises(KeyboardInterrupt):
            looks(watch, clock)
    assert (Submission.objects.count(), lying(watch)) == (1, ["0001"])
    again = Watch(watch.inbox, clock=clock)  # another process
    assert looks(again, clock) == 1
    assert (Submission.objects.count(), lying(watch), processed(watch)) == (1, [], ["0001"])


def test_what_is_written_while_it_is_read_is_received_again(watch: Watch, clock: Clock, monkeypatch) -> None:
    folder = put(watch)
    receive = collecting.receive

    def slow(envelope, *, by):
        receipt = receive(envelope, by=by)
        (folder / "attachments" / "spaet.pdf").write_bytes(make.PDF)
        return receipt

    with monkeypatch.context() as patched:
        patched.setattr(collecting, "receive", slow)
        assert looks(watch, clock) == 0
    assert lying(watch) == ["0001"]
    assert looks(watch, clock) == 1
    assert sorted(s.files.count() for s in Submission.objects.all()) == [2, 3]


def test_a_full_disk_leaves_it_where_it_is(watch: Watch, clock: Clock, monkeypatch, caplog) -> None:
    put(watch, "Müller")
    put(watch, "Nachbar")
    with monkeypatch.context() as patched:
        patched.setattr("cases.blobs.write", _raising(OSError(errno.ENOSPC, "No space left")))
        assert looks(watch, clock, 4) == 0
    assert lying(watch) == ["Müller", "Nachbar"]
    assert "Müller" not in caplog.text and "OSError 28" in caplog.text
    assert looks(watch, clock, 1, pause=30) == 0, "it waits longer after each failure"
    assert looks(watch, clock, 1) == 2


def test_a_database_that_is_away_ends_the_round(watch: Watch, clock: Clock, monkeypatch) -> None:
    put(watch)
    with monkeypatch.context() as patched:
        patched.setattr(collecting, "receive", _raising(OperationalError("away")))
        with pytest.raises(OperationalError):
            looks(watch, clock)
    assert looks(watch, clock, 1) == 1


@pytest.mark.parametrize("error", [DataError("x"), ValueError("Müller")])
def test_what_cannot_be_stored_is_put_aside_with_the_reason(
    watch: Watch, clock: Clock, monkeypatch, caplog, error: Exception
) -> None:
    put(watch)
    put(watch, "0002")
    receive = collecting.receive

    def picky(envelope, *, by):
        if envelope.source.endswith("0001"):
            raise error
        return receive(envelope, by=by)

    monkeypatch.setattr(collecting, "receive", picky)
    assert looks(watch, clock, 12, pause=20) == 1, "the other one goes on"
    failed = watch.inbox.folder / FAILED
    assert sorted(path.name for path in failed.iterdir()) == ["0001", "0001.grund.txt"]
    assert (failed / "0001" / "attachments" / "Klage.pdf").exists()
    assert "Bitte den Betrieb verständigen" in (failed / "0001.grund.txt").read_text()
    assert "Müller" not in caplog.text


def test_the_longest_names_are_put_away_too(watch: Watch, clock: Clock, monkeypatch) -> None:
    name = "ü" * 125 + ".xml"
    for number in range(2):
        (watch.inbox.folder / name).write_bytes(make.xjustiz(message_id=f"{number}"))
        assert looks(watch, clock) == 1
    (again,) = (each for each in processed(watch) if "~2" in each)
    assert again.endswith("ü~2.xml") and len(again.encode()) <= 240
    (watch.inbox.folder / name).write_bytes(b"<x/>")
    monkeypatch.setattr(collecting, "receive", _raising(ValueError()))
    looks(watch, clock, 8, pause=20)
    assert [path.name for path in watch.inbox.failures()] == [name]
    assert len(list((watch.inbox.folder / FAILED).iterdir())) == 2


def test_what_cannot_even_be_put_aside_holds_up_nobody(watch: Watch, clock: Clock, monkeypatch) -> None:
    put(watch)
    put(watch, "0002")
    (watch.inbox.folder / FAILED).touch()  # a file where the folder belongs
    receive = collecting.receive

    def picky(envelope, *, by):
        if envelope.source.endswith("0001"):
            raise ValueError
        return receive(envelope, by=by)

    monkeypatch.setattr(collecting, "receive", picky)
    looks(watch, clock, 12, pause=20)
    assert (lying(watch), processed(watch)) == (["0001"], ["0002"])


def test_another_file_system_gets_a_durable_copy(watch: Watch, clock: Clock, monkeypatch) -> None:
    folder = put(watch)
    (folder / "verweis").symlink_to("attachments")
    (watch.inbox.folder / "x.xml").write_bytes(make.xjustiz())
    rename = os.rename

    def far_away(source, target):
        if Path(source).parent == watch.inbox.folder:
            raise OSError(errno.EXDEV, "other file system")
        rename(source, target)

    monkeypatch.setattr(os, "rename", far_away)
    assert looks(watch, clock) == 2
    assert (lying(watch), processed(watch)) == ([], ["0001", "x.xml"])
    moved = watch.inbox.folder / PROCESSED / timezone.localdate().isoformat() / "0001"
    assert (moved / "attachments" / "Klage.pdf").exists() and (moved / "verweis").is_symlink()


def test_what_is_written_while_it_is_copied_is_not_deleted(watch: Watch, clock: Clock, monkeypatch) -> None:
    folder = put(watch)
    rename, sync, late = os.rename, collecting._sync, folder / "attachments" / "spaet.pdf"

    def far_away(source, target):
        if Path(source).parent == watch.inbox.folder:
            raise OSError(errno.EXDEV, "other file system")
        rename(source, target)

    def meanwhile(path: Path) -> None:
        if not Submission.objects.filter(files__name="attachments/spaet.pdf").exists():
            late.write_bytes(make.PDF)
        sync(path)

    monkeypatch.setattr(os, "rename", far_away)
    monkeypatch.setattr(collecting, "_sync", meanwhile)
    assert looks(watch, clock) == 0
    assert late.exists() and processed(watch) == []
    assert looks(watch, clock, 6) == 1
    assert sorted(s.files.count() for s in Submission.objects.all()) == [2, 3]
    assert processed(watch) == ["0001"]


def test_what_somebody_took_away_is_no_trouble(watch: Watch, clock: Clock) -> None:
    folder = put(watch)
    assert looks(watch, clock, 1) == 0
    (ready,) = watch.ready()
    shutil.rmtree(folder)
    assert collecting._take(watch, ready) is False
    assert not Submission.objects.exists()
    assert looks(watch, clock, 2) == 0


@pytest.mark.django_db(transaction=True)
def test_one_process_at_a_time(watch: Watch, clock: Clock) -> None:
    put(watch)
    assert looks(watch, clock, 1) == 0
    found: list[int] = []

    def other() -> None:
        found.append(looks(Watch(watch.inbox, clock=clock), clock, 3))
        connections.close_all()

    with collecting._alone_with(watch.inbox) as is_mine:
        assert is_mine
        thread = threading.Thread(target=other)
        thread.start()
        thread.join()
    assert found == [0]
    assert looks(watch, clock, 1) == 1


def test_each_channel_has_its_folder_and_typing_errors_are_named(settings, tmp_path: Path) -> None:
    settings.INBOXES = {"egvp": tmp_path, "scna": tmp_path}
    assert inbox.configured() == [Inbox("egvp", tmp_path)]
    answer = dict(health)["posteingang"]()
    assert not answer.ok and "SCNA_INBOX ist gesetzt" in answer.message


def test_health_without_and_with_folders(settings, watch: Watch) -> None:
    assert dict(health)["posteingang"]().message == "Die überwachten Eingänge sind in Ordnung (Anzahl: 1)."
    settings.INBOXES = {}
    assert dict(health)["posteingang"]().message == "Kein Eingang wird überwacht."
    assert list(dict(metrics)["posteingang"]()) == []


def test_health_names_what_hangs(watch: Watch, monkeypatch) -> None:
    put(watch, "Müller")
    (put(watch, "0002") / "lockfile").touch()
    failed = watch.inbox.folder / FAILED
    failed.mkdir()
    (failed / "x.xml").touch()
    (failed / "x.xml.grund.txt").touch()
    figures = {figure.name: figure.value for figure in dict(metrics)["posteingang"]()}
    assert figures == {"inbox_egvp_waiting": 2, "inbox_egvp_failed": 1}
    assert "`failed`" in dict(health)["posteingang"]().message
    later = timezone.now() + timedelta(hours=2)
    monkeypatch.setattr(timezone, "now", lambda: later)
    answer = dict(health)["posteingang"]()
    assert "wartet Post seit" in answer.message and "`worker` läuft" in answer.message
    assert "seit über einer Stunde gesperrt (Anzahl: 1)" in answer.message and "Sperrdatei löschen" in answer.message
    assert "Müller" not in answer.message
    assert [problem.subject for problem in dict(integrity)["posteingang"]()] == ["Müller", "0002", "x.xml"]


def test_health_names_a_folder_that_is_gone(watch: Watch) -> None:
    watch.inbox.folder.rmdir()
    answer = dict(health)["posteingang"]()
    assert not answer.ok and "ist nicht da. Bitte prüfen" in answer.message
    with pytest.raises(FileNotFoundError):
        collecting.collect(watch)
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid()")
        assert cursor.fetchone() == (0,), "the lock is given back"


def _raising(error: BaseException):
    def raising(*args, **kwargs):
        raise error

    return raising


@pytest.mark.django_db(transaction=True)
def test_the_watcher_says_once_what_is_wrong_and_goes_on(watch: Watch, clock: Clock, caplog) -> None:
    put(watch)
    there, away = watch.inbox.folder, watch.inbox.folder.with_name("away")
    there.rename(away)
    watcher = Watcher()
    for _ in range(3):
        watcher._look(watch)
    assert caplog.text.count("cannot be looked into (FileNotFoundError)") == 1
    away.rename(there)
    watcher._look(watch)
    clock.now += 6
    watcher._look(watch)
    assert processed(watch) == ["0001"]
