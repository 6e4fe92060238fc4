"""The schema store: installing, listing, validating, code lists, and the command for it."""

from __future__ import annotations

import json
import threading
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from lxml import etree

from intake import schemas
from intake.findings import Severity
from intake.gates.xml import parse
from intake.management.commands.standards import Command
from intake.standards import xjustiz
from intake.translate import translate
from tests.intake import builders
from tests.intake.builders import eeb, memory_files, message, write_folder, zip_bytes

SAMPLES = Path(__file__).parents[3] / "shared" / "samples"
needs_samples = pytest.mark.skipif(not SAMPLES.is_dir(), reason="The official schemas are not beside this checkout.")

XSD = """<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns="http://www.xjustiz.de"
  targetNamespace="http://www.xjustiz.de" elementFormDefault="qualified">
 <xs:element name="nachricht.gds.basisnachricht.0005006"><xs:complexType><xs:sequence>
  <xs:element name="nachrichtenkopf"><xs:complexType>
   <xs:attribute name="xjustizVersion" fixed="{version}" use="required"/></xs:complexType></xs:element>
 </xs:sequence></xs:complexType></xs:element></xs:schema>"""
CODELIST = {
    "metadaten": {"nameTechnisch": "gds.gerichte", "version": "3.7"},
    "spalten": [{"spaltennameTechnisch": "code", "codeSpalte": True}, {"spaltennameTechnisch": "wert"}],
    "daten": [["D6262", "Verwaltungsgericht München"]],
}
ROOT = "nachricht.gds.basisnachricht.0005006"


@pytest.fixture(autouse=True)
def store_dir(settings, tmp_path) -> Path:
    settings.DATA_DIR = tmp_path / "data"
    return settings.DATA_DIR / "schemas"


def basic(version: str, content: str = "") -> etree._Element:
    return parse(builders.xml(ROOT, f'<nachrichtenkopf xjustizVersion="{version}"/>{content}'))


def codelist_bytes(version: str = "3.7", name: str = "Verwaltungsgericht München") -> bytes:
    data = {**CODELIST, "metadaten": {"nameTechnisch": "gds.gerichte", "version": version}, "daten": [["D6262", name]]}
    return json.dumps(data).encode()


def install(tmp_path: Path, files: dict[str, bytes]) -> list[schemas.Installed]:
    return schemas.install(write_folder(tmp_path / "quelle", files))


def test_nothing_is_installed_at_first() -> None:
    assert schemas.listing() == [] and schemas.codelist("gds.gerichte") == {}
    assert schemas.validate(basic("3.5.1"), "xjustiz", "3.5.1", ROOT) is None


def test_a_folder_of_any_nesting(tmp_path: Path) -> None:
    files = {
        "paket/xsd/v1/a.xsd": XSD.format(version="3.5.1").encode(),
        "paket/xsd/v2/a.xsd": XSD.format(version="3.6.2").encode(),
        "paket/listen/gerichte.json": codelist_bytes(),
        "paket/liesmich.txt": b"...",
        "paket/anderes.json": b"[]",
    }
    assert all(each.ok for each in install(tmp_path, files))
    assert [(each.kind, each.name, each.version) for each in schemas.listing()] == [
        ("schema", "xjustiz", "3.5.1"), ("schema", "xjustiz", "3.6.2"), ("codelist", "gds.gerichte", "3.7"),
    ]  # fmt: skip


def test_a_zip_with_a_zip_inside(tmp_path: Path) -> None:
    inner = zip_bytes({"xsd/a.xsd": XSD.format(version="3.5.1").encode()})
    path = tmp_path / "xrepository.zip"
    path.write_bytes(zip_bytes({"XJustiz/schema.zip": inner, "XJustiz/liste.json": codelist_bytes()}))
    assert [(each.name, each.ok) for each in schemas.install(path)] == [("xjustiz", True), ("gds.gerichte", True)]


def test_installing_again_replaces_at_once(tmp_path: Path, store_dir: Path) -> None:
    install(tmp_path, {"a.xsd": XSD.format(version="3.5.1").encode(), "alt.xsd": XSD.format(version="3.5.1").encode()})
    assert schemas.validate(basic("3.5.1", "<neu/>"), "xjustiz", "3.5.1", ROOT)
    relaxed = XSD.format(version="3.5.1").replace(
        "</xs:sequence>", '<xs:any minOccurs="0" processContents="skip"/></xs:sequence>'
    )
    (tmp_path / "quelle" / "alt.xsd").unlink()
    install(tmp_path, {"a.xsd": relaxed.encode()})
    assert schemas.validate(basic("3.5.1", "<neu/>"), "xjustiz", "3.5.1", ROOT) == []
    assert [path.name for path in store_dir.rglob("*.xsd")] == ["a.xsd"]
    assert not list(store_dir.glob(".*"))


