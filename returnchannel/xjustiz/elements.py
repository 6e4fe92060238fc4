"""Elements of XJustiz, built one after another in the order of the schema."""

from __future__ import annotations

from datetime import datetime

from lxml import etree

NAMESPACE = "http://www.xjustiz.de"
LISTS = "urn:xoev-de:xjustiz:codeliste:"


def root(name: str) -> etree._Element:
    """The root of a message."""
    return etree.Element(f"{{{NAMESPACE}}}{name}", nsmap={"tns": NAMESPACE})


def add(parent: etree._Element, name: str, text: str | None = None, **attributes: str) -> etree._Element:
    """A further child; raises ValueError for a text that XML cannot hold."""
    element = etree.SubElement(parent, f"{{{NAMESPACE}}}{name}", attrib=attributes)
    element.text = text
    return element


def add_if(parent: etree._Element, name: str, text: str) -> None:
    """A further child where there is something to say."""
    if text:
        add(parent, name, text)


def add_code(parent: etree._Element, name: str, code: str, *, codelist: str = "", version: str = "") -> None:
    """A further child that holds a code of a list; the code itself is in no namespace."""
    said = {"listURI": LISTS + codelist} if codelist else {}
    said |= {"listVersionID": version} if version else {}
    etree.SubElement(add(parent, name, **said), "code").text = code


def moment(at: datetime) -> str:
    """An xs:dateTime, to the second, with its offset."""
    return at.isoformat(timespec="seconds")
