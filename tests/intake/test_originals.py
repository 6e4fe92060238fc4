"""What arrived as lines of text: nothing is lost or invented, and the places of findings are where they belong."""

from __future__ import annotations

import json
from html import unescape

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from intake import originals, places, schema_errors
from intake.facts import Facts
from intake.findings import Finding
from tests.factories import message_file

NAMES = st.from_regex(r"[a-z]{1,8}", fullmatch=True)
TEXTS = st.text(alphabet=st.characters(codec="utf-8", categories=("L", "N", "P", "S", "Zs")), max_size=30)
TREES = st.recursive(
    st.tuples(NAMES, TEXTS.map(str.strip)),
    lambda inner: st.tuples(NAMES, st.lists(inner, min_size=1, max_size=4)),
    max_leaves=20,
)


def element(tree: tuple) -> etree._Element:
    name, inner = tree
    made = etree.Element(name)
    if isinstance(inner, str):
        made.text = inner
    else:
        made.extend([element(each) for each in inner])
    return made


@given(TREES)
def test_the_lines_of_an_xml_are_the_same_document(tree: tuple) -> None:
    root = element(tree)
    shown = originals.read(message_file("a.xml", etree.tostring(root, encoding="utf-8")))
    again = etree.fromstring("\n".join(line.text for line in shown.lines).encode())
    for ours, theirs in zip(root.iter(), again.iter(), strict=True):
        assert (ours.tag, (ours.text or "").strip()) == (theirs.tag, (theirs.text or "").strip())
    assert [line.number for line in shown.lines] == list(range(1, len(shown.lines) + 1))


@given(TREES, st.data())
def test_each_path_leads_to_its_element(tree: tuple, data: st.DataObject) -> None:
    root = element(tree)
    wanted = data.draw(st.sampled_from(list(root.iter())))
    path = root.getroottree().getpath(wanted)
    shown = originals.read(
        message_file("a.xml", etree.tostring(root, encoding="utf-8")), [Finding("x", "y", path=path)]
    )
    line = next(line for line in shown.lines if line.notes)
    assert line.text.strip().startswith(f"<{wanted.tag}")
    assert unescape(wanted.text or "").strip() in unescape(line.text)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**9), 10**9) | TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=20,
)


@given(JSON)
def test_the_lines_of_a_json_are_the_same_value(value: object) -> None:
    shown = originals.read(message_file("a.json", json.dumps(value).encode()))
    assert json.loads("\n".join(line.text for line in shown.lines)) == value


@given(st.binary(max_size=500), st.sampled_from(["a.xml", "a.json", "a.txt", "a.eml"]))
def test_no_bytes_are_too_bad_to_be_shown(data: bytes, name: str) -> None:
    finding = Finding("x", "y", path="/a/b", line=3)
    shown = originals.read(message_file(name, data), [finding])
    assert shown.lines and all(
        char.isprintable() or char in "\t\xa0" or char.isspace() for line in shown.lines for char in line.text
    )


def test_comments_and_instructions_are_shown_as_text() -> None:
    data = b"<a><!-- <b>nein</b> --><?php evil() ?>Text<b/>danach</a>"
    texts = [line.text.strip() for line in originals.read(message_file("a.xml", data)).lines]
    assert texts == ["<a>", "<!-- <b>nein</b> -->", "<?php evil() ?>", "Text", "<b/>", "danach", "</a>"]


def test_what_is_not_text_is_refused() -> None:
    for name in ("a.pdf", "a.html", "a.svg", "a.xsl", "a", "xml"):
        with pytest.raises(ValueError, match="not shown as text"):
            originals.read(message_file(name, b"<a/>"))


@pytest.mark.parametrize(
    ("message", "value", "expected"),
    [
        ("Element '{http://www.xjustiz.de}a': This element is not expected. Expected is ( {http://x}b ).", "a", "b"),
        ("Element 'a': This element is not expected. Expected is one of ( {x}b, {x}c ).", "a", "b oder c"),
        ("Element 'a': This element is not expected.", "a", "kein weiteres Element an dieser Stelle"),
        ("Element 'a': Missing child element(s). Expected is ( b ).", "a ohne diese Angabe", "b"),
        ("Element 'a': 'x' is not a valid value of the atomic type 'xs:date'.", "x", "ein Datum wie 2026-11-24"),
        ("Element 'a': [facet 'enumeration'] The value 'x' is not an element of the set {'1', '2'}.", "x",
         "einer der Werte 1, 2"),
        ("Element 'a': [facet 'pattern'] The value 'x' is not accepted by the pattern '[0-9]'.", "x", "die Form [0-9]"),
        ("Element 'a': The attribute 'v' is required but missing.", "", "das Attribut v"),
        ("Something else", "Something else", ""),
    ],
)  # fmt: skip
def test_what_libxml2_says_is_said_in_german(message: str, value: str, expected: str) -> None:
    assert schema_errors.explain(message) == (value, expected)


def test_the_messages_of_the_installed_libxml2_are_understood() -> None:
    xsd = """<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema"><xs:element name="a"><xs:complexType><xs:sequence>
    <xs:element name="tag" type="xs:date"/></xs:sequence><xs:attribute name="v" use="required"/></xs:complexType>
    </xs:element></xs:schema>"""
    schema = etree.XMLSchema(etree.fromstring(xsd))
    for document, expected in (
        ("<a v='1'><tag>morgen</tag></a>", "ein Datum wie 2026-11-24"),
        ("<a v='1'><fremd/></a>", "tag"),
        ("<a v='1'/>", "tag"),
        ("<a><tag>2026-11-24</tag></a>", "das Attribut v"),
    ):
        assert not schema.validate(etree.fromstring(document))
        assert expected in [schema_errors.explain(error.message)[1] for error in schema.error_log], document


def test_a_field_is_called_by_its_schema_or_its_element() -> None:
    schema = {"properties": {"k": {"title": "Kinder", "items": {"properties": {"n": {"title": "Name"}}}}}}
    found = {
        "/data/k/1/n": "Kinder 2 › Name",
        "/data/k": "Kinder",
        "/data/unbekannt": "unbekannt",
        "/service": "Leistung",
        "/*/nachrichtenkopf/@xjustizVersion": "XJustiz-Version",
        "/tns:a/tns:nachrichtenkopf/tns:erstellungszeitpunkt": "Erstellungszeitpunkt",
        "/*/b/selteneAngabe": "Seltene angabe",
        "/*": "Nachricht",
        "Klage.pdf": "Datei Klage.pdf",
        "": "",
    }
    assert {path: places.label_of(Finding("x", "y", path=path), schema) for path in found} == found


@pytest.mark.parametrize("path", ["/data/a/9", "/data/a/x", "/data/b/c/d", "/data/", "/data/a/0/z"])
def test_a_value_that_is_not_there_is_none(path: str) -> None:
    assert places.value_of(Finding("x", "y", path=path), Facts(data={"a": ["eins"]})) == ""


def test_findings_of_earlier_versions_are_still_read() -> None:
    old = {"code": "x", "message": "y", "severity": "hint", "path": "", "value": "", "line": None}
    assert Finding.from_json(old) == Finding.from_json(Finding.from_json(old).as_json())
