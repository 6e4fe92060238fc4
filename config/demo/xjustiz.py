"""Writes XJustiz messages of the versions 2.4.0, 3.2.1, 3.5.1 and 3.6.2 from one neutral description."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from lxml import etree

NAMESPACE = "http://www.xjustiz.de"
LISTS = "urn:xoev-de:xjustiz:codeliste:"
VERSIONS = ("2.4.0", "3.2.1", "3.5.1", "3.6.2")

DOCUMENTS = "0005005"
BASIC = "0005006"
EEB = "2200007"

_ROOTS = {
    DOCUMENTS: "nachricht.gds.uebermittlungSchriftgutobjekte.0005005",
    BASIC: "nachricht.gds.basisnachricht.0005006",
    EEB: "nachricht.eeb.zuruecklaufend.2200007",
}
_ROOT_OLD = "nachricht.gds.uebermittlung_schriftgutobjekte.0005005"
ORIGINAL, SIGNATURE = "001", "003"  # GDS.Bestandteiltyp
_OLD_DOCUMENT_TYPES = {"015": "002", "016": "003", "017": "001", "018": "001", "019": "001", "020": "001"}


@dataclass(frozen=True)
class Partner:
    """A sender or recipient: by court code, or by name alone."""

    name: str
    code: str = ""
    safe_id: str = ""


@dataclass(frozen=True)
class Party:
    """A Beteiligter: a person with first and last name, or an organisation. ``role`` is GDS.Rollenbezeichnung."""

    role: str
    last_name: str = ""
    first_name: str = ""
    organisation: str = ""
    address: tuple[str, str, str, str] | None = None  # street, number, postcode, city
    reference: str = ""


@dataclass(frozen=True)
class FilePart:
    """A file of a document; a signature names the file that it signs."""

    name: str
    part: str = ORIGINAL
    signs: str = ""


@dataclass(frozen=True)
class Document:
    """One Schriftstück. ``document_class`` is GDS.Dokumentklasse."""

    id: str
    title: str
    document_class: str
    dated: date
    files: tuple[FilePart, ...]
    eeb_required: bool = False


@dataclass(frozen=True)
class Message:
    """An XJustiz message, independent of its version.

    ``sender_reference`` and ``recipient_reference`` are the Aktenzeichen of either side; None leaves the
    element out; ``court_reference`` is that of the proceedings (default: the sender's). ``eeb_date`` or
    ``failure`` (code and reason) belong to a returned Empfangsbekenntnis.
    """

    version: str
    kind: str
    created: str
    sender: Partner
    recipient: Partner
    id: str
    reply_to: str = ""
    sender_reference: str | None = None
    recipient_reference: str | None = None
    court_reference: str | None = None
    subject: str = ""
    rubrum: str = ""
    urgent: bool = False
    parties: tuple[Party, ...] = ()
    documents: tuple[Document, ...] = field(default=())
    eeb_date: date | None = None
    failure: tuple[str, str] | None = None


def to_xml(message: Message) -> bytes:
    """The message as an XML file of its version."""
    old = message.version == "2.4.0"
    if old and message.kind == BASIC:
        raise ValueError("XJustiz 2.4.0 has no Basisnachricht (0005006)")
    name = _ROOT_OLD if old and message.kind == DOCUMENTS else _ROOTS[message.kind]
    root = etree.Element(_tag(name), nsmap={"tns": NAMESPACE})
    _header(root, message)
    if message.kind == EEB:
        if old:
            _add(root, "grunddaten").set("xjustizVersion", message.version)
        _receipt(root, message)
    elif old:
        _basics_old(root, message)
        for number, document in enumerate(message.documents, start=1):
            _document_old(root, document, number)
    else:
        _basics(root, message)
        if message.kind == DOCUMENTS:
            objects = _add(root, "schriftgutobjekte")
            for number, document in enumerate(message.documents, start=1):
                _document(objects, document, number, message.version)
    etree.indent(root)
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8")


def _tag(name: str) -> str:
    return f"{{{NAMESPACE}}}{name}"


def _add(parent: etree._Element, name: str, text: str | None = None) -> etree._Element:
    element = etree.SubElement(parent, _tag(name))
    element.text = text
    return element


def _code(parent: etree._Element, name: str, value: str, list_name: str, version: str = "") -> None:
    element = _add(parent, name)
    element.set("listURI", LISTS + list_name)
    if version:
        element.set("listVersionID", version)
    etree.SubElement(element, "code").text = value


def _court(parent: etree._Element, name: str, code: str, version: str) -> None:
    _code(parent, name, code, "gds.gerichte", {"2.4.0": "2.6", "3.2.1": "3.3", "3.5.1": "3.6"}.get(version, "3.7"))


def _header(root: etree._Element, message: Message) -> None:
    head = _add(root, "nachrichtenkopf")
    if message.version == "2.4.0":
        _header_old(head, message)
        return
    head.set("xjustizVersion", message.version)
    if message.version == "3.6.2":
        _header_new(head, message)
    else:
        _header_middle(head, message)
    if message.urgent:
        _code(head, "sendungsprioritaet", "001", "gds.sendungsprioritaet", "1.2")


def _header_start(head: etree._Element, message: Message) -> None:
    for name, value in (("absender", message.sender_reference), ("empfaenger", message.recipient_reference)):
        if value is not None:
            _add(head, f"aktenzeichen.{name}", value)
    _add(head, "erstellungszeitpunkt", message.created)


def _header_old(head: etree._Element, message: Message) -> None:
    _header_start(head, message)
    for name, partner in (("absender", message.sender), ("empfaenger", message.recipient)):
        if partner.code:
            _court(head, f"{name}_Gericht", partner.code, message.version)
        else:
            _add(head, f"{name}_Sonstige", partner.name)
    _add(head, "eigene_Nachrichten_ID", message.id.upper())
    if message.reply_to:
        _add(head, "fremde_Nachrichten_ID", message.reply_to.upper())
    if message.urgent and message.kind == DOCUMENTS:
        _add(head, "sendungsprioritaet", "true")


def _header_middle(head: etree._Element, message: Message) -> None:
    _header_start(head, message)
    for name, partner in (("absender", message.sender), ("empfaenger", message.recipient)):
        choice = _add(head, f"auswahl_{name}")
        if partner.code:
            _court(choice, f"{name}.gericht", partner.code, message.version)
        else:
            _add(choice, f"{name}.sonstige", partner.name)
    _add(head, "eigeneNachrichtenID", message.id)
    if message.reply_to:
        _add(head, "fremdeNachrichtenID", message.reply_to)
    if message.version != "3.2.1":
        _maker(head)


def _header_new(head: etree._Element, message: Message) -> None:
    _add(head, "erstellungszeitpunkt", message.created)
    sender = _add(head, "absender")
    _partner(sender, message.sender, message.version)
    if message.sender_reference is not None:
        _add(sender, "aktenzeichen", message.sender_reference)
    _add(sender, "eigeneNachrichtenID", message.id)
    recipient = _add(head, "empfaenger")
    _partner(recipient, message.recipient, message.version)
    choice = _add(recipient, "auswahl_aktenzeichen")
    if message.recipient_reference is None:
        _add(choice, "aktenzeichen.neu", "true")
    else:
        _add(choice, "aktenzeichen.freitext", message.recipient_reference)
    if message.reply_to:
        _add(recipient, "fremdeNachrichtenID", message.reply_to)
    _maker(head)


def _partner(parent: etree._Element, partner: Partner, version: str) -> None:
    information = _add(parent, "informationen")
    choice = _add(information, "auswahl_kommunikationspartner")
    if partner.code:
        _court(choice, "gericht", partner.code, version)
    else:
        _add(choice, "sonstige", partner.name)
    if partner.safe_id:
        _add(information, "routingInformationAusSafeverzeichnis", partner.safe_id)


def _maker(head: etree._Element) -> None:
    maker = _add(head, "herstellerinformation")
    _add(maker, "nameDesProdukts", "Beispiel-Fachverfahren")
    _add(maker, "herstellerDesProdukts", "Beispielhersteller")
    _add(maker, "version", "4.2")


def _court_reference(message: Message) -> str:
    reference = message.sender_reference if message.court_reference is None else message.court_reference
    return (reference or "").strip()


def _basics_old(root: etree._Element, message: Message) -> None:
    basics = _add(root, "grunddaten")
    basics.set("xjustizVersion", message.version)
    proceedings = _add(basics, "verfahrensdaten")
    outer = _add(proceedings, "instanzdaten_erweitert")
    instance = _add(outer, "instanzdaten")
    _add(instance, "instanznummer", "1")
    _code(instance, "sachgebiet", "034", "gds.sachgebiet", "2.1")
    _court(_add(instance, "instanzbehoerde"), "gericht", message.sender.code, message.version)
    _add(instance, "aktenzeichen", _court_reference(message))
    if message.rubrum:
        _add(instance, "kurzrubrum", message.rubrum)
    if message.subject:
        matter = _add(_add(outer, "verfahrensgegenstand_Zeitraum"), "verfahrensgegenstand")
        _add(matter, "gegenstand", message.subject)
    for number, party in enumerate(message.parties, start=1):
        _party(proceedings, party, number, message.version)


def _basics(root: etree._Element, message: Message) -> None:
    proceedings = _add(_add(root, "grunddaten"), "verfahrensdaten")
    instance = _add(proceedings, "instanzdaten")
    _add(instance, "instanznummer", "1")
    body = _add(instance, "auswahl_instanzbehoerde")
    if message.sender.code:
        _court(body, "gericht", message.sender.code, message.version)
    else:
        _add(body, "sonstige", message.sender.name)
    if reference := _court_reference(message):
        choice = _add(_add(instance, "aktenzeichen"), "auswahl_aktenzeichen")
        _add(choice, "aktenzeichen.freitext", reference)
    if message.rubrum:
        _add(instance, "kurzrubrum", message.rubrum)
    if message.subject:
        _add(_add(instance, "verfahrensgegenstand"), "gegenstand", message.subject)
    for number, party in enumerate(message.parties, start=1):
        _party(proceedings, party, number, message.version)


def _party(parent: etree._Element, party: Party, number: int, version: str) -> None:
    involvement = _add(parent, "beteiligung")
    role = _add(involvement, "rolle")
    _add(role, "rollennummer", str(number))
    list_version = {"2.4.0": "2.0", "3.2.1": "3.2"}.get(version, "3.5")
    _code(role, "rollenbezeichnung", party.role, "gds.rollenbezeichnung", list_version)
    _add(role, "nr", "1")
    if party.reference:
        _add(role, "geschaeftszeichen", party.reference)
    who = _add(involvement, "beteiligter")
    _add(who, "beteiligtennummer", str(number))
    choice = who if version == "2.4.0" else _add(who, "auswahl_beteiligter")
    if party.organisation:
        body = _add(choice, "organisation")
        _add(_add(body, "bezeichnung"), "bezeichnung.aktuell", party.organisation)
    else:
        body = _add(choice, "natuerlichePerson")
        name = _add(body, "vollerName")
        _add(name, "vorname", party.first_name)
        _add(name, "nachname", party.last_name)
    if party.address and version != "2.4.0":
        address = _add(body, "anschrift")
        for tag, value in zip(("strasse", "hausnummer", "postleitzahl", "ort"), party.address, strict=True):
            _add(address, tag, value)


def _document_old(root: etree._Element, document: Document, number: int) -> None:
    element = _add(root, "dokument")
    identification = _add(element, "identifikation")
    _add(identification, "id", document.id.upper())
    _add(identification, "nummerImUebergeordnetenContainer", str(number))
    kind = _OLD_DOCUMENT_TYPES.get(document.document_class, document.document_class)
    _code(element, "dokumententyp", kind, "gds.dokumenttyp", "2.1")
    _add(element, "anzeigename", document.title)
    _add(element, "akteneinsicht", "true")
    _add(element, "dokumentendatum", document.dated.isoformat())
    for part in document.files:
        file = _add(element, "datei")
        _add(file, "dateiname", part.name)
        _code(file, "dateiformat", "018" if part.part == ORIGINAL else "001", "dateiformat", "1.0")
        file[-1].set("listURI", "urn:xoev-de:xdomea:codeliste:dateiformat")
        _code(file, "bestandteil", part.part, "gds.bestandteiltyp", "2.1")
        if part.signs:
            _add(file, "dateiname_der_Bezugsdatei", part.signs)
    _add(element, "ruecksendung_EEB_erforderlich", str(document.eeb_required).lower())


def _document(objects: etree._Element, document: Document, number: int, version: str) -> None:
    element = _add(objects, "dokument")
    identification = _add(element, "identifikation")
    _add(identification, "id", document.id)
    _add(identification, "nummerImUebergeordnetenContainer", str(number))
    _add(element, "datumDesSchreibens", document.dated.isoformat())
    data = _add(element, "xjustiz.fachspezifischeDaten")
    _code(data, "dokumentklasse", document.document_class, "gds.dokumentklasse", "1.3")
    _add(data, "anzeigename", document.title)
    if version == "3.2.1":
        _add(data, "akteneinsicht", "true")
    for part in document.files:
        file = _add(data, "datei")
        _add(file, "dateiname", part.name)
        _code(file, "bestandteil", part.part, "gds.bestandteiltyp")
        if part.signs:
            _add(file, "dateiname.bezugsdatei", part.signs)
    if version == "3.2.1":  # there the element is compulsory; later it may only say true
        _add(data, "ruecksendungEEB.erforderlich", str(document.eeb_required).lower())
    elif document.eeb_required:
        _add(data, "ruecksendungEEB.erforderlich", "true")


def _receipt(root: etree._Element, message: Message) -> None:
    old = message.version == "2.4.0"
    data = _add(root, "fachdaten")
    if message.failure:
        code, reason = message.failure
        trouble = _add(data, "stoerungsmeldung")
        if old:
            _code(trouble, "stoerungs_ID", code, "eeb.stoerungs-id", "2.0")
        else:
            _code(trouble, "stoerungsID", code, "eeb.stoerungs-id")
        _add(trouble, "stoerungsgrund" if old else "stoerungsGrund", reason)
    elif message.eeb_date:
        _add(data, "empfangsbestaetigung", message.eeb_date.isoformat())
