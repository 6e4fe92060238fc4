"""Messages that nobody can file automatically, and what the carrier of a container adds."""

from __future__ import annotations

from datetime import datetime

import pytest

from intake.facts import Correspondent
from intake.findings import Finding
from intake.translate import translate
from tests.intake import builders
from tests.intake.builders import COURT, FOREIGN, OWN, PDF, TOWN, container, eeb, header, memory_files, message, xml
from tests.intake.reading import codes, is_blocked, read, the


@pytest.fixture(autouse=True)
def _no_schemas(settings, tmp_path) -> None:
    """These tests read without official schemas; ``test_schemas`` has them installed."""
    settings.DATA_DIR = tmp_path


@pytest.mark.parametrize("version", ["4.0.0", "2.3.1", "3.8.0", "neu", ""])
def test_unknown_version_blocks_with_facts(version: str) -> None:
    translation = read(message("3.5.1").replace(b'"3.5.1"', f'"{version}"'.encode()))
    assert the(translation, "unknown_version").is_blocking and translation.facts.own_reference == OWN


@pytest.mark.parametrize(
    "data", [b"<a/>", b'<nachricht xmlns="urn:fremd"/>', message().replace(b"www.xjustiz.de", b"www.xjustiz.org")]
)
def test_unknown_standard(data: bytes) -> None:
    assert the(read(data), "unknown_standard").is_blocking


def test_other_xjustiz_messages_go_to_a_person() -> None:
    translation = read(xml("nachricht.straf.owi.verfahrensmitteilung.justizAnExtern.0500011", header("3.5.1")), {})
    assert the(translation, "unknown_message_type").is_blocking and translation.facts.message_type == "0500011"


@pytest.mark.parametrize(
    ("data", "path"),
    [
        (xml("nachricht.gds.basisnachricht.0005006", ""), "/*/nachrichtenkopf"),
        (message(head=header("3.5.1").replace(f"<erstellungszeitpunkt>{builders.CREATED}</erstellungszeitpunkt>", "")),
         "/*/nachrichtenkopf/erstellungszeitpunkt"),
        (message(head=header("3.5.1").replace(TOWN, "")), "/*/nachrichtenkopf/empfaenger"),
        (message(objects=""), "/*/schriftgutobjekte"),
        (eeb(answer="<empfangsbestaetigung>heute</empfangsbestaetigung>"), "/*/fachdaten"),
    ],
)  # fmt: skip
def test_our_own_structural_check(data: bytes, path: str) -> None:
    finding = next(f for f in read(data, {}).findings if f.code == "schema_invalid")
    assert finding.is_blocking and finding.path == path


def test_unreadable_xml_keeps_the_carriers_facts_and_the_documents() -> None:
    translation = translate(memory_files(container(b"<kaputt")))
    assert codes(translation) == ["xml_not_wellformed"] and is_blocked(translation)
    assert translation.facts.subject == "Zustellung 12 K 345/26"
    assert [each.name for each in translation.facts.documents] == ["Verfuegung.pdf"]


def test_several_xjustiz_messages_in_one() -> None:
    files = {**container(message()), "attachments/XJUSTIZ_2.xml": message()}
    assert the(translate(memory_files(files)), "several_xjustiz").is_blocking


def test_what_the_carrier_adds() -> None:
    files = container(message())
    files["summarisedinspectionsheet.xml"] = b"<r><x><ProofOfOrigin>VHN_Justiz_valid</ProofOfOrigin></x></r>"
    facts = translate(memory_files(files)).facts
    assert facts.received_at == datetime.fromisoformat("2026-11-24T10:20:53+01:00")
    assert facts.subject == "Zustellung 12 K 345/26"
    assert facts.sender == Correspondent("VG Musterstadt", COURT, "DE.Justiz.11111111-2222-3333-4444-555555555555.0001")
    assert (facts.origin, facts.origin_text) == ("VHN_Justiz_valid", "Von der Justiz versandt.")
    assert facts.documents[0].files[0].name == "attachments/Verfuegung.pdf"