def test_unknown_standards_are_named_and_left_out(tmp_path: Path) -> None:
    other = b'<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" targetNamespace="urn:fremd"/>'
    good = {"x/a.xsd": XSD.format(version="3.5.1").encode()}
    known, unknown = sorted(install(tmp_path, {"fremd/b.xsd": other, **good}), key=lambda each: each.problem)
    assert known.ok and unknown.problem == schemas.UNRECOGNISED and unknown.name == "fremd"


def test_a_schema_that_does_not_compile_is_not_installed(tmp_path: Path) -> None:
    broken = XSD.format(version="3.5.1").replace('name="nachrichtenkopf"', 'name="nachrichtenkopf" type="fehlt"')
    (result,) = install(tmp_path, {"a.xsd": broken.encode()})
    assert "a.xsd" in result.problem and schemas.listing() == []


def test_schemas_never_reach_for_the_network(tmp_path: Path) -> None:
    remote = XSD.format(version="3.5.1").replace(
        '<xs:element name="nachricht',
        '<xs:include schemaLocation="http://localhost:9/typen/lokal.xsd"/><xs:element name="nachricht',
        1,
    )
    (result,) = install(tmp_path, {"a.xsd": remote.encode()})
    assert not result.ok
    local = b'<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" targetNamespace="http://www.xjustiz.de"/>'
    (result,) = install(tmp_path, {"a.xsd": remote.encode(), "lokal.xsd": local})
    assert result.ok


def test_violations_are_blocking_with_line_and_path(tmp_path: Path) -> None:
    install(tmp_path, {"a.xsd": XSD.format(version="3.5.1").encode()})
    found = schemas.validate(basic("3.5.1", "\n<fremd/>" * 3), "xjustiz", "3.5.1", ROOT)
    assert found and found[0].code == "schema_invalid" and found[0].is_blocking
    assert found[0].line == 3 and "fremd" in found[0].value and found[0].path


def test_another_patch_level_of_the_same_minor_serves(tmp_path: Path) -> None:
    install(
        tmp_path, {"1/a.xsd": XSD.format(version="3.6.2").encode(), "2/a.xsd": XSD.format(version="3.5.1").encode()}
    )
    (hint,) = schemas.validate(basic("3.6.1"), "xjustiz", "3.6.1", ROOT) or []
    assert (hint.code, hint.severity) == ("schema_other_version", Severity.HINT) and "3.6.2" in hint.message
    assert schemas.validate(basic("3.4.1"), "xjustiz", "3.4.1", ROOT) is None


@pytest.mark.parametrize("version", ["", "..", "../../x", "3", "3.5/../..", "\u0663.5"])
def test_a_hostile_version_finds_nothing(tmp_path: Path, version: str) -> None:
    install(tmp_path, {"a.xsd": XSD.format(version="3.5.1").encode()})
    assert schemas.validate(basic("3.5.1"), "xjustiz", version, ROOT) is None


def test_validating_in_many_threads(tmp_path: Path) -> None:
    install(tmp_path, {"a.xsd": XSD.format(version="3.5.1").encode()})
    wrong: list[object] = []

    def work(content: str) -> None:
        for _ in range(200):
            found = schemas.validate(basic("3.5.1", content), "xjustiz", "3.5.1", ROOT)
            if bool(found) != bool(content):
                wrong.append(found)

    threads = [threading.Thread(target=work, args=(content,)) for content in ("", "<x/>") * 4]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


def test_the_newest_code_list_counts(tmp_path: Path) -> None:
    install(tmp_path, {"a.json": codelist_bytes("3.9", "alt"), "b.json": codelist_bytes("3.10", "neu")})
    assert schemas.codelist("GDS.Gerichte") == {"D6262": "neu"}


