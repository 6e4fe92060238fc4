"""Deliveries to webhooks: written with the change, then sent at least once, in the order of each Vorgang.

Who sends claims the webhook first (a lease, committed), not the single delivery: so one receiver is told by one sender
at a time, and a slow one holds up nobody else. Each attempt is counted and committed before anything is sent; its end
is a transaction of its own. A sender that dies in between leaves a delivery that is sent again, under the same id.
Who locks both locks the webhook first.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from audit.acting import Actor, acting
from returnchannel import channels
from returnchannel.backoff import pause_after
from returnchannel.channels import Outcome, Result
from returnchannel.models import Webhook, WebhookDelivery

State = WebhookDelivery.State
OPEN = (State.WAITING, State.PARKED)
LEASE = timedelta(seconds=90)  # longer than one attempt can take
LONGEST_SILENCE = timedelta(minutes=5)  # how long a webhook that does not answer is left alone for all its deliveries
KEPT = timedelta(days=30)  # how long what is over can be looked up

ANNOUNCE = """
INSERT INTO returnchannel_webhookdelivery
       (webhook_id, change_id, number_id, event_id, state, attempts, next_attempt_at, last_error, handled_by)
SELECT w.id, new.id, new.number_id, gen_random_uuid(), 'waiting', 0, new.at, '', ''
  FROM new
  JOIN returnchannel_webhook w ON w.client_id = new.client_id
  JOIN intake_apiclient c ON c.id = w.client_id
 WHERE w.is_active AND c.is_active AND (w.kinds = '{}' OR new.kind = ANY(w.kinds))
 ORDER BY new.id"""
"""A delivery for each new change and each webhook that is to be told of it."""

# What may be sent now: nothing that came later for the same Vorgang goes before it
_DUE = """
SELECT d.id FROM returnchannel_webhookdelivery d
 WHERE d.webhook_id = {webhook} AND d.state = 'waiting' AND d.next_attempt_at <= %(now)s
   AND NOT EXISTS (SELECT FROM returnchannel_webhookdelivery e
                    WHERE e.webhook_id = d.webhook_id AND e.number_id = d.number_id AND e.id < d.id
                      AND e.state = 'waiting')
 ORDER BY d.id LIMIT 1"""
_CLAIM = f"""
UPDATE returnchannel_webhook SET leased_until = %(until)s
 WHERE id = (SELECT w.id FROM returnchannel_webhook w JOIN intake_apiclient c ON c.id = w.client_id
              WHERE w.is_active AND c.is_active
                AND (w.leased_until IS NULL OR w.leased_until <= %(now)s)
                AND (w.paused_until IS NULL OR w.paused_until <= %(now)s)
                AND EXISTS ({_DUE.format(webhook="w.id")})
              ORDER BY w.leased_until NULLS FIRST, w.id
              LIMIT 1 FOR NO KEY UPDATE OF w SKIP LOCKED)
RETURNING id"""  # noqa: S608
_BEGIN = f"""
UPDATE returnchannel_webhookdelivery SET attempts = attempts + 1, next_attempt_at = %(until)s
 WHERE id = ({_DUE.format(webhook="%(webhook)s")})
