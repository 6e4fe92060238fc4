"""The Vorgänge that somebody looks for, page by page: every page costs the same wherever it is.

Each branch of what is visible (``Scope.branches``) is read in the order of an index and only as far as the page goes;
the database puts the branches together.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet

from cases import searching
from cases.models import Case, Dispatch, Document, Party
from cases.selectors import Scope
from cases.worklist.orders import ORDERS, Order

SIZE = 50
COUNT_LIMIT = 1000  # more are not counted, only said to be more
NOBODY = "niemand"
NONE = "ohne"


@dataclass(frozen=True)
class Wanted:
    """What is looked for, with nothing relative left in it.

    ``scope``: meine, team or "" (all visible). ``handler``: the id of a person, NOBODY or "". ``due`` and
    ``follow_up``: not later than this day, NONE for those without, or "".
    """

    scope: str = ""
    text: str = ""
    team: str = ""
    service: str = ""
    status: str = ""
    waiting: str = ""
    handler: int | str = ""
    due: date | str = ""
    follow_up: date | str = ""
    decided: bool = False
    sort: str = ""


WAITING = {
    "antwort": ("auf Antwort von außen", Q(status=Case.Status.INFORMATION_REQUESTED)),
    "uebernahme": ("auf Übernahme", Q(is_open=True, handler=None) & ~Q(status=Case.Status.INFORMATION_REQUESTED)),
    "bearbeitung": (
        "auf Bearbeitung",
        Q(is_open=True, handler__isnull=False) & ~Q(status=Case.Status.INFORMATION_REQUESTED),
    ),
    "versand": (
        "auf den Versand eines Briefs",
        Q(pk__in=Dispatch.objects.filter(state=Dispatch.State.TO_SEND).values("case")),
    ),
}
"""What a Vorgang waits for, by value: its words and its condition. A Bescheid is sent when all is decided."""
DECIDED_TOO = ("versand",)


def waits_for(case: Case) -> str:
    """What an open Vorgang waits for, in words; nothing for a decided one."""
    if case.status == Case.Status.DECIDED:
        return ""
    if case.status == Case.Status.INFORMATION_REQUESTED:
        return WAITING["antwort"][0]
    return WAITING["bearbeitung" if case.handler_id else "uebernahme"][0]


@dataclass(frozen=True)
class Page:
    """Some Vorgänge in their order, with the marks of the neighbouring pages (empty: there is none)."""

    cases: list[Case]
    before: str = ""
    after: str = ""


class Listing:
    """The Vorgänge that a person may see and looks for, in the wanted order."""

    def __init__(self, scope: Scope, wanted: Wanted) -> None:
        self.scope = scope
        self.wanted = wanted
        # decided ones are many, and only by arrival in an index of their own: they come newest first
        fallback = ORDERS["-eingang" if wanted.decided else ""]
        self.order: Order = ORDERS.get(wanted.sort, fallback) if wanted.sort else fallback

    def page(self, *, after: str = "", before: str = "", size: int = SIZE) -> Page:
        """The Vorgänge after (or before) a mark; marks that are none give the first page. Three queries."""
        ahead, back = self.order.beyond(after), self.order.beyond(before, before=True)
        if ahead is None and back is not None:
            ids = self._ids(back, size + 1, reverse=True)
            more, ids = len(ids) > size, ids[:size][::-1]
            if not ids:
                return self.page(size=size)
            has_before, has_after = more, True
        else:
            ids = self._ids(ahead, size + 1)
            more, ids = len(ids) > size, ids[:size]
            has_before, has_after = ahead is not None, more
        cases = self._cases(ids)
        return Page(
            cases,
            before=self.order.mark_of(cases[0]) if cases and has_before else "",
            after=self.order.mark_of(cases[-1]) if cases and has_after else "",
        )

    def neighbours(self, case: Case) -> tuple[Case | None, Case | None]:
        """The Vorgänge before and after one, whether it is still in the list or not. Three queries at most."""
        mark = self.order.mark_of(case)
        before = self._ids(self.order.beyond(mark, before=True), 1, reverse=True)
        after = self._ids(self.order.beyond(mark), 1)
        found = Case.objects.in_bulk([*before, *after]) if before or after else {}
        return found.get(before[0]) if before else None, found.get(after[0]) if after else None

    def ids(self) -> QuerySet:
        """The ids of at most one more than ``COUNT_LIMIT`` of them, for counting."""
        return self._together([part.values("pk")[: COUNT_LIMIT + 1] for part in self._parts()])[: COUNT_LIMIT + 1]

    def explain(self) -> str:
        """How the database finds the first page."""
        return self._page_query(None, SIZE + 1).explain()

    def _parts(self) -> list[QuerySet[Case]]:
        condition = self._condition()
        return [Case.objects.filter(branch).filter(condition) for branch in self.scope.branches()]

    def _ids(self, place: Q | None, size: int, *, reverse: bool = False) -> list[int]:
        return [row[0] for row in self._page_query(place, size, reverse=reverse)]

    def _page_query(self, place: Q | None, size: int, *, reverse: bool = False) -> QuerySet:
        by, columns = self.order.by(reverse=reverse), self.order.columns()
        parts = []
        for part in self._parts():
            placed = part.annotate(**columns)
            placed = placed.filter(place) if place is not None else placed
            parts.append(placed.order_by(*by).values_list("pk", *columns)[:size])
        return self._together(parts).order_by(*by)[:size] if len(parts) > 1 else parts[0]

    @staticmethod
    def _together(parts: Sequence[QuerySet]) -> QuerySet:
        return parts[0].union(*parts[1:], all=True) if len(parts) > 1 else parts[0]

    def _cases(self, ids: Sequence[int]) -> list[Case]:
        demanded = Document.objects.filter(case=OuterRef("pk"), eeb_required=True)
        unsent = Dispatch.objects.filter(case=OuterRef("pk"), state=Dispatch.State.TO_SEND)
        cases = Case.objects.select_related("service", "unit", "handler").annotate(
            eeb_required=Exists(demanded), has_unsent=Exists(unsent)
        )
        applying = (Party.Role.APPLICANT, Party.Role.PLAINTIFF)
        people = Prefetch("parties", Party.objects.filter(role__in=applying).order_by("id"), to_attr="applying")
        found = cases.prefetch_related(people).in_bulk(ids)
        return [found[pk] for pk in ids if pk in found]

    def _condition(self) -> Q:
        wanted = self.wanted
        found = Q() if wanted.decided or wanted.waiting in DECIDED_TOO else Q(is_open=True)
        if wanted.scope == "meine":
            found &= Q(handler=self.scope.user) | self._covered()
        if wanted.scope == "team":
            found &= Q(unit__in=self.scope.units)
        for name, value in (("unit__slug", wanted.team), ("service__slug", wanted.service), ("status", wanted.status)):
            if value:
                found &= Q(**{name: value})
        if wanted.waiting:
            found &= WAITING[wanted.waiting][1]
        if wanted.handler:
            found &= Q(handler=None) if wanted.handler == NOBODY else Q(handler=wanted.handler)
        found &= _not_later("next_due", wanted.due) & _not_later("next_follow_up", wanted.follow_up)
        return found & searching.found_by(wanted.text) if wanted.text.strip() else found

    def _covered(self) -> Q:
        """The Vorgänge of whom the person covers, in the teams where those work."""
        found = Q(pk__in=[])
        for absent, places in self.scope.covered.items():
            found |= Q(handler=absent, unit__in=places)
        return found


def _not_later(field: str, day: date | str) -> Q:
    if day == NONE:
        return Q(**{field: None})
    return Q(**{f"{field}__lte": day}) if day else Q()


def counts(listings: Sequence[Listing]) -> list[int]:
    """How many Vorgänge each has, at most one more than ``COUNT_LIMIT``. One query for all."""
    columns, values = [], []
    for listing in listings:
        try:
            sql, params = listing.ids().query.sql_with_params()
        except EmptyResultSet:  # Django knows that there are none
            sql, params = "SELECT 1 WHERE false", ()
        columns.append(sql)
        values += params
    if not columns:
        return []
    with connection.cursor() as cursor:
        # compiled by Django from querysets, with all values as parameters
        counted = ", ".join(f"(SELECT count(*) FROM ({sql}) one)" for sql in columns)  # noqa: S608
        cursor.execute(f"SELECT {counted}", values)
        return list(cursor.fetchone())
