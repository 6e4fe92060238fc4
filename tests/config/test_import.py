"""``import_submissions``: real containers and messages, in words and as JSON; run twice, nothing is new."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import OperationalError

from cases import blobs
from cases.models import Blob
from config import importing
from intake.models import Submission, SubmissionFile
from routing import pipeline
from tests import factories as make

pytestmark = pytest.mark.django_db


def run(capsys, *paths: Path) -> dict:
    call_command("import_submissions", *map(str, paths), channel="egvp", json=True)
    return json.loads(capsys.readouterr().out.splitlines()[-1])


@pytest.fixture
def samples(shared: Path) -> list[Path]:
    return [shared / "samples" / "egvp", shared / "samples" / "xjustiz" / "messages"]


def test_the_real_containers_and_messages(samples: list[Path], capsys) -> None:
    report = run(capsys, *samples)
    assert (report["received"], report["already_known"], report["skipped"]) == (5, 0, 0)
    facts = {Path(s["source"]).name: s["facts"] for s in report["submissions"]}

    court = facts["Testnachricht_1"]
    assert (court["standard"], court["version"]) == ("xjustiz", "2.4.0")
    assert court["sender"]["code"] == "T6078"
    assert court["sender"]["safe_id"] == "DE.Justiz.233a8870-2319-4dbc-9f68-a4cc9da8f429.9999"
    assert court["recipient"]["name"] == "Joswig & Partner"
    assert court["recipient"]["safe_id"] == "DE.Justiz.836cga01-ffff-2856-85ef-268df5e8b136.5555"
    assert (court["own_reference"], court["foreign_reference"]) == ("22-114-B19 SB/jaw", "4 Ca 614/20")
    assert court["subject"] == "Test CH Asynchron"
    assert court["received_at"] == "2021-09-27T14:12:16+02:00"
    assert (court["eeb_required"], court["origin"]) == (False, "VHN_Justiz_valid")
    assert [(d["name"], d["versions"]) for d in court["documents"]] == [("99 - Klage.pdf", 1)]

    eeb = facts["TestnachrichtEeb_1"]
    assert eeb["sender"]["name"] == "Oberverwaltungsgericht Rheinland-Pfalz"
    assert eeb["recipient"]["code"] == "T6076"
    assert (eeb["own_reference"], eeb["foreign_reference"]) == ("1 K 519/20.KO", "")
    assert eeb["subject"] == "EB zu: 1 K 519/20.KO"
    assert eeb["received_at"] == "2021-10-29T10:20:53+02:00"
    assert (eeb["origin"], eeb["documents"]) == ("VHN_beBPo_valid", [])

    for name, version in (("xjustiz_3.5.1_0005005.xml", "3.5.1"), ("xjustiz_3.6.2_0005005.xml", "3.6.2")):
        message = facts[name]
        assert (message["version"], message["sender"]["code"], message["urgent"]) == (version, "D6262", True)
        assert message["recipient"]["name"] == "Stadt Musterstadt - Ordnungsamt"
        assert (message["own_reference"], message["foreign_reference"]) == ("32.1-2026-000123", "12 K 345/26")
        assert (message["subject"], message["eeb_required"]) == ("Klage wegen Gewerbeuntersagung", True)
        assert [d["role"] for d in message["documents"]] == ["verfuegung", "klage"]
    answer = facts["xjustiz_3.6.2_eeb_2200007.xml"]
    assert (answer["own_reference"], answer["foreign_reference"]) == ("12 K 345/26", "32.1-2026-000123")


def test_run_twice_nothing_is_new(samples: list[Path], capsys) -> None:
    first, second = run(capsys, *samples), run(capsys, *samples)
    assert (second["received"], second["already_known"]) == (0, 5)
    for key in ("filed", "exception", "duplicate", "rejected"):
        assert second[key] == first[key]
    assert all(s["already_known"] for s in second["submissions"])
    assert Submission.objects.count() == 5


def test_the_report_has_the_shape_that_others_rely_on(tmp_path: Path, capsys) -> None:
    make.rule("Gewerbe", unit=make.team("ordnungsamt"))
    make.write_container(tmp_path / "in" / "1", make.container())
    report = run(capsys, tmp_path / "in")
    counts = ["received", "already_known", "filed", "exception", "rejected", "duplicate", "seconds", "skipped"]
    assert list(report) == [*counts, "failed", "submissions"]
    one = report["submissions"][0]
    assert one["source"] == str(tmp_path / "in" / "1")
    assert (one["state"], one["service"], one["unit"], one["reason"]) == ("filed", "gerichtspost", "ordnungsamt", None)
    assert set(one["facts"]) == {
        "standard", "version", "sender", "recipient", "subject", "own_reference", "foreign_reference", "received_at",
        "eeb_required", "urgent", "origin", "documents",
    }  # fmt: skip
    assert set(one["facts"]["sender"]) == {"name", "code", "safe_id"}
    assert set(one["facts"]["documents"][0]) == {"name", "role", "versions"}


def test_locked_folders_are_left_alone_and_counted(tmp_path: Path, capsys) -> None:
    make.write_container(tmp_path / "1", make.container())
    make.write_container(tmp_path / "2", make.container() | {"copy.lock": b""})
    report = run(capsys, tmp_path)
    assert (report["received"], report["skipped"]) == (1, 1)


def test_the_stored_bytes_are_exactly_those_received(tmp_path: Path, capsys) -> None:
    files = make.container() | {"MsgProps.xml": b"<kaputt", "attachments/leer.txt": b""}
    folder = make.write_container(tmp_path / "in", files)
    run(capsys, folder)
    stored = {row.name: blobs.path_of(row.blob_id).read_bytes() for row in SubmissionFile.objects.all()}
    assert stored == files
    assert {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()} == {
        folder / name: content for name, content in files.items()
    }, "the source is not touched"
    assert Blob.objects.count() == len(set(files.values()))


def test_what_cannot_be_stored_is_named_and_the_others_go_on(tmp_path: Path, capsys, monkeypatch) -> None:
    for name in ("1", "2", "3"):
        make.write_container(tmp_path / "in" / name, make.container())
    write, calls = blobs.write, []

    def full_disk(stream):
        calls.append(stream)
        if len(calls) == 3:
            raise OSError(28, "No space left on device")
        return write(stream)

    monkeypatch.setattr(blobs, "write", full_disk)
    with pytest.raises(SystemExit) as stopped:
        call_command("import_submissions", str(tmp_path / "in"), channel="egvp", json=True)
    report = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert stopped.value.code == 1
    assert (report["received"], report["failed"]) == (2, 1)
    monkeypatch.undo()
    assert run(capsys, tmp_path / "in")["received"] == 1


def test_a_path_that_is_not_there_is_wrong_use() -> None:
    with pytest.raises(CommandError, match="Das gibt es nicht") as caught:
        call_command("import_submissions", "/gibt/es/nicht", channel="egvp")
    assert caught.value.returncode == 2


def test_many_are_taken_through_in_batches_and_counted_exactly(tmp_path: Path, monkeypatch) -> None:
    make.rule("Gewerbe", unit=make.team("ordnungsamt"))
    for number in range(7):
        letter = make.container(foreign=f"{number // 2} K 1/26", pdf=make.PDF + str(number).encode())
        make.write_container(tmp_path / "in" / str(number), letter)
    monkeypatch.setattr(importing, "BATCH", 3)
    lines: list[str] = []
    result = importing.run([tmp_path / "in"], channel="egvp", progress=lines.append)
    assert lines == [f"{count} Nachrichten verarbeitet" for count in (3, 6, 7)]
    report = importing.report(result)
    assert (report["received"], report["already_known"], report["filed"], report["failed"]) == (7, 0, 7, 0)
    assert [Path(s["source"]).name for s in report["submissions"]] == [str(number) for number in range(7)]
    assert len({s["case_id"] for s in report["submissions"]}) == 4, "the answers are with what they answer"
    again = importing.report(importing.run([tmp_path / "in"], channel="egvp"))
    assert (again["received"], again["already_known"], again["filed"]) == (0, 7, 7)


def test_what_a_batch_leaves_behind_is_taken_up_one_by_one_or_named(tmp_path: Path, monkeypatch) -> None:
    make.rule("Gewerbe", unit=make.team("ordnungsamt"))
    for number in range(3):
        make.write_container(tmp_path / "in" / str(number), make.container(foreign=f"{number} K 1/26"))

    def gone(*args, **values):
        raise OperationalError

    settle = importing.settle
    monkeypatch.setattr(pipeline, "process_batch", gone)
    monkeypatch.setattr(importing, "settle", lambda pk: gone() if pk == Submission.objects.first().pk else settle(pk))
    result = importing.run([tmp_path / "in"], channel="egvp")
    assert [Path(source).name for source, _ in result.failed] == ["0"]
    assert sorted(Submission.objects.order_by("pk").values_list("state", flat=True)) == ["filed", "filed", "received"]
