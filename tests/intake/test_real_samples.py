"""Real containers and valid messages: every fact that a person would look up, exactly.

The containers are test data published by the Oberverwaltungsgericht Rheinland-Pfalz (EUPL-1.2).
"""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path

import pytest

from intake import channels, schemas
from intake.channels import Skipped
from intake.envelope import Envelope
from intake.facts import Correspondent, EebReceipt, FilePart
from intake.translate import Translation, translate

SAMPLES = Path(__file__).parents[3] / "shared" / "samples"
pytestmark = pytest.mark.skipif(not SAMPLES.is_dir(), reason="The samples are not beside this checkout.")


@pytest.fixture(scope="module")
def store(tmp_path_factory) -> Path:
    """A data directory in which the official schemas and code lists are installed."""
    from django.conf import settings
    from django.test import override_settings

    data = tmp_path_factory.mktemp("data")
    with override_settings(DATA_DIR=data):
        assert data == settings.DATA_DIR
        schemas.install(SAMPLES / "xjustiz")
    return data


@pytest.fixture(params=["with schemas", "without schemas"])
def with_schemas(request, store, settings, tmp_path) -> bool:
    settings.DATA_DIR = store if request.param == "with schemas" else tmp_path
    return request.param == "with schemas"


def read(path: Path) -> tuple[Envelope, Translation]:
    (envelope,) = channels.get("egvp").envelopes(path)
    assert not isinstance(envelope, Skipped)
    return envelope, translate(envelope.files, envelope_findings=envelope.findings)


def codes(translation: Translation, installed: bool) -> list[str]:
    found = [finding.code for finding in translation.findings]
    return found if installed else [code for code in found if code != "schema_not_installed"]


def test_a_court_sends_a_document(with_schemas: bool) -> None:
    envelope, translation = read(SAMPLES / "egvp" / "Testnachricht_1")
    facts = translation.facts
    assert envelope.external_id == "govapp_16327447360399999999999999995325"
    assert envelope.received_at == facts.received_at == datetime.fromisoformat("2021-09-27T14:12:16+02:00")
    assert (facts.standard, facts.version, facts.message_type) == ("xjustiz", "2.4.0", "0005005")
    assert facts.sender == Correspondent(
        name="Arbeitsgericht Ludwigshafen" if with_schemas else "ZZ Testkonto RP OVG RLP",
        code="T6078",
        safe_id="DE.Justiz.233a8870-2319-4dbc-9f68-a4cc9da8f429.9999",
    )
    assert facts.recipient == Correspondent(
        name="Joswig & Partner", safe_id="DE.Justiz.836cga01-ffff-2856-85ef-268df5e8b136.5555"
    )
    assert (facts.own_reference, facts.foreign_reference) == ("22-114-B19 SB/jaw", "4 Ca 614/20")
    assert (facts.court_code, facts.court_reference) == ("T6078", "4 Ca 614/20")
    assert facts.subject == "Test CH Asynchron"
    assert facts.created_at == datetime.fromisoformat("2020-05-06T09:38:44.01+02:00")
    assert facts.message_id == "F9D36902-B60A-4A38-AA40-69ED89874A2F"
    assert (facts.origin, facts.origin_text) == ("VHN_Justiz_valid", "Diese Nachricht wurde von der Justiz versandt.")
    assert not facts.eeb_required and facts.eeb is None and not facts.urgent
    (document,) = facts.documents
    assert (document.name, document.title, document.role) == ("99 - Klage.pdf", "TESTDOKUMENT", "schreiben")
    assert (document.versions, document.eeb_required) == (1, False)
    assert [(file.name, file.part) for file in document.files] == [
        ("attachments/99 - Klage.pdf", FilePart.REPRESENTATION)
    ]
    assert [(each.role, each.role_code, each.last_name, each.reference) for each in facts.parties] == [
        ("plaintiff", "101", "Gleich", "AL-36/20-A"),
        ("defendant", "028", "Sonnen-Apotheke", "22-114-B19 SB/jaw"),
    ]
    assert codes(translation, with_schemas) == []


