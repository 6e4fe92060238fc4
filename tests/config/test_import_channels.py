"""``import_submissions`` for scans and e-mails: the same report as for court mail; sources are not touched."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from django.core.management import call_command

from cases import blobs
from intake.models import SubmissionFile
from tests import factories as make
from tests.intake.drawing import code, pdf, sheet

pytestmark = pytest.mark.django_db


def run(capsys, path: Path, channel: str) -> dict:
    call_command("import_submissions", str(path), channel=channel, json=True)
    return json.loads(capsys.readouterr().out.splitlines()[-1])


@pytest.fixture
def folders(tmp_path: Path) -> dict[str, Path]:
    case = make.case()
    found = {"scan": tmp_path / "scan", "eml": tmp_path / "eml"}
    for folder in found.values():
        folder.mkdir()
    (found["scan"] / "2026-11-20 a.pdf").write_bytes(pdf(sheet(code(case.public_id))))
    (found["scan"] / "b.pdf").write_bytes(b"%PDF-1.7 kaputt")
    (found["eml"] / "a.eml").write_text(f"From: Eva <eva@example.org>\nSubject: Zu {case.public_id}\n\nText\n")
    (found["eml"] / "b.eml").write_text("From: Eva <eva@example.org>\nSubject: Frage\n\nText\n")
    return found


@pytest.mark.parametrize(("channel", "reason"), [("scan", "scan_unreadable"), ("eml", "no_rule")])
def test_a_folder_of_them(folders: dict[str, Path], channel: str, reason: str, capsys) -> None:
    before = {path.name: path.read_bytes() for path in folders[channel].iterdir()}
    report = run(capsys, folders[channel], channel)
    assert [(each["state"], each["reason"]) for each in report["submissions"]] == [
        ("filed", None),
        ("exception", reason),
    ]
    assert [each["facts"]["standard"] for each in report["submissions"]] == [channel, channel]
    assert {path.name: path.read_bytes() for path in folders[channel].iterdir()} == before
    for row in SubmissionFile.objects.filter(name__in=before):
        with blobs.open_blob(row.blob_id) as stored:
            assert stored.read() == before[row.name]
    again = run(capsys, folders[channel], channel)
    assert (again["received"], again["already_known"]) == (0, 2)


def test_facts_of_a_mail(folders: dict[str, Path], capsys) -> None:
    facts = run(capsys, folders["eml"] / "b.eml", "eml")["submissions"][0]["facts"]
    assert facts["sender"] == {"name": "Eva <eva@example.org>", "code": "", "safe_id": ""}
    assert (facts["subject"], facts["documents"]) == ("Frage", [])


def test_facts_of_a_scan(folders: dict[str, Path], capsys) -> None:
    facts = run(capsys, folders["scan"] / "2026-11-20 a.pdf", "scan")["submissions"][0]["facts"]
    assert (facts["subject"], facts["received_at"]) == ("Gescanntes Schriftstück", "2026-11-20T12:00:00+01:00")
    assert facts["documents"] == [{"name": "2026-11-20 a.pdf", "role": "schreiben", "versions": 1}]
