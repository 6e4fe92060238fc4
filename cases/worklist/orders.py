"""In which order the worklist stands, and the marks by which its pages are found again (keyset)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from urllib.parse import quote, unquote

from django.db.models import F, Q
from django.db.models.expressions import Combinable

from cases.models import Case
from cases.models.case import BY_DUE, BY_FOLLOW_UP, BY_REFERENCE, NEVER

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_BETWEEN = "~"


@dataclass(frozen=True)
class Key:
    """One column of an order: how the database computes it, how a Vorgang does, and how it is written into a mark."""

    name: str
    expression: Combinable
    of: Callable[[Case], Any]
    write: Callable[[Any], str]
    read: Callable[[str], Any]
    descending: bool = False


def _micros(at: datetime) -> str:
    return str((at - _EPOCH) // timedelta(microseconds=1))


def _moment(text: str) -> datetime:
    return _EPOCH + timedelta(microseconds=int(text))


def _whole(text: str) -> int:
    number = int(text)
    if not 0 <= number < 2**63:
        raise ValueError(text)
    return number


def _bit(text: str) -> bool:
    return {"0": False, "1": True}[text]


def _words(text: str) -> str:
    words = unquote(text)
    if "\x00" in words:
        raise ValueError("NUL")
    return words


URGENT = Key("by_urgency", F("is_urgent"), lambda c: c.is_urgent, lambda v: f"{v:d}", _bit, descending=True)
DUE = Key("by_due", BY_DUE, lambda c: c.next_due or NEVER, date.isoformat, date.fromisoformat)
FOLLOW_UP = Key("by_day", BY_FOLLOW_UP, lambda c: c.next_follow_up or NEVER, date.isoformat, date.fromisoformat)
ARRIVAL = Key("by_arrival", F("received_at"), lambda c: c.received_at, _micros, _moment)
REFERENCE = Key(
    "by_reference",
    BY_REFERENCE,
    lambda c: c.file_reference or c.public_id,
    lambda v: quote(v, safe="").replace(_BETWEEN, "%7E"),
    _words,
)
ID = Key("by_id", F("id"), lambda c: c.pk, str, _whole)


@dataclass(frozen=True)
class Order:
    """An order of the worklist. ``backwards`` reads the same index from its end."""

    name: str
    keys: tuple[Key, ...]
    backwards: bool = False

    def by(self, *, reverse: bool = False) -> list[str]:
        """As ``order_by`` wants it, over the columns of ``columns``."""
        turned = self.backwards != reverse
        return [f"-{key.name}" if key.descending != turned else key.name for key in self.keys]

    def columns(self) -> dict[str, Combinable]:
        """What the query must be annotated with."""
        return {key.name: key.expression for key in self.keys}

    def mark_of(self, case: Case) -> str:
        """The place of a Vorgang in this order."""
        return _BETWEEN.join(key.write(key.of(case)) for key in self.keys)

    def beyond(self, mark: str, *, before: bool = False) -> Q | None:
        """The condition "comes after this mark" (or before it); None for what is no mark of this order."""
        values = self._read(mark)
        if values is None:
            return None
        turned = self.backwards != before
        signs = ["lt" if key.descending != turned else "gt" for key in self.keys]
        found, equal = Q(), Q()
        for key, sign, value in zip(self.keys, signs, values, strict=True):
            found |= equal & Q(**{f"{key.name}__{sign}": value})
            equal &= Q(**{key.name: value})
        # says nothing new, but lets the database begin at the right place of the index
        return Q(**{f"{self.keys[0].name}__{signs[0]}e": values[0]}) & found

    def _read(self, mark: str) -> list[Any] | None:
        parts = mark.split(_BETWEEN)
        if len(parts) != len(self.keys):
            return None
        try:
            return [key.read(part) for key, part in zip(self.keys, parts, strict=True)]
        except (ValueError, KeyError, OverflowError):
            return None


ORDERS = {
    order.name: order
    for order in (
        Order("", (URGENT, DUE, ARRIVAL, ID)),
        Order("frist", (DUE, ID)),
        Order("wiedervorlage", (FOLLOW_UP, ID)),
        Order("eingang", (ARRIVAL, ID)),
        Order("-eingang", (ARRIVAL, ID), backwards=True),
        Order("aktenzeichen", (REFERENCE, ID)),
        Order("-aktenzeichen", (REFERENCE, ID), backwards=True),
    )
}
