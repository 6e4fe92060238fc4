"""The fields of a message that rules can ask about, with their German labels."""

from __future__ import annotations

from collections.abc import Callable

from intake.facts import Facts
from intake.presenting import STANDARDS, channel_label

Getter = Callable[[str, Facts], list[str]]

FIELDS: dict[str, tuple[str, Getter]] = {
    "channel": ("Kanal", lambda channel, facts: [channel]),
    "standard": ("Standard", lambda channel, facts: [facts.standard]),
    "message_type": ("Nachrichtenart", lambda channel, facts: [facts.message_type]),
    "sender": ("Absender", lambda channel, facts: [facts.sender.name]),
    "sender_code": ("Gerichtsschlüssel des Absenders", lambda channel, facts: [facts.sender.code]),
    "sender_safe_id": ("SAFE-ID des Absenders", lambda channel, facts: [facts.sender.safe_id]),
    "recipient": ("Empfänger", lambda channel, facts: [facts.recipient.name]),
    "recipient_safe_id": ("SAFE-ID des Empfängers", lambda channel, facts: [facts.recipient.safe_id]),
    "subject": ("Betreff", lambda channel, facts: [facts.subject]),
    "text": ("Text", lambda channel, facts: [facts.text]),
    "own_reference": ("eigenes Zeichen", lambda channel, facts: [facts.own_reference]),
    "foreign_reference": ("Zeichen des Absenders", lambda channel, facts: [facts.foreign_reference]),
    "court": ("Gericht des Verfahrens", lambda channel, facts: [facts.court_code]),
    "service": ("Leistung", lambda channel, facts: [facts.service]),
    "document_role": ("Art eines Dokuments", lambda channel, facts: [d.role for d in facts.documents]),
    "document_title": ("Titel eines Dokuments", lambda channel, facts: [d.title for d in facts.documents]),
    "surname": ("Nachname (antragstellend oder klagend)", lambda channel, facts: _surnames(facts)),
    "city": ("Ort", lambda channel, facts: [p.city for p in facts.parties]),
    "street": ("Straße", lambda channel, facts: [p.street for p in facts.parties]),
    "final_digit": ("Endziffer unseres Zeichens", lambda channel, facts: _final_digit(facts.own_reference)),
    "postcode": ("Postleitzahl", lambda channel, facts: [p.postcode for p in facts.parties]),
    "keyword": (
        "Stichwort (Betreff, Text, Titel)",
        lambda channel, facts: [facts.subject, facts.text, *(d.title for d in facts.documents)],
    ),
}


def _surnames(facts: Facts) -> list[str]:
    """Of whom the matter is: who applies or sues; when nobody does, of everybody who is named."""
    main = [p.last_name for p in facts.parties if p.role in ("applicant", "plaintiff")]
    return main or [p.last_name for p in facts.parties]


def _final_digit(reference: str) -> list[str]:
    digits = [char for char in reference if char.isdecimal()]
    return digits[-1:]


VALUE_LABELS = {"channel": channel_label, "standard": lambda slug: STANDARDS.get(slug, slug)}  # as people read them
LABELS = {name: label for name, (label, _) in FIELDS.items()}


def values(channel: str, facts: Facts) -> dict[str, list[str]]:
    """What a message says in each field; empty texts are no values."""
    return {name: [v for v in getter(channel, facts) if v] for name, (_, getter) in FIELDS.items()}
