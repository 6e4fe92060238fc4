"""How a Vorgang comes to be: its Vorgangs-ID, its Aktenzeichen, its Beteiligte."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from audit import versions
from audit.acting import Actor, acting
from cases.actions.bulk import Opening, foreign_reference, open_cases
from cases.actions.searching import index_more
from cases.models import Case, CaseNumber, ForeignReference, OrgUnit, Party, Service, User


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
    Aktenzeichen is locked by this call: make it late. Many at once: ``cases.actions.bulk.open_cases``.
    """
    opening = Opening(
        service=service,
        unit=unit,
        by=by,
        received_at=received_at,
        subject=subject,
        number=number,
        file_reference=file_reference,
        is_urgent=is_urgent,
        parties=parties,
        data=data,
        handler=handler,
        reason=reason,
    )
    return open_cases([opening])[0].case


def note_foreign_reference(*, case: Case, reference: str, holder: str, by: Actor) -> None:
    """Remember under which reference (``holder``: court code or SAFE-ID) others keep the matter; known ones stay."""
    noted = foreign_reference(case, reference, holder)
    known = ForeignReference.objects.filter(case=case, key=noted.key, holder=noted.holder)
    if not noted.key or known.exists():
        return
    with acting(by, "note_foreign_reference"):
        noted.save()
        versions.record_created([noted])
        index_more(case, [noted.reference])
