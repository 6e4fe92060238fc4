"""The standard texts of a Leistung: read from its package, refused with a sentence when they are wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from cases import packages, standard_texts
from cases.packages import SHIPPED, PackageError
from tests import factories as make

pytestmark = pytest.mark.django_db


def refused(tmp_path: Path, name: str, text: str) -> str:
    """What the reader of ``name`` says of a file with ``text``."""
    (section,) = [section for section in packages.sections() if section.file_name == name]
    path = tmp_path / Path(name).name
    path.write_text(text)
    with pytest.raises(PackageError) as told:
        section.read(path)
    return str(told.value).removeprefix(str(path))


def test_wohngeld_brings_its_standard_requests_in_order() -> None:
    templates = standard_texts.request_templates(make.service("wohngeld").versions.get())
    assert [template.key for template in templates] == [
        "einkommen",
        "miete",
        "haushalt",
        "andere-leistungen",
        "unterschrift",
    ]
    first = templates[0]
    assert (first.days, first.items[0].key) == (21, "lohn")
    assert "§ 66" in first.consequence


@pytest.mark.parametrize("slug", [path.name for path in SHIPPED.iterdir() if path.is_dir()])
def test_every_text_of_a_shipped_package_is_filled_completely(slug: str) -> None:
    service = make.service(slug)
    case = make.case(service.unit, service=service)
    version = service.versions.get()
    values = standard_texts.values_for(case, "Stadt Musterhausen")
    texts = [template.text + template.consequence for template in standard_texts.request_templates(version)]
    texts += [block.text for block in standard_texts.decision_blocks(version) + standard_texts.notice_blocks(version)]
    for text in [*texts, standard_texts.remedy_notice(version)]:
        assert "{" not in standard_texts.fill(text, values)


def test_a_text_typed_by_a_citizen_is_not_interpreted_again() -> None:
    assert standard_texts.fill("Guten Tag {name}", {"name": "{aktenzeichen}"}) == "Guten Tag {aktenzeichen}"
    assert standard_texts.fill("{unbekannt} {}", {}) == "{unbekannt} {}"


def test_an_unknown_placeholder_is_refused(tmp_path: Path) -> None:
    said = refused(tmp_path, "bescheid/texte.toml", 'remedy_notice = "bei {amt}"')
    assert "Den Platzhalter „{amt}“ gibt es nicht; es gibt: {name}" in said


def test_a_key_that_comes_twice_is_refused(tmp_path: Path) -> None:
    once = '[[request]]\nkey="a"\ntitle="A"\ntext="t"\ndays=14\nitems=[{key="x", title="X"}]\n'
    assert "„a“ kommt zweimal vor" in refused(tmp_path, "nachforderungen.toml", once + once)
    twice = once.replace('[{key="x", title="X"}]', '[{key="x", title="X"}, {key="x", title="Y"}]')
    assert "„x“ kommt zweimal vor" in refused(tmp_path, "nachforderungen.toml", twice)


def test_an_outcome_that_no_decision_has_is_refused(tmp_path: Path) -> None:
    wrong = 'remedy_notice="r"\n[[block]]\nkey="a"\ntitle="A"\ntext="t"\noutcomes=["abgegeben"]\n'
    assert "„abgegeben“ ist nicht erlaubt" in refused(tmp_path, "bescheid/texte.toml", wrong)


def test_where_no_texts_are_declared_there_is_no_decision_to_write() -> None:
    assert not standard_texts.has_decision(make.service("gerichtspost").versions.get())
    assert standard_texts.has_decision(make.service("wohngeld").versions.get())
