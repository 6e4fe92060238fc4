"""What all versions from 3.2 on have in common behind the Nachrichtenkopf."""

from __future__ import annotations

from collections.abc import Sequence

from lxml import etree

from returnchannel.xjustiz.elements import add, add_code, add_if
from returnchannel.xjustiz.letters import Attachment, Failure, Head, Received

COURTS, CLASSES = "3.7", "1.3"  # versions of GDS.Gerichte and GDS.Dokumentklasse; the schemas leave them open
ORIGINAL = "001"  # GDS.Bestandteiltyp; its version is fixed by each schema, so none is written
PRODUCT, MAKER, RELEASE = "Laufmappe", "Laufmappe", "1"


def maker(parent: etree._Element) -> None:
    """The herstellerinformation."""
    element = add(parent, "herstellerinformation")
    add(element, "nameDesProdukts", PRODUCT)
    add(element, "herstellerDesProdukts", MAKER)
    add(element, "version", RELEASE)


def receipt(message: etree._Element, content: Received | Failure) -> None:
    """The fachdaten of an Empfangsbekenntnis: the day, or why there is none."""
    data = add(message, "fachdaten")
    if isinstance(content, Received):
        add(data, "empfangsbestaetigung", content.on.isoformat())
        return
    failure = add(data, "stoerungsmeldung")
    add_code(failure, "stoerungsID", content.code, codelist="eeb.stoerungs-id")
    add_if(failure, "stoerungsGrund", content.text)


def proceedings(message: etree._Element, head: Head, subject: str) -> None:
    """The grunddaten: the court with its file reference, and the subject."""
    data = add(message, "grunddaten")
    instance = add(add(data, "verfahrensdaten"), "instanzdaten")
    add(instance, "instanznummer", "1")
    authority = add(instance, "auswahl_instanzbehoerde")
    if head.recipient.court:
        add_code(authority, "gericht", head.recipient.court, codelist="gds.gerichte", version=COURTS)
    else:
        add(authority, "sonstige", head.recipient.name)
    if head.foreign_reference:
        choice = add(add(instance, "aktenzeichen"), "auswahl_aktenzeichen")
        add(choice, "aktenzeichen.freitext", head.foreign_reference)
    if subject:
        add(add(instance, "verfahrensgegenstand"), "gegenstand", subject)


def documents(message: etree._Element, files: Sequence[Attachment], *, says_all: bool = False) -> None:
    """The schriftgutobjekte. ``says_all``: the version also wants to be told what is not demanded."""
    objects = add(message, "schriftgutobjekte")
    for number, file in enumerate(files, 1):
        element = add(objects, "dokument")
        identity = add(element, "identifikation")
        add(identity, "id", str(file.document_id))
        add(identity, "nummerImUebergeordnetenContainer", str(number))
        if file.on:
            add(element, "datumDesSchreibens", file.on.isoformat())
        data = add(element, "xjustiz.fachspezifischeDaten")
        add_code(data, "dokumentklasse", file.kind, codelist="gds.dokumentklasse", version=CLASSES)
        add_if(data, "anzeigename", file.title)
        if says_all:
            add(data, "akteneinsicht", "true")
        attached = add(data, "datei")
        add(attached, "dateiname", file.file_name)
        add_code(attached, "bestandteil", ORIGINAL)
        if says_all or file.demands_receipt:
            add(data, "ruecksendungEEB.erforderlich", str(file.demands_receipt).lower())
