"""The container of a message to a court, in the layout in which containers arrive."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import BinaryIO

from lxml import etree

from intake.gates.xml import parse
from intake.standards import xjustiz
from returnchannel.models import CourtMessage

MESSAGE = "xjustiz_nachricht.xml"


def container(message: CourtMessage, open_blob: Callable[[str], BinaryIO]) -> Iterator[tuple[str, bytes]]:
    """Its files: names with folders, and bytes."""
    content = b""
    for file in message.files.order_by("id"):
        with open_blob(file.blob_id) as stream:
            data = stream.read()
        content = data if file.name == MESSAGE else content
        yield f"attachments/{file.name}", data
    yield "additionals/nachricht.xml", _note(message, content)


def _note(message: CourtMessage, content: bytes) -> bytes:
    """nachricht.xml: to which mailbox it goes. The file references are those of the message itself."""
    facts, _ = xjustiz.read(parse(content, MESSAGE))
    root = etree.Element("Nachricht")
    for name, text in (
        ("Nachrichtentyp", "Allgemeine Nachricht"),
        ("Signaturniveau", "no"),
        ("Empfaengerkennung", message.safe_id),
        ("Betreff", message.subject),
        ("Aktenzeichen_Empfaenger", facts.own_reference),
        ("Aktenzeichen_Absender", facts.foreign_reference),
        ("Freitext", ""),
    ):
        etree.SubElement(root, name).text = text
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8")
