"""How an Eingang is put before people: what was understood of it, as labelled German rows."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime

from django.utils import timezone
from django.utils.formats import date_format

from cases.models import Document, Party
from intake import channels
from intake.facts import Correspondent, DocumentFacts, Facts, PartyFacts
from intake.findings import Finding

STANDARDS = {
    "xjustiz": "XJustiz",
    "egvp": "EGVP ohne XJustiz",
    "eml": "E-Mail",
    "scan": "Scan",
    "portal": "Portal",
    "manual": "von Hand erfasst",
}


OF_THE_HOUSE = {"schema_not_installed"}  # says something about the installation, not about the message


def channel_label(slug: str) -> str:
    """The German name of a channel; its slug when no adapter is known by it."""
    return channels.get(slug).label if slug in channels.slugs() else slug


def standard_label(facts: Facts) -> str:
    """Standard and version as people say them, e.g. ``XJustiz 3.5.1``."""
    return " ".join(part for part in (STANDARDS.get(facts.standard, facts.standard), facts.version) if part)


def findings(items: list[dict]) -> list[Finding]:
    """Stored findings as objects, the blocking ones first."""
    found = (Finding.from_json(item) for item in items if item["code"] not in OF_THE_HOUSE)
    return sorted(found, key=lambda finding: not finding.is_blocking)


def fact_rows(facts: Facts) -> list[tuple[str, str]]:
    """What was understood, as (label, value); what the message does not say is left out."""
    return [(label, value) for label, value in _rows(facts) if value]


def message_rows(facts: Facts) -> list[tuple[str, str]]:
    """What a message says beside its documents: references, Empfangsbekenntnis, text."""
    rows = [
        ("Unser Zeichen", ", ".join(filter(None, [facts.own_reference, *facts.further_own_references]))),
        ("Zeichen des Absenders", facts.foreign_reference),
        ("Empfangsbekenntnis", _eeb(facts)),
        ("Text", facts.text),
    ]
    return [(label, value) for label, value in rows if value]


def _eeb(facts: Facts) -> str:
    if facts.eeb is None:
        return ""
    if facts.eeb.received_on:
        return f"empfangen am {_day(facts.eeb.received_on)}"
    return f"nicht bestätigt (Störung {facts.eeb.failure_code}): {facts.eeb.failure_reason}"


def _rows(facts: Facts) -> Iterator[tuple[str, str]]:
    yield "Absender", _correspondent(facts.sender)
    yield "Empfänger", _correspondent(facts.recipient)
    yield "Betreff", facts.subject
    yield "Unser Zeichen", ", ".join(filter(None, [facts.own_reference, *facts.further_own_references]))
    yield "Zeichen des Absenders", facts.foreign_reference
    yield "Gericht des Verfahrens", facts.court_code
    yield "Aktenzeichen des Gerichts", facts.court_reference
    yield "Genannte Vorgangs-ID", facts.case_id
    yield "Leistung", facts.service
    yield "Eingang", _moment(facts.received_at)
    yield "Erstellt", _moment(facts.created_at)
    yield "Besonderes", ", ".join(_flags(facts))
    yield "Herkunftsnachweis", facts.origin_text or facts.origin
    yield "Standard", standard_label(facts)
    yield "Nachrichtenart", facts.message_type
    yield "Kennung der Nachricht", facts.message_id
    yield "Antwort auf Nachricht", facts.reply_to
    for party in facts.parties:
        yield "Beteiligt", _party(party)
    for document in facts.documents:
        yield "Dokument", _document(document)
    yield "Empfangsbekenntnis", _eeb(facts)
    yield "Text", facts.text


def _flags(facts: Facts) -> Iterator[str]:
    if facts.urgent:
        yield "eilt"
    if facts.eeb_required:
        yield "Empfangsbekenntnis angefordert"
    if facts.confidential:
        yield "vertraulich"
    if facts.part_count > 1:
        yield f"Teil {facts.part_number} von {facts.part_count}"


def _correspondent(who: Correspondent) -> str:
    more = ", ".join(part for part in (who.code, who.safe_id) if part)
    return f"{who.name} ({more})" if who.name and more else who.name or more


def _party(party: PartyFacts) -> str:
    name = party.organisation or " ".join(part for part in (party.first_name, party.last_name) if part)
    role = dict(Party.Role.choices).get(party.role, party.role)
    return f"{name} ({role})" if name else ""


def _document(document: DocumentFacts) -> str:
    role = dict(Document.Role.choices).get(document.role, document.role)
    parts = [document.title or document.name, role, _day(document.document_date)]
    return ", ".join(part for part in parts if part)


def _day(on: date | None) -> str:
    return date_format(on, "d.m.Y") if on else ""


def _moment(at: datetime | None) -> str:
    return date_format(timezone.localtime(at), "d.m.Y, H:i") + " Uhr" if at else ""
