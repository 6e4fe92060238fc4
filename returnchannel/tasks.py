"""Background work of this room: webhooks are told. What is due stands in the rows."""

from __future__ import annotations

import time
from collections.abc import Callable

from returnchannel import channels
from returnchannel.actions import court_outbox, deliveries

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
