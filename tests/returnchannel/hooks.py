"""What tests of webhooks do again and again."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import time_machine
from django.utils import timezone
from standardwebhooks.webhooks import WebhookVerificationError

from audit.acting import SYSTEM
from cases.actions import reserve_number
from cases.models import CaseNumber
from intake.models import ApiClient
from returnchannel.actions import feed, webhooks
from returnchannel.models import PublicChange, WebhookDelivery


def hook(client: ApiClient, url: str, name: str = "eins", **values: Any) -> webhooks.Kept:
    """A webhook of a portal, and its secret."""
    return webhooks.keep_webhook(client=client, name=name, url=url, by=SYSTEM, **({"kinds": []} | values))


def changed(client: ApiClient, times: int = 1, number: CaseNumber | None = None, start: int = 0) -> CaseNumber:
    """So many steps under a Vorgangs-ID."""
    number = number or reserve_number()
    at = timezone.now()
    versions = range(start, start + times)
    feed.write(
        [
            PublicChange(number=number, client=client, version=n, kind="status", status="in_pruefung", at=at)
            for n in versions
        ]
    )
    return number


def later(**passed: float) -> Any:
    """Some time after now, and the clock goes on."""
    return time_machine.travel(timezone.now() + timedelta(**passed), tick=True)


def states() -> list[str]:
    """The state of each delivery."""
    return list(WebhookDelivery.objects.order_by("id").values_list("state", flat=True))


def is_by(got: Any, secret: str | None) -> bool:
    """True when it was signed with this secret."""
    try:
        return bool(got.verified(secret))
    except WebhookVerificationError:
        return False
