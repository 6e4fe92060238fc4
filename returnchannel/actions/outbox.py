"""The outbox: what the citizen is to see is written in the transaction of what has happened."""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import Max
from django.utils import timezone

from audit import versions
from audit.acting import SYSTEM, acting
from cases.models import Case, CaseNumber, Dispatch
from intake.models import Submission
from returnchannel import naming, receipts, ways
from returnchannel.actions import feed, sending
from returnchannel.models import OutboundMessage, PublicChange

Kind = PublicChange.Kind
OF_EVENT = {"information_request": Kind.INFORMATION_REQUEST, "decision": Kind.DECISION, "notice": Kind.NOTICE}
"""Which kind of change the kinds of a ``case_event`` are; all others are the status."""


def acknowledge(submission: Submission) -> None:
    """A portal has handed an application over: the first step under its Vorgangs-ID, and the receipt."""
    number_id, now = submission.number_id, timezone.now()
    receipt = PublicChange(
        number_id=number_id,
        client_id=submission.client_id,
        version=0,
        kind=Kind.RECEIPT,
        status=Case.Status.RECEIVED,
        at=now,
    )
    feed.write([receipt])
    told = receipts.sentence_of(submission.number.public_id)
    named = naming.names(submission.number.public_id, told)
    title = Kind.RECEIPT.label
    _keep(OutboundMessage(number_id=number_id, n=1, kind=Kind.RECEIPT.value, at=now, title=title, names_case_id=named))


def tell_opened(cases: Sequence[Case]) -> None:
    """Vorgänge have been opened: each shows its first state."""
    feed.tell(cases, Kind.STATUS)


def tell(case: Case, *, kind: str) -> None:
    """A public change of a Vorgang (``kind`` of its ``case_event``), with the letters that belong to it."""
    change_kind = OF_EVENT.get(kind, Kind.STATUS)
    is_over = change_kind == Kind.INFORMATION_REQUEST and case.status != Case.Status.INFORMATION_REQUESTED
    feed.tell([case], Kind.STATUS if is_over else change_kind)
    if change_kind != Kind.STATUS:
        _keep_letters(case, OutboundMessage.Kind(change_kind.value))
    if change_kind == Kind.DECISION:
        _keep_reported(case)


def _keep_letters(case: Case, kind: OutboundMessage.Kind) -> None:
    """Each new letter is a message; to several recipients it is one, with the document to who uses the portal."""
    new = Dispatch.objects.filter(case=case, outbound_messages=None).exclude(state=Dispatch.State.CANCELLED)
    letters: dict[tuple[int | bool | None, ...], list[Dispatch]] = {}
    for row in new.select_related("document", "recipient", "request", "notice").order_by("pk"):
        row.case = case
        letters.setdefault((row.request_id, row.notice_id, row.decision_id, row.is_reminder), []).append(row)
    if not letters:
        return
    number = CaseNumber.objects.get(public_id=case.public_id)
    choice = ways.Choice.of(case)
    for n, rows in enumerate(letters.values(), start=_last(number) + 1):
        rows.sort(key=lambda row: choice.basis_for(row) is None)  # the portal shows the one to who uses it
        source, document = rows[0].request or rows[0].notice, rows[0].document
        message = OutboundMessage(
            number=number,
            case=case,
            n=n,
            kind=kind,
            at=timezone.now(),
            title=document.title[:300],
            text=source.text if source else "",
            document=document,
            names_case_id=all(naming.letter_names(case.public_id, row.document) for row in rows),
        )
        _keep(message)
        message.dispatches.set(rows)
        sending.plan(message, rows, choice)


def _keep_reported(case: Case) -> None:
    """A decision of the Fachverfahren is a message, with its Bescheid where it was reported with one."""
    for reported in case.reported_decisions.filter(outbound_message=None).select_related("document"):
        number = CaseNumber.objects.get(public_id=case.public_id)
        text = f"Über Ihren Antrag mit der Vorgangs-ID {case.public_id} wurde entschieden. Maßgeblich ist der Bescheid."
        message = OutboundMessage(
            number=number,
            case=case,
            n=_last(number) + 1,
            kind=OutboundMessage.Kind.DECISION,
            at=timezone.now(),
            title="Bescheid",
            text=text,
            document=reported.document,
            reported=reported,
            names_case_id=naming.names(case.public_id, text),
        )
        _keep(message)


def _last(number: CaseNumber) -> int:
    """The number of the last message under a Vorgangs-ID; 0 before the first."""
    return OutboundMessage.objects.filter(number=number).aggregate(last=Max("n"))["last"] or 0


def _keep(message: OutboundMessage) -> None:
    with acting(SYSTEM, "write_outbound_message"):
        message.save()
        versions.record_created([message])
