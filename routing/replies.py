"""What a portal sends to a Vorgang that is there: where it belongs, and when a person has to look.

The Vorgangs-ID that it was sent to counts, not what it says: it goes into the Vorgang of that id, when this client
has handed that one over itself. An alias leads on only where the client has the id of the Vorgang as well.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.utils import timezone

from cases.actions.requests import awaited
from cases.models import Case, Document, InformationRequest, OrgUnit
from intake.facts import DocumentFacts, Facts
from intake.findings import Finding
from intake.models import ApiClient, Reply, Submission
from intake.standards.portal import number_of
from routing.duplicates import Earlier
from routing.models import ExceptionEntry
from routing.verdict import Hold, Repeat
from routing.verdict import Reply as Into

SUBJECTS = {Reply.Kind.RESPONSE: "Antwort zur Nachforderung", Reply.Kind.WITHDRAWAL: "Rücknahme des Antrags"}
WAITS = "awaits_application"
"""The reason of a reply to an application that is not filed yet; it goes on by itself when that is."""


@dataclass(frozen=True)
class Place:
    """Where a reply belongs: its Vorgang (None: to none that the machine may choose), or why a person has to look."""

    case: Case | None
    reason: str = ""
    unit: OrgUnit | None = None


def of(submission: Submission) -> Reply | None:
    """To what an Eingang was sent; None for all that was not sent to a Vorgang."""
    return getattr(submission, "reply", None)


def owned(client: ApiClient, case: Case | None) -> bool:
    """True for a Vorgang whose own Vorgangs-ID this client was given."""
    return case is not None and Submission.objects.filter(client=client, number__public_id=case.public_id).exists()


def named_by(facts: Facts, reply: Reply) -> Facts:
    """The Facts of a reply with what is known of where it was sent: Vorgangs-ID, Leistung, what each document is."""
    titles = dict(reply.request.items.values_list("key", "title")) if reply.request else {}
    said: dict[int, list[str]] = {}
    for item in reply.items:
        if item["key"] in titles and titles[item["key"]] not in said.setdefault(item["attachment"], []):
            said[item["attachment"]].append(titles[item["key"]])
    number = f" {reply.request.number}" if reply.request else ""
    subject = SUBJECTS[Reply.Kind(reply.kind)] + number
    documents = [_described(document, said.get(number_of(document.files[0].name), [])) for document in facts.documents]
    return replace(facts, case_id=reply.about.public_id, subject=subject, documents=documents)


def _described(document: DocumentFacts, titles: Sequence[str]) -> DocumentFacts:
    return replace(document, title=", ".join(titles), role=Document.Role.PROOF.value) if titles else document


def judge(
    submission: Submission,
    reply: Reply,
    findings: Iterable[Finding],
    *,
    earlier: Earlier | None = None,
    accepted: Collection[str] = (),
) -> Hold | Repeat | Into:
    """Decide on a reply: first what blocks, then whether it was here before, then where it belongs.

    ``accepted`` are reason codes that a person has looked at and passed.
    """
    blocking = next((finding for finding in findings if finding.is_blocking), None)
    if blocking:
        return Hold(blocking.code)
    if earlier and earlier.is_same:
        return Repeat(earlier.submission, earlier.why)
    place = place_of(submission, reply, accepted)
    why = f"Das Portal hat es zur Vorgangs-ID {reply.about.public_id} gesandt."
    if place.case is not None and not place.reason:
        return Into(place.case, why)
    details: dict[str, Any] = {}
    if place.case is not None:
        details = {"candidates": [{"case_id": place.case.public_id, "why": why}]}
    return Hold(place.reason, details, place.unit)


def place_of(submission: Submission, reply: Reply, accepted: Collection[str]) -> Place:
    """Where a reply belongs as things are now. ``accepted``: reasons that a person has looked at and passed."""
    case = reply.about.case
    if case is None:
        entry = ExceptionEntry.objects.filter(submission__number=reply.about, resolved_at=None).first()
        return Place(None, WAITS, entry.unit if entry else None)
    if not owned(submission.client, case):
        return Place(None, "reply_elsewhere")
    if not case.is_open:
        return Place(case, "case_decided", case.unit)
    if reply.kind == Reply.Kind.WITHDRAWAL:
        return Place(case, "" if case.public_id == reply.about.public_id else "withdrawal_of_part", case.unit)
    if "answer_unasked" in accepted or _is_awaited(case, reply, submission):
        return Place(case)
    return Place(case, "answer_unasked", case.unit)


def _is_awaited(case: Case, reply: Reply, submission: Submission) -> bool:
    requests = case.information_requests.select_related("deadline")
    if reply.request_id is not None:
        requests = requests.filter(pk=reply.request_id)
    on = timezone.localdate(submission.received_at)
    return any(awaited(request, on) for request in requests)


def items_of(reply: Reply, documents: dict[int, Document]) -> dict[str, list[Document]]:
    """By key of the item what came to it; ``documents`` by the number of the attachment."""
    found: dict[str, list[Document]] = {}
    for item in reply.items:
        if item["attachment"] in documents:
            found.setdefault(item["key"], []).append(documents[item["attachment"]])
    return found


def request_of(reply: Reply, case: Case) -> InformationRequest | None:
    """The Nachforderung that a reply names, in the Vorgang that it is filed into."""
    return reply.request if reply.request and reply.request.case_id == case.pk else None
