"""Writes EGVP containers: the folder (or ZIP of it) in which a receiving client lays down court mail."""

from __future__ import annotations

import hashlib
import io
import zipfile
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from lxml import etree

from config.demo.senders import TOWN, Sender

XSI = "http://www.w3.org/2001/XMLSchema-instance"
VR = "urn:bos:vr:profile:v1.3:core"
OSCI = "urn:bos:vr:profile:v1.4:osci"
ZIP_TIME = (2026, 11, 2, 8, 0, 0)
TYPE = "Allgemeine Nachricht"


@dataclass(frozen=True)
class Container:
    """One message as the carrier delivers it; ``attachments`` maps file names to bytes.

    ``old_client`` adds ``additionals/nachricht.xml``, which newer senders leave out.
    """

    message_id: str
    arrived: datetime
    sender: Sender
    subject: str
    attachments: dict[str, bytes]
    sender_reference: str = ""
    recipient_reference: str = ""
    text: str = ""
    old_client: bool = False


def container_files(container: Container) -> dict[str, bytes]:
    """All files of the container: path inside it → bytes, sorted by path."""
    files = {
        "MsgProps.xml": _message_properties(container),
        "pruefvermerk.xml": _verification_note(container),
        "summarisedinspectionsheet.xml": _inspection_sheet(container),
        "additionals/visitenkarte.xml": _business_card(container.sender),
        "message.preferences": _preferences(container),
        "oscicontentdata.osci": _raw_message(container),
    }
    if container.old_client:
        files["additionals/nachricht.xml"] = _client_message(container)
    files |= {f"attachments/{name}": content for name, content in container.attachments.items()}
    return dict(sorted(files.items()))


def write_folder(files: dict[str, bytes], folder: Path) -> None:
    """Lay the files down below ``folder``."""
    folder.mkdir(parents=True)
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)


