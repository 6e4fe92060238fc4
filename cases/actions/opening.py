"""How a Vorgang comes to be: its Vorgangs-ID, its Aktenzeichen, its Beteiligte."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import IntegrityError, connection, transaction
from django.utils import timezone
from simple_history.utils import bulk_create_with_history

from audit import versions
from audit.acting import Actor, acting
from cases import numbers, policy, references
from cases.actions import deadline_rows
from cases.actions.parties import choose_post_recipient
from cases.actions.searching import index_more, index_new
from cases.models import ApplicationData, Case, CaseNumber, ForeignReference, OrgUnit, Party, Service, User
from cases.signals import case_event

_NEXT = """
INSERT INTO cases_filereferencecounter (prefix, last) VALUES (%s, 1)
ON CONFLICT (prefix) DO UPDATE SET last = cases_filereferencecounter.last + 1 RETURNING last"""


def reserve_number() -> CaseNumber:
    """A new Vorgangs-ID that belongs to no Vorgang yet (about half a collision is expected at a million)."""
    while True:
        try:
            with transaction.atomic():
                return CaseNumber.objects.create(public_id=numbers.draw())
        except IntegrityError:
            continue  # taken: draw again


def open_case(
    *,
    service: Service,
    unit: OrgUnit,
    by: Actor,
    received_at: datetime,
    subject: str = "",
    number: CaseNumber | None = None,
    file_reference: str = "",
    is_urgent: bool = False,
    parties: Sequence[Party] = (),
    data: dict[str, Any] | None = None,
    handler: User | None = None,
    reason: str = "",
) -> Case:
    """Open a Vorgang in state ``eingegangen``.

    ``received_at`` is the legal arrival; ``number`` a reserved Vorgangs-ID (else one is drawn);
    ``file_reference`` an adopted Aktenzeichen (else the Leistung's own pattern gives one, unless another
    system does); ``parties`` are unsaved; ``handler`` gets it at once, if they may work on it. The counter of
    Aktenzeichen is locked by this call: make it late.
    """
    policy.require(by, "open_case", unit.pk)
    version = service.versions.order_by("-number").first()
    if version is None:
        raise ValueError(f"Leistung {service.slug} has no loaded version")
    with transaction.atomic(), acting(by, "open_case", reason=reason):
        number = number or reserve_number()
        case = Case(
            public_id=number.public_id,
            service=service,
            service_version=version,
            unit=unit,
            status_since=timezone.now(),
            subject=subject[:500],
            received_at=received_at,
            is_urgent=is_urgent,
            handler=handler if handler and policy.works_in(handler, unit.pk) else None,
            version=1,
        )
        _give_file_reference(case, file_reference)
        fristen = deadline_rows.at_opening(case)
        case.save()
        deadline_rows.store(fristen)
        CaseNumber.objects.filter(pk=number.pk).update(case=case)
        _add_people_and_data(case, parties, data)
        case_event.send(sender=Case, case=case, kind="opened", by=by)
    return case


def note_foreign_reference(*, case: Case, reference: str, holder: str, by: Actor) -> None:
    """Remember under which reference (``holder``: court code or SAFE-ID) others keep the matter; known ones stay."""
    key, holder = references.key(reference), holder[: references.HOLDER_LENGTH]
    if not key or ForeignReference.objects.filter(case=case, key=key, holder=holder).exists():
        return
    with acting(by, "note_foreign_reference"):
        noted = ForeignReference(case=case, reference=reference[: references.KEY_LENGTH], key=key, holder=holder)
        noted.save()
        versions.record_created([noted])
        index_more(case, [noted.reference])


def _give_file_reference(case: Case, adopted: str) -> None:
    """The adopted Aktenzeichen, or the next of the Leistung's own, or (when another system gives it) none yet."""
    declaration = case.service_version.declaration
    declared = declaration["file_reference"]
    case.file_reference_source = Case.ReferenceSource(declared["source"])
    if not adopted and case.file_reference_source == Case.ReferenceSource.OWN:
        adopted = _next_file_reference(declared["pattern"], declaration["file_plan"])
    case.file_reference = adopted or None
    case.file_reference_key = references.key(adopted)


def _add_people_and_data(case: Case, parties: Sequence[Party], data: dict[str, Any] | None) -> None:
    application = [ApplicationData(case=case, data=data)] if data else []
    for item in application:
        item.save()
    for party in parties:
        party.case = case
    choose_post_recipient(parties)
    created = bulk_create_with_history(list(parties), Party) if parties else []
    versions.record_created([case, *created, *application])
    index_new(case, parties)


def _next_file_reference(pattern: str, plan: str) -> str:
    """The next Aktenzeichen: numbered per prefix, which is all of the pattern before its number.

    The year is that in which the Vorgang is opened, as a register counts, not that of the arrival.
    """
    year = timezone.localdate().year
    before, marker, _ = pattern.partition("{number")
    if not marker:
        raise ValueError(f"pattern of Aktenzeichen without {{number}}: {pattern}")
    with connection.cursor() as cursor:
        cursor.execute(_NEXT, [before.format(plan=plan, year=year)])
        (number,) = cursor.fetchone()
    return pattern.format(plan=plan, year=year, number=number)