def test_references_of_older_senders_fill_what_the_xml_leaves_open() -> None:
    files = container(message(head=header("3.5.1", own="unbekannt")))
    files["additionals/nachricht.xml"] = (
        b"<Nachricht><Aktenzeichen_Empfaenger>A-7</Aktenzeichen_Empfaenger><Aktenzeichen_Absender>fremd</Aktenzeichen_Absender>"
        b"<Empfaengerkennung>DE.Justiz.x</Empfaengerkennung><Freitext>Bitte\num Eile</Freitext></Nachricht>"
    )
    facts = translate(memory_files(files)).facts
    assert (facts.own_reference, facts.foreign_reference) == ("A-7", FOREIGN)
    assert (facts.recipient.safe_id, facts.text) == ("DE.Justiz.x", "Bitte\num Eile")


def test_a_container_without_xjustiz() -> None:
    translation = translate(memory_files(container(None, {"Brief.pdf": PDF, "Brief.pdf.p7s": b"s", "Anlage.pdf": PDF})))
    assert translation.facts.standard == "egvp" and codes(translation) == []
    assert [(each.name, len(each.files)) for each in translation.facts.documents] == [
        ("Anlage.pdf", 1),
        ("Brief.pdf", 2),
    ]


def test_an_xjustiz_message_under_another_name_is_found_by_its_namespace() -> None:
    files = {**container(None), "attachments/daten.xml": message()}
    assert translate(memory_files(files)).facts.standard == "xjustiz"


def test_the_export_of_mein_justizpostfach() -> None:
    files = {
        "Technische Dokumente/xjustiz_nachricht.xml": message(),
        "Anlagen/Verfuegung.pdf": PDF,
        "Technische Dokumente/vhn.xml": b"<v/>",
    }
    translation = translate(memory_files(files))
    assert codes(translation) == ["arrival_unknown"]
    assert translation.facts.documents[0].files[0].name == "Anlagen/Verfuegung.pdf"


def test_a_bea_export() -> None:
    files = {
        "4711.xml": b"<m/>", "4711_BusinessCard.html": b"<p>", "4711_export.html": b"<p>", "vhn.xml": b"<v/>",
        "vhn.xml.p7s": b"s", "xjustiz_nachricht.xml": message(), "xjustiz_nachricht.html": b"<p>",
        "Verfuegung.pdf": PDF, "Nachrichtentext.pdf": PDF,
    }  # fmt: skip
    translation = translate(memory_files(files))
    assert codes(translation) == ["arrival_unknown"]
    assert [each.name for each in translation.facts.documents] == ["Verfuegung.pdf", "Nachrichtentext.pdf"]


@pytest.mark.parametrize("files", [{}, container(None, {})])
def test_an_empty_message(files: dict[str, bytes]) -> None:
    assert the(translate(memory_files(files)), "message_empty").is_blocking


def test_a_refused_archive_is_not_called_empty_as_well() -> None:
    refused = Finding("zip_broken", "…")
    assert translate([], envelope_findings=[refused]).findings == [refused]


def test_damaged_technical_files() -> None:
    files = {**container(message()), "MsgProps.xml": b"<kaputt", "pruefvermerk.xml": b""}
    translation = translate(memory_files(files))
    found = {(each.code, each.path): each.is_blocking for each in translation.findings}
    assert found[("xml_not_wellformed", "MsgProps.xml")] and not found[("xml_empty", "pruefvermerk.xml")]
    assert translation.facts.own_reference == OWN


def test_limits_of_a_message(settings) -> None:
    settings.MAX_MESSAGE_FILES = 2
    assert codes(translate(memory_files(container(message())))) == []
    translation = translate(memory_files(container(message(), {"Verfuegung.pdf": PDF, "b.pdf": PDF})))
    assert the(translation, "message_too_many_files").is_blocking
    settings.MAX_MESSAGE_FILES, settings.MAX_MESSAGE_MB = 10, 0
    assert the(translate(memory_files(container(message()))), "message_too_large").is_blocking
