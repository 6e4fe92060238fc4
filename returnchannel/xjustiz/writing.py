"""Putting a message together, and checking it against the official schema before anybody sees it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from types import ModuleType

from lxml import etree

from intake import schemas
from intake.gates import Refused
from intake.gates.xml import parse
from returnchannel.xjustiz import v24, v32, v36
from returnchannel.xjustiz.letters import Attachment, Failure, Head, Partner, Received, line


class CannotWrite(Exception):
    """The message would not be valid, or cannot be checked; the text is a German sentence that says what to do."""


def write_receipt(head: Head, content: Received | Failure, version: str) -> bytes:
    """The message 2200007 (elektronisches Empfangsbekenntnis) as UTF-8. Raises CannotWrite."""
    if not head.reply_to:
        raise CannotWrite(
            "Die Nachricht des Gerichts trägt keine gültige Nachrichten-ID; das Gericht könnte das Empfangsbekenntnis "
            "nicht zuordnen. Bitte im EGVP-Client von Hand abgeben."
        )
    if isinstance(content, Failure):
        content = replace(content, text=line(content.text))
    family = _family(version)
    return _checked(lambda: family.receipt(_clean(head), content, version), version)


def write_documents(head: Head, subject: str, files: Sequence[Attachment], version: str) -> bytes:
    """The message 0005005 (Übermittlung von Schriftgutobjekten) as UTF-8. Raises CannotWrite."""
    if not files:
        raise CannotWrite("Bitte mindestens ein Dokument auswählen.")
    family = _family(version)
    if family is v24:
        raise CannotWrite("In XJustiz 2.4 werden keine Dokumente versandt; bitte im EGVP-Client von Hand senden.")
    cleaned = [replace(file, title=line(file.title)) for file in files]
    return _checked(lambda: family.documents(_clean(head), line(subject), cleaned, version), version)


def _family(version: str) -> ModuleType:
    minor = schemas.version_key(version)[:2]
    if not minor:
        raise CannotWrite(
            "Das amtliche XJustiz-Schema der heute gültigen Version ist nicht installiert; ohne Prüfung wird nichts "
            "versandt. Die IT kann es mit „manage.py standards install“ einspielen."
        )
    if minor < (3, 2):
        return v24
    return v32 if minor < (3, 6) else v36


def _clean(head: Head) -> Head:
    return replace(
        head,
        sender=_partner(head.sender),
        recipient=_partner(head.recipient),
        own_reference=line(head.own_reference),
        foreign_reference=line(head.foreign_reference),
        reply_to=line(head.reply_to),
    )


def _partner(partner: Partner) -> Partner:
    cleaned = Partner(line(partner.name), line(partner.court), line(partner.safe_id))
    if not (cleaned.name or cleaned.court):
        raise CannotWrite("Absender oder Empfänger hat keinen Namen; bitte im EGVP-Client von Hand senden.")
    return cleaned


def _checked(build: Callable[[], etree._Element], version: str) -> bytes:
    """The message as bytes, read again as the other side will read them, and found valid."""
    try:
        content = etree.tostring(build(), xml_declaration=True, encoding="UTF-8")
        root = parse(content, "xjustiz_nachricht.xml")
    except (ValueError, Refused) as error:
        raise CannotWrite(
            "Eine Angabe enthält Zeichen, die in einer XJustiz-Nachricht nicht stehen dürfen. Bitte Betreff, Titel und "
            "Erläuterung prüfen, sonst im EGVP-Client von Hand senden."
        ) from error
    findings = schemas.validate(root, schemas.XJUSTIZ, version, etree.QName(root).localname)
    if findings is None:
        raise CannotWrite(
            f"Das amtliche Schema für XJustiz {version} ist nicht installiert; ohne Prüfung wird nichts versandt. "
            "Die IT kann es mit „manage.py standards install“ einspielen."
        )
    if findings:
        first = findings[0]
        where = first.path.rsplit(":", 1)[-1].rsplit("/", 1)[-1]
        what = f" Es geht um „{where}“ mit dem Wert „{first.value[:80]}“." if first.value and where else ""
        raise CannotWrite(
            f"Die Nachricht wäre nach dem amtlichen Schema XJustiz {version} nicht gültig und wurde nicht versandt."
            f"{what} Bitte die Angabe berichtigen, sonst im EGVP-Client von Hand senden."
        )
    return content
