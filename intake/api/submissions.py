"""``POST /api/v1/submissions``: a portal hands over an application and gets its Vorgangs-ID at once."""

from __future__ import annotations

import json

from django.http import HttpResponse
from rest_framework.request import Request

from intake import actions, channels
from intake.actions import Answer
from intake.api.base import moment
from intake.api.handing import HandingOver, idempotency_key
from intake.api.problems import Problem
from intake.channels import portal
from intake.envelope import Envelope
from intake.models import ApiClient


class Submissions(HandingOver):
    """Applications of a portal. Whatever one holds, it is kept; only what cannot be read is refused."""

    kind = ApiClient.Kind.PORTAL

    def post(self, request: Request) -> HttpResponse:
        """Receive it once, however often it is sent with the same Idempotency-Key."""
        key = idempotency_key(request)
        with self.body_of(request) as upload:
            if upload.message:
                require_scope(request.auth, upload.message.said.service)
            return self.once(request, key, upload, lambda message: take(message, client=request.auth, key=key))


def take(message: portal.Message, *, client: ApiClient, key: str) -> Answer:
    """Receive the application; the answer of the contract."""
    envelope = Envelope(
        channel=portal.Portal.slug,
        external_id=f"{client.pk}:{key}",
        files=message.files,
        source=client.name,
        service=message.said.service,
        reply_channel=message.said.reply_channel,
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


def require_scope(client: ApiClient, service: str) -> None:
    """403 for a Leistung that this client may not use."""
    if client.services and service not in client.services:
        raise Problem("service_not_allowed")
