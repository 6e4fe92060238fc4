"""The channel ``mail``: a notice that something has been written, without what. Never instead of the real way.

Who it goes to is read from the application at the moment of sending, and kept nowhere else. All that the notice says
is fixed, but for the Vorgangs-ID.
"""

from __future__ import annotations

import smtplib

from django.conf import settings
from django.core.mail import EmailMessage

from returnchannel import ways
from returnchannel.channels import register
from returnchannel.channels.base import Channel, Outcome, Result
from returnchannel.models import Delivery

SUBJECT = "Neue Nachricht zu Ihrem Vorgang {case_id}"
TEXT = """Guten Tag,

zu Ihrem Vorgang {case_id} liegt eine neue Nachricht vor.

{where}

Diese E-Mail enthält aus Gründen des Datenschutzes keine weiteren Angaben. Bitte antworten Sie nicht darauf.

{authority}
"""
IN_PORTAL = "Bitte melden Sie sich in dem Portal an, in dem Sie Ihren Antrag gestellt haben, und rufen Sie sie dort ab."
BY_POST = "Sie erhalten sie mit der Post."
NO_ADDRESS = "Es gibt keine E-Mail-Adresse mehr, an die benachrichtigt werden darf."
REFUSED = "Der Mailserver nimmt diese Adresse nicht an (SMTP {code})."
AWAY = "Der Mailserver nimmt zurzeit nichts an. Bitte EMAIL_URL und den Mailserver prüfen."


@register
class MailChannel(Channel[Delivery]):
    """Sends by SMTP, or whatever EMAIL_URL names."""

    slug = "mail"
    label = "E-Mail-Benachrichtigung"
    is_written_form = False

    def send(self, item: Delivery) -> Outcome:
        """One notice to one address."""
        address = ways.Choice.of(item.message.case).consent.address
        if not address:
            return Outcome(Result.ENDED, error=NO_ADDRESS)
        try:
            notice_of(item, address).send()
        except smtplib.SMTPRecipientsRefused as refusal:
            code = max(code for code, _ in refusal.recipients.values())
            return Outcome(Result.REFUSED if code >= 500 else Result.FAILED, code, REFUSED.format(code=code))
        except (smtplib.SMTPException, OSError) as trouble:
            return Outcome(Result.FAILED, getattr(trouble, "smtp_code", None), AWAY, is_away=True)
        return Outcome(Result.DELIVERED)


def notice_of(delivery: Delivery, address: str) -> EmailMessage:
    """The notice."""
    case_id = delivery.message.number.public_id
    where = IN_PORTAL if delivery.dispatch.method == delivery.dispatch.Method.PORTAL else BY_POST
    text = TEXT.format(case_id=case_id, where=where, authority=settings.AUTHORITY_NAME)
    headers = {"Auto-Submitted": "auto-generated", "Message-ID": f"<{case_id}-{delivery.pk}@laufmappe.invalid>"}
    return EmailMessage(SUBJECT.format(case_id=case_id), text, to=[address], headers=headers)
