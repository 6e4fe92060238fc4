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
from cases.models import ApplicationData, Case, CaseNumber, ForeignReference, OrgUnit, Party, Service
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
    reason: str = "",
) -> Case:
    """Open a Vorgang in state ``eingegangen``.

    ``received_at`` is the legal arrival; ``number`` a reserved Vorgangs-ID (else one is drawn);
    ``file_reference`` an adopted Aktenzeichen (else the Leistung's own pattern gives one, unless another
    system does); ``parties`` are unsaved. The counter of Aktenzeichen is locked by this call: make it late.
    """
    policy.require(by, "open_case", unit.pk)
    version = service.versions.order_by("-number").first()
    if version is None:
        raise ValueError(f"Leistung {service.slug} has no loaded version")
    with transaction.atomic(), acting(by, "open_case", reason=reason):
        number = number or reserve_number()
        declared = version.declaration.get("file_reference", {})
        source = Case.ReferenceSource(declared.get("source", "own"))
        if not file_reference and source is Case.ReferenceSource.OWN:
            file_reference = _next_file_reference(declared["pattern"], version.declaration.get("file_plan", ""))
        case = Case(
            public_id=number.public_id,
            service=service,
            service_version=version,
            unit=unit,
            status_since=timezone.now(),
            subject=subject[:500],
            file_reference=file_reference or None,
            file_reference_key=references.key(file_reference),
            file_reference_source=source,
            received_at=received_at,
            is_urgent=is_urgent,
            version=1,
        )
        case.save()
        CaseNumber.objects.filter(pk=number.pk).update(case=case)
        application = [ApplicationData(case=case, data=data)] if data else []
        for item in application:
            item.save()
        created_parties = _add_parties(case, parties)
        versions.record_created([case, *created_parties, *application])
        case_event.send(sender=Case, case=case, kind="opened", by=by)
    return case


def note_foreign_reference(*, case: Case, reference: str, holder: str, by: Actor) -> None:
    """Remember under which reference (``holder``: court code or SAFE-ID) others keep the matter; known ones stay."""
    key = references.key(reference)
    if not key or ForeignReference.objects.filter(case=case, key=key, holder=holder).exists():
        return
    with acting(by, "note_foreign_reference"):
        ForeignReference.objects.create(case=case, reference=reference[:200], key=key[:200], holder=holder[:100])


def _add_parties(case: Case, parties: Sequence[Party]) -> list[Party]:
    for party in parties:
        party.case = case
    return list(bulk_create_with_history(list(parties), Party)) if parties else []


def _next_file_reference(pattern: str, plan: str) -> str:
    """The next Aktenzeichen: numbered per prefix, which is all of the pattern before its number."""
    year = timezone.localdate().year
    before, marker, _ = pattern.partition("{number")
    if not marker:
        raise ValueError(f"pattern of Aktenzeichen without {{number}}: {pattern}")
    with connection.cursor() as cursor:
        cursor.execute(_NEXT, [before.format(plan=plan, year=year)])
        (number,) = cursor.fetchone()
    return pattern.format(plan=plan, year=year, number=number)
