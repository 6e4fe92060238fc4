"""Background work of this room: webhooks are told, letters go out. What is due stands in the rows."""

from __future__ import annotations

import time
from collections.abc import Callable

from django.conf import settings

from returnchannel import channels, printing
from returnchannel.actions import court_outbox, deliveries, sending
from returnchannel.channels import Outcome, Result
from returnchannel.models import Delivery

SECONDS = 30  # for one webhook at a stretch: then others have their turn


def deliver(claim: deliveries.Claim, *, stop: Callable[[], bool] = lambda: False) -> int:
    """Send what is due for a claimed webhook, at most half a minute long; returns the number of attempts.

    When nobody answers there, the rest waits: trying it would only take as long again. ``stop`` says when to end early.
    """
    channel, until, attempts = channels.get("webhook"), time.monotonic() + SECONDS, 0
    while not stop() and time.monotonic() < until and (begun := deliveries.begin(claim)):
        claim, delivery = begun
        outcome = channel.send(delivery)
        deliveries.settle(delivery, outcome)
        attempts += 1
        if outcome.is_away:
            break
    deliveries.release(claim)
    return attempts


def deliver_due() -> int:
    """Send all that is due, one webhook after another; returns the number of attempts."""
    attempts = 0
    while claim := deliveries.claim():
        attempts += deliver(claim)
    return attempts


def court_post() -> int:
    """Hand over what waits for courts, read the receipts, and match returned Empfangsbekenntnisse. Idempotent."""
    return court_outbox.hand_over() + court_outbox.read_receipts() + court_outbox.match_returned()


def tidy() -> int:
    """Clear away what is over; returns how many deliveries were forgotten. Idempotent."""
    return deliveries.tidy()


def send_one() -> bool:
    """Send one delivery that is due; False when there is none."""
    delivery = sending.claim()
    if delivery is None:
        return False
    is_worn_out = delivery.attempts > settings.DELIVERY_MAX_ATTEMPTS  # nobody has lived to say what became of them
    outcome = Outcome(Result.REFUSED, error=sending.WORN_OUT) if is_worn_out else _send(delivery)
    sending.settle(delivery, outcome)
    return True


def _send(delivery: Delivery) -> Outcome:
    return channels.get(delivery.channel).send(delivery)


def send_due(*, stop: Callable[[], bool] = lambda: False) -> int:
    """Send all that is due, and read what the print shop has answered; returns the number of attempts.

    ``stop`` says when to end early.
    """
    attempts = 0
    while not stop() and send_one():
        attempts += 1
    printing.read_back()
    return attempts


def end_overdue() -> int:
    """End what was provided and not fetched in time; returns how many. Idempotent."""
    return sending.end_overdue()