def zip_bytes(files: dict[str, bytes], compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    """The files as a ZIP with fixed times, so that it is the same every time."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, content in files.items():
            entry = zipfile.ZipInfo(name, ZIP_TIME)
            entry.compress_type = compression
            entry.external_attr = 0o644 << 16
            entry.create_system = 3
            archive.writestr(entry, content)
    return out.getvalue()


def signature_bytes(content: bytes) -> bytes:
    """Bytes that look like a detached PKCS#7 signature of ``content`` (and prove nothing)."""
    digest = hashlib.sha256(content).digest()
    filler = b"".join(hashlib.sha256(digest + bytes([n])).digest() for n in range(20))
    inner = bytes.fromhex("06092a864886f70d010702") + b"\xa0\x82" + len(filler).to_bytes(2, "big") + filler
    return b"\x30\x82" + len(inner).to_bytes(2, "big") + inner


def _xml(root: etree._Element) -> bytes:
    etree.indent(root)
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8")


def _fill(parent: etree._Element, values: dict[str, str]) -> None:
    for name, value in values.items():
        etree.SubElement(parent, name).text = value or None


def _time(moment: datetime) -> str:
    return moment.isoformat(timespec="milliseconds")


def _message_properties(container: Container) -> bytes:
    sender = container.sender
    root = etree.Element("EGVPMessageProps", status="valid")
    _fill(root, {"MessageID": container.message_id, "ServerEntryTime": _time(container.arrived)})
    originator = etree.SubElement(root, "Originator")
    certificate = etree.SubElement(originator, "EncryptionCertificate")
    _fill(certificate, {"Name": sender.name, "Organization": sender.name, "EncCertName": "originator.crt"})
    card = etree.SubElement(originator, "BusinessCard")
    _fill(card, {"Address": "Juristische Person", "Title": "", "Name": sender.name, "ChristianName": ""})
    _fill(card, {"Organization": sender.name, "OrganisationalUnit": sender.unit, "Street": "", "StreetNumber": ""})
    _fill(card, {"ZipCode": sender.postcode, "City": sender.city, "Country": "DE"})
    _fill(card, {"FederalState": "Nordrhein-Westfalen", "Email": "", "CellPhone": "", "Phone": "", "Fax": ""})
    _fill(card, {"UserID": sender.safe_id, "FilterID": sender.mailbox, "Role": ""})
    addressee = etree.SubElement(root, "AddresseeCertProps")
    _fill(addressee, {"Name": TOWN.name, "Organization": TOWN.name, "EncCertName": "addressee.crt"})
    _fill(root, {"OSCISubject": TYPE, "MsgSubject": container.subject, "VhnText": sender.origin_text})
    for name in (["nachricht.xml"] if container.old_client else []) + ["visitenkarte.xml"]:
        _fill(etree.SubElement(root, "OSCIContent"), {"OSCIContentName": name})
    for name in sorted(container.attachments):
        _fill(etree.SubElement(root, "Attachment"), {"Filename": name})
    return _xml(root)


def _card_values(sender: Sender) -> dict[str, str]:
    return {
        "Organisation": sender.name,
        "Organisationszusatz": sender.unit,
        "Anrede": "Juristische Person",
        "Titel": "",
        "Vorname": "",
        "Name": sender.name,
        "Strasse": "",
        "Hausnummer": "",
        "Postleitzahl": sender.postcode,
        "Ort": sender.city,
        "Bundesland": "Nordrhein-Westfalen",
        "Land": "DE",
        "E-Mail": "",
        "Mobiltelefon": "",
        "Telefon": "",
        "Fax": "",
        "Nutzer_ID": sender.safe_id,
        "Rollen_ID": sender.mailbox,
        "Externe_ID": "",
    }


def _business_card(sender: Sender) -> bytes:
    root = etree.Element("Visitenkarte")
    _fill(root, _card_values(sender))
    return _xml(root)


def _client_message(container: Container) -> bytes:
    root = etree.Element("Nachricht")
    _fill(root, {"Nachrichtentyp": TYPE, "Signaturniveau": "no", "Empfaengerkennung": TOWN.safe_id})
    _fill(root, {"Betreff": container.subject, "Aktenzeichen_Empfaenger": container.recipient_reference})
    _fill(root, {"Aktenzeichen_Absender": container.sender_reference, "Freitext": container.text})
    return _xml(root)


def _verification_note(container: Container) -> bytes:
    moment = f"{container.arrived:%d.%m.%Y, %H:%M:%S}"
    root = etree.Element("Pruefvermerk", nsmap={"xsi": XSI})
    _fill(root, {"Erstellungszeitpunkt": moment, "Uebermittlungsweg": container.sender.origin_text})
    _fill(root, {"Eingangszeitpunkt": moment, "Nachrichtenkennzeichen": container.message_id})
    _fill(root, {"AuthentifizierteAbsender": "ja"})
    message = etree.SubElement(root, "Nachricht")
    _fill(message, {"Nachrichtentyp": TYPE, "AbsenderAktenzeichen": container.sender_reference})
    _fill(message, {"EmpfaengerAktenzeichen": container.recipient_reference, "Betreff": container.subject})
    _fill(message, {"Freitext": container.text})
    for name, partner in (("Absender", container.sender), ("Empfaenger", TOWN)):
        _fill(etree.SubElement(root, name), dict(sorted(_card_values(partner).items())))
    for name in sorted(container.attachments):
        document = etree.SubElement(root, "Dokument")
        kind = name.rpartition(".")[2].lower()
        _fill(document, {"OriginalDateiName": name, "DateiName": name, "Format": kind})
        _fill(document, {"Hinweis": "", "FehlerMeldung": ""})
    return _xml(root)


def _inspection_sheet(container: Container) -> bytes:
    root = etree.Element(f"{{{VR}}}VerificationReport", nsmap={"vr": VR, "osci": OSCI, "xsi": XSI})
    root.set("creationTime", _time(container.arrived))
    documents = etree.SubElement(root, "DocumentList")
    message = etree.SubElement(documents, "Document", id="doc_0000000001")
    _fill(message, {"Type": f"{OSCI}:documenttype:message", "Name": "oscicontentdata.osci"})
    result = etree.SubElement(message, "Cumulated", status=f"{VR}:status:valid")
    _fill(result, {"Message": f"{VR}:statusreason:overall:valid"})
    information = etree.SubElement(etree.SubElement(message, "Other"), f"{{{OSCI}}}OSCIMessageInfo")
    information.set(f"{{{XSI}}}type", "osci:OSCIMessageExtendedInfoType")
    _fill(information, {"MessageID": container.message_id, "Subject": TYPE})
    _fill(information, {"ReceptionOnServer": _time(container.arrived), "ProofOfOrigin": container.sender.origin})
    for number, name in enumerate(sorted(container.attachments), start=2):
        document = etree.SubElement(documents, "Document", id=f"doc_{number:010d}")
        _fill(document, {"Type": f"{OSCI}:documenttype:attachment", "Name": name})
    return _xml(root)


def _preferences(container: Container) -> bytes:
    values = {
        "id": container.message_id,
        "additionals_count": "2" if container.old_client else "1",
        "attachments_count": str(len(container.attachments)),
        "osci.subject": TYPE,
        "sender.userid": container.sender.safe_id,
        "status": "valid_gueltig",
        "table.date": str(int(container.arrived.timestamp() * 1000)),
        "table.subject": container.subject,
        "xjustiz.vhn_text": container.sender.origin_text,
    }
    lines = [f"#{container.arrived:%Y-%m-%d %H:%M:%S}"]
    lines += [f"{name}={_escape(value)}" for name, value in values.items()]
    return ("\n".join(lines) + "\n").encode("ascii")


def _escape(value: str) -> str:
    """A value in the spelling of Java properties."""
    special = {"\\": "\\\\", ":": "\\:", "=": "\\=", "\n": "\\n"}
    return "".join(special.get(c) or (c if c.isascii() else f"\\u{ord(c):04X}") for c in value)


def _raw_message(container: Container) -> bytes:
    lines = (
        "MIME-Version: 1.0",
        "Content-Type: Multipart/Related; boundary=MIME_boundary_laufmappe; type=text/xml",
        "",
        "--MIME_boundary_laufmappe",
        "Content-Type: text/xml; charset=UTF-8",
        "Content-ID: <osci@message>",
        "",
        f"<osci messageId='{container.message_id}'/>",
        "--MIME_boundary_laufmappe--",
        "",
    )
    return "\r\n".join(lines).encode()
