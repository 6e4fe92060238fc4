"""Documents and their files: roles, signatures, what is missing, what is surplus, what is not what it seems."""

from __future__ import annotations

import pytest

from intake.facts import FilePart
from intake.translate import translate
from tests.intake.builders import OWN, PDF, document, memory_files, message
from tests.intake.reading import codes, facts_of, is_blocked, read, the


@pytest.fixture(autouse=True)
def _no_schemas(settings, tmp_path) -> None:
    """These tests read without official schemas; ``test_schemas`` has them installed."""
    settings.DATA_DIR = tmp_path


@pytest.mark.parametrize(
    ("version", "code", "role"),
    [
        ("3.5.1", "003", "klage"),
        ("3.5.1", "017", "bescheid"),
        ("3.5.1", "001", "sonstiges"),
        ("2.4.0", "004", "schreiben"),
    ],
)
def test_document_roles(version: str, code: str, role: str) -> None:
    facts = facts_of(message(version, objects=document(version, "Verfuegung.pdf", code=code)))
    assert facts.documents[0].role == role


def test_akten_and_teilakten_are_read_to_any_depth() -> None:
    def wrap(kind: str, inner: str) -> str:
        return (
            f"<{kind}><identifikation><id>x</id></identifikation><xjustiz.fachspezifischeDaten>"
            f"<inhalt>{inner}</inhalt></xjustiz.fachspezifischeDaten></{kind}>"
        )

    inner = wrap("teilakte", wrap("teilakte", document("3.5.1", "tief.pdf", number=1)) + document("3.5.1", "mitte.pdf"))
    objects = wrap("akte", inner + document("3.5.1", "oben.pdf")) + document("3.5.1", "lose.pdf")
    names = ["tief.pdf", "mitte.pdf", "oben.pdf", "lose.pdf"]
    facts = facts_of(message(objects=objects), dict.fromkeys(names, PDF))
    assert [each.name for each in facts.documents] == names


def test_the_eeb_demand_of_an_akte_covers_its_documents() -> None:
    objects = (
        "<akte><identifikation><id>x</id></identifikation><xjustiz.fachspezifischeDaten>"
        f"<inhalt>{document('3.2.1', 'a.pdf')}</inhalt>"
        "<ruecksendungEEB.erforderlich>true</ruecksendungEEB.erforderlich>"
        f"</xjustiz.fachspezifischeDaten></akte>{document('3.2.1', 'b.pdf')}"
    )
    facts = facts_of(message("3.2.1", objects=objects), {"a.pdf": PDF, "b.pdf": PDF})
    assert facts.eeb_required
    assert [each.eeb_required for each in facts.documents] == [True, False]


def test_signature_files_belong_to_their_document() -> None:
    objects = document("3.5.1", "a.pdf", "a.pdf.p7s", parts={"a.pdf.p7s": "003"})
    facts = facts_of(message(objects=objects), {"a.pdf": PDF, "a.pdf.p7s": b"sig"})
    (only,) = facts.documents
    assert [(file.name, file.part) for file in only.files] == [
        ("a.pdf", FilePart.ORIGINAL),
        ("a.pdf.p7s", FilePart.SIGNATURE),
    ]
    assert only.versions == 1


@pytest.mark.parametrize("signature", ["Verfuegung.pdf.p7s", "Verfuegung.pkcs7", "verfuegung.PDF.p7m"])
def test_signature_files_that_the_xml_does_not_name(signature: str) -> None:
    translation = read(message(), {"Verfuegung.pdf": PDF, signature: b"sig"})
    (only,) = translation.facts.documents
    assert (only.files[1].name, only.files[1].refers_to) == (signature, "Verfuegung.pdf")
    assert codes(translation) == []


def test_a_signature_without_its_file() -> None:
    translation = read(message(), {"Verfuegung.pdf": PDF, "anderes.pdf.p7s": b"sig"})
    assert codes(translation) == ["signature_unmatched"] and len(translation.facts.documents) == 1


