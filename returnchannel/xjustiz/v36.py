"""How XJustiz from 3.6 on is written: sender and recipient have elements of their own, with what belongs to each."""

from __future__ import annotations

from collections.abc import Sequence

from lxml import etree

from returnchannel.xjustiz import body
from returnchannel.xjustiz.elements import add, add_code, add_if, moment, root
from returnchannel.xjustiz.letters import Attachment, Failure, Head, Partner, Received


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
    body.documents(message, files)
    return message


def _head(message: etree._Element, head: Head, version: str) -> None:
    element = add(message, "nachrichtenkopf", xjustizVersion=version)
    add(element, "erstellungszeitpunkt", moment(head.created_at))
    sender = add(element, "absender")
    _partner(sender, head.sender)
    add_if(sender, "aktenzeichen", head.own_reference)
    add(sender, "eigeneNachrichtenID", str(head.message_id))
    recipient = add(element, "empfaenger")
    _partner(recipient, head.recipient)
    reference = add(recipient, "auswahl_aktenzeichen")
    if head.foreign_reference:
        add(reference, "aktenzeichen.freitext", head.foreign_reference)
    else:
        add(reference, "aktenzeichen.unbekannt", "true")
    add_if(recipient, "fremdeNachrichtenID", head.reply_to)
    body.maker(element)


def _partner(parent: etree._Element, partner: Partner) -> None:
    known = add(parent, "informationen")
    choice = add(known, "auswahl_kommunikationspartner")
    if partner.court:
        add_code(choice, "gericht", partner.court, codelist="gds.gerichte", version=body.COURTS)
    else:
        add(choice, "sonstige", partner.name)
    add_if(known, "routingInformationAusSafeverzeichnis", partner.safe_id)
