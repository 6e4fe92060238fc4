"""Scanned letters: the Vorgangs-ID is found wherever it stands, and what cannot be read is kept."""

from __future__ import annotations

import io
import os
from datetime import UTC, datetime
from pathlib import Path

import pikepdf
import pytest
import zxingcpp
from django.utils import timezone
from PIL import Image

from cases import numbers
from cases.models import Document
from intake import channels
from intake.channels import Skipped
from intake.envelope import Envelope
from intake.standards import scan
from intake.translate import Translation, translate
from routing.models import ExceptionEntry
from tests import factories as make
from tests.intake.builders import memory_file
from tests.intake.drawing import code, pdf, picture, sheet
from tests.intake.reading import codes, is_blocked, the

ID, OTHER = numbers.draw(), numbers.draw()
BLANK = Image.new("L", (400, 400), 255)


def read(data: bytes, name: str = "scan.pdf") -> Translation:
    return translate([memory_file(name, data)])


def one(path: Path) -> Envelope:
    (envelope,) = channels.get("scan").envelopes(path)
    assert isinstance(envelope, Envelope)
    return envelope


def test_a_qr_code_on_any_page_gives_the_case_id() -> None:
    translation = read(pdf(sheet(), sheet(code(ID))))
    assert codes(translation) == []
    facts = translation.facts
    assert (facts.standard, facts.case_id, facts.subject) == ("scan", ID, "Gescanntes Schriftstück")
    assert [(d.name, d.role, d.title) for d in facts.documents] == [("scan.pdf", "schreiben", facts.subject)]


@pytest.mark.parametrize("kind", ["Code128", "Code39", "DataMatrix"])
@pytest.mark.parametrize("turn", [0, 90, 180])
def test_other_codes_and_turned_pages(kind: str, turn: int) -> None:
    page = sheet(code(ID, getattr(zxingcpp.BarcodeFormat, kind), scale=3), turn=turn)
    assert read(pdf(page)).facts.case_id == ID


def test_a_code_may_hold_an_address_with_the_id() -> None:
    assert read(pdf(sheet(code(f"https://stadt.example/s/{ID.lower()}?x=1")))).facts.case_id == ID


@pytest.mark.parametrize(("kind", "name"), [("TIFF", "a.tif"), ("PNG", "a.PNG"), ("JPEG", "a.jpeg")])
def test_images_are_scans_too(kind: str, name: str) -> None:
    assert read(picture(kind, sheet(code(ID))), name).facts.case_id == ID


def test_a_tiff_of_several_pages_and_of_black_and_white() -> None:
    assert read(picture("TIFF", sheet(), sheet(code(ID)).convert("1")), "fax.tiff").facts.case_id == ID


def test_the_text_layer_is_searched_and_kept() -> None:
    facts = read(pdf(sheet(), text=f"Ihr Zeichen {ID}, unser Schreiben")).facts
    assert facts.case_id == ID
    assert "unser Schreiben" in facts.text


def test_a_code_goes_before_what_the_text_says() -> None:
    facts = read(pdf(sheet(code(ID)), text=f"siehe auch {OTHER}")).facts
    assert facts.case_id == ID


def test_several_ids_on_codes_are_a_matter_for_a_person() -> None:
    translation = read(pdf(sheet(code(ID)), sheet(code(OTHER))))
    assert translation.facts.case_id == ""
    finding = the(translation, "scan_several_case_ids")
    assert finding.is_blocking and ID in finding.message and OTHER in finding.message


def test_the_same_id_twice_is_one() -> None:
    assert read(pdf(sheet(code(ID), code(ID)), sheet(code(ID)))).facts.case_id == ID


def test_a_foreign_code_and_a_wrong_check_character_say_nothing() -> None:
    wrong = ID[:-1] + ("0" if ID[-1] != "0" else "1")
    translation = read(pdf(sheet(code(wrong), code("https://example.org"))))
    assert (translation.facts.case_id, codes(translation)) == ("", [])


@pytest.mark.parametrize(
    ("data", "name", "words"),
    [
        (b"%PDF-1.7\nkaputt", "a.pdf", "beschädigt"),
        (pdf(BLANK)[:400], "a.pdf", "beschädigt"),
        (b"", "a.pdf", "beschädigt"),
        (b"II*\0kaputt", "a.tif", "beschädigt"),
        (b"\x89PNG\r\n\x1a\nkaputt", "a.png", "beschädigt"),
        (pdf(BLANK, encrypt=True), "a.pdf", "Kennwort"),
    ],
)
def test_what_cannot_be_read_is_kept_with_a_finding(data: bytes, name: str, words: str) -> None:
    translation = read(data, name)
    assert words in the(translation, "scan_unreadable").message
    assert [d.name for d in translation.facts.documents] == [name]


def test_pages_beyond_the_limit_are_not_searched() -> None:
    translation = read(pdf(*[None] * 50, sheet(code(ID))))
    assert translation.facts.case_id == ""
    assert "50 von 51 Seiten" in the(translation, "scan_partly_read").message
    assert not is_blocked(translation)


