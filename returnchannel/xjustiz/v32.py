"""How XJustiz 3.2 to 3.5 are written: sender and recipient side by side in the Nachrichtenkopf."""

from __future__ import annotations

from collections.abc import Sequence

from lxml import etree

from intake.schemas import version_key
from returnchannel.xjustiz import body
from returnchannel.xjustiz.elements import add, add_code, add_if, moment, root
from returnchannel.xjustiz.letters import Attachment, Failure, Head, Partner, Received

HAS_MAILBOX = (3, 5)  # from here on the SAFE-ID of the recipient has a place


def receipt(head: Head, content: Received | Failure, version: str) -> etree._Element:
    """The message 2200007."""
    message = root("nachricht.eeb.zuruecklaufend.2200007")
    _head(message, head, version)
    body.receipt(message, content)
    return message


def documents(head: Head, subject: str, files: Sequence[Attachment], version: str) -> etree._Element:
    """The message 0005005."""
    message = root("nachricht.gds.uebermittlungSchriftgutobjekte.0005005")
    _head(message, head, version)
    body.proceedings(message, head, subject)
    body.documents(message, files, says_all=version_key(version) < (3, 4))
    return message


def _head(message: etree._Element, head: Head, version: str) -> None:
    element = add(message, "nachrichtenkopf", xjustizVersion=version)
    add_if(element, "aktenzeichen.absender", head.own_reference)
    add_if(element, "aktenzeichen.empfaenger", head.foreign_reference)
    add(element, "erstellungszeitpunkt", moment(head.created_at))
    _partner(element, "absender", head.sender)
    _partner(element, "empfaenger", head.recipient)
    if version_key(version)[:2] >= HAS_MAILBOX:
        add_if(element, "routingInformationAusSafeverzeichnis.empfaenger", head.recipient.safe_id)
    add(element, "eigeneNachrichtenID", str(head.message_id))
    add_if(element, "fremdeNachrichtenID", head.reply_to)
    body.maker(element)


def _partner(parent: etree._Element, side: str, partner: Partner) -> None:
    choice = add(parent, f"auswahl_{side}")
    if partner.court:
        add_code(choice, f"{side}.gericht", partner.court, codelist="gds.gerichte", version=body.COURTS)
    else:
        add(choice, f"{side}.sonstige", partner.name)
