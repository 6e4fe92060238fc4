"""The gate for XML: what is refused, under which code, and what passes."""

from __future__ import annotations

import pytest

from intake.gates import Refused
from intake.gates.xml import MAX_XML_BYTES, parse
from tests.intake.builders import message

XXE = b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/hostname">]><a>&x;</a>'
LAUGHS = (
    b'<!DOCTYPE a [<!ENTITY l0 "haha">'
    + b"".join(b'<!ENTITY l%d "%s">' % (i, b"&l%d;" % (i - 1) * 10) for i in range(1, 10))
    + b"]><a b='&l9;'>&l9;</a>"
)


def refusal(data: bytes) -> tuple[str, int | None]:
    """Code and line of the finding with which ``data`` is refused."""
    with pytest.raises(Refused) as refused:
        parse(data, "nachricht.xml")
    finding = refused.value.finding
    assert finding.is_blocking
    assert "nachricht.xml" in finding.message
    assert finding.path == "nachricht.xml"
    return finding.code, finding.line


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "iso-8859-1"])
def test_well_formed_xml_passes_in_any_encoding(encoding: str) -> None:
    data = f'<?xml version="1.0" encoding="{encoding}"?><a>Grüße</a>'.encode(encoding)
    assert parse(data).text == "Grüße"


def test_a_real_message_passes() -> None:
    assert parse(message()).tag.endswith("0005005")


@pytest.mark.parametrize("data", [b"", b"  \n", b"\0\0\0"])
def test_empty(data: bytes) -> None:
    assert refusal(data)[0] == "xml_empty"


def test_not_well_formed_names_the_line() -> None:
    assert refusal(b"<a>\n<b>\n</a>") == ("xml_not_wellformed", 3)


@pytest.mark.parametrize(
    "data", [b"%PDF-1.7", b"\xff\xfe\x00", b'<?xml version="1.0" encoding="klingon"?><a/>', b"<a>\xff"]
)
def test_other_bytes_are_not_well_formed(data: bytes) -> None:
    assert refusal(data)[0] == "xml_not_wellformed"


@pytest.mark.parametrize(
    "data",
    [
        b"<!DOCTYPE a><a/>",
        b'<!DOCTYPE a SYSTEM "http://localhost:9/x.dtd"><a/>',
        XXE,
        LAUGHS,
        XXE.decode().encode("utf-16"),
        b'<?xml version="1.0" encoding="UTF-16LE"?>'.decode().encode("utf-16-le") + XXE.decode().encode("utf-16-le"),
    ],
    ids=["bare", "external", "xxe", "billion laughs", "utf-16", "utf-16 without mark"],
)
def test_any_doctype_is_refused(data: bytes) -> None:
    assert refusal(data)[0] == "xml_doctype"


def test_the_word_doctype_in_a_text_is_no_doctype() -> None:
    assert parse(b"<a><![CDATA[<!DOCTYPE a>]]></a>").text == "<!DOCTYPE a>"


def test_depth_of_100_000_is_refused() -> None:
    assert refusal(b"<a>" * 100_000 + b"</a>" * 100_000)[0] == "xml_too_deep"


def test_200_000_attributes_are_read_without_trouble() -> None:
    attributes = " ".join(f'a{i}="x"' for i in range(200_000))
    assert len(parse(f"<a {attributes}/>".encode()).attrib) == 200_000


def test_more_than_20_mb_is_refused_before_parsing() -> None:
    assert refusal(b"<a>" + b" " * MAX_XML_BYTES + b"</a>")[0] == "xml_too_large"


def test_instructions_and_comments_are_dropped() -> None:
    root = parse(b'<?xml-stylesheet href="evil.xsl"?><a><!-- c -->x<?php ?></a>')
    assert len(root) == 0 and root.getprevious() is None
