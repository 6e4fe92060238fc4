"""What a portal sets for its webhooks, and what a person does with deliveries that failed for good."""

from __future__ import annotations

import base64
import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone

from audit.acting import Actor, acting
from cases import policy
from cases.models import Role
from intake.models import ApiClient
from returnchannel.actions.deliveries import State, switch_off
from returnchannel.channels.webhook import PREFIX
from returnchannel.models import Webhook, WebhookDelivery

MOST = 20  # webhooks of one portal: each makes every change a little dearer
OVERLAP = timedelta(hours=24)  # how long the old secret still signs beside the new one
SECRET_BYTES = 32


class TooMany(Exception):
    """The portal has as many webhooks as it may have."""


@dataclass(frozen=True)
class Kept:
    """A webhook as it is now; ``secret`` only where it was just made, ``is_new`` says that there was none."""

    webhook: Webhook
    is_new: bool
    secret: str | None


def keep_webhook(
    *, client: ApiClient, name: str, url: str, kinds: Sequence[str], rotate: bool = False, by: Actor
) -> Kept:
    """Make the webhook ``name`` of a portal, or change it; one that was switched off begins anew.

    ``url`` has been checked; ``kinds``: none means all. ``rotate``: a new secret, the old one signs too for a day.
    Raises TooMany.
    """
    with transaction.atomic(), acting(by, "keep_webhook"):
        ApiClient.objects.select_for_update(no_key=True).get(pk=client.pk)  # one at a time
        mine = Webhook.objects.filter(client=client).select_for_update(no_key=True)
        webhook = mine.filter(name=name).first() or Webhook(client=client, name=name)
        was_removed = webhook.switched_off_reason == Webhook.Off.REMOVED
        is_new = webhook.pk is None or was_removed
        if is_new and mine.exclude(switched_off_reason=Webhook.Off.REMOVED).count() >= MOST:
            raise TooMany
        secret = _new_secret() if is_new or rotate else None
        if secret:
            webhook.previous_secret = "" if is_new else webhook.secret
            webhook.previous_until = None if is_new else timezone.now() + OVERLAP
            webhook.secret = secret
        webhook.url, webhook.kinds = url, sorted(set(kinds))
        webhook.is_active, webhook.switched_off_reason, webhook.switched_off_at = True, "", None
        webhook.paused_until = None
        webhook.save()
    return Kept(webhook, is_new, secret)


def remove_webhook(*, webhook: Webhook, by: Actor) -> None:
    """A portal gives a webhook up: its secret is forgotten, nothing more is sent."""
    switch_off(webhook, why=Webhook.Off.REMOVED, by=by)


def resend(*, deliveries: Iterable[WebhookDelivery], by: Actor) -> int:
    """Send parked deliveries again, now and with all attempts; returns how many.

    Left alone are those of webhooks that were switched off. Raises PermissionDenied for who neither runs nor
    configures the house.
    """
    _require(by)
    with transaction.atomic():
        chosen = WebhookDelivery.objects.filter(pk__in=[each.pk for each in deliveries], state=State.PARKED)
        there = Webhook.objects.filter(is_active=True, client__is_active=True, pk__in=chosen.values("webhook"))
        webhooks = list(there.select_for_update(no_key=True, of=("self",)).order_by("pk"))
        Webhook.objects.filter(pk__in=[each.pk for each in webhooks]).update(paused_until=None)
        return chosen.filter(webhook__in=webhooks).update(
            state=State.WAITING, attempts=0, next_attempt_at=timezone.now(), ended_at=None, handled_by=by.name
        )


def give_up(*, deliveries: Iterable[WebhookDelivery], by: Actor) -> int:
    """Send parked deliveries no more (the portal has read the feed meanwhile); returns how many.

    Raises PermissionDenied as ``resend``.
    """
    _require(by)
    chosen = WebhookDelivery.objects.filter(pk__in=[each.pk for each in deliveries], state=State.PARKED)
    return chosen.update(state=State.CANCELLED, ended_at=timezone.now(), handled_by=by.name)


def _require(by: Actor) -> None:
    user = by.user
    is_there = user is not None and user.is_active
    if not is_there or not (user.is_superuser or policy.has_role(user, Role.OPERATIONS, Role.ADMIN)):
        raise PermissionDenied("Über Zustellungen entscheidet der IT-Betrieb oder die Fachadministration.")


def _new_secret() -> str:
    return PREFIX + base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode()
