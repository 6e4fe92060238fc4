"""An XML document as indented lines, and where in them the findings are."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from xml.sax.saxutils import escape, quoteattr

from lxml import etree

from intake.envelope import MessageFile
from intake.findings import Finding
from intake.gates import Refused
from intake.gates.xml import parse
from intake.originals.lines import Found, numbered, raw_lines, split

BROKEN = "Die Datei ist kein lesbares XML. Sie ist so gezeigt, wie sie gekommen ist."
INDENT = "  "
_STEP = re.compile(r"(?:[\w.-]+:)?([\w.*-]+)(?:\[(\d+)\])?")
_XML_PREFIX = "{http://www.w3.org/XML/1998/namespace}"


def read(file: MessageFile, findings: Sequence[Finding]) -> Found:
    """The document, written out anew with one element to a line; as it stands there when the gate refuses it."""
    data = file.read()
    try:
        root = parse(data, file.name, whole=True)
    except Refused as refused:
        found = raw_lines(data, [BROKEN if refused.finding.code != "xml_doctype" else refused.finding.message])
        places = {n: f.line for n, f in enumerate(findings) if f.line and f.line <= len(found.lines)}
        return replace(found, places=places)
    texts, starts = _written(root)
    lines = numbered(texts)
    places = {}
    for number, finding in enumerate(findings):
        element = _element(root, finding)
        if element is not None and element in starts:
            places[number] = starts[element] + 1
    return Found(lines, ["Die Datei ist hier eingerückt und neu in Zeilen gebrochen."], places)


def _element(root: etree._Element, finding: Finding) -> etree._Element | None:
    """What a finding is about: by its path, of what is missing the innermost element around it; else by its line."""
    found = _by_path(root, finding.path) if finding.path.startswith("/") else None
    if found is root and finding.line and finding.line != root.sourceline:
        found = None
    if found is not None:
        return found
    if finding.value and not finding.line:  # of a file that is missing: where it is named
        return next((each for each in root.iter(etree.Element) if (each.text or "").strip() == finding.value), None)
    if finding.line:
        return next((each for each in root.iter(etree.Element) if (each.sourceline or 0) >= finding.line), None)
    return None


def _by_path(root: etree._Element, path: str) -> etree._Element | None:
    """Follow the steps of a path as far as they lead; prefixes do not count (libxml2 writes ``*`` for some)."""
    steps = [each for each in path.strip("/").split("/") if not each.startswith("@")]
    if not steps or (first := _STEP.fullmatch(steps[0])) is None:
        return None
    if first[1] not in ("*", etree.QName(root).localname):
        return None
    element = root
    for step in steps[1:]:
        match = _STEP.fullmatch(step)
        inner = _child(element, match[1], int(match[2] or 1)) if match else None
        if inner is None:
            break
        element = inner
    return element


def _child(element: etree._Element, name: str, position: int) -> etree._Element | None:
    for child in element.iterchildren(etree.Element):
        if name == "*" or etree.QName(child).localname == name:
            position -= 1
            if position == 0:
                return child
    return None


def _written(root: etree._Element) -> tuple[list[str], dict[etree._Element, int]]:
    """The lines of the document, and in which of them (from 0) each element begins. Without recursion."""
    texts: list[str] = []
    starts: dict[etree._Element, int] = {}
    depth = 0
    for event, node in etree.iterwalk(root, events=("start", "end", "comment", "pi")):
        pad = INDENT * depth
        if event in ("comment", "pi"):
            texts += _lines(pad, _of_node(node))
            texts += _lines(pad, _text(node.tail))
            continue
        is_leaf = not len(node)
        if event == "start":
            starts[node] = len(texts)
            tag = _start_tag(node)
            if is_leaf:
                inner = _text(node.text)
                texts += _lines(pad, f"{tag}>{inner}</{_name(node)}>" if inner else f"{tag}/>")
            else:
                texts += [f"{pad}{tag}>", *_lines(pad + INDENT, _text(node.text))]
                depth += 1
            continue
        if not is_leaf:
            depth -= 1
            pad = INDENT * depth
            texts.append(f"{pad}</{_name(node)}>")
        if node is not root:
            texts += _lines(pad, _text(node.tail))
    return texts, starts


def _lines(pad: str, text: str) -> Iterator[str]:
    """A text as lines, the further ones under the first."""
    return (f"{pad}{each}" for each in split(text)) if text else iter(())


def _text(text: str | None) -> str:
    return escape(text.strip()) if text and not text.isspace() else ""


def _of_node(node: etree._Element) -> str:
    if node.tag is etree.Comment:
        return f"<!--{node.text or ''}-->"
    return f"<?{node.target} {node.text or ''}?>"


def _name(element: etree._Element) -> str:
    name = etree.QName(element).localname
    return f"{element.prefix}:{name}" if element.prefix else name


def _start_tag(element: etree._Element) -> str:
    """``<name attribute="value"`` with the namespaces that begin here."""
    parent = element.getparent()
    known = parent.nsmap if parent is not None else {}
    new = {prefix: uri for prefix, uri in element.nsmap.items() if known.get(prefix) != uri}
    declared = [f"xmlns{':' + prefix if prefix else ''}={quoteattr(uri)}" for prefix, uri in new.items()]
    prefixes = {uri: prefix for prefix, uri in element.nsmap.items() if prefix}
    attributes = [f"{_attribute(name, prefixes)}={quoteattr(value)}" for name, value in element.attrib.items()]
    return " ".join([f"<{_name(element)}", *declared, *attributes])


def _attribute(name: str, prefixes: dict[str, str]) -> str:
    if name.startswith(_XML_PREFIX):
        return f"xml:{name.removeprefix(_XML_PREFIX)}"
    uri, _, local = name[1:].rpartition("}") if name.startswith("{") else ("", "", name)
    return f"{prefixes[uri]}:{local}" if uri in prefixes else local
