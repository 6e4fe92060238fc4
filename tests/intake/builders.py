"""Small messages for tests, built in the forms of the XJustiz versions that differ.

The court (``D6262``) writes to the town: its file reference is ``12 K 345/26``, ours ``32.1-2026-000123``. The XML is
valid against the official schemas, so that tests may use it with and without them.
"""

from __future__ import annotations

import io
import uuid
import zipfile
from collections.abc import Iterable, Mapping
from pathlib import Path

from intake.envelope import MessageFile
from tests.sample_files import PDF

NS = "http://www.xjustiz.de"
VERSIONS = ("2.4.0", "3.2.1", "3.5.1", "3.6.2", "3.7.0")
OWN, FOREIGN, COURT = "32.1-2026-000123", "12 K 345/26", "D6262"
TOWN = "Stadt Musterstadt"
CREATED = "2026-11-24T09:12:33+01:00"
MESSAGE_ID = "6b0f19f8-0cbb-415b-8807-9bd4729a452f"


def document(
    version: str,
    *names: str,
    code: str = "008",
    title: str = "Verfügung",
    eeb: bool = False,
    parts: Mapping[str, str] | None = None,
    number: int = 1,
) -> str:
    """A dokument with the files ``names``; ``parts`` gives a Bestandteil other than 001 by file name."""
    identity = uuid.uuid5(uuid.NAMESPACE_URL, "|".join(names))
    files = "".join(_file(version, name, (parts or {}).get(name, "001")) for name in names)
    if version.startswith("2.4"):
        return (
            f"<dokument><identifikation><id>{identity}</id></identifikation>"
            f'<dokumententyp listVersionID="2.1"><c>{code}</c></dokumententyp><anzeigename>{title}</anzeigename>'
            f"<akteneinsicht>true</akteneinsicht>{files}"
            f"<ruecksendung_EEB_erforderlich>{str(eeb).lower()}</ruecksendung_EEB_erforderlich></dokument>"
        )
    seen = "<akteneinsicht>true</akteneinsicht>" if version.startswith("3.2") else ""
    demand = "<ruecksendungEEB.erforderlich>true</ruecksendungEEB.erforderlich>" if eeb else ""
    if version.startswith("3.2") and not eeb:
        demand = "<ruecksendungEEB.erforderlich>false</ruecksendungEEB.erforderlich>"
    return (
        f"<dokument><identifikation><id>{identity}</id>"
        f"<nummerImUebergeordnetenContainer>{number}</nummerImUebergeordnetenContainer></identifikation>"
        "<datumDesSchreibens>2026-11-20</datumDesSchreibens><xjustiz.fachspezifischeDaten>"
        f'<dokumentklasse listVersionID="1.3"><c>{code}</c></dokumentklasse><anzeigename>{title}</anzeigename>'
        f"{seen}{files}{demand}</xjustiz.fachspezifischeDaten></dokument>"
    )


def _file(version: str, name: str, part: str) -> str:
    if version.startswith("2.4"):
        return (
            f'<datei><dateiname>{name}</dateiname><dateiformat listVersionID="1.0"><c>018</c></dateiformat>'
            f'<bestandteil listVersionID="2.1"><c>{part}</c></bestandteil></datei>'
        )
    return f"<datei><dateiname>{name}</dateiname><bestandteil><c>{part}</c></bestandteil></datei>"


def header(
    version: str, *, own: str = OWN, foreign: str = FOREIGN, extra: str = "", reply_to: str = "", swap: bool = False
) -> str:
    """The nachrichtenkopf: the court to the town, or with ``swap`` the town to the court."""
    court = f'listVersionID="{"2.6" if version.startswith("2.4") else "3.7"}"><c>{COURT}</c>'
    if version.startswith("2.4"):
        people = (
            f"<absender_Sonstige>{TOWN}</absender_Sonstige><empfaenger_Gericht {court}</empfaenger_Gericht>"
            if swap
            else f"<absender_Gericht {court}</absender_Gericht><empfaenger_Sonstige>{TOWN}</empfaenger_Sonstige>"
        )
        reply = f"<fremde_Nachrichten_ID>{reply_to}</fremde_Nachrichten_ID>" if reply_to else ""
        return (
            f"<nachrichtenkopf><aktenzeichen.absender>{foreign}</aktenzeichen.absender>"
            f"<aktenzeichen.empfaenger>{own}</aktenzeichen.empfaenger>"
            f"<erstellungszeitpunkt>{CREATED}</erstellungszeitpunkt>{people}"
            f"<eigene_Nachrichten_ID>{MESSAGE_ID}</eigene_Nachrichten_ID>{reply}{extra}</nachrichtenkopf>"
        )
    reply = f"<fremdeNachrichtenID>{reply_to}</fremdeNachrichtenID>" if reply_to else ""
    if version.startswith(("3.6", "3.7")):
        return _header_36(version, own, foreign, extra, reply, court, swap)
    people = (
        f"<auswahl_absender><absender.sonstige>{TOWN}</absender.sonstige></auswahl_absender>"
        f"<auswahl_empfaenger><empfaenger.gericht {court}</empfaenger.gericht></auswahl_empfaenger>"
        if swap
        else f"<auswahl_absender><absender.gericht {court}</absender.gericht></auswahl_absender>"
        f"<auswahl_empfaenger><empfaenger.sonstige>{TOWN}</empfaenger.sonstige></auswahl_empfaenger>"
    )
    return (
        f'<nachrichtenkopf xjustizVersion="{version}"><aktenzeichen.absender>{foreign}</aktenzeichen.absender>'
        f"<aktenzeichen.empfaenger>{own}</aktenzeichen.empfaenger>"
        f"<erstellungszeitpunkt>{CREATED}</erstellungszeitpunkt>{people}"
        f"<eigeneNachrichtenID>{MESSAGE_ID}</eigeneNachrichtenID>{reply}{extra}</nachrichtenkopf>"
    )