@pytest.mark.parametrize(
    "change", [{"spalten": []}, {"daten": [["x"]]}, {"metadaten": {"nameTechnisch": "../x", "version": "1"}}]
)
def test_a_damaged_code_list_is_reported(tmp_path: Path, change: dict[str, object]) -> None:
    (result,) = install(tmp_path, {"a.json": json.dumps({**CODELIST, **change}).encode()})
    assert result.kind == "codelist" and not result.ok


def test_court_names_come_from_the_code_list(tmp_path: Path) -> None:
    install(tmp_path, {"a.json": codelist_bytes()})
    facts, _ = xjustiz.read(parse(message()))
    assert facts.sender.name == "Verwaltungsgericht München"


# --- the command ---------------------------------------------------------------------------------------------------


def run(*arguments: str) -> tuple[int, str]:
    """Exit code and output of ``manage.py standards``."""
    out, err = StringIO(), StringIO()
    try:
        call_command(Command(), *arguments, stdout=out, stderr=err)
    except CommandError as error:
        return error.returncode, out.getvalue() + err.getvalue() + str(error)
    return 0, out.getvalue() + err.getvalue()


def test_the_command(tmp_path: Path) -> None:
    code, text = run("list")
    assert code == 0 and "Noch nichts eingespielt" in text
    source = write_folder(tmp_path / "q", {"a.xsd": XSD.format(version="3.5.1").encode(), "l.json": codelist_bytes()})
    code, text = run("install", str(source))
    assert code == 0 and "Schema xjustiz 3.5.1: eingespielt (1 Datei)" in text
    code, text = run("list")
    assert code == 0 and "xjustiz 3.5.1" in text and "gds.gerichte 3.7" in text


def test_the_command_when_something_is_wrong(tmp_path: Path) -> None:
    assert run("install", str(tmp_path / "fehlt"))[0] == 2
    assert run("install", str(write_folder(tmp_path / "leer", {})))[0] == 1
    (tmp_path / "kein.zip").write_bytes(b"x")
    assert run("install", str(tmp_path / "kein.zip"))[0] == 1
    broken = write_folder(
        tmp_path / "kaputt", {"a.xsd": XSD.format(version="3.5.1").replace("xs:sequence", "xs:folge").encode()}
    )
    code, text = run("install", str(broken))
    assert code == 1 and "nicht eingespielt" in text


# --- the official schemas --------------------------------------------------------------------------------------------


@needs_samples
def test_the_official_schemas_compile_and_the_messages_are_valid() -> None:
    results = schemas.install(SAMPLES / "xjustiz")
    assert [each for each in results if not each.ok] == []
    versions = [each.version for each in schemas.listing() if each.kind == "schema"]
    assert versions == ["2.4.0", "3.2.1", "3.5.1", "3.6.2"]
    paths = [*(SAMPLES / "xjustiz" / "messages").glob("*.xml"), *(SAMPLES / "egvp").glob("*/attachments/xjustiz*.xml")]
    assert len(paths) == 5
    for path in paths:
        root = parse(path.read_bytes())
        found = schemas.validate(root, "xjustiz", xjustiz.version(root), etree.QName(root).localname)
        assert found == [], path


@needs_samples
@pytest.mark.parametrize("version", ["2.4.0", "3.2.1", "3.5.1", "3.6.2"])
def test_the_messages_of_these_tests_are_valid(version: str) -> None:
    schemas.install(SAMPLES / "xjustiz" / "xsd" / version)
    for data in (message(version), eeb(version)):
        root = parse(data)
        assert schemas.validate(root, "xjustiz", version, etree.QName(root).localname) == []


@needs_samples
def test_a_schema_violation_blocks_and_keeps_the_facts() -> None:
    schemas.install(SAMPLES / "xjustiz" / "xsd" / "3.5.1")
    data = message("3.5.1").replace(b"<schriftgutobjekte>", b"<unfug/><schriftgutobjekte>")
    translation = translate(memory_files({"x.xml": data}))
    assert any(each.code == "schema_invalid" and each.line for each in translation.findings)
    assert translation.facts.own_reference == builders.OWN


@needs_samples
def test_xdomea_with_its_shared_types() -> None:
    results = schemas.install(SAMPLES / "xdomea")
    assert [(each.name, each.version) for each in results if each.ok] == [("xdomea", "3.1.0")]
    root = parse((SAMPLES / "xdomea" / "messages" / "xdomea_3.1.0_Abgabe.Abgabe.0401.xml").read_bytes())
    assert schemas.validate(root, "xdomea", "3.1.0", etree.QName(root).localname) == []
