"""Leistungspakete: what is wrong is told by file, line and sentence, and nothing is loaded."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pytest
from django.core.management import call_command

from audit.acting import SYSTEM
from audit.registries import fit_check
from cases import presenting
from cases.actions import load_package
from cases.models import Service
from cases.packages import SHIPPED, PackageError
from routing.models import Rule
from tests import factories as make

pytestmark = pytest.mark.django_db
SLUGS = sorted(path.name for path in SHIPPED.iterdir() if path.is_dir())


@pytest.fixture
def package(tmp_path: Path) -> Path:
    return Path(shutil.copytree(SHIPPED / "gerichtspost", tmp_path / "paket"))


@pytest.mark.parametrize("slug", SLUGS)
def test_the_shipped_packages_load(slug: str) -> None:
    version, is_new = load_package(directory=SHIPPED / slug, by=SYSTEM)
    assert (version.service.slug, version.number, is_new) == (slug, 1, True)


def test_all_three_are_there() -> None:
    assert {"gerichtspost", "wohngeld", "bewohnerparkausweis"} <= set(SLUGS)


@pytest.mark.parametrize(
    ("file", "old", "new", "line", "sentence"),
    [
        ("leistung.toml", 'slug = "gerichtspost"', 'slug = "Gericht Post"', 2, "hat nicht die richtige Form"),
        (
            "leistung.toml",
            'regime = "vwvfg"',
            'regime = "bgb"',
            4,
            "„bgb“ ist nicht erlaubt; erlaubt ist: vwvfg, sgb, ao",
        ),
        ("leistung.toml", 'lead = "laufmappe"', "", None, "Es fehlt: lead"),
        ("leistung.toml", "four_eyes = false", "four_eyes = maybe", 8, "kein gültiges TOML"),
        (
            "leistung.toml",
            'pattern = "{plan}-{year}-{number:06d}"',
            'pattern = "{plan}"',
            14,
            "hat nicht die richtige Form",
        ),
        ("leistung.toml", "retention_years = 10", "retention = 10", None, "gibt es hier nicht: retention"),
        ("routing.toml", 'operator = "one_of"', 'operator = "like"', None, "ist nicht erlaubt"),
        ("routing.toml", 'field = "own_reference"', 'field = "az"', None, "ist nicht erlaubt"),
        ("routing.toml", 'value = "30."', 'value = ""', None, "fehlt ein Wert"),
    ],
)
def test_one_fault_each_is_refused(
    package: Path, file: str, old: str, new: str, line: int | None, sentence: str
) -> None:
    path = package / file
    assert old in path.read_text()
    path.write_text(path.read_text().replace(old, new))
    with pytest.raises(PackageError, match=sentence) as caught:
        load_package(directory=package, by=SYSTEM)
    assert caught.value.file == path
    assert line is None or caught.value.line == line
    assert not Service.objects.exists()


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ('"/applicant/last_name"', '"/applicant/surname"', "applicant.last_name: .* kein Feld von schema.json"),
        ('"/address/city"', '"/address/street/city"', "kein Feld von schema.json"),
        ('"/address/city"', '"address.city"', "hat nicht die richtige Form"),
        ('last_name = "/applicant/last_name"', "", "Es fehlt: last_name"),
    ],
)
def test_who_applies_must_be_found_in_the_schema(tmp_path: Path, old: str, new: str, sentence: str) -> None:
    copied = Path(shutil.copytree(SHIPPED / "wohngeld", tmp_path / "paket"))
    path = copied / "leistung.toml"
    assert old in path.read_text()
    path.write_text(path.read_text().replace(old, new))
    with pytest.raises(PackageError, match=sentence):
        load_package(directory=copied, by=SYSTEM)


def test_a_directory_without_declaration_is_refused(tmp_path: Path, capsys) -> None:
    with pytest.raises(SystemExit) as stopped:
        call_command("leistung", "load", str(tmp_path))
    assert stopped.value.code == 1
    assert "leistung.toml: Diese Datei fehlt" in capsys.readouterr().err


def test_rules_come_with_the_package_and_go_with_it(package: Path) -> None:
    load_package(directory=package, by=SYSTEM)

    def own_rule() -> Rule:
        return Rule.objects.get(name="Eigenes Zeichen der Gerichtspost")

    rule = own_rule()
    assert (rule.package, rule.version, rule.is_active) == ("gerichtspost", 1, True)
    (package / "routing.toml").write_text((package / "routing.toml").read_text().replace("rank = 900", "rank = 800"))
    load_package(directory=package, by=SYSTEM)
    assert (own_rule().version, own_rule().rank) == (2, 800)
    (package / "routing.toml").write_text("rule = []\n")
    load_package(directory=package, by=SYSTEM)
    assert (own_rule().version, own_rule().is_active) == (3, False)


def test_the_order_of_a_schema_survives_the_database() -> None:
    version = make.service("wohngeld").versions.get()
    declared = json.loads((SHIPPED / "wohngeld" / "schema.json").read_text())
    stored = version.sections["schema"]
    assert stored["x-order"] == list(declared["properties"])
    data = json.loads((SHIPPED / "wohngeld" / "tests" / "example.json").read_text())["data"]
    titles = [declared["properties"][name].get("title", name) for name in declared["properties"] if name in data]
    shown = [label.split(" › ")[0] for label, _, _ in presenting.data_rows(data, stored)]
    assert [title for title in dict.fromkeys(re.sub(r" \d+$", "", label) for label in shown)] == titles


def test_the_fit_check_asks_for_a_rule_and_a_staffed_team() -> None:
    unit = make.team("rechtsamt")
    version, _ = load_package(directory=SHIPPED / "gerichtspost", by=SYSTEM)
    answers = [result.answer for _, check in fit_check for result in check(version)]
    assert answers == [True, False]
    make.user(unit)
    assert [result.answer for _, check in fit_check for result in check(version)] == [True, True]