def _header_36(version: str, own: str, foreign: str, extra: str, reply: str, court: str, swap: bool) -> str:
    partners = [f"<gericht {court}</gericht>", f"<sonstige>{TOWN}</sonstige>"]
    if swap:
        partners.reverse()
    sender, recipient = (
        f"<informationen><auswahl_kommunikationspartner>{each}</auswahl_kommunikationspartner></informationen>"
        for each in partners
    )
    wanted = own if own.startswith("<") else f"<aktenzeichen.freitext>{own}</aktenzeichen.freitext>"
    return (
        f'<nachrichtenkopf xjustizVersion="{version}"><erstellungszeitpunkt>{CREATED}</erstellungszeitpunkt>'
        f"<absender>{sender}<aktenzeichen>{foreign}</aktenzeichen>"
        f"<eigeneNachrichtenID>{MESSAGE_ID}</eigeneNachrichtenID></absender>"
        f"<empfaenger>{recipient}<auswahl_aktenzeichen>{wanted}</auswahl_aktenzeichen>{reply}</empfaenger>"
        "<herstellerinformation><nameDesProdukts>Muster</nameDesProdukts>"
        f"<herstellerDesProdukts>Muster AG</herstellerDesProdukts><version>1</version></herstellerinformation>{extra}"
        "</nachrichtenkopf>"
    )


def proceedings(version: str, *, subject: str = "Klage wegen Gewerbeuntersagung", parties: str = "") -> str:
    """The grunddaten with court, reference, kurzrubrum and subject."""
    court = f'<gericht listVersionID="{"2.6" if version.startswith("2.4") else "3.7"}"><c>{COURT}</c></gericht>'
    if version.startswith("2.4"):
        return (
            '<grunddaten xjustizVersion="2.4.0"><verfahrensdaten><instanzdaten_erweitert><instanzdaten>'
            f"<instanznummer>1</instanznummer>"
            f'<sachgebiet listVersionID="2.1"><c>053</c></sachgebiet>'
            f"<instanzbehoerde>{court}</instanzbehoerde>"
            f"<aktenzeichen>{FOREIGN}</aktenzeichen><kurzrubrum>Muster ./. Stadt</kurzrubrum></instanzdaten>"
            f"<verfahrensgegenstand_Zeitraum><verfahrensgegenstand><gegenstand>{subject}</gegenstand>"
            f"</verfahrensgegenstand></verfahrensgegenstand_Zeitraum></instanzdaten_erweitert>{parties}"
            "</verfahrensdaten></grunddaten>"
        )
    return (
        "<grunddaten><verfahrensdaten><instanzdaten><instanznummer>1</instanznummer>"
        f"<auswahl_instanzbehoerde>{court}</auswahl_instanzbehoerde>"
        f"<aktenzeichen><auswahl_aktenzeichen><aktenzeichen.freitext>{FOREIGN}</aktenzeichen.freitext>"
        "</auswahl_aktenzeichen></aktenzeichen><kurzrubrum>Muster ./. Stadt</kurzrubrum>"
        f"<verfahrensgegenstand><gegenstand>{subject}</gegenstand></verfahrensgegenstand></instanzdaten>{parties}"
        "</verfahrensdaten></grunddaten>"
    )


def message(
    version: str = "3.5.1", *, objects: str | None = None, head: str | None = None, body: str | None = None
) -> bytes:
    """A message 0005005 of the court to the town; by default with one Verfügung in ``Verfuegung.pdf``."""
    if objects is None:
        objects = document(version, "Verfuegung.pdf", eeb=True)
    if version.startswith("2.4"):
        name, wrapped = "nachricht.gds.uebermittlung_schriftgutobjekte.0005005", objects
    else:
        name = "nachricht.gds.uebermittlungSchriftgutobjekte.0005005"
        wrapped = f"<schriftgutobjekte>{objects}</schriftgutobjekte>"
    return xml(name, (head or header(version)) + (body or proceedings(version)) + wrapped)


