"""An e-mail as lines: its most important headers and its text, as the reader understands them."""

from __future__ import annotations

from datetime import datetime

from django.utils import timezone
from django.utils.formats import date_format

from intake.originals.lines import Found, numbered, split
from intake.standards.mail import Mail
from intake.standards.mail_parts import PartKind


def read(mail: Mail) -> Found:
    """From, to, subject, dates, names of attachments, and the text; HTML only as the text that is in it."""
    heads = [
        ("Von", mail.sender),
        ("An", mail.recipient),
        ("Betreff", mail.subject),
        ("Gesendet", _moment(mail.sent_at)),
        ("Angekommen", _moment(mail.received_at)),
        *(("Anlage", part.name) for part in mail.parts if part.kind is PartKind.ATTACHMENT),
    ]
    texts = [f"{label}: {' '.join(value.split())}" for label, value in heads if value]
    remarks = ["Gezeigt ist der Text der E-Mail; Bilder, Formatierungen und Verweise aus HTML sind weggelassen."]
    return Found(numbered([*texts, "", *split(mail.text or "(kein Text)")]), remarks)


def _moment(at: datetime | None) -> str:
    return date_format(timezone.localtime(at), "d.m.Y, H:i") + " Uhr" if at else ""
