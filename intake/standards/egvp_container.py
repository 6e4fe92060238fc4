"""What the carrier says about a message: the technical files of an EGVP container.

Read are ``MsgProps.xml``, ``nachricht.xml`` (only older senders write it), ``pruefvermerk.xml`` and
``summarisedinspectionsheet.xml``. The raw message ``oscicontentdata.osci`` is never parsed, and no HTML or XSL of a
message is ever used. Signatures are not verified again: the client's verdict is taken over
(``reference/message-standards.md`` section 2.1).

The exports of beA (``<number>.xml``, ``<number>_BusinessCard.html``, …) and of "Mein Justizpostfach" (``Technische
Dokumente/``) are known by their names. Of their technical files only the number is used: they say when the message
arrived in HTML only, which is never read, so the arrival is unknown.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from lxml import etree

from intake.envelope import MessageFile
from intake.facts import Correspondent, Facts
from intake.findings import Finding, Severity
from intake.gates import Refused
from intake.gates.filenames import display
from intake.gates.xml import check_size, parse
from intake.standards import values
from intake.standards.layout import basename, top

_BEA_FILE = re.compile(
    r"^(?P<number>\d{3,30})(_(?P<part>businesscard|export|message|verificationreport)\.\w+|\.xml)$", re.IGNORECASE
)
_PERSON_SALUTATIONS = frozenset({"herr", "frau"})


@dataclass
class Carrier:
    """What the technical files say. Empty values mean "not said"; ``is_container`` whether there were any.

    ``received_at`` is the legal arrival: ServerEntryTime, else the Prüfvermerk's Eingangszeitpunkt (German time),
    else ReceptionOnServer. ``findings`` names technical files that could not be read.
    """

    is_container: bool = False
    message_id: str = ""
    received_at: datetime | None = None
    subject: str = ""
    text: str = ""
    own_reference: str = ""
    foreign_reference: str = ""
    sender: Correspondent = field(default_factory=Correspondent)
    recipient: Correspondent = field(default_factory=Correspondent)
    origin: str = ""
    origin_text: str = ""
    findings: list[Finding] = field(default_factory=list)


def read(files: Sequence[MessageFile]) -> Carrier:
    """The Carrier's statements in ``files``; never raises for content, unreadable files become findings."""
    carrier = Carrier()
    props = _root(files, "MsgProps.xml", carrier, Severity.BLOCKING)
    note = _root(files, "pruefvermerk.xml", carrier)
    sheet = _root(files, "summarisedinspectionsheet.xml", carrier)
    message = _root(files, "nachricht.xml", carrier)
    _read_export(files, carrier)
    if props is not None:
        _read_props(props, carrier)
    if message is not None:
        _read_message(message, carrier)
    if note is not None:
        _read_verification(note, carrier)
    if sheet is not None:
        _read_sheet(sheet, carrier)
    if carrier.is_container and carrier.received_at is None:
        carrier.findings.append(_arrival_unknown())
    return carrier


def complete(facts: Facts, carrier: Carrier) -> None:
    """Fill into ``facts`` what the carrier knows: its own statements first where it is the authority (arrival,
    origin, subject, mailboxes), elsewhere only what the message itself left open."""
    facts.received_at = carrier.received_at
    facts.origin, facts.origin_text = carrier.origin, carrier.origin_text
    facts.subject = carrier.subject or facts.subject
    facts.text = carrier.text or facts.text
    facts.own_reference = facts.own_reference or carrier.own_reference
    facts.foreign_reference = facts.foreign_reference or carrier.foreign_reference
    facts.message_id = facts.message_id or carrier.message_id
    for said, known in ((facts.sender, carrier.sender), (facts.recipient, carrier.recipient)):
        said.name = said.name or known.name
        said.safe_id = known.safe_id or said.safe_id


def _root(
    files: Sequence[MessageFile], name: str, carrier: Carrier, severity: Severity = Severity.HINT
) -> etree._Element | None:
    """The root of the technical file ``name``, which lies on top, in ``additionals/`` or beside the message."""
    file = _find(files, name)
    if file is None:
        return None
    carrier.is_container = True
    try:
        check_size(file.size, file.name)
        return parse(file.read(), file.name)
    except Refused as refused:
        carrier.findings.append(replace(refused.finding, severity=severity))
        return None


def _read_export(files: Sequence[MessageFile], carrier: Carrier) -> None:
    """Note the export of another mailbox; the one of beA is called by the number that beA gave the message."""
    marks = [mark for file in files if not top(file.name) and (mark := _BEA_FILE.match(file.name))]
    numbers = {mark["number"] for mark in marks if mark["part"]}
    if len(numbers) == 1:
        carrier.is_container, carrier.message_id = True, numbers.pop()
    elif any(top(file.name) == "technische dokumente" for file in files):
        carrier.is_container = True


