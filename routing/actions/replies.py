"""What follows from what a portal sends to a Vorgang: an answer, a Rücknahme; and what had to wait goes on."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils import timezone
from django_q.tasks import async_task

from audit import versions
from audit.acting import SYSTEM, Actor, acting
from cases.actions import note_arrival, withdraw
from cases.models import Case, CaseNumber, Document
from intake import actions as intake
from intake.models import Reply, Submission
from routing import replies
from routing.duplicates import Earlier
from routing.models import ExceptionEntry


def settled(reply: Reply) -> Reply:
    """The reply with its Vorgangs-ID as it is now: locked, so that an application cannot be filed meanwhile unseen."""
    reply.about = CaseNumber.objects.select_for_update(no_key=True).get(pk=reply.about_id)
    if reply.about.case_id is not None:
        cases = Case.objects.select_for_update(no_key=True, of=("self",)).select_related("service", "unit")
        reply.about.case = cases.get(pk=reply.about.case_id)
    return reply


def earlier_withdrawal(submission: Submission, reply: Reply) -> Earlier | None:
    """The Rücknahme by which the Vorgang has ended already: the same again is a repetition, and nobody has to look."""
    case = reply.about.case
    if reply.kind != Reply.Kind.WITHDRAWAL or case is None or case.outcome != Case.Outcome.WITHDRAWN:
        return None
    same = Submission.objects.filter(reply__kind=reply.kind, reply__about=reply.about, client=submission.client)
    same = same.filter(case=case, state=Submission.State.FILED).exclude(pk=submission.pk)
    first = same.order_by("pk").first()
    return Earlier(first, "Der Antrag war schon zurückgenommen.") if first else None


def follow(submission: Submission, case: Case, documents: dict[int, Document], *, by: Actor) -> None:
    """What a filed reply means for its Vorgang; ``documents`` by the number of the attachment.

    A Rücknahme ends it when the portal's word goes through by itself; where a person files it, that person closes.
    """
    reply = replies.of(submission)
    if reply is None:
        return
    if reply.kind == Reply.Kind.WITHDRAWAL:
        if not by.is_person:
            withdraw(case=case, by=by)
        return
    on = timezone.localdate(submission.received_at)
    request = replies.request_of(reply, case)
    note_arrival(case=case, on=on, by=by, request=request, items=replies.items_of(reply, documents))


def go_on(filed: Iterable[Submission]) -> None:
    """Applications have got their Vorgang (or are duplicates of others): replies that waited for that go on."""
    numbers = [submission.number_id for submission in filed if submission.client_id is not None]
    if not numbers:
        return
    entries = ExceptionEntry.objects.filter(
        reason=replies.WAITS, resolved_at=None, submission__reply__about__in=numbers
    ).order_by("submission_id")
    waiting = list(entries.values_list("submission_id", flat=True))
    if not waiting:
        return
    rows = Submission.objects.select_for_update(no_key=True, of=("self",)).filter(pk__in=waiting).order_by("pk")
    for submission in rows.filter(state=Submission.State.EXCEPTION):
        intake.resume(submission, by=SYSTEM, reason="Der Antrag hat jetzt seinen Vorgang.")
    for entry in entries.select_for_update(no_key=True, of=("self",)):
        before = versions.snapshot(entry)
        entry.resolution, entry.resolved_at = ExceptionEntry.Resolution.RESUMED, timezone.now()
        entry.claimed_by = entry.claimed_at = entry.parked_until = None
        with acting(SYSTEM, "resolve_resumed"):
            entry.save()
            versions.record_changed(entry, before)
    async_task("routing.tasks.process_due")
