"""The mail of the demonstration that is no EGVP container: scanned paper, e-mails, exports of other mailboxes.

The bytes are the same every time (given the same Vorgänge), so that the demonstration can be repeated.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from email.message import EmailMessage
from pathlib import Path

from config.demo.container import zip_bytes
from config.demo.pdf import Page, letter, with_code
from config.demo.sample import CLAIM, DECISION, Expected
from config.demo.senders import AG_MUENSTER, LAWYER, SEED, TOWN, Sender
from config.demo.xjustiz import DOCUMENTS, Document, FilePart, Message, Partner, to_xml

CaseOf = Callable[[str], tuple[str, str]]
TOWN_ADDRESS = ("Stadt Musterhausen", "Rathausplatz 1", "59999 Musterhausen")
BEA_NUMBER = "1047110815"


@dataclass(frozen=True)
class Other:
    """A message on another way: its channel and file name, and what is expected to become of it.

    ``joins`` is the key of the court message whose Vorgang it belongs to, ``team`` where a new Vorgang goes.
    """

    channel: str
    name: str
    expected: Expected
    expected_reason: str = ""
    joins: str = ""
    team: str = ""


OTHERS = (
    Other("egvp", "bea_1047110815.zip", "filed", team="bauaufsicht"),
    Other("egvp", "mein-justizpostfach.zip", "filed", team="jugendamt"),
    Other("eml", "nachweise.eml", "filed", joins="gewerbe-klage"),
    Other("eml", "frage.eml", "exception", "no_rule"),
    Other("scan", "2026-11-20_0001.pdf", "filed", joins="wohngeld-klage"),
    Other("scan", "2026-11-20_0002.pdf", "exception", "no_rule"),
)


def write(target: Path, case_of: CaseOf) -> list[tuple[str, Path]]:
    """Write the messages below ``target``; returns (channel, folder) in the order in which they are to be taken."""
    gewerbe, wohngeld = case_of("gewerbe-klage")[0], case_of("wohngeld-klage")[0]
    contents = {
        "bea_1047110815.zip": _bea(),
        "mein-justizpostfach.zip": _justizpostfach(),
        "nachweise.eml": _mail_with_proof(gewerbe),
        "frage.eml": _mail_with_question(),
        "2026-11-20_0001.pdf": with_code(_reply_on_paper(wohngeld), wohngeld),
        "2026-11-20_0002.pdf": _paper_without_reference(),
    }
    folders: dict[str, Path] = {}
    for other in OTHERS:
        folder = folders.setdefault(other.channel, target / other.channel)
        folder.mkdir(parents=True, exist_ok=True)
        (folder / other.name).write_bytes(contents[other.name])
    return list(folders.items())


def _bea() -> bytes:
    subject = "Widerspruch gegen die Nutzungsuntersagung vom 2. November 2026"
    name = "Widerspruch.pdf"
    pdf = letter(
        Page(
            letterhead=f"{LAWYER.name}\nMarktplatz 8, 59999 Musterhausen",
            subject=subject,
            paragraphs=(
                "Sehr geehrte Damen und Herren,",
                "namens und in Vollmacht meines Mandanten lege ich gegen die Nutzungsuntersagung Widerspruch ein.",
            ),
            place_and_date="Musterhausen, den 19. November 2026",
            to=TOWN_ADDRESS,
            closing=("Mit freundlichen Grüßen", "", LAWYER.name),
        )
    )
    xjustiz = _xjustiz(LAWYER, subject, name, CLAIM, date(2026, 11, 19), reference="155/26 W")
    files = {
        f"{BEA_NUMBER}.xml": f"<Nachricht><Nummer>{BEA_NUMBER}</Nummer></Nachricht>".encode(),
        f"{BEA_NUMBER}_BusinessCard.html": f"<html><body>{LAWYER.name}</body></html>".encode(),
        f"{BEA_NUMBER}_export.html": b"<html><body>Export</body></html>",
        f"{BEA_NUMBER}_VerificationReport.html": b"<html><body>Report</body></html>",
        "Nachrichtentext.pdf": letter(Page("Nachrichtentext", subject, ("Der Widerspruch liegt an.",))),
        name: pdf,
        "xjustiz_nachricht.xml": xjustiz,
    }
    return zip_bytes(files)


def _justizpostfach() -> bytes:
    subject = "Vormundschaft: Beschluss über die Bestellung"
    name = "Beschluss.pdf"
    pdf = letter(
        Page(
            letterhead=f"{AG_MUENSTER.name}\n{AG_MUENSTER.postcode} {AG_MUENSTER.city}",
            subject=subject,
            paragraphs=("In der Vormundschaftssache wird das Jugendamt der Stadt Musterhausen zum Vormund bestellt.",),
            place_and_date="Münster, den 18. November 2026",
            to=TOWN_ADDRESS,
        )
    )
    xjustiz = _xjustiz(AG_MUENSTER, subject, name, DECISION, date(2026, 11, 18), reference="42 F 318/26")
    return zip_bytes({"Anlagen/" + name: pdf, "Technische Dokumente/xjustiz_nachricht.xml": xjustiz})


def _xjustiz(sender: Sender, subject: str, file: str, kind: str, dated: date, *, reference: str) -> bytes:
    document = Document(str(uuid.uuid5(SEED, file + subject)), subject, kind, dated, (FilePart(file),))
    return to_xml(
        Message(
            version="3.5.1",
            kind=DOCUMENTS,
            created=f"{dated.isoformat()}T10:15:00+01:00",
            sender=Partner(sender.name, sender.code, sender.safe_id),
            recipient=Partner(TOWN.name, safe_id=TOWN.safe_id),
            id=str(uuid.uuid5(SEED, subject)),
            sender_reference=reference,
            court_reference=reference,
            subject=subject,
            documents=(document,),
        )
    )


def _mail_with_proof(case_id: str) -> bytes:
    mail = _mail("Gülşen Yılmaz <g.yilmaz@example.org>", "Nachweise", "20 Nov 2026 09:12:44 +0100")
    mail.set_content(
        f"Sehr geehrte Damen und Herren,\n\nzu meinem Vorgang {case_id} sende ich Ihnen die Bestätigung der "
        "Krankenkasse und den Zahlungsbeleg für November.\n\nMit freundlichen Grüßen\nGülşen Yılmaz\n"
    )
    for name, title, text in (
        ("Bestätigung Krankenkasse.pdf", "Bestätigung", "Die Ratenvereinbarung wird eingehalten."),
        ("Zahlungsbeleg.pdf", "Zahlungsbeleg", "239,92 Euro, gebucht am 16. November 2026."),
    ):
        pdf = letter(Page("Beispiel-Krankenkasse", title, (text,)))
        mail.add_attachment(pdf, maintype="application", subtype="pdf", filename=name)
    mail.set_boundary("laufmappe-nachweise")
    return mail.as_bytes()


def _mail_with_question() -> bytes:
    mail = _mail("Bartosz Wójcik <b.wojcik@example.org>", "Frage", "20 Nov 2026 10:03:10 +0100")
    mail.set_content(
        "Guten Tag,\n\nbis wann muss ich meine Unterlagen nachreichen, und kann ich das auch persönlich tun?\n\n"
        "Viele Grüße\nBartosz Wójcik\n"
    )
    return mail.as_bytes()


def _mail(sender: str, subject: str, moment: str) -> EmailMessage:
    mail = EmailMessage()
    mail["Received"] = f"from mx.example.org by mail.musterhausen.example; Fri, {moment}"
    mail["From"] = sender
    mail["To"] = "Stadt Musterhausen <post@musterhausen.example>"
    mail["Subject"] = subject
    mail["Date"] = f"Fri, {moment}"
    mail["Message-ID"] = f"<{uuid.uuid5(SEED, sender + subject)}@example.org>"
    return mail


def _reply_on_paper(case_id: str) -> bytes:
    return letter(
        Page(
            letterhead="Ioana Șerban\nAm Mühlenteich 3, 59999 Musterhausen",
            subject="Meine Mietbescheinigung",
            paragraphs=(
                "Sehr geehrte Damen und Herren,",
                "auf Ihrem Antwortbogen sende ich Ihnen die Mietbescheinigung meines Vermieters zurück.",
            ),
            place_and_date="Musterhausen, den 18. November 2026",
            to=TOWN_ADDRESS,
            references=(f"Vorgang: {case_id}",),
            closing=("Mit freundlichen Grüßen", "", "Ioana Șerban"),
        )
    )


def _paper_without_reference() -> bytes:
    return letter(
        Page(
            letterhead="Bartosz Wójcik\nFeldweg 21, 59999 Musterhausen",
            subject="Laub auf dem Gehweg",
            paragraphs=(
                "Sehr geehrte Damen und Herren,",
                "vor dem Haus Feldweg 19 liegt seit Wochen nasses Laub, gestern ist dort jemand gestürzt. Bitte "
                "kümmern Sie sich darum.",
            ),
            place_and_date="Musterhausen, den 18. November 2026",
            to=TOWN_ADDRESS,
            closing=("Mit freundlichen Grüßen", "", "Bartosz Wójcik"),
        )
    )
