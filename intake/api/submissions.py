"""``POST /api/v1/submissions``: a portal hands over an application and gets its Vorgangs-ID at once."""

from __future__ import annotations

import json
import re

from django.http import HttpResponse
from rest_framework.request import Request

from intake import actions, channels
from intake.actions import Answer
from intake.api.base import ApiView, as_json, moment
from intake.api.problems import Problem, answer
from intake.api.uploads import Lingering, Upload, received
from intake.channels import portal
from intake.envelope import Envelope
from intake.models import ApiClient

_KEY = re.compile(r"[!-~]{1,255}")
RETRY = 1  # seconds after which an answer that is just being made can be asked for again


class Submissions(ApiView):
    """Applications of a portal. Whatever one holds, it is kept; only what cannot be read is refused."""

    kind = ApiClient.Kind.PORTAL

    def post(self, request: Request) -> HttpResponse:
        """Receive it once, however often it is sent with the same Idempotency-Key."""
        key = idempotency_key(request)
        with received(request._request) as upload:
            if upload.message:
                _require_scope(request.auth, upload.message)
            made = _once(request, key, upload)
        response = as_json(made.body, status=made.status, headers=made.headers)
        if made.status >= 400:
            response["Content-Type"] = "application/problem+json"
        return response

    def handle_exception(self, exc: Exception) -> HttpResponse:
        """Tell the problem so that the sender of a body that was not read sees it too."""
        return Lingering(super().handle_exception(exc), self.request._request)


def idempotency_key(request: Request) -> str:
    """The ``Idempotency-Key`` of a request; 400 when it is missing or not 1–255 visible ASCII characters."""
    key = request.headers.get("Idempotency-Key")
    if key is None:
        raise Problem("idempotency_key_missing")
    if not _KEY.fullmatch(key):
        raise Problem("idempotency_key_invalid")
    return key


def _once(request: Request, key: str, upload: Upload) -> Answer:
    def make() -> Answer:
        if upload.message is None:
            told = answer(upload.problem)
            return Answer(told.status_code, told.content.decode())
        return take(upload.message, client=request.auth, key=key)

    try:
        return actions.answer_once(client=request.auth, path=request.path, key=key, digest=upload.digest, make=make)
    except actions.KeyReused as error:
        raise Problem("idempotency_key_reused") from error
    except actions.StillRunning as error:
        raise Problem("still_running", retry_after=RETRY) from error


def take(message: portal.Message, *, client: ApiClient, key: str) -> Answer:
    """Receive the application; the answer of the contract."""
    envelope = Envelope(
        channel=portal.Portal.slug,
        external_id=f"{client.pk}:{key}",
        files=message.files,
        source=client.name,
        service=message.application.service,
        reply_channel=message.application.reply_channel,
    )
    submission = actions.receive(envelope, by=channels.actor(envelope.channel), client=client).submission
    case_id = submission.number.public_id
    body = {
        "submission_id": submission.pk,
        "case_id": case_id,
        "status": "eingegangen",
        "received_at": moment(submission.received_at),
    }
    return Answer(201, json.dumps(body), {"Location": f"/api/v1/cases/{case_id}"})


def _require_scope(client: ApiClient, message: portal.Message) -> None:
    if client.services and message.application.service not in client.services:
        raise Problem("service_not_allowed")
