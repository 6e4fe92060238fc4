"""The outbox: what the citizen is to see is written in the transaction of what has happened."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Max
from django.utils import timezone

from audit import versions
from audit.acting import SYSTEM, acting
from cases.models import Case, CaseNumber, Dispatch
from intake.models import Submission
from returnchannel.actions import feed
from returnchannel.models import OutboundMessage, PublicChange

Kind = PublicChange.Kind
OF_EVENT = {"information_request": Kind.INFORMATION_REQUEST, "decision": Kind.DECISION, "notice": Kind.NOTICE}
"""Which kind of change the kinds of a ``case_event`` are; all others are the status."""


@dataclass(frozen=True)
class Owner:
    """Under which id a Vorgang is told of, and to which portal (ids; the portal is None for what came otherwise)."""

    number_id: int
    client_id: int | None


def acknowledge(submission: Submission) -> None:
    """A portal has handed an application over: the first step under its Vorgangs-ID, and the receipt."""
    owner = Owner(submission.number_id, submission.client_id)
    feed.write([_change(owner, version=0, kind=Kind.RECEIPT, status=Case.Status.RECEIVED)])
    receipt = OutboundMessage.Kind.RECEIPT
    _keep(OutboundMessage(number_id=owner.number_id, n=1, kind=receipt, at=timezone.now(), title=receipt.label))


def tell_opened(cases: Sequence[Case]) -> None:
    """Vorgänge have been opened: each shows its first state."""
    owners = _owners(cases)
    feed.write([_change(owners[c.public_id], version=c.version, kind=Kind.STATUS, status=c.status) for c in cases])


def tell(case: Case, *, kind: str) -> None:
    """A public change of a Vorgang (``kind`` of its ``case_event``), with the letters that belong to it."""
    owner = _owners([case])[case.public_id]
    change_kind = OF_EVENT.get(kind, Kind.STATUS)
    feed.write([_change(owner, version=case.version, kind=change_kind, status=case.status)])
    if change_kind != Kind.STATUS:
        _keep_letters(case, owner, OutboundMessage.Kind(change_kind.value))
    if change_kind == Kind.DECISION:
        _keep_reported(case, owner)


def _keep_letters(case: Case, owner: Owner, kind: OutboundMessage.Kind) -> None:
    """Each new letter is a message; to several recipients it is one, with the document of the first."""
    new = Dispatch.objects.filter(case=case, outbound_messages=None).exclude(state=Dispatch.State.CANCELLED)
    letters: dict[tuple[int | bool | None, ...], list[Dispatch]] = {}
    for row in new.select_related("document", "request", "notice").order_by("pk"):
        letters.setdefault((row.request_id, row.notice_id, row.decision_id, row.is_reminder), []).append(row)
    last = OutboundMessage.objects.filter(number=owner.number_id).aggregate(last=Max("n"))["last"] or 0
    for n, rows in enumerate(letters.values(), start=last + 1):
        source, document = rows[0].request or rows[0].notice, rows[0].document
        message = OutboundMessage(
            number_id=owner.number_id,
            case=case,
            n=n,
            kind=kind,
            at=timezone.now(),
            title=document.title[:300],
            text=source.text if source else "",
            document=document,
        )
        _keep(message)
        message.dispatches.set(rows)


def _keep_reported(case: Case, owner: Owner) -> None:
    """A decision of the Fachverfahren is a message, with its Bescheid where it was reported with one."""
    for reported in case.reported_decisions.filter(outbound_message=None).select_related("document"):
        last = OutboundMessage.objects.filter(number=owner.number_id).aggregate(last=Max("n"))["last"] or 0
        message = OutboundMessage(
            number_id=owner.number_id,
            case=case,
            n=last + 1,
            kind=OutboundMessage.Kind.DECISION,
            at=timezone.now(),
            title="Bescheid",
            text="Über Ihren Antrag wurde entschieden. Maßgeblich ist der Bescheid.",
            document=reported.document,
            reported=reported,
        )
        _keep(message)


def _keep(message: OutboundMessage) -> None:
    with acting(SYSTEM, "write_outbound_message"):
        message.save()
        versions.record_created([message])


def _owners(cases: Sequence[Case]) -> dict[str, Owner]:
    """By Vorgangs-ID (one query)."""
    numbers = CaseNumber.objects.filter(public_id__in=[case.public_id for case in cases])
    rows = numbers.values_list("public_id", "pk", "submission__client_id")
    return {public_id: Owner(pk, client_id) for public_id, pk, client_id in rows}


def _change(owner: Owner, *, version: int, kind: PublicChange.Kind, status: str) -> PublicChange:
    return PublicChange(
        number_id=owner.number_id,
        client_id=owner.client_id,
        version=version,
        kind=kind,
        status=status,
        at=timezone.now(),
    )
