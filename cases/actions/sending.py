"""Letters become documents of the Vorgang and wait to be sent; who sends them says so, and when it counts as known."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date

from django.utils import timezone

from audit.acting import Actor
from cases import authority, blobs, composing, provision, standard_texts
from cases.actions import deadline_rows as rows
from cases.actions import following
from cases.actions.base import NotPossible, changing
from cases.actions.documents import NewDocument, NewFile, add_documents, register_blobs
from cases.deadlines import Computed, Event, known
from cases.letters import Letter, LetterError, LetterRefused, render
from cases.models import Case, Decision, Dispatch, Document, InformationRequest, Notice, Party
from cases.signals import letters_recalled

Method, State = Dispatch.Method, Dispatch.State
TO_POST = (Method.LETTER, Method.REGISTERED, Method.PZU)  # need a postal address
FICTION = (Method.LETTER, Method.REGISTERED)  # count as known some days after the dispatch; the others when delivered
WHERE_LETTERS_GO = (
    "Ein einfacher Brief wird im Portal bereitgestellt, wenn die antragstellende Person das so gewünscht hat; "
    "sonst geht er mit der Post."
)


def post_recipients(case: Case, method: Dispatch.Method = Method.LETTER) -> list[Party]:
    """Who receives the post of this Vorgang; NotPossible when that is nobody or an address is missing."""
    found = [party for party in case.parties.order_by("id") if party.receives_post]
    if not found:
        raise NotPossible("Niemand bekommt die Post dieses Vorgangs; bitte bei den Beteiligten jemanden bestimmen.")
    for party in found:
        if not party.name:
            raise NotPossible("Wer die Post bekommt, hat keinen Namen. Bitte bei den Beteiligten ergänzen.")
        if method in TO_POST and not composing.address_of(party).can_be_posted:
            raise NotPossible(f"{party}: Die Anschrift ist unvollständig. Bitte bei den Beteiligten ergänzen.")
    return found


def can_be_posted(case: Case) -> bool:
    """True when somebody receives the post of this Vorgang, and all who do have a name and a whole address."""
    found = case.parties.filter(receives_post=True)
    return bool(found) and all(party.name and composing.address_of(party).can_be_posted for party in found)


@contextmanager
def refusals() -> Iterator[None]:
    """A letter that must not exist, or cannot be set, is NotPossible, with the same sentence."""
    try:
        yield
    except (LetterRefused, LetterError) as error:
        raise NotPossible(str(error)) from error


def require_filled(*texts: str) -> None:
    """Raise NotPossible when a gap of a text block still stands in what is to be sent."""
    gaps = standard_texts.gaps(*texts)
    if gaps:
        raise NotPossible(f"Im Text steht noch ein Platzhalter: {', '.join(gaps)}. Bitte ausfüllen oder streichen.")


def prepare(
    case: Case,
    compose: Callable[[Party], Letter],
    *,
    of: InformationRequest | Notice | Decision,
    title: str,
    role: Document.Role,
    method: Dispatch.Method,
    by: Actor,
    is_reminder: bool = False,
) -> list[Dispatch]:
    """Store the letter to each recipient of the post as a document of its own, to be sent.

    To be called inside ``changing``. ``compose`` makes the letter to one of them.
    """
    made = []
    for party in post_recipients(case, method):
        with refusals():
            document = _file(case, compose(party), title=title, role=role, by=by)
        row = Dispatch(case=case, document=document, recipient=party, method=method, is_reminder=is_reminder)
        setattr(row, _link(of), of)
        row.save()
        made.append(row)
    return made


def mark_sent(*, dispatch: Dispatch, on: date, by: Actor, reason: str = "") -> Dispatch:
    """Say that a letter has left the house on this day; the Bekanntgabe is computed where the law presumes it."""
    today = timezone.localdate()
    if on > today:
        raise NotPossible("Das Datum liegt in der Zukunft; bitte eintragen, wann der Brief das Haus verlassen hat.")
    right = "send" if by.is_person else "report_sent"
    with changing(dispatch.case, by=by, action="mark_sent", kind="sent", reason=reason, permission=right) as case:
        row = locked(dispatch, case)
        if row.state != State.TO_SEND:
            raise NotPossible(f"Dieser Brief ist schon als „{row.get_state_display()}“ vermerkt.")
        if on < row.document.document_date:
            raise NotPossible(f"Der Brief ist vom {row.document.document_date:%d.%m.%Y}; er ging nicht früher ab.")
        asked = None if row.is_reminder else row.request
        if asked is not None and asked.state == InformationRequest.State.OPEN and on > asked.due_on:
            raise NotPossible(
                f"Die Frist in diesem Brief endete schon am {asked.due_on:%d.%m.%Y}; bitte die Nachforderung "
                "zurücknehmen und neu stellen."
            )
        if by.is_person:
            recall([row])
        row.state, row.sent_on, row.sent_by = State.SENT, on, by.user
        note_known(row)
        following.sent(row)
        row.save()
    return row


def record_delivery(*, dispatch: Dispatch, on: date, by: Actor, reason: str = "") -> Dispatch:
    """Say when a letter was really delivered: by its proof, or as it turned out."""
    with changing(dispatch.case, by=by, action="record_delivery", kind="sent", reason=reason) as case:
        row = locked(dispatch, case)
        if row.state != State.SENT or row.sent_on is None:
            raise NotPossible("Bitte zuerst eintragen, wann der Brief versandt wurde.")
        if row.method == Method.PORTAL:
            raise NotPossible("Wann dieses Schreiben abgerufen wird, weist das Portal selbst nach.")
        if not row.sent_on <= on <= timezone.localdate():
            raise NotPossible(f"Bitte einen Tag zwischen dem Versand ({row.sent_on:%d.%m.%Y}) und heute angeben.")
        row.delivered_on = on
        note_known(row)
        following.sent(row)
        row.save()
    return row


def withhold(*, dispatch: Dispatch, by: Actor, reason: str) -> Dispatch:
    """Say that a letter will not leave the house, for instance since its answer is there; the reason is required.

    A Bescheid that stands and an open Nachforderung are withdrawn themselves, and their letters with them. The Frist of
    a Mitteilung that nobody gets is no longer awaited.
    """
    if not reason.strip():
        raise NotPossible("Bitte einen Grund angeben.")
    with changing(
        dispatch.case, by=by, action="withhold_letter", kind="sent", reason=reason, permission="send"
    ) as case:
        row = locked(dispatch, case)
        if row.method == Method.PORTAL and row.state == State.SENT:
            raise NotPossible(
                "Dieses Schreiben ist im Portal schon zu sehen und lässt sich nicht zurückholen; bitte stattdessen "
                "eine neue Mitteilung schreiben."
            )
        if row.state != State.TO_SEND:
            raise NotPossible(f"Dieser Brief ist schon als „{row.get_state_display()}“ vermerkt.")
        if not can_be_withheld(row):
            raise NotPossible(
                "Dieser Brief gehört zu einer offenen Nachforderung oder einem Bescheid, der gilt; bitte diese "
                "zurücknehmen."
            )
        if recall([row]):
            raise NotPossible(
                "Die Druckstraße hat diesen Brief schon übernommen; bitte dort anrufen. Wird er doch nicht versandt, "
                "meldet sie es, und Sie können ihn dann zurückhalten."
            )
        row.state = State.CANCELLED
        row.save()
        if row.notice is not None and not row.notice.dispatches.exclude(state=State.CANCELLED).exists():
            following.notice_withheld(row.notice)
    return row


def can_be_withheld(row: Dispatch) -> bool:
    """True for an unsent letter that nothing else hangs on: what it is about is over, or it only tells something."""
    if row.state != State.TO_SEND or row.decision_id is not None:
        return False
    return row.request_id is None or row.is_reminder or row.request.state != InformationRequest.State.OPEN


def cancel_unsent(dispatches: Sequence[Dispatch]) -> None:
    """What has not left the house will not. To be called inside ``changing``.

    A letter that the print shop has taken over stays on its way: it is noted as sent when that is reported.
    """
    unsent = [row for row in dispatches if row.state == State.TO_SEND]
    gone = recall(unsent)
    for row in unsent:
        if row.pk not in gone:
            row.state = State.CANCELLED
            row.save()


def recall(dispatches: Sequence[Dispatch]) -> set[int]:
    """Call unsent letters back from the machines that send them; returns the ids of those that are out of reach."""
    if not dispatches:
        return set()
    answers = letters_recalled.send(sender=Dispatch, dispatches=list(dispatches))
    return {pk for _, out_of_reach in answers for pk in out_of_reach or ()}


def locked(dispatch: Dispatch, case: Case) -> Dispatch:
    """The Versand of this Vorgang, locked and freshly read. To be called inside ``changing``."""
    found = Dispatch.objects.select_for_update(of=("self",)).select_related(
        "document", "recipient", "request__deadline", "notice", "decision", "deadline"
    )
    row = found.get(pk=dispatch.pk, case=case)
    row.case = case
    for of in (row.request, row.notice):
        if of is not None:
            of.case = case
    return row


def note_known(row: Dispatch) -> None:
    """Compute the Bekanntgabe anew."""
    found = bekanntgabe(row)
    row.known_on, row.reasons = (found.on, list(found.reasons)) if found else (None, [])


def bekanntgabe(row: Dispatch) -> Computed | None:
    """When a sent letter counts as known, and why; None while a proof of delivery is awaited.

    § 41 II VwVfG, § 37 II SGB X, § 122 II AO; a proven one by its proof (§§ 3, 5 VwZG); one in the portal by the rule
    of its basis.
    """
    if row.method in FICTION:
        found = known(
            Event.POSTED,
            row.sent_on,
            regime=rows.regime_of(row.case),
            calendar=authority.calendar(),
            arrived=row.delivered_on,
        )
        return Computed(found.on, found.reasons)
    if row.method == Method.PORTAL:
        return provision.bekanntgabe(row)
    if row.delivered_on is None:
        return None
    return Computed(
        row.delivered_on, (f"{row.get_method_display()}: zugestellt am {row.delivered_on:%d.%m.%Y} (VwZG).",)
    )


def _link(of: InformationRequest | Notice | Decision) -> str:
    return {InformationRequest: "request", Notice: "notice", Decision: "decision"}[type(of)]


def _file(case: Case, letter: Letter, *, title: str, role: Document.Role, by: Actor) -> Document:
    sha256, size = blobs.write(io.BytesIO(render(letter)))
    register_blobs([(sha256, size)])
    new = NewDocument(files=[NewFile(sha256, f"{title}.pdf")], role=role, title=title, document_date=letter.date)
    return add_documents(case=case, documents=[new], received_at=timezone.now(), by=by)[0]
