"""Codes that no installed list knows, and the business rules of the Grunddatensatz: hints, never a stop."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from intake import schemas
from intake.translate import Translation
from tests.intake.builders import document, header, message, write_folder
from tests.intake.reading import codes, is_blocked, read, the

LEVEL = "<vertraulichkeitsstufe><c>{}</c></vertraulichkeitsstufe>"
PROCESS = (
    "<nachrichtenuebergreifenderProzess><prozessID>p</prozessID><nachrichtenNummer>1</nachrichtenNummer>"
    "<nachrichtenAnzahl>2</nachrichtenAnzahl></nachrichtenuebergreifenderProzess>"
)
METADATA = "<justizinterneDaten><nurMetadaten>true</nurMetadaten></justizinterneDaten></dokument>"


@pytest.fixture(autouse=True)
def _no_schemas(settings, tmp_path: Path) -> None:
    settings.DATA_DIR = tmp_path / "data"


def install(tmp_path: Path, name: str, *known: str) -> None:
    data = {
        "metadaten": {"nameTechnisch": name, "version": "1.0"},
        "spalten": [{"spaltennameTechnisch": "code", "codeSpalte": True}, {"spaltennameTechnisch": "wert"}],
        "daten": [[code, "Wert"] for code in known],
    }
    schemas.install(write_folder(tmp_path / "quelle", {f"{name}.json": json.dumps(data).encode()}))


def rules_of(translation: Translation) -> list[str]:
    assert not is_blocked(translation)
    return [finding.value for finding in translation.findings if finding.code == "business_rule"]


@pytest.mark.parametrize("version", ["3.2.1", "3.5.1", "3.6.2"])
def test_a_code_that_the_installed_list_does_not_know(tmp_path: Path, version: str) -> None:
    install(tmp_path, "gds.gerichte", "B2113")
    translation = read(message(version))
    finding = the(translation, "code_unknown")
    assert not is_blocked(translation)
    assert finding.value == "gds.gerichte: D6262" and "gds.gerichte" in finding.message and finding.line


def test_known_codes_and_lists_that_are_not_there_are_no_matter(tmp_path: Path) -> None:
    assert codes(read(message())) == []
    install(tmp_path, "gds.gerichte", "D6262")
    assert codes(read(message())) == []


def test_the_lists_of_version_2_are_other_ones(tmp_path: Path) -> None:
    install(tmp_path, "gds.gerichte", "B2113")
    assert codes(read(message("2.4.0"))) == []


def test_a_flood_of_unknown_codes_is_cut(tmp_path: Path) -> None:
    install(tmp_path, "gds.dokumentklasse", "999")
    objects = "".join(document("3.5.1", "Verfuegung.pdf", code=f"{number:03}") for number in range(40))
    assert codes(read(message(objects=objects))).count("code_unknown") == 10


@pytest.mark.parametrize(
    ("stated", "objects", "broken"),
    [
        ("", [], []),
        ("001", ["001"], []),
        ("002", ["002"], []),
        ("001", ["001", "002"], []),
        ("", ["003"], []),
        ("", ["002"], ["SCH-GDS-0005"]),
        ("", ["001"], ["SCH-GDS-0005"]),
        ("002", ["001", "002"], ["SCH-GDS-0010"]),
        ("001", ["002"], ["SCH-GDS-0011"]),
    ],
)
def test_confidentiality_of_message_and_objects_agree(stated: str, objects: list[str], broken: list[str]) -> None:
    one = document("3.5.1", "Verfuegung.pdf")
    documents = "".join(
        one.replace("</identifikation>", "</identifikation>" + LEVEL.format(level)) for level in objects
    )
    extra = f"<vertraulichkeit>{LEVEL.format(stated)}</vertraulichkeit>" if stated else ""
    data = message(head=header("3.5.1", extra=extra), objects=documents or one)
    assert rules_of(read(data)) == broken


def test_rules_hold_for_the_versions_that_have_the_elements() -> None:
    one = document("3.2.1", "Verfuegung.pdf").replace("</identifikation>", "</identifikation>" + LEVEL.format("002"))
    assert rules_of(read(message("3.2.1", objects=one))) == []


@pytest.mark.parametrize(("extra", "broken"), [("", ["SCH-GDS-0006"]), (PROCESS, [])])
def test_metadata_alone_belong_to_a_process(extra: str, broken: list[str]) -> None:
    objects = document("3.5.1", "Verfuegung.pdf").replace("</dokument>", METADATA)
    assert rules_of(read(message(head=header("3.5.1", extra=extra), objects=objects))) == broken
