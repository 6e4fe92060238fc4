"""``POST /api/v1/cases/{case_id}/responses`` and ``…/withdrawal``: what a portal sends to what it handed over.

Each is an Eingang like any other: bytes first, then the pipeline. What becomes of it is decided there; here only what
cannot be meant is refused, and nothing is told of a Vorgang that is not the client's own.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from django.http import HttpResponse
from rest_framework.request import Request

from cases.models import Case, InformationRequest
from intake import actions, channels
from intake.actions import Answer, NewReply
from intake.api.base import moment
from intake.api.handing import HandingOver, as_answer, idempotency_key
from intake.api.problems import Problem
from intake.api.submissions import require_scope
from intake.channels import portal
from intake.envelope import Envelope
from intake.findings import Finding
from intake.models import ApiClient, Reply, Submission
from intake.standards import replies as standard
from intake.standards.layout import RESPONSE, WITHDRAWAL
from returnchannel import selectors
from returnchannel.api.messages import submission_or_404


class Responses(HandingOver):
    """Answers to a Nachforderung. An answer that nobody awaits is received too; a person looks at it."""

    kind = ApiClient.Kind.PORTAL
    form = portal.Form(RESPONSE, standard.read_response, parts=("submission", "response"))

    def post(self, request: Request, case_id: str) -> HttpResponse:
        """Receive it once, however often it is sent with the same Idempotency-Key."""
        key = idempotency_key(request)
        submission = submission_or_404(request, case_id)
        require_scope(request.auth, submission.service)

        def take(message: portal.Message) -> Answer:
            try:
                reply = _answering(request.auth, submission, message)
            except Problem as problem:  # it stems from the content
                return as_answer(problem)
            return _receive(message, reply, client=request.auth, key=key)

        with self.body_of(request) as upload:
            return self.once(request, key, upload, take)


class Withdrawals(HandingOver):
    """The Rücknahme of an application. It ends the Vorgang when it is processed, unless that is decided before."""

    kind = ApiClient.Kind.PORTAL
    form = portal.Form(WITHDRAWAL, standard.read_withdrawal, parts=())

    def post(self, request: Request, case_id: str) -> HttpResponse:
        """Receive it once; 409 for what is decided already, for as long as it is."""
        key = idempotency_key(request)
        submission = submission_or_404(request, case_id)
        require_scope(request.auth, submission.service)

        def take(message: portal.Message) -> Answer:
            case = selectors.answered_case(request.auth, submission)
            if case is not None and not case.is_open:
                raise Problem("already_decided", detail=_too_late(case))
            reply = NewReply(Reply.Kind.WITHDRAWAL, submission.number)
            return _receive(message, reply, client=request.auth, key=key)

        with self.body_of(request) as upload:
            return self.once(request, key, upload, take)


def _too_late(case: Case) -> str:
    if case.outcome == Case.Outcome.WITHDRAWN:
        return "Der Antrag ist schon zurückgenommen; es ist nichts weiter zu tun."
    return (
        "Der Vorgang ist schon entschieden, der Antrag lässt sich nicht mehr zurücknehmen. Bitte bei Fragen die "
        "Behörde unter der Vorgangs-ID ansprechen."
    )


def _answering(client: ApiClient, submission: Submission, message: portal.Message) -> NewReply:
    """To what the answer belongs; a Problem for what cannot be meant."""
    said: standard.Response = message.said
    if not (said.items or said.text or len(message.files) > 1):
        sentence = "Die Antwort ist leer: Es fehlen Punkte, Text oder Anlagen."
        raise Problem("invalid_body", errors=[Finding("missing", sentence, path="/items")], detail=sentence)
    case = selectors.answered_case(client, submission)
    request = _request(case, said.information_request)
    items, errors = [], []
    keys = None if request is None else set(request.items.values_list("key", flat=True))
    for index, item in enumerate(said.items):
        numbers = _numbers(item.attachment, message)
        errors += _wrong(index, item, numbers, keys)
        items += [{"key": item.key, "attachment": number} for number in numbers]
    if errors:
        raise Problem("invalid_body", errors=errors, detail=errors[0].message if len(errors) == 1 else "")
    return NewReply(Reply.Kind.RESPONSE, submission.number, request, items)


def _request(case: Case | None, said: int | None) -> InformationRequest | None:
    """The Nachforderung with the number that the status names (404 for none); unnamed, the only one that is open."""
    if said is not None:
        found = case.information_requests.filter(number=said).first() if case else None
        if found is None:
            raise Problem("not_found", detail="Diese Nachforderung gibt es bei diesem Vorgang nicht.")
        return found
    still_open = list(case.information_requests.filter(state=InformationRequest.State.OPEN)[:2]) if case else []
    return still_open[0] if len(still_open) == 1 else None


def _numbers(attachment: int | str, message: portal.Message) -> list[int]:
    """The attachments (from 1 on) that an index or the name of a file part means; none when it means nothing."""
    if isinstance(attachment, str):
        return message.numbers.get(attachment, [])
    return [attachment + 1] if 0 <= attachment < len(message.files) - 1 else []


def _wrong(index: int, item: standard.Answered, numbers: list[int], keys: set[str] | None) -> Iterator[Finding]:
    if keys is not None and item.key not in keys:
        sentence = "Diesen Punkt hat die Nachforderung nicht; bitte „key“ unverändert aus ihr übernehmen."
        yield Finding("unknown_item", sentence, path=f"/items/{index}/key")
    if not numbers:
        sentence = (
            "Diese Anlage gibt es nicht: Erwartet wird ein Index in „attachments“ (ab 0) oder der Name des Teils."
        )
        yield Finding("unknown_attachment", sentence, path=f"/items/{index}/attachment")


def _receive(message: portal.Message, reply: NewReply, *, client: ApiClient, key: str) -> Answer:
    """Receive it; the answer of the contract."""
    public_id = reply.about.public_id
    envelope = Envelope(
        channel=portal.Portal.slug,
        external_id=f"{client.pk}:{key} {public_id} {reply.kind.value}",  # no key has a space in it
        files=message.files,
        source=client.name,
    )
    by = channels.actor(envelope.channel)
    submission = actions.receive(envelope, by=by, client=client, reply=reply).submission
    body: dict[str, Any] = {
        "submission_id": submission.pk,
        "case_id": public_id,
        "received_at": moment(submission.received_at),
    }
    return Answer(201, json.dumps(body), {"Location": f"/api/v1/cases/{public_id}"})