def eeb(version: str = "3.6.2", *, answer: str = "<empfangsbestaetigung>2026-11-25</empfangsbestaetigung>") -> bytes:
    """A returned elektronisches Empfangsbekenntnis of the town; references are ours and the court's, so swapped."""
    head = header(version, own=FOREIGN, foreign=OWN, reply_to="f8c5ce63-dbae-465f-a0cd-1d7b149b438e", swap=True)
    data = '<grunddaten xjustizVersion="2.4.0"/>' if version.startswith("2.4") else ""
    return xml("nachricht.eeb.zuruecklaufend.2200007", f"{head}{data}<fachdaten>{answer}</fachdaten>")


def xml(name: str, content: str) -> bytes:
    """A document of the XJustiz namespace; ``<c>`` is short for ``<code>``, which has no namespace."""
    content = content.replace("<c>", '<code xmlns="">').replace("</c>", "</code>")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<{name} xmlns="{NS}">{content}</{name}>'.encode()


def container(
    xjustiz: bytes | None = None, attachments: Mapping[str, bytes] | None = None, *, message_id: str = "govapp_1"
) -> dict[str, bytes]:
    """The files of an EGVP container by name."""
    files = {
        "MsgProps.xml": f"""<?xml version="1.0" encoding="utf-8"?>
<EGVPMessageProps status="valid"><MessageID>{message_id}</MessageID>
<ServerEntryTime>2026-11-24T10:20:53.000+01:00</ServerEntryTime>
<Originator><BusinessCard><Address>Juristische Person</Address><Name>VG Musterstadt</Name>
<UserID>DE.Justiz.11111111-2222-3333-4444-555555555555.0001</UserID></BusinessCard></Originator>
<MsgSubject>Zustellung 12 K 345/26</MsgSubject><VhnText>Von der Justiz versandt.</VhnText>
</EGVPMessageProps>""".encode(),
        "oscicontentdata.osci": b"--MIME_boundary\r\n",
        "additionals/visitenkarte.xml": b"<Visitenkarte/>",
    }
    if xjustiz is not None:
        files["attachments/xjustiz_nachricht.xml"] = xjustiz
    for name, data in ({"Verfuegung.pdf": PDF} if attachments is None else attachments).items():
        files[f"attachments/{name}"] = data
    return files


def bea_export(number: str = "1047110815", *, xjustiz: bytes | None = None, folder: str = "") -> dict[str, bytes]:
    """The files of a message as beA exports it: flat, with technical files that are called by its number."""
    files = {
        f"{number}.xml": f"<nachricht><id>{number}</id></nachricht>".encode(),
        f"{number}_BusinessCard.html": b"<html><body>Visitenkarte</body></html>",
        f"{number}_export.html": b"<html><body>Zugegangen: 24.11.2026 10:20:53</body></html>",
        f"{number}_VerificationReport.html": b"<html><body>Pr\xc3\xbcfprotokoll</body></html>",
        "Nachrichtentext.pdf": PDF + b"Text",
        "Verfuegung.pdf": PDF,
        "vhn.xml": b"<vhn/>",
        "vhn.xml.p7s": b"\x30\x82",
        "xjustiz_nachricht.html": b"<html></html>",
        "xjustiz_nachricht.xml": message() if xjustiz is None else xjustiz,
    }
    return {folder + name: data for name, data in files.items()}


def justizpostfach_export(*, xjustiz: bytes | None = None, folder: str = "") -> dict[str, bytes]:
    """The files of a message as "Mein Justizpostfach" exports it."""
    files = {
        "Technische Dokumente/xjustiz_nachricht.xml": message("3.6.2") if xjustiz is None else xjustiz,
        "Technische Dokumente/vhn.xml": b"<vhn/>",
        "Anlagen/Verfuegung.pdf": PDF,
        "Anlagen/Nachrichtentext.pdf": PDF + b"Text",
    }
    return {folder + name: data for name, data in files.items()}


def write_folder(folder: Path, files: Mapping[str, bytes]) -> Path:
    """Write ``files`` below ``folder`` (created) and return it."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, data in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    return folder


def zip_bytes(files: Mapping[str, bytes] | Iterable[tuple[str | zipfile.ZipInfo, bytes]]) -> bytes:
    """A ZIP of ``files``, the same bytes each time; pairs allow double names and prepared ZipInfo."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items() if isinstance(files, Mapping) else files:
            if isinstance(name, zipfile.ZipInfo):
                archive.writestr(name, data)
            else:
                archive.writestr(zipfile.ZipInfo(name), data, zipfile.ZIP_DEFLATED)
    return buffer.getvalue()


def memory_file(name: str, data: bytes) -> MessageFile:
    """A MessageFile of bytes in memory."""
    return MessageFile(name=name, size=len(data), open=lambda: io.BytesIO(data))


def memory_files(files: Mapping[str, bytes]) -> list[MessageFile]:
    """MessageFiles of ``files``, sorted by name as an adapter gives them."""
    return [memory_file(name, data) for name, data in sorted(files.items())]