RETURNING id"""  # noqa: S608


@dataclass(frozen=True)
class Claim:
    """A webhook that nobody else delivers to for a while; ``until`` proves that it is still ours."""

    webhook_id: int
    until: datetime


def claim() -> Claim | None:
    """Take a webhook with something to send for oneself; None when there is none."""
    now = timezone.now()
    until = now + LEASE
    with connection.cursor() as cursor:
        cursor.execute(_CLAIM, {"now": now, "until": until})
        row = cursor.fetchone()
    return Claim(row[0], until) if row else None


def begin(claim: Claim) -> tuple[Claim, WebhookDelivery] | None:
    """Begin the next attempt of a claimed webhook: it is counted, and the claim renewed.

    None when nothing is left to send now, or when the claim has run out or the webhook was switched off.
    """
    now = timezone.now()
    until = now + LEASE
    with transaction.atomic():
        mine = Webhook.objects.filter(pk=claim.webhook_id, leased_until=claim.until, is_active=True)
        if not mine.filter(client__is_active=True).update(leased_until=until):
            return None
        worn_out = _waiting(claim.webhook_id).filter(
            attempts__gte=settings.WEBHOOK_MAX_ATTEMPTS, next_attempt_at__lte=now
        )
        _end(worn_out, State.PARKED)
        with connection.cursor() as cursor:
            cursor.execute(_BEGIN, {"webhook": claim.webhook_id, "now": now, "until": until})
            row = cursor.fetchone()
        if row is None:
            release(Claim(claim.webhook_id, until))
            return None
        rows = WebhookDelivery.objects.select_related("webhook", "change__number")
        return Claim(claim.webhook_id, until), rows.get(pk=row[0])


def settle(delivery: WebhookDelivery, outcome: Outcome) -> None:
    """Keep what became of an attempt. What was meanwhile ended otherwise (sent by another, cancelled) stays so."""
    now = timezone.now()
    with transaction.atomic():
        webhook = Webhook.objects.select_for_update(no_key=True).get(pk=delivery.webhook_id)
        row = WebhookDelivery.objects.select_for_update().get(pk=delivery.pk)
        is_same = (webhook.url, webhook.secret) == (delivery.webhook.url, delivery.webhook.secret)
        if outcome.result == Result.DELIVERED:
            row.state, row.next_attempt_at, row.delivered_at, row.ended_at = State.DELIVERED, None, now, now
        elif row.state != State.WAITING:
            return
        elif not is_same:  # the answer is from where it was set to before: the new place is asked at once
            row.next_attempt_at = now
        elif outcome.result == Result.FAILED and row.attempts < settings.WEBHOOK_MAX_ATTEMPTS:
            row.next_attempt_at = now + pause_after(row.attempts)
        else:
            row.state = State.PARKED if outcome.result == Result.FAILED else State.CANCELLED
            row.next_attempt_at, row.ended_at = None, now
        row.last_status, row.last_error = outcome.status, outcome.error
        row.save()
        if outcome.is_away and is_same:
            silence = min((row.next_attempt_at or now + LONGEST_SILENCE) - now, LONGEST_SILENCE)
            Webhook.objects.filter(pk=webhook.pk).update(paused_until=now + silence)
        if outcome.result == Result.ENDED and is_same:
            switch_off(webhook, why=Webhook.Off.GONE, by=channels.actor("webhook"))


def release(claim: Claim) -> None:
    """Give a webhook back before the claim runs out; those that have waited longer come first now."""
    Webhook.objects.filter(pk=claim.webhook_id, leased_until=claim.until).update(leased_until=timezone.now())


def switch_off(webhook: Webhook, *, why: Webhook.Off, by: Actor) -> None:
    """Send nothing more to a webhook; what waits for it is cancelled."""
    with transaction.atomic(), acting(by, "switch_off_webhook", reason=why.label):
        locked = Webhook.objects.select_for_update(no_key=True).get(pk=webhook.pk)
        if locked.is_active:
            locked.is_active, locked.switched_off_reason, locked.switched_off_at = False, why, timezone.now()
            locked.secret = "" if why == Webhook.Off.REMOVED else locked.secret
            locked.previous_secret, locked.previous_until = "", None
            locked.save()
        _end(WebhookDelivery.objects.filter(webhook=locked, state__in=OPEN), State.CANCELLED)


def tidy() -> int:
    """Cancel what waits for who is no longer there, and forget what is long over; returns how many were forgotten."""
    now = timezone.now()
    off = Q(webhook__is_active=False) | Q(webhook__client__is_active=False)
    stray = WebhookDelivery.objects.filter(off, state__in=OPEN)
    _end(WebhookDelivery.objects.filter(pk__in=list(stray.values_list("pk", flat=True))), State.CANCELLED)
    Webhook.objects.filter(previous_until__lte=now).update(previous_secret="", previous_until=None)
    return WebhookDelivery.objects.filter(ended_at__lt=now - KEPT).exclude(state__in=OPEN).delete()[0]


def _waiting(webhook_id: int) -> QuerySet[WebhookDelivery]:
    return WebhookDelivery.objects.filter(webhook=webhook_id, state=State.WAITING)


def _end(rows: QuerySet[WebhookDelivery], state: State) -> None:
    rows.update(state=state, next_attempt_at=None, ended_at=timezone.now())
