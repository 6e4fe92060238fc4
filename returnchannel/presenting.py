"""Ways and their proof in words."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone

from returnchannel import channels
from returnchannel.models import Delivery

TIMES = (
    ("provided_at", "bereitgestellt"),
    ("notice_sent_at", "benachrichtigt"),
    ("retrieved_at", "abgerufen"),
    ("dispatched_at", "übergeben"),
    ("delivered_at", "als versandt gemeldet"),
)


@dataclass(frozen=True)
class Listed:
    """A delivery as the list shows it."""

    delivery: Delivery
    label: str

    @property
    def has_failed(self) -> bool:
        """True when a person has to do something."""
        return self.delivery.state == Delivery.State.REFUSED


def listed(delivery: Delivery) -> Listed:
    """A delivery with the German name of its way."""
    return Listed(delivery, channels.get(delivery.channel).label)


def in_words(delivery: Delivery) -> str:
    """The way, where it is, and each time that is kept as proof, as one line."""
    return f"{channels.get(delivery.channel).label}: {', '.join(_parts(delivery))}"


def _parts(delivery: Delivery) -> Iterator[str]:
    told: set[datetime] = set()
    for name, what in TIMES:
        at = getattr(delivery, name)
        if at is not None and at not in told:
            told.add(at)
            yield f"{what} am {timezone.localtime(at):%d.%m.%Y, %H:%M} Uhr"
    if delivery.state in (Delivery.State.WAITING, Delivery.State.REFUSED, Delivery.State.CANCELLED):
        yield delivery.get_state_display()
    if delivery.state == Delivery.State.SENT and delivery.ends_on is not None:
        yield f"abzurufen bis {delivery.ends_on:%d.%m.%Y}, sonst folgt ein Brief"
    if delivery.last_error:
        yield delivery.last_error