def test_signatures_of_technical_files_are_the_carriers() -> None:
    translation = read(
        message(), {"Verfuegung.pdf": PDF, "vhn.xml": b"<vhn/>", "vhn.xml.p7s": b"s", "xjustiz_nachricht.xml.p7s": b"s"}
    )
    assert codes(translation) == [] and len(translation.facts.documents) == 1


def test_a_document_in_two_versions_is_named_after_the_newest() -> None:
    objects = document("3.5.1", "v1.pdf", "v2.pdf").replace(
        "v2.pdf</dateiname><bestandteil><c>001</c></bestandteil>",
        "v2.pdf</dateiname><bestandteil><c>001</c></bestandteil><versionsnummer>2</versionsnummer>",
    )
    (only,) = facts_of(message(objects=objects), {"v1.pdf": PDF, "v2.pdf": PDF}).documents
    assert (only.name, only.versions) == ("v2.pdf", 2)


def test_a_pruefvermerk_is_no_document() -> None:
    objects = document("3.5.1", "Verfuegung.pdf") + document("3.5.1", "pv.pdf", parts={"pv.pdf": "010"})
    translation = read(message(objects=objects), {"Verfuegung.pdf": PDF, "pv.pdf": PDF})
    assert [each.name for each in translation.facts.documents] == ["Verfuegung.pdf"]


@pytest.mark.parametrize(("written", "present"), [("Kläge.pdf", "Kla\u0308ge.PDF"), ("A.pdf", "a.pdf")])
def test_files_are_found_in_another_normal_form_or_case(written: str, present: str) -> None:
    facts = facts_of(message(objects=document("3.5.1", written)), {present: PDF})
    assert facts.documents[0].files[0].name == present


@pytest.mark.parametrize("name", ["fehlt.pdf", "../../../etc/passwd", "/etc/passwd"])
def test_a_missing_attachment_blocks_and_is_named(name: str) -> None:
    translation = read(message(objects=document("3.5.1", name)), {})
    finding = the(translation, "attachment_missing")
    assert finding.is_blocking and finding.path == name and name in finding.message
    assert translation.facts.documents[0].title == "Verfügung"


def test_a_lone_xml_has_complete_facts_and_misses_its_attachments() -> None:
    translation = translate(memory_files({"Klage.XML": message()}))
    assert codes(translation) == ["attachment_missing"]
    assert translation.facts.own_reference == OWN and translation.facts.documents[0].name == "Verfuegung.pdf"


def test_documents_of_which_only_metadata_is_sent_miss_nothing() -> None:
    objects = document("3.5.1", "Verfuegung.pdf").replace(
        "</dokument>", "<justizinterneDaten><nurMetadaten>true</nurMetadaten></justizinterneDaten></dokument>"
    )
    assert facts_of(message(objects=objects), {}).documents[0].name == "Verfügung"


def test_a_surplus_attachment_becomes_a_document_with_a_hint() -> None:
    translation = read(message(), {"Verfuegung.pdf": PDF, "mehr.pdf": PDF})
    assert codes(translation) == ["attachment_surplus"] and not is_blocked(translation)
    assert [each.name for each in translation.facts.documents] == ["Verfuegung.pdf", "mehr.pdf"]


@pytest.mark.parametrize(
    ("data", "code"),
    [(b"", "file_empty"), (b"<html>", "file_type_mismatch"), (b"MZ\x90", "file_executable"), (b"\n" * 900 + PDF, None)],
)
def test_files_that_are_not_what_they_seem(data: bytes, code: str | None) -> None:
    translation = read(message(), {"Verfuegung.pdf": data})
    assert codes(translation) == ([code] if code else []) and not is_blocked(translation)


def test_a_flood_of_missing_files_is_counted_not_listed() -> None:
    objects = document("3.5.1", *(f"{i}.pdf" for i in range(300)))
    missing = [f for f in read(message(objects=objects), {}).findings if f.code == "attachment_missing"]
    assert len(missing) == 51 and "250" in missing[-1].message


def test_a_flood_of_documents_is_cut() -> None:
    objects = "<dokument/>" * 10_001
    translation = read(message(objects=objects), {})
    assert the(translation, "message_too_many_objects").is_blocking
    assert len(translation.facts.documents) == 10_000
