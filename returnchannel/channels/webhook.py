"""The channel ``webhook``: a portal is told at once that something has changed, and fetches what by itself.

Signed by Standard Webhooks (standardwebhooks.com), the body a CloudEvent 1.0 in structured JSON. It names the Vorgang
and its state and holds nothing of a person. The same change has the same id however often it is sent.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from datetime import datetime

from django.utils import timezone

from returnchannel import calling
from returnchannel.channels import register
from returnchannel.channels.base import Channel, Outcome, Result
from returnchannel.models import Webhook, WebhookDelivery

EVENT = "de.laufmappe.case.changed"
SOURCE = "/api/v1/changes"
PREFIX = "whsec_"
GONE = 410


@register
class WebhookChannel(Channel[WebhookDelivery]):
    """Sends by HTTP POST."""

    slug = "webhook"
    label = "Webhook"
    is_written_form = False

    def send(self, item: WebhookDelivery) -> Outcome:
        """One attempt: 2xx is delivered, 410 ends the webhook, everything else failed."""
        content = body_of(item)
        try:
            status = calling.post(calling.parse(item.webhook.url), content, headers_of(item, content, timezone.now()))
        except calling.NotAllowed as refusal:
            return Outcome(Result.FAILED, error=str(refusal), is_away=True)
        except calling.Unreachable as trouble:
            return Outcome(Result.FAILED, error=str(trouble), is_away=True)
        return outcome_of(status)


def outcome_of(status: int) -> Outcome:
    """What an HTTP status means."""
    if 200 <= status < 300:
        return Outcome(Result.DELIVERED, status)
    if status == GONE:
        return Outcome(Result.ENDED, status, "Der Empfänger will nichts mehr (HTTP 410).")
    if 300 <= status < 400:
        sentence = f"Der Empfänger leitet weiter (HTTP {status}); dem wird nicht gefolgt. Bitte das Ziel eintragen."
        return Outcome(Result.FAILED, status, sentence)
    return Outcome(Result.FAILED, status, f"Der Empfänger hat mit HTTP {status} geantwortet.")


def body_of(delivery: WebhookDelivery) -> bytes:
    """The CloudEvent, always the same bytes for the same change."""
    change = delivery.change
    case_id = change.number.public_id
    event = {
        "specversion": "1.0",
        "id": str(delivery.event_id),
        "source": SOURCE,
        "type": EVENT,
        "subject": case_id,
        "time": timezone.localtime(change.at).isoformat(timespec="milliseconds"),
        "datacontenttype": "application/json",
        "data": {"case_id": case_id, "version": change.version, "status": change.status, "kind": change.kind},
    }
    return json.dumps(event, ensure_ascii=False, separators=(",", ":")).encode()


def headers_of(delivery: WebhookDelivery, content: bytes, at: datetime) -> dict[str, str]:
    """The headers of Standard Webhooks; while the secret is being changed, with a signature by each."""
    event_id, timestamp = str(delivery.event_id), str(int(at.timestamp()))
    signed = b".".join([event_id.encode(), timestamp.encode(), content])
    return {
        "Content-Type": "application/cloudevents+json; charset=utf-8",
        "User-Agent": "Laufmappe",
        "webhook-id": event_id,
        "webhook-timestamp": timestamp,
        "webhook-signature": " ".join(_signature(secret, signed) for secret in secrets_of(delivery.webhook, at)),
    }


def secrets_of(webhook: Webhook, at: datetime) -> list[str]:
    """The secrets that hold at this time, the new one first."""
    is_changing = webhook.previous_secret and webhook.previous_until and webhook.previous_until > at
    return [webhook.secret, webhook.previous_secret] if is_changing else [webhook.secret]


def _signature(secret: str, signed: bytes) -> str:
    key = base64.b64decode(secret.removeprefix(PREFIX))
    return f"v1,{base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()}"
