"""Receiving: bytes first, each message once, never refused for its content, never mistaken for another."""

from __future__ import annotations

import os
import threading
from pathlib import Path

import pytest
from django.db import connection, transaction
from django_q.models import OrmQ

from cases import blobs
from cases.models import Blob, CaseNumber
from intake import actions, channels
from intake.findings import Finding
from intake.models import Submission
from routing.models import ExceptionEntry
from tests import factories as make

State = Submission.State


@pytest.mark.django_db
def test_the_bytes_lie_on_disk_under_their_hash_before_the_commit() -> None:
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        submission = make.submission(pdf=b"%PDF-1.7 eins")
        sha = submission.files.get(name="attachments/Klage.pdf").blob_id
        raise ZeroDivisionError
    assert blobs.path_of(sha).read_bytes() == b"%PDF-1.7 eins"
    assert not Blob.objects.exists()


@pytest.mark.django_db
def test_received_again_it_is_the_same() -> None:
    envelope = make.envelope()
    first = actions.receive(envelope, by=make.CHANNEL)
    second = actions.receive(envelope, by=make.CHANNEL)
    assert (first.already_known, second.already_known) == (False, True)
    assert second.submission == first.submission
    assert CaseNumber.objects.count() == 1


@pytest.mark.django_db
def test_another_export_of_the_same_message_is_the_same() -> None:
    files = make.container()
    first = make.submission(make.envelope(files | {"pruefvermerk.pdf": b"%PDF 8 Uhr"}, external_id="a"))
    again = make.envelope(files | {"pruefvermerk.pdf": b"%PDF 9 Uhr"}, external_id="a")
    assert actions.receive(again, by=make.CHANNEL).submission == first


@pytest.mark.django_db
def test_other_content_under_a_known_id_is_kept_and_shown_to_a_person() -> None:
    make.rule("Gewerbe")
    make.processed(make.envelope(external_id="govapp_1"))
    other = make.envelope(external_id="govapp_1", subject="Klage wegen Gewerbeuntersagung, 2. Teil")
    second = make.processed(other)
    assert second.external_id.startswith("govapp_1 ")
    assert ExceptionEntry.objects.get(submission=second).reason == "message_id_reused"
    assert actions.receive(other, by=make.CHANNEL).submission == second, "and it is known from then on"
    assert Submission.objects.count() == 2


@pytest.mark.django_db
def test_the_same_id_on_another_channel_is_another_arrival() -> None:
    make.submission(make.envelope(external_id="a"))
    assert not actions.receive(make.envelope(external_id="a", channel="scan"), by=make.CHANNEL).already_known


@pytest.mark.django_db
def test_a_vorgangs_id_is_reserved_at_receipt() -> None:
    submission = make.submission()
    assert submission.number.case is None
    assert submission.state == State.RECEIVED


@pytest.mark.django_db
def test_an_archive_that_holds_a_file_of_its_own_name_is_known_again() -> None:
    envelope = make.envelope({"post.zip": b"innen"}, archive=make.message_file("post.zip", b"aussen"))
    first, second = (actions.receive(envelope, by=make.CHANNEL).submission for _ in range(2))
    assert first == second


@pytest.mark.django_db
def test_two_files_of_one_readable_name_are_both_kept(tmp_path) -> None:
    folder = tmp_path / "attachments"
    folder.mkdir()
    for name, content in ((b"\xff.pdf", b"%PDF-1 latin"), ("\u00ff.pdf".encode(), b"%PDF-1 utf8")):
        (folder / os.fsdecode(name)).write_bytes(content)
    (envelope,) = channels.get("egvp").envelopes(tmp_path)
    submission = make.processed(envelope)
    assert {blobs.path_of(f.blob_id).read_bytes() for f in submission.files.all()} == {b"%PDF-1 latin", b"%PDF-1 utf8"}
    assert len({f.name for f in submission.files.all()}) == 2


@pytest.mark.django_db
def test_the_nudge_is_part_of_the_transaction() -> None:
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        actions.receive(make.envelope(), by=make.CHANNEL)
        assert OrmQ.objects.count() == 1
        raise ZeroDivisionError
    assert OrmQ.objects.count() == 0
    actions.receive(make.envelope(), by=make.CHANNEL, defer=False)
    assert OrmQ.objects.count() == 0


@pytest.mark.django_db
@pytest.mark.parametrize(
    "files",
    [
        {},
        {"leer": b""},
        {"n\u00fcll\\x00.pdf": b"x"},
        {"\udcff\udcfe.pdf": b"x"},
        {"a\u202e.pdf": b"x", "b\x07.pdf": b"y"},
        {"x" * 300 + ".pdf": b"x"},
        {"attachments/xjustiz_nachricht.xml": b"\x00\xff"},
    ],
)
def test_whatever_it_holds_it_is_kept_and_ends_in_the_queue_or_a_vorgang(files: dict[str, bytes]) -> None:
    submission = make.processed(make.envelope(files, findings=[Finding("message_empty", "Leer.")] if not files else []))
    assert submission.state in (State.FILED, State.EXCEPTION)
    assert sorted(blobs.path_of(f.blob_id).read_bytes() for f in submission.files.all()) == sorted(files.values())
    if submission.state == State.EXCEPTION:
        assert ExceptionEntry.objects.get(submission=submission).reason


@pytest.mark.django_db(transaction=True)
def test_eight_at_once_receive_one() -> None:
    envelope = make.envelope()
    receipts = []

    def receive() -> None:
        try:
            receipts.append(actions.receive(envelope, by=make.CHANNEL))
        finally:
            connection.close()

    threads = [threading.Thread(target=receive) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(receipts) == 8
    assert len({receipt.submission.pk for receipt in receipts}) == 1
    assert [receipt.already_known for receipt in receipts].count(False) == 1
    assert CaseNumber.objects.count() == 1, "a loser's reserved id is rolled back with it"


@pytest.mark.django_db
@pytest.mark.parametrize("channel", ["egvp", "scan", "eml"])
def test_each_empty_arrival_is_one_of_its_own(tmp_path: Path, channel: str) -> None:
    """A scan that failed today and one that failed last week are two letters that somebody has to scan again."""
    inbox = tmp_path / "in"
    for name in ("a", "b"):
        (inbox / f"Ordner {name}").mkdir(parents=True)
        (inbox / f"{name}.pdf").touch()
        (inbox / f"{name}.eml").touch()
    for is_known in (False, True):
        envelopes = list(channels.get(channel).inbox(inbox))
        assert [actions.receive(e, by=make.CHANNEL, defer=False).already_known for e in envelopes] == [is_known] * 6
    assert Submission.objects.count() == 6
    assert not any("message_id_reused" in str(submission.receipt_findings) for submission in Submission.objects.all())
