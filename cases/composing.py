"""Letters of a Vorgang, put together from what is stored: plain values in, a ``Letter`` for the typesetting out."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from django.utils import timezone
from django.utils.formats import date_format

from cases.letters import Facts, Heading, Item, Items, Kind, Letter, Letterhead, Recipient, Signatory, Text
from cases.models import Case, Decision, InformationRequest, InformationRequestItem, Notice, Party, User


def information_request(
    request: InformationRequest,
    items: Iterable[InformationRequestItem],
    party: Party,
    *,
    by: User | None,
    consequence: str = "",
    draft: bool = False,
) -> Letter:
    """The Nachforderung with its items, its Frist as a fixed date and what follows when nothing comes."""
    blocks = [Text(request.text), Items(tuple(Item(item.title, item.note) for item in items))]
    if consequence:
        blocks.append(Text(consequence))
    if request.legal_basis:
        blocks.append(Text(f"Rechtsgrundlage: {request.legal_basis}"))
    return _letter(
        request.case,
        party,
        kind=Kind.INFORMATION_REQUEST,
        subject=f"{request.case.service.name}: {request.title}",
        on=request.sent_on,
        by=by,
        blocks=tuple(blocks),
        due=request.due_on,
        draft=draft,
    )


def reminder(
    request: InformationRequest, items: Iterable[InformationRequestItem], party: Party, *, by: User, on: date
) -> Letter:
    """A friendly reminder of what is still missing; the Frist stays, and may be over."""
    missing = tuple(Item(item.title, item.note) for item in items if item.state == InformationRequestItem.State.OPEN)
    until = f"Unser Schreiben vom {request.sent_on:%d.%m.%Y}, Frist {request.due_on:%d.%m.%Y}."
    return _letter(
        request.case,
        party,
        kind=Kind.INFORMATION_REQUEST,
        subject=f"Erinnerung: {request.title}",
        on=on,
        by=by,
        blocks=(Text(f"{until} Bitte denken Sie daran, uns noch Folgendes zu schicken:"), Items(missing)),
        due=request.due_on if request.due_on > on else None,
    )


def notice(notice: Notice, party: Party, *, by: User, draft: bool = False) -> Letter:
    """A Mitteilung; an appointment stands in it as a table."""
    blocks: list[Text | Facts] = [Text(notice.text)]
    if notice.appointment_at:
        at = timezone.localtime(notice.appointment_at)
        blocks.append(Facts((("Tag", date_format(at, "l, j. F Y")), ("Uhrzeit", f"{date_format(at, 'H:i')} Uhr"))))
    return _letter(
        notice.case,
        party,
        kind=Kind.NOTICE,
        subject=notice.subject,
        on=notice.sent_on,
        by=by,
        blocks=tuple(blocks),
        due=notice.due_on,
        draft=draft,
    )


def decision(decision: Decision, party: Party, *, on: date, by: User, draft: bool = False) -> Letter:
    """The Bescheid: what is decided, why, and which remedy there is. No computed end of a Frist stands in it."""
    blocks: list[Text | Heading] = [Text(decision.operative_part)]
    if decision.reasoning.strip():
        blocks += [Heading("Begründung"), Text(decision.reasoning)]
    received = timezone.localdate(decision.case.received_at)
    subject = f"Bescheid: {decision.case.service.name}, Ihr Antrag vom {received:%d.%m.%Y}"
    return _letter(
        decision.case,
        party,
        kind=Kind.DECISION,
        subject=f"Berichtigter {subject}" if decision.corrects_id else subject,
        on=on,
        by=by,
        blocks=tuple(blocks),
        remedy=decision.remedy_notice,
        draft=draft,
    )


def address_of(party: Party) -> Recipient:
    """The address as it stands in the window: a person, an organisation, or a person there."""
    person = " ".join(part for part in (party.first_name, party.last_name) if part)
    names = tuple(name for name in (party.organisation, person) if name)
    street = " ".join(part for part in (party.street, party.house_number) if part)
    return Recipient(names=names, street=street, postcode=party.postcode, city=party.city)


def _letter(
    case: Case,
    party: Party,
    *,
    kind: Kind,
    subject: str,
    on: date,
    by: User | None,
    blocks: tuple,
    due: date | None = None,
    remedy: str = "",
    draft: bool = False,
) -> Letter:
    return Letter(
        kind=kind,
        letterhead=Letterhead.configured(unit=case.unit.name, contact=str(case.handler or by or "")),
        recipient=address_of(party),
        subject=subject,
        date=on,
        public_id=case.public_id,
        file_reference=case.file_reference or "",
        foreign_reference=party.reference,
        blocks=blocks,
        due_date=due,
        remedy_notice=remedy,
        signatory=Signatory(str(by or case.unit.name)),
        draft=draft,
    )