def test_a_page_as_large_as_a_house_is_drawn_small() -> None:
    made, out = pikepdf.new(), io.BytesIO()
    made.add_blank_page(page_size=(14400, 14400))
    made.save(out)
    assert codes(read(out.getvalue())) == []


def test_a_reader_that_hangs_or_dies_is_a_finding(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for number, program in enumerate(("import time; time.sleep(9)", "import os; os.abort()")):
        script = tmp_path / f"{number}.py"
        script.write_text(program)
        monkeypatch.setattr(scan, "_PROGRAM", script)
        monkeypatch.setattr(scan, "PATIENCE_SECONDS", 0.5)
        assert "zu aufwendig" in the(read(pdf(BLANK)), "scan_unreadable").message


def test_the_reader_is_a_program_that_knows_nothing_of_the_house() -> None:
    source = Path(scan._PROGRAM).read_text()
    assert "django" not in source and "intake" not in source


def test_each_file_of_a_folder_is_a_letter(tmp_path: Path) -> None:
    (tmp_path / "b.pdf").write_bytes(pdf(BLANK))
    (tmp_path / "a.PDF").write_bytes(pdf(BLANK, BLANK))
    (tmp_path / "c.pdf.part").write_bytes(b"%PDF")
    found = list(channels.get("scan").envelopes(tmp_path))
    assert [type(each) for each in found] == [Envelope, Envelope, Skipped]
    first = found[0]
    assert first.external_id == f"sha256:{first.files[0].sha256()}"
    assert [file.name for file in first.files] == ["a.PDF"]


def test_what_is_no_scan_is_kept_for_a_person(tmp_path: Path) -> None:
    (tmp_path / "a.docx").write_bytes(b"PK")
    (tmp_path / "ordner").mkdir()
    (tmp_path / "ordner" / "b.pdf").write_bytes(b"%PDF-1.7")
    for envelope in channels.get("scan").envelopes(tmp_path):
        assert isinstance(envelope, Envelope)
        assert [finding.code for finding in envelope.findings] == ["not_a_message"]
        assert len(envelope.files) == 1


@pytest.mark.parametrize(
    ("name", "written", "expected"),
    [
        ("scan.pdf", "2026-11-20T15:04:05+01:00", "2026-11-20T15:04:05+01:00"),
        ("2026-11-18_0815.pdf", "2026-11-20T15:04:05+01:00", "2026-11-18T12:00:00+01:00"),
        ("2026-11-20 Müller.pdf", "2026-11-20T15:04:05+01:00", "2026-11-20T15:04:05+01:00"),
        ("2026-02-30.pdf", "2026-11-20T15:04:05+01:00", "2026-11-20T15:04:05+01:00"),
        ("2099-01-01.pdf", "2026-11-20T15:04:05+01:00", "2026-11-20T15:04:05+01:00"),
        ("2026-11-1812.pdf", "2026-11-20T15:04:05+01:00", "2026-11-20T15:04:05+01:00"),
    ],
)
def test_the_arrival_is_the_day_in_the_name_else_the_files_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, written: str, expected: str
) -> None:
    monkeypatch.setattr(timezone, "now", lambda: datetime(2026, 11, 24, 9, tzinfo=UTC))
    path = tmp_path / name
    path.write_bytes(pdf(BLANK))
    moment = datetime.fromisoformat(written).timestamp()
    os.utime(path, (moment, moment))
    assert one(path).received_at == datetime.fromisoformat(expected)


def test_a_file_from_the_future_arrives_now(tmp_path: Path) -> None:
    path = tmp_path / "scan.pdf"
    path.write_bytes(pdf(BLANK))
    os.utime(path, (4e9, 4e9))
    assert one(path).received_at is None


@pytest.mark.django_db
def test_a_scan_with_a_known_id_is_filed_in_its_case(tmp_path: Path) -> None:
    case = make.case()
    path = tmp_path / "2026-11-18.pdf"
    path.write_bytes(pdf(sheet(code(case.public_id))))
    submission = make.processed(one(path))
    assert (submission.state, submission.case) == ("filed", case)
    assert timezone.localtime(submission.received_at).isoformat() == "2026-11-18T12:00:00+01:00"
    document = Document.objects.get(case=case)
    assert (document.role, document.title) == ("schreiben", "Gescanntes Schriftstück")


@pytest.mark.django_db
def test_a_scan_without_a_code_waits_for_a_person(tmp_path: Path) -> None:
    path = tmp_path / "scan.pdf"
    path.write_bytes(pdf(sheet()))
    submission = make.processed(one(path))
    assert submission.state == "exception"
    assert ExceptionEntry.objects.get(submission=submission).reason == "no_rule"


@pytest.mark.django_db
def test_the_same_scan_under_another_name_is_known(tmp_path: Path) -> None:
    for name in ("scan.pdf", "scan (1).pdf"):
        (tmp_path / name).write_bytes(pdf(BLANK))
    first, second = (make.submission(one(tmp_path / name)) for name in ("scan.pdf", "scan (1).pdf"))
    assert first == second
