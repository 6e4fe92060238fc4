"""The gate for XML: one hardened parser for everything that arrives.

No DTD, no entity, no network, no XInclude, no XSLT; limits on size and depth. A DOCTYPE is refused
whatever it declares, because no German message standard needs one and because a scan of the bytes can
be evaded (a DOCTYPE in UTF-16): what counts is what the parser saw.
"""

from __future__ import annotations

from lxml import etree

from intake.findings import Finding
from intake.gates import Refused

MAX_XML_BYTES = 20 * 1024 * 1024
"""The largest XML that is parsed (XJustiz messages hold references to files, not the files)."""

_DOCTYPE_SPELLINGS = tuple("<!DOCTYPE".encode(encoding) for encoding in ("utf-8", "utf-16-le", "utf-16-be"))
_RESOURCE_LIMIT = 114  # XML_ERR_RESOURCE_LIMIT of libxml2: nesting too deep, amplification, name too long


def hardened_parser(*, whole: bool = False) -> etree.XMLParser:
    """A new parser for one document; parsers are not shared, because they keep state between documents.

    ``whole`` keeps comments and processing instructions: for showing a document, not for reading it.
    """
    return etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        attribute_defaults=False,
        huge_tree=False,
        recover=False,
        remove_pis=not whole,
        remove_comments=not whole,
    )


def parse(data: bytes, name: str = "", *, whole: bool = False) -> etree._Element:
    """The root element of the XML document ``data`` (bytes, in any encoding that XML allows).

    ``name`` is the file's name for the finding, ``whole`` that of ``hardened_parser``.
    Raises Refused with the code ``xml_too_large`` (more
    than ``MAX_XML_BYTES``), ``xml_empty``, ``xml_doctype`` (any DOCTYPE, so any entity attack),
    ``xml_too_deep`` (nesting beyond 256 levels or another limit of the parser) or
    ``xml_not_wellformed`` (with line).
    """
    check_size(len(data), name)
    if not data.strip(b" \t\r\n\0"):
        raise _refused("xml_empty", "ist leer. Bitte beim Absender die vollständige Datei anfordern.", name)
    try:
        root = etree.fromstring(data, hardened_parser(whole=whole))
    except etree.XMLSyntaxError as error:
        raise _refused_syntax(error, data, name) from error
    except (ValueError, LookupError) as error:  # an encoding that the parser does not know or cannot convert
        raise _not_wellformed(name, None, None) from error
    docinfo = root.getroottree().docinfo
    if docinfo.doctype or docinfo.internalDTD is not None:
        raise _doctype(name)
    return root


def check_size(size: int, name: str = "") -> None:
    """Raise Refused (``xml_too_large``) when ``size`` bytes are too many; call it before reading a file."""
    if size > MAX_XML_BYTES:
        limit = MAX_XML_BYTES // (1024 * 1024)
        raise _refused(
            "xml_too_large",
            f"ist größer als {limit} MB und wird nicht als XML gelesen. Bitte den Inhalt von Hand prüfen.",
            name,
            value=str(size),
        )


def _refused_syntax(error: etree.XMLSyntaxError, data: bytes, name: str) -> Refused:
    if any(spelling in data for spelling in _DOCTYPE_SPELLINGS):
        return _doctype(name)
    if error.code == _RESOURCE_LIMIT:
        return _refused(
            "xml_too_deep",
            "überschreitet die Grenzen für Verschachtelung oder Länge und wird nicht gelesen. "
            "Bitte den Absender prüfen und die Nachricht neu anfordern.",
            name,
            line=error.lineno,
        )
    return _not_wellformed(name, error.lineno, error.offset)


def _doctype(name: str) -> Refused:
    return _refused(
        "xml_doctype",
        "enthält eine DOCTYPE-Angabe, die in Nachrichten nicht erlaubt ist (möglicher Angriff). "
        "Bitte den Absender prüfen und die Nachricht ohne DOCTYPE neu anfordern.",
        name,
    )


def _not_wellformed(name: str, line: int | None, column: int | None) -> Refused:
    where = f" (Zeile {line})" if line else ""
    return _refused(
        "xml_not_wellformed",
        f"ist kein wohlgeformtes XML{where} und kann nicht gelesen werden. Bitte beim Absender neu anfordern.",
        name,
        line=line,
        column=column,
    )


def _refused(
    code: str, text: str, name: str, *, value: str = "", line: int | None = None, column: int | None = None
) -> Refused:
    subject = f"Die Datei „{name}“" if name else "Das XML"
    return Refused(Finding(code, f"{subject} {text}", path=name, value=value, line=line, column=column))