def test_an_authority_returns_an_empfangsbekenntnis(with_schemas: bool) -> None:
    envelope, translation = read(SAMPLES / "egvp" / "TestnachrichtEeb_1")
    facts = translation.facts
    assert envelope.external_id == "govapp_1635495652029969999999999999999"
    assert envelope.received_at == facts.received_at == datetime.fromisoformat("2021-10-29T10:20:53+02:00")
    assert (facts.standard, facts.version, facts.message_type) == ("xjustiz", "2.4.0", "2200007")
    assert facts.sender == Correspondent(
        name="Oberverwaltungsgericht Rheinland-Pfalz", safe_id="DE.Justiz.836cga01-ffff-2856-85ef-268df5e8b136.5555"
    )
    assert facts.recipient == Correspondent(
        name="Verwaltungsgericht Koblenz" if with_schemas else "ZZ Testkonto RP OVG RLP",
        code="T6076",
        safe_id="DE.Justiz.233a8870-2319-4dbc-9f68-a4cc9da8f429.9999",
    )
    assert (facts.own_reference, facts.foreign_reference) == ("1 K 519/20.KO", "")
    assert facts.subject == "EB zu: 1 K 519/20.KO"
    assert facts.reply_to == "e238a754-f63d-4196-98e6-89c50f015b2e"
    assert facts.eeb == EebReceipt(received_on=date(2021, 10, 29)) and not facts.eeb_required
    assert facts.origin == "VHN_beBPo_valid"
    assert facts.documents == []
    assert codes(translation, with_schemas) == []


@pytest.mark.parametrize(
    ("version", "message_id", "safe_id"),
    [
        ("3.5.1", "6b0f19f8-0cbb-515b-8807-9bd4729a452f", ""),
        (
            "3.6.2",
            "f8c5ce63-dbae-565f-a0cd-1d7b149b438e",
            "DE.Justiz.00000000-0000-4000-8000-000000000001.abcd",
        ),
    ],
)
def test_a_court_serves_a_verfuegung_and_a_klage(
    with_schemas: bool, version: str, message_id: str, safe_id: str
) -> None:
    envelope, translation = read(SAMPLES / "xjustiz" / "messages" / f"xjustiz_{version}_0005005.xml")
    facts = translation.facts
    assert envelope.external_id == facts.message_id == message_id
    assert envelope.received_at is None and facts.received_at is None
    assert (facts.version, facts.message_type) == (version, "0005005")
    assert facts.sender == Correspondent(name="Verwaltungsgericht München" if with_schemas else "", code="D6262")
    assert facts.recipient == Correspondent(name="Stadt Musterstadt - Ordnungsamt", safe_id=safe_id)
    assert (facts.own_reference, facts.foreign_reference) == ("32.1-2026-000123", "12 K 345/26")
    assert (facts.court_code, facts.court_reference) == ("D6262", "12 K 345/26")
    assert facts.subject == "Klage wegen Gewerbeuntersagung"
    assert facts.urgent and facts.eeb_required
    assert [(each.name, each.title, each.role, each.eeb_required) for each in facts.documents] == [
        ("Verfuegung_1a2b3c4d-0000-4000-8000-000000000001.pdf", "Eingangsverfügung", "verfuegung", True),
        ("Klage_1a2b3c4d-0000-4000-8000-000000000002.pdf", "Klageschrift", "klage", False),
    ]
    assert all(each.document_date == date(2026, 11, 20) for each in facts.documents)
    assert codes(translation, with_schemas) == ["attachment_missing", "attachment_missing"]


def test_a_returned_empfangsbekenntnis_in_3_6(with_schemas: bool) -> None:
    envelope, translation = read(SAMPLES / "xjustiz" / "messages" / "xjustiz_3.6.2_eeb_2200007.xml")
    facts = translation.facts
    assert envelope.external_id == "2cce8130-f750-595f-96e7-aae6eafea36b"
    assert facts.sender == Correspondent(name="Stadt Musterstadt - Ordnungsamt")
    assert facts.recipient == Correspondent(
        name="Verwaltungsgericht München" if with_schemas else "",
        code="D6262",
        safe_id="DE.Justiz.00000000-0000-4000-8000-000000000001.abcd",
    )
    assert (facts.own_reference, facts.foreign_reference) == ("12 K 345/26", "32.1-2026-000123")
    assert facts.reply_to == "f8c5ce63-dbae-565f-a0cd-1d7b149b438e"
    assert facts.eeb == EebReceipt(received_on=date(2026, 11, 24))
    assert facts.documents == [] and codes(translation, with_schemas) == []
