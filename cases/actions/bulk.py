"""Opening: Vorgänge with all that came with them, many with one INSERT per table."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from audit.acting import Actor, acting
from audit.ledger import Ledger, insert, rewrite
from cases import policy, references
from cases.actions import deadline_rows
from cases.actions.documents import NewDocument, file_rows, new_rows
from cases.actions.numbering import give_file_references, reserve_number
from cases.actions.parties import choose_post_recipient
from cases.actions.searching import index_new
from cases.models import (
    ApplicationData,
    Case,
    CaseNumber,
    Deadline,
    Document,
    ForeignReference,
    OrgUnit,
    Party,
    Service,
    ServiceVersion,
    User,
)
from cases.signals import case_event, cases_opened

_NEWEST = """
SELECT DISTINCT ON (service_id) service_id, id, digest FROM cases_serviceversion WHERE service_id = ANY(%s)
 ORDER BY service_id, number DESC"""


@dataclass(frozen=True)
class Opening:
    """A Vorgang to be opened (see ``open_case``), with the ``documents`` and others' ``references`` that came with it.

    The files of the documents have been looked into; ``references``: (reference, holder).
    """

    service: Service
    unit: OrgUnit
    by: Actor
    received_at: datetime
    subject: str = ""
    number: CaseNumber | None = None
    file_reference: str = ""
    is_urgent: bool = False
    parties: Sequence[Party] = ()
    data: dict[str, Any] | None = None
    handler: User | None = None
    reason: str = ""
    documents: Sequence[NewDocument] = ()
    references: Sequence[tuple[str, str]] = ()


@dataclass
class Opened:
    """What an Opening has become: the Vorgang, and its documents in the order in which they were given."""

    case: Case
    documents: Sequence[Document] = ()


def open_cases(openings: Sequence[Opening]) -> list[Opened]:
    """Open Vorgänge in state ``eingegangen``, each with its Beteiligte, data, documents and references: all or none.

    The counters of Aktenzeichen are locked by this call: make it late.
    """
    for opening in openings:
        policy.require(opening.by, "open_case", opening.unit.pk)
        if opening.documents:
            policy.require(opening.by, "add_documents", opening.unit.pk)
    with transaction.atomic():
        ledger = Ledger()
        cases, deadlines = _cases(openings)
        opened = [Opened(case) for case in cases]
        pairs = list(zip(openings, opened, strict=True))
        _add_people_and_data(pairs, deadlines, ledger)
        _add_documents(pairs, ledger)
        _add_references(pairs, ledger)
        index_new([(each.case, o.parties, [reference for reference, _ in o.references]) for o, each in pairs])
        ledger.write()
        for opening, each in pairs:
            if each.documents:
                case_event.send(sender=Case, case=each.case, kind="documents", by=opening.by, public=False)
        cases_opened.send(sender=Case, cases=cases)
    return opened


Pairs = Sequence[tuple[Opening, Opened]]


def _cases(openings: Sequence[Opening]) -> tuple[list[Case], list[list[Deadline]]]:
    """The Vorgänge with the Fristen that begin with them."""
    versions = _newest_versions({opening.service for opening in openings})
    works_in = lru_cache(policy.works_in)  # asked once for each person and team
    numbers = [opening.number or reserve_number() for opening in openings]
    cases = [
        Case(
            public_id=number.public_id,
            service=opening.service,
            service_version=versions[opening.service.pk],
            unit=opening.unit,
            status_since=timezone.now(),
            subject=opening.subject[:500],
            received_at=opening.received_at,
            is_urgent=opening.is_urgent,
            handler=opening.handler if opening.handler and works_in(opening.handler, opening.unit.pk) else None,
            version=1,
        )
        for opening, number in zip(openings, numbers, strict=True)
    ]
    deadlines = [deadline_rows.at_opening(case) for case in cases]
    give_file_references(cases, [opening.file_reference for opening in openings])
    insert(cases)
    for case, rows in zip(cases, deadlines, strict=True):
        for deadline in rows:
            deadline.case = case  # again: now it has its key
    insert([deadline for rows in deadlines for deadline in rows])
    for number, case in zip(numbers, cases, strict=True):
        number.case = case
    rewrite(numbers, ["case"])
    return cases, deadlines


def _newest_versions(services: Collection[Service]) -> dict[int, ServiceVersion]:
    """The newest version of each Leistung by its id; what it says is read once per process: versions never change."""
    with connection.cursor() as cursor:
        cursor.execute(_NEWEST, [[service.pk for service in services]])
        found = {row[0]: _version(*row) for row in cursor.fetchall()}
    for service in services:
        if service.pk not in found:
            raise ValueError(f"Leistung {service.slug} has no loaded version")
    return found


@lru_cache(maxsize=200)
def _version(service_id: int, version_id: int, digest: str) -> ServiceVersion:
    return ServiceVersion.objects.get(pk=version_id, service=service_id, digest=digest)


def _add_people_and_data(pairs: Pairs, deadlines: Sequence[Sequence[Deadline]], ledger: Ledger) -> None:
    for opening, opened in pairs:
        for party in opening.parties:
            party.case = opened.case
        choose_post_recipient(opening.parties)
    data = [ApplicationData(case=o.case, data=opening.data) if opening.data else None for opening, o in pairs]
    insert([party for opening, _ in pairs for party in opening.parties])
    insert([row for row in data if row])
    for (opening, opened), application, fristen in zip(pairs, data, deadlines, strict=True):
        with acting(opening.by, "open_case", reason=opening.reason):
            ledger.created([opened.case, *opening.parties, *([application] if application else []), *fristen])


def _add_documents(pairs: Pairs, ledger: Ledger) -> None:
    for opening, opened in pairs:
        opened.documents = new_rows(opened.case, opening.documents, opening.received_at)
    insert([row for _, opened in pairs for row in opened.documents])
    files = {
        opened.case.pk: [
            file
            for row, new in zip(opened.documents, opening.documents, strict=True)
            for file in file_rows(opened.case, row, [], new, opening.received_at)
        ]
        for opening, opened in pairs
    }
    insert([file for rows in files.values() for file in rows])
    for opening, opened in pairs:
        with acting(opening.by, "add_documents"):
            ledger.created([*opened.documents, *files[opened.case.pk]])


def _add_references(pairs: Pairs, ledger: Ledger) -> None:
    rows: dict[int, list[ForeignReference]] = {}
    for opening, opened in pairs:
        found = {}
        for reference, holder in opening.references:
            row = foreign_reference(opened.case, reference, holder)
            if row.key:
                found.setdefault((row.key, row.holder), row)
        rows[opened.case.pk] = list(found.values())
    insert([row for each in rows.values() for row in each])
    for opening, opened in pairs:
        with acting(opening.by, "note_foreign_reference"):
            ledger.created(rows[opened.case.pk])


def foreign_reference(case: Case, reference: str, holder: str) -> ForeignReference:
    """The unsaved row for the reference under which ``holder`` keeps the matter."""
    key, holder = references.key(reference), holder[: references.HOLDER_LENGTH]
    return ForeignReference(case=case, reference=reference[: references.KEY_LENGTH], key=key, holder=holder)