def _find(files: Sequence[MessageFile], name: str) -> MessageFile | None:
    allowed = ("", "additionals", "technische dokumente")
    for file in files:
        if basename(file.name).lower() == name.lower() and top(file.name) in allowed:
            return file
    return None


def _read_props(root: etree._Element, carrier: Carrier) -> None:
    carrier.message_id = values.text(root.findtext("MessageID")) or carrier.message_id
    carrier.received_at = values.timestamp(root.findtext("ServerEntryTime"))
    carrier.subject = values.text(root.findtext("MsgSubject"))
    carrier.origin_text = values.text(root.findtext("VhnText"))
    card = root.find("Originator/BusinessCard")
    if card is not None:
        names = [values.text(card.findtext(tag)) for tag in ("Address", "ChristianName", "Name", "Organization")]
        carrier.sender = Correspondent(name=_name(*names), safe_id=values.text(card.findtext("UserID")))
    status = values.text(root.get("status"))
    if status and status != "valid":
        carrier.findings.append(_hint("carrier_status", "MsgProps.xml", status, _STATUS_TEXT))


def _read_message(root: etree._Element, carrier: Carrier) -> None:
    carrier.own_reference = values.reference(root.findtext("Aktenzeichen_Empfaenger"))
    carrier.foreign_reference = values.reference(root.findtext("Aktenzeichen_Absender"))
    carrier.recipient.safe_id = values.text(root.findtext("Empfaengerkennung"))
    carrier.subject = carrier.subject or values.text(root.findtext("Betreff"))
    carrier.text = values.free_text(root.findtext("Freitext"))


def _read_verification(root: etree._Element, carrier: Carrier) -> None:
    said = root.find("Nachricht")
    if said is not None:
        carrier.own_reference = carrier.own_reference or values.reference(said.findtext("EmpfaengerAktenzeichen"))
        carrier.foreign_reference = carrier.foreign_reference or values.reference(said.findtext("AbsenderAktenzeichen"))
        carrier.subject = carrier.subject or values.text(said.findtext("Betreff"))
        carrier.text = carrier.text or values.free_text(said.findtext("Freitext"))
    for tag, known in (("Absender", carrier.sender), ("Empfaenger", carrier.recipient)):
        card = root.find(tag)
        if card is not None:
            names = [values.text(card.findtext(part)) for part in ("Anrede", "Vorname", "Name", "Organisation")]
            known.name = known.name or _name(*names)
            known.safe_id = known.safe_id or values.text(card.findtext("Nutzer_ID"))
    carrier.message_id = carrier.message_id or values.text(root.findtext("Nachrichtenkennzeichen"))
    carrier.received_at = carrier.received_at or values.german_timestamp(root.findtext("Eingangszeitpunkt"))
    carrier.origin_text = carrier.origin_text or values.text(root.findtext("Uebermittlungsweg"))
    for document in root.findall("Dokument"):
        if problem := values.text(document.findtext("FehlerMeldung")):
            name = values.text(document.findtext("OriginalDateiName"))
            carrier.findings.append(_hint("carrier_file_problem", name, problem, _FILE_PROBLEM_TEXT))


def _read_sheet(root: etree._Element, carrier: Carrier) -> None:
    carrier.origin = values.text(root.findtext(".//ProofOfOrigin"))
    carrier.received_at = carrier.received_at or values.timestamp(root.findtext(".//ReceptionOnServer"))


def _name(salutation: str, first_name: str, name: str, organisation: str) -> str:
    """The name of a mailbox's owner. Organisations use the first name for remarks, so it is left out there."""
    if salutation.casefold() in _PERSON_SALUTATIONS and first_name:
        return f"{first_name} {name}".strip()
    return name or organisation


_STATUS_TEXT = "Der EGVP-Client meldet für die Nachricht den Prüfstatus „{}“. Bitte den Prüfvermerk ansehen."
_FILE_PROBLEM_TEXT = "Der EGVP-Client meldet zu einer Datei: „{}“. Bitte die Datei und den Prüfvermerk ansehen."


def _hint(code: str, path: str, value: str, text: str) -> Finding:
    return Finding(code=code, message=text.format(value[:120]), severity=Severity.HINT, path=display(path), value=value)


def _arrival_unknown() -> Finding:
    return Finding(
        code="arrival_unknown",
        message="Die Nachricht nennt keinen lesbaren Zeitpunkt des Eingangs auf dem Server; es gilt die Zeit der "
        "Aufnahme. Bitte die Eingangszeit im Postfach nachsehen, wenn eine Frist davon abhängt.",
        severity=Severity.HINT,
    )
