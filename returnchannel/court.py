"""Reading what goes between a Vorgang and courts: what they ask for, to whom may be written, what can be sent."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Exists, OuterRef, QuerySet
from django.db.models.functions import JSONObject
from django.utils import timezone

from cases import presenting
from cases.models import Case, Document, DocumentFile, User
from intake.facts import EebReceipt, Facts
from intake.models import Submission
from returnchannel.models import CourtMessage

LATE = timedelta(days=7)
"""An Empfangsbekenntnis that is asked for and not given for so long since it was stored is reported."""
NO_RECEIPT = timedelta(days=1)
"""How long the receipt of the EGVP client may take."""
_STANDARD = "xjustiz"
_SAID = ("message_type", "sender", "foreign_reference", "eeb_required", "eeb", "documents")
_SHOWN = {
    name: name
    for name in (
        "id", "submission_id", "kind", "state", "recipient_name", "known_on", "failure_code", "given_at", "sent_at",
        "delivered_at", "carrier_id", "error", "answer_id",
    )
} | {name: f"given_by__{name}" for name in ("username", "first_name", "last_name")}  # fmt: skip


@dataclass(frozen=True)
class Demand:
    """A message that asks for an Empfangsbekenntnis or is one, as it is shown."""

    submission: Submission
    sender: str
    reference: str
    arrived: datetime
    documents: list[str]
    answer: EebReceipt | None


@dataclass(frozen=True)
class Overview:
    """What goes between a Vorgang and courts.

    ``demands``: Empfangsbekenntnisse that are asked for and not given; ``reachable``: Eingänge whose senders can be
    written to, newest first; ``messages``: what was given to be sent, newest first; ``unmatched``: returned
    Empfangsbekenntnisse that belong to no message of ours.
    """

    demands: list[Demand]
    reachable: list[Submission]
    messages: list[CourtMessage]
    unmatched: list[Demand]


def demanding() -> QuerySet[Submission]:
    """The filed Eingänge that ask for an Empfangsbekenntnis and have got no answer."""
    answers = CourtMessage.objects.filter(submission=OuterRef("pk"), kind__in=CourtMessage.RECEIPTS)
    rows = Submission.objects.filter(state=Submission.State.FILED, facts__eeb_required=True)
    return rows.filter(~Exists(answers)).order_by("received_at", "id")


def mail() -> ArraySubquery:
    """What courts and lawyers have written in a Vorgang, newest first, for its query."""
    shown = {"id": "id", "state": "state", "received_at": "received_at"} | {key: f"facts__{key}" for key in _SAID}
    rows = Submission.objects.filter(case=OuterRef("pk"), facts__standard=_STANDARD)
    return ArraySubquery(rows.order_by("-received_at", "-id").values(found=JSONObject(**shown)))


def given() -> ArraySubquery:
    """What was given to be sent to them, newest first, for the query of a Vorgang."""
    rows = CourtMessage.objects.filter(case=OuterRef("pk"))
    return ArraySubquery(rows.order_by("-pk").values(found=JSONObject(**_SHOWN)))


def overview(case: Case) -> Overview | None:
    """All of it for a Vorgang; None where no court or lawyer has written.

    No query where the Vorgang has been read with its marks (``court_mail``, ``court_given``), else one.
    """
    if not hasattr(case, "court_mail"):
        case = Case.objects.annotate(court_mail=mail(), court_given=given()).get(pk=case.pk)
    rows = [_arrived(values) for values in case.court_mail]
    if not rows:
        return None
    messages = [_message(values) for values in case.court_given]
    answered = {each.submission_id for each in messages if each.kind in CourtMessage.RECEIPTS}
    matched = {each.answer_id for each in messages}
    return Overview(
        demands=[demand_of(row) for row in reversed(rows) if is_demanding(row) and row.pk not in answered],
        reachable=[row for row in rows if can_be_answered(row)],
        messages=messages,
        unmatched=[demand_of(row) for row in rows if is_returned(row) and row.pk not in matched],
    )


def _arrived(values: dict[str, Any]) -> Submission:
    """An Eingang as ``mail`` found it, with what of its Facts is looked at here."""
    facts = {key: values.pop(key) for key in _SAID}
    at = Submission._meta.get_field("received_at").to_python(values.pop("received_at"))
    return Submission(**values, received_at=at, facts={key: value for key, value in facts.items() if value is not None})


def _message(values: dict[str, Any]) -> CourtMessage:
    """A message as ``given`` found it."""
    names = ("username", "first_name", "last_name")
    person = User(**{name: values[name] for name in names})
    meta = CourtMessage._meta
    fields = {name: meta.get_field(name).to_python(value) for name, value in values.items() if name not in names}
    return CourtMessage(**fields, given_by=person)


def is_returned(submission: Submission) -> bool:
    """Whether the message is an Empfangsbekenntnis that was returned to us."""
    return submission.facts.get("message_type") == "2200007"


def is_demanding(submission: Submission) -> bool:
    """Whether the message asks for an Empfangsbekenntnis."""
    return submission.state == Submission.State.FILED and bool(submission.facts.get("eeb_required"))


def can_be_answered(submission: Submission) -> bool:
    """Whether the mailbox of the sender is known."""
    return bool(submission.facts.get("sender", {}).get("safe_id"))


def demand_of(submission: Submission) -> Demand:
    """What a demanding message asks for."""
    facts = Facts.from_json(submission.facts)
    asked = [each.title or each.name for each in facts.documents if each.eeb_required]
    return Demand(submission, name_of(facts), facts.foreign_reference, submission.received_at, asked, facts.eeb)


def name_of(facts: Facts) -> str:
    """Who has written, as people call them."""
    return facts.sender.name or facts.sender.code or "unbekannter Absender"


def sendable(case: Case) -> list[tuple[Document, DocumentFile]]:
    """The documents that may go out, each with the PDF that goes: clean, and not held back (one query)."""
    return [(each, file) for each, file in presenting.shown_beside(case) if file.file_name.lower().endswith(".pdf")]


def chosen(case: Case, numbers: Sequence[int]) -> list[tuple[Document, DocumentFile]]:
    """Those of them with these numbers, in this order."""
    known = {document.number: (document, file) for document, file in sendable(case)}
    return [known[number] for number in numbers if number in known]


def earliest(submission: Submission) -> date:
    """The first day on which anybody can have known of it."""
    return timezone.localdate(submission.received_at)
