"""Sample mail that is damaged, odd or hostile: what a mailbox must survive and a person has to look at."""

from __future__ import annotations

import struct
import zipfile

from lxml import etree

from config.demo.container import zip_bytes
from config.demo.sample import ENCLOSURE, Files, Letter, Sample, court_letter
from config.demo.senders import (
    AG_DORTMUND,
    AG_MUENSTER,
    COUNTY,
    SG_DORTMUND,
    STA_DORTMUND,
    VG_ARNSBERG,
    VG_GELSENKIRCHEN,
    VG_MUENSTER,
    Sender,
)
from config.demo.xjustiz import NAMESPACE

XML_NAME = "xjustiz_nachricht.xml"
BOMB_SIZE = 4 << 20


def _cut_off(files: Files) -> Files:
    """The XML ends in the middle."""
    return files | {XML_NAME: files[XML_NAME][: len(files[XML_NAME]) * 2 // 3]}


def _with_doctype(xml: bytes, doctype: str, entity: str) -> str:
    """The XML with a DOCTYPE, the entity used in the Kurzrubrum."""
    root = etree.fromstring(xml)
    rubrum = root.find(f".//{{{NAMESPACE}}}kurzrubrum")
    if rubrum is None:
        raise ValueError("the message has no kurzrubrum to put the entity into")
    rubrum.text = "@@"
    return doctype + "\n" + etree.tostring(root, encoding="unicode").replace("@@", entity)


def _external_entity(files: Files) -> Files:
    """The XML asks for a file of the computer that reads it."""
    doctype = '<!DOCTYPE nachricht [<!ENTITY datei SYSTEM "file:///etc/hostname">]>'
    return files | {XML_NAME: _with_doctype(files[XML_NAME], doctype, "&datei;").encode()}


def _billion_laughs(files: Files) -> Files:
    """Entities that grow to a billion times their size."""
    entities = ['<!ENTITY a0 "ha">']
    entities += [f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 10)]
    doctype = f"<!DOCTYPE nachricht [{''.join(entities)}]>"
    return files | {XML_NAME: _with_doctype(files[XML_NAME], doctype, "&a9;").encode()}


def _hidden_doctype(files: Files) -> Files:
    """A DOCTYPE in UTF-16, where a search for its ASCII letters finds nothing."""
    text = _with_doctype(files[XML_NAME], '<!DOCTYPE nachricht [<!ENTITY gruss "Guten Tag">]>', "&gruss;")
    return files | {XML_NAME: ('<?xml version="1.0" encoding="UTF-16"?>\n' + text).encode("utf-16")}


def _unknown_version(files: Files) -> Files:
    return files | {XML_NAME: files[XML_NAME].replace(b'xjustizVersion="3.5.1"', b'xjustizVersion="9.9.9"')}


def _unknown_namespace(files: Files) -> Files:
    return files | {XML_NAME: files[XML_NAME].replace(NAMESPACE.encode(), b"http://justiz.example/austausch/1")}


def _without_sender(files: Files) -> Files:
    root = etree.fromstring(files[XML_NAME])
    for sender in root.findall(f".//{{{NAMESPACE}}}auswahl_absender"):
        sender.getparent().remove(sender)
    return files | {XML_NAME: etree.tostring(root, xml_declaration=True, encoding="UTF-8")}


def _lost_attachment(files: Files) -> Files:
    return {name: content for name, content in files.items() if name != "Widerspruchsakte.pdf"}


def _surplus_attachment(files: Files) -> Files:
    return files | {"Nachtrag.pdf": files["Verfuegung.pdf"]}


def _fake_pdf(files: Files) -> Files:
    page = "<!DOCTYPE html>\n<html lang='de'><title>Ladung</title><p>Die Ladung folgt gesondert.</p></html>\n"
    return files | {"Ladung.pdf": page.encode()}


def _empty_file(files: Files) -> Files:
    return files | {"Anlage.pdf": b""}


def _second_xjustiz(files: Files) -> Files:
    other = files[XML_NAME].replace(b"730 OWi 291/26", b"730 OWi 292/26")
    return files | {"xjustiz_nachricht_1.xml": other}


def _bomb(files: Files) -> bytes:
    return zip_bytes(files | {"attachments/Anlagen gesamt.pdf": b"%PDF-1.7\n" + b"0" * BOMB_SIZE})


def _climbing_name(files: Files) -> bytes:
    return zip_bytes(files | {"../../Anlage K1.pdf": files["attachments/Verfuegung.pdf"]})


def _encrypted(files: Files) -> bytes:
    """Every entry is marked as encrypted."""
    data = bytearray(zip_bytes(files, zipfile.ZIP_STORED))
    for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = data.find(signature)
        while at >= 0:
            (flags,) = struct.unpack_from("<H", data, at + offset)
            struct.pack_into("<H", data, at + offset, flags | 1)
            at = data.find(signature, at + 4)
    return bytes(data)


ORDER_LETTER = court_letter(
    "Verfuegung.pdf",
    "Verfügung",
    "Die beigefügten Unterlagen werden zur Kenntnis und mit der Bitte um Stellungnahme binnen vier Wochen übersandt.",
)


def _broken(
    key: str, arrived: str, sender: Sender, reference: str, subject: str, about: str, reason: str, **more
) -> Sample:
    return Sample(
        key=key,
        arrived=arrived,
        sender=sender,
        reference=reference,
        subject=subject,
        about=about,
        rubrum=more.pop("rubrum", "Beispiel ./. Stadt Musterhausen"),
        letters=more.pop("letters", (ORDER_LETTER,)),
        expected="exception",
        expected_reason=reason,
        schema_valid=False,
        **more,
    )


XML_TROUBLE = (
    _broken(
        "defekt-abgeschnitten", "2026-11-03 09:13", VG_GELSENKIRCHEN, "19 K 4799/26", "Klage: Gewerbe im Nebenerwerb",
        "Die XJustiz-Datei bricht mitten im Satz ab", "xml_not_wellformed", attachments=_cut_off,
    ),
    _broken(
        "defekt-externe-entitaet", "2026-11-05 16:40", AG_DORTMUND, "730 OWi 270/26", "OWi-Verfahren: Nachricht",
        "Die XJustiz-Datei will eine Datei des Rechners einlesen (XXE)", "xml_doctype",
        attachments=_external_entity,
    ),
    _broken(
        "defekt-entitaeten-lawine", "2026-11-05 16:43", AG_DORTMUND, "730 OWi 271/26", "OWi-Verfahren: Nachricht",
        "Verschachtelte Entitäten, die den Speicher füllen sollen", "xml_doctype", attachments=_billion_laughs,
    ),
    _broken(
        "defekt-doctype-utf16", "2026-11-05 16:47", AG_DORTMUND, "730 OWi 272/26", "OWi-Verfahren: Nachricht",
        "Ein DOCTYPE in UTF-16", "xml_doctype", attachments=_hidden_doctype,
    ),
    _broken(
        "defekt-unbekannte-version", "2026-11-10 15:01", VG_ARNSBERG, "4 K 4102/26", "Klage gegen eine Baugenehmigung",
        "XJustiz-Version 9.9.9", "unknown_version", attachments=_unknown_version,
    ),
    _broken(
        "defekt-fremder-namensraum", "2026-11-11 14:09", COUNTY, "39-201/26", "Gewerbe: Übermittlung eines Berichts",
        "Ein anderer Namensraum als der von XJustiz", "unknown_standard", attachments=_unknown_namespace,
    ),
    _broken(
        "defekt-ohne-absender", "2026-11-12 10:35", SG_DORTMUND, "S 62 SO 251/26", "Wohngeld: Anfrage des Gerichts",
        "Schemaungültig: der Absender fehlt", "schema_invalid", attachments=_without_sender,
    ),
    _broken(
        "defekt-zwei-xjustiz", "2026-11-13 11:16", AG_DORTMUND, "730 OWi 291/26", "OWi-Verfahren: zwei Sachen",
        "Zwei XJustiz-Dateien in einem Container", "several_xjustiz", attachments=_second_xjustiz,
    ),
)  # fmt: skip

CONTAINER_TROUBLE = (
    _broken(
        "defekt-anlage-fehlt", "2026-11-06 13:45", VG_MUENSTER, "2 K 2917/26", "Baugenehmigung: Übersendung der Akte",
        "Eine in der XJustiz-Datei genannte Anlage liegt nicht bei", "attachment_missing",
        letters=(
            ORDER_LETTER,
            Letter("Widerspruchsakte.pdf", "Anlage: Widerspruchsakte", ENCLOSURE, ("Blatt 1 bis 38 der "
            "Widerspruchsakte.",)),
        ),
        attachments=_lost_attachment,
    ),
    _broken(
        "defekt-zip-bombe", "2026-11-11 17:20", STA_DORTMUND, "256 Js 1911/26", "Bußgeldsache: Akte als ZIP",
        "Eine ZIP-Datei, die beim Auspacken auf mehr als das Hundertfache wächst", "zip_bomb", form="zip", pack=_bomb,
    ),
    _broken(
        "defekt-zip-pfad", "2026-11-12 17:02", STA_DORTMUND, "256 Js 1912/26", "Bußgeldsache: Akte als ZIP",
        "Eine ZIP-Datei, deren Eintrag aus dem Ordner hinauswill", "zip_unsafe_name", form="zip", pack=_climbing_name,
    ),
    _broken(
        "defekt-zip-verschluesselt", "2026-11-13 17:31", STA_DORTMUND, "256 Js 1913/26", "Bußgeldsache: Akte als ZIP",
        "Eine verschlüsselte ZIP-Datei", "zip_encrypted", form="zip", pack=_encrypted,
    ),
    _broken(
        "defekt-leerer-ordner", "2026-11-16 07:05", COUNTY, "", "", "Ein leerer Ordner: die Übertragung brach ab",
        "message_empty", container=lambda files: {},
    ),
)  # fmt: skip

FILED_WITH_HINT = (
    Sample(
        "hinweis-anlage-zuviel", "2026-11-10 11:11", VG_GELSENKIRCHEN, "19 K 4830/26",
        "Klage: Gewerbe, Auflage zur Öffnungszeit",
        "Eine Anlage mehr, als die XJustiz-Datei nennt: abgelegt mit Hinweis", rubrum="Demirtaş ./. Stadt Musterhausen",
        letters=(ORDER_LETTER,), team="ordnungsamt", attachments=_surplus_attachment, hints=("attachment_surplus",),
    ),
    Sample(
        "hinweis-kein-pdf", "2026-11-11 08:33", AG_MUENSTER, "56 F 430/26", "Umgang: Ladung zum Anhörungstermin",
        "Eine HTML-Seite mit der Endung .pdf: abgelegt mit Hinweis", rubrum="Umgangssache Łukasik", team="jugendamt",
        letters=(
            court_letter("Ladung.pdf", "Ladung", "Termin zur Anhörung ist am Freitag, 4. Dezember 2026, 9 Uhr."),
        ),
        attachments=_fake_pdf, hints=("file_type_mismatch",),
    ),
    Sample(
        "hinweis-leere-anlage", "2026-11-12 12:48", VG_GELSENKIRCHEN, "11 K 4901/26",
        "Wohngeld: Klage wegen Untätigkeit",
        "Eine Anlage mit 0 Byte: abgelegt mit Hinweis", version="3.6.2", rubrum="Martínez ./. Stadt Musterhausen",
        team="wohngeld",
        letters=(
            ORDER_LETTER,
            Letter("Anlage.pdf", "Anlage: Antrag", ENCLOSURE, ("Antrag vom 4. März 2026.",)),
        ),
        attachments=_empty_file, hints=("file_empty",),
    ),
)  # fmt: skip

BROKEN = XML_TROUBLE + CONTAINER_TROUBLE + FILED_WITH_HINT
