"""Exports of beA and "Mein Justizpostfach": read like court mail, and honest about what they do not say."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from intake import channels
from intake.envelope import Envelope
from intake.translate import Translation, translate
from tests import factories as make
from tests.intake.builders import (
    COURT,
    FOREIGN,
    OWN,
    PDF,
    bea_export,
    document,
    justizpostfach_export,
    message,
    write_folder,
    zip_bytes,
)
from tests.intake.reading import codes, is_blocked, the

Export = Callable[..., dict[str, bytes]]
both = pytest.mark.parametrize("export", [bea_export, justizpostfach_export])


def as_zip(files: Mapping[str, bytes], folder: Path) -> Envelope:
    path = folder / "export.zip"
    path.write_bytes(zip_bytes(files))
    return one(path)


def one(path: Path) -> Envelope:
    (envelope,) = channels.get("egvp").envelopes(path)
    assert isinstance(envelope, Envelope)
    return envelope


def read(envelope: Envelope) -> Translation:
    return translate(envelope.files, archive=envelope.archive, envelope_findings=envelope.findings)


@both
@pytest.mark.parametrize("folder", ["", "Nachricht vom 24.11.2026/"])
@pytest.mark.parametrize("is_zip", [True, False])
def test_what_these_formats_hold(export: Export, folder: str, is_zip: bool, tmp_path: Path) -> None:
    files = export(folder=folder if is_zip else "")
    envelope = as_zip(files, tmp_path) if is_zip else one(write_folder(tmp_path / "unpacked", files))
    translation = read(envelope)
    assert codes(translation) == ["arrival_unknown"]
    facts = translation.facts
    assert (facts.standard, facts.version) == ("xjustiz", "3.5.1" if export is bea_export else "3.6.2")
    assert (facts.sender.code, facts.recipient.name) == (COURT, "Stadt Musterstadt")
    assert (facts.own_reference, facts.foreign_reference) == (OWN, FOREIGN)
    assert facts.subject == "Klage wegen Gewerbeuntersagung"
    assert facts.eeb_required
    found = [(each.name, each.role, each.title) for each in facts.documents]
    assert found == [
        ("Verfuegung.pdf", "verfuegung", "Verfügung"),
        ("Nachrichtentext.pdf", "schreiben", "Nachrichtentext"),
    ]


@both
def test_the_arrival_is_not_made_up(export: Export, tmp_path: Path) -> None:
    envelope = as_zip(export(), tmp_path)
    translation = read(envelope)
    assert (envelope.received_at, translation.facts.received_at) == (None, None)
    assert "im Postfach nachsehen" in the(translation, "arrival_unknown").message
    assert translation.facts.created_at is not None


def test_the_number_of_bea_is_the_id(tmp_path: Path) -> None:
    assert as_zip(bea_export("2047110816"), tmp_path).external_id == "2047110816"
    again = as_zip({"1.pdf": PDF, **bea_export("2047110816")}, tmp_path)
    assert again.external_id == "2047110816"


def test_two_numbers_are_no_export_of_bea(tmp_path: Path) -> None:
    envelope = as_zip(bea_export("2047110816") | bea_export("2047110817"), tmp_path)
    assert envelope.archive is not None
    assert envelope.external_id == f"sha256:{envelope.archive.sha256()}"


def test_mein_justizpostfach_gives_no_id_of_its_own(tmp_path: Path) -> None:
    envelope = as_zip(justizpostfach_export(), tmp_path)
    assert envelope.archive is not None
    assert envelope.external_id == f"sha256:{envelope.archive.sha256()}"


@both
def test_technical_files_are_no_documents(export: Export, tmp_path: Path) -> None:
    without = message(objects=document("3.5.1", "Verfuegung.pdf"))
    facts = read(as_zip(export(xjustiz=without), tmp_path)).facts
    assert {each.name for each in facts.documents} == {"Verfuegung.pdf", "Nachrichtentext.pdf"}
    assert not facts.eeb_required


@both
def test_an_export_without_xjustiz_is_held_together(export: Export, tmp_path: Path) -> None:
    files = {name: data for name, data in export().items() if "xjustiz" not in name}
    translation = read(as_zip(files, tmp_path))
    assert translation.facts.standard == "egvp"
    assert sorted(each.name for each in translation.facts.documents) == ["Nachrichtentext.pdf", "Verfuegung.pdf"]


@both
def test_a_missing_attachment_and_broken_xml_are_found(export: Export, tmp_path: Path) -> None:
    files = {name: data for name, data in export().items() if "Verfuegung" not in name}
    assert the(read(as_zip(files, tmp_path)), "attachment_missing").is_blocking
    assert is_blocked(read(as_zip(export(xjustiz=b"<kaputt"), tmp_path)))


@pytest.mark.django_db
@both
def test_it_goes_through_the_house_once(export: Export, tmp_path: Path) -> None:
    make.rule("Gewerbe", unit=make.team("ordnungsamt"))
    submission = make.processed(as_zip(export(), tmp_path))
    assert submission.state == "filed"
    assert submission.case.documents.count() == 2
    assert make.submission(as_zip(export(), tmp_path)) == submission
