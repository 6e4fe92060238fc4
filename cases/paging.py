"""Paging through the worklist by keyset: a page costs the same wherever it is, and new arrivals shift nothing."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.db.models import Q, QuerySet

from cases.models import Case

SIZE = 50
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MARK = re.compile(r"([01])\.(-?\d{1,17})\.(\d{1,18})")


@dataclass(frozen=True)
class Page:
    """Some Vorgänge in the order of the worklist, with the marks of the neighbouring pages (empty: there is none)."""

    cases: list[Case]
    before: str = ""
    after: str = ""


def mark_of(case: Case) -> str:
    """The place of a Vorgang in the order: urgency, arrival in microseconds, id."""
    micros = (case.received_at - _EPOCH) // timedelta(microseconds=1)
    return f"{case.is_urgent:d}.{micros}.{case.pk}"


def page(cases: QuerySet[Case], *, after: str = "", before: str = "", size: int = SIZE) -> Page:
    """The Vorgänge after (or before) a mark; marks that are none give the first page. One query."""
    ahead, back = _beyond(after), _beyond(before, backwards=True)
    if ahead is None and back is not None:
        rows = list(cases.filter(back).order_by("is_urgent", "-received_at", "-id")[: size + 1])
        more, rows = len(rows) > size, rows[:size][::-1]
        if rows:
            return Page(rows, before=mark_of(rows[0]) if more else "", after=mark_of(rows[-1]))
        return page(cases, size=size)
    rows = list((cases.filter(ahead) if ahead is not None else cases)[: size + 1])
    more, rows = len(rows) > size, rows[:size]
    return Page(
        rows,
        before=mark_of(rows[0]) if rows and ahead is not None else "",
        after=mark_of(rows[-1]) if more else "",
    )


def _beyond(mark: str, *, backwards: bool = False) -> Q | None:
    """The condition "comes after this mark" (or before it); None for what is no mark."""
    match = _MARK.fullmatch(mark)
    if match is None:
        return None
    is_urgent, pk = match[1] == "1", int(match[3])
    try:
        at = _EPOCH + timedelta(microseconds=int(match[2]))
    except OverflowError:
        return None
    sign = "lt" if backwards else "gt"
    same = Q(is_urgent=is_urgent) & (Q(**{f"received_at__{sign}": at}) | Q(received_at=at, **{f"id__{sign}": pk}))
    if is_urgent == backwards:
        return same  # urgent ones come first: nothing of the other kind lies on this side
    return same | Q(is_urgent=not is_urgent)
