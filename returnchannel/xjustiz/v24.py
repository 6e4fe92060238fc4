"""How the Empfangsbekenntnis of XJustiz 2.4 is written. It has underscores, and its version stands at the grunddaten.

Documents are not written in this version: it asks for the Sachgebiet of the court, which nobody here knows.
"""

from __future__ import annotations

from lxml import etree

from returnchannel.xjustiz.elements import add, add_code, add_if, moment, root
from returnchannel.xjustiz.letters import Failure, Head, Partner, Received

COURTS = "2.6"  # the version of GDS.Gerichte that the schema fixes


def receipt(head: Head, content: Received | Failure, version: str) -> etree._Element:
    """The message 2200007."""
    message = root("nachricht.eeb.zuruecklaufend.2200007")
    _head(message, head)
    add(message, "grunddaten", xjustizVersion=version)
    data = add(message, "fachdaten")
    if isinstance(content, Received):
        add(data, "empfangsbestaetigung", content.on.isoformat())
    else:
        failure = add(data, "stoerungsmeldung")
        add_code(failure, "stoerungs_ID", content.code, codelist="eeb.stoerungs-id", version="2.0")
        add_if(failure, "stoerungsgrund", content.text)
    return message


def _head(message: etree._Element, head: Head) -> None:
    element = add(message, "nachrichtenkopf")
    add_if(element, "aktenzeichen.absender", head.own_reference)
    add_if(element, "aktenzeichen.empfaenger", head.foreign_reference)
    add(element, "erstellungszeitpunkt", moment(head.created_at))
    _partner(element, "absender", head.sender)
    _partner(element, "empfaenger", head.recipient)
    add(element, "eigene_Nachrichten_ID", str(head.message_id))
    add_if(element, "fremde_Nachrichten_ID", head.reply_to)


def _partner(parent: etree._Element, side: str, partner: Partner) -> None:
    if partner.court:
        add_code(parent, f"{side}_Gericht", partner.court, version=COURTS)
    else:
        add(parent, f"{side}_Sonstige", partner.name)
