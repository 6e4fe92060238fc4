"""The list of the exception queue: its filters, and what has the same cause as one group. A fixed number of queries."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db.models import Case, Count, F, Min, Q, QuerySet, TextField, Value, When, Window
from django.db.models.fields.json import KT, KeyTextTransform, KeyTransform
from django.db.models.functions import MD5, Cast, Coalesce, Concat, NullIf, RowNumber
from django.utils import timezone

from cases.models import User
from routing import exceptions, selectors
from routing.models import ExceptionEntry

SHOWN = 5
"""So many of a group are shown at first."""
MOST_ROWS = 200
MOST_GROUPS = 25
ME, NOBODY = "ich", "niemand"
AGES = {"heute": "heute", "tage": "seit 1 bis 3 Tagen", "aelter": "länger als 3 Tage"}
STATES = {"": "Offen", "parked": "Zurückgestellt", "escalated": "Eskaliert"}


@dataclass(frozen=True)
class Wanted:
    """What of the queue is looked for; empty: all. ``state`` and ``age`` are keys of STATES and AGES."""

    state: str = ""
    cause: str = ""
    age: str = ""
    team: int | None = None
    handler: str = ""
    group: str = ""


@dataclass
class Group:
    """Klärfälle of the same cause: how many, how old, and the first of them."""

    token: str
    reason: str
    about: str
    count: int
    escalated: int
    oldest: datetime
    ages: Mapping[str, int]
    label: str = ""
    what_to_do: str = ""
    entries: list[ExceptionEntry] = field(default_factory=list)

    @property
    def is_whole(self) -> bool:
        """True when all of it is shown."""
        return len(self.entries) == self.count

    @property
    def ages_in_words(self) -> list[str]:
        """``12 heute``, ``3 seit 1 bis 3 Tagen``, …"""
        return [f"{self.ages[age]} {words}" for age, words in AGES.items() if self.ages[age]]


@dataclass(frozen=True)
class Counts:
    """How many Klärfälle there are in each state of STATES, and of which causes."""

    states: Mapping[str, int]
    causes: Sequence[str]


def counts(led: Collection[int]) -> Counts:
    """The numbers of the whole queue for who leads these units, whatever is filtered (one query)."""
    rows = selectors.entries_of(led).filter(resolved_at=None).order_by().values("reason")
    rows = rows.annotate(**{state or "open": Count("pk", filter=_of_state(state)) for state in STATES}, all=Count("pk"))
    found = list(rows)
    states = {state: sum(row[state or "open"] for row in found) for state in STATES}
    return Counts(states, sorted((row["reason"] for row in found), key=exceptions.label_of))


def narrowed(led: Collection[int], user: User, wanted: Wanted) -> QuerySet[ExceptionEntry]:
    """The open Klärfälle that are looked for, each with ``group``, the token of its cause."""
    entries = selectors.entries_of(led).filter(_of_state(wanted.state), resolved_at=None)
    if wanted.cause:
        entries = entries.filter(reason=wanted.cause)
    if wanted.age:
        entries = entries.filter(_of_age(wanted.age))
    if wanted.team is not None:
        entries = entries.filter(unit=wanted.team)
    if wanted.handler == ME:
        entries = entries.filter(claimed_by=user)
    elif wanted.handler == NOBODY:
        entries = entries.filter(claimed_by=None)
    entries = with_cause(entries)
    return entries.filter(group=wanted.group) if wanted.group else entries


def with_cause(entries: QuerySet[ExceptionEntry]) -> QuerySet[ExceptionEntry]:
    """Each with ``about``, what tells causes of one reason apart, and ``group``, the token of the cause."""
    return entries.annotate(about=_about()).annotate(group=_token())


def groups(entries: QuerySet[ExceptionEntry], services: Mapping[str, str]) -> list[Group]:
    """What is ``narrowed``, by cause: escalated first, then what waits longest (one query).

    ``services``: the names of the Leistungen by their slugs.
    """
    rows = entries.order_by().values("group", "reason", "about")
    rows = rows.annotate(
        n=Count("pk"),
        oldest=Min("created_at"),
        late=Count("pk", filter=Q(escalated_at__isnull=False)),
        called=Min(_sender("name")),
        **{f"age_{age}": Count("pk", filter=_of_age(age)) for age in AGES},
    )
    found = [
        Group(
            token=row["group"],
            reason=row["reason"],
            about=_named(row, services),
            count=row["n"],
            escalated=row["late"],
            oldest=row["oldest"],
            ages={age: row[f"age_{age}"] for age in AGES},
        )
        for row in rows
    ]
    return sorted(found, key=lambda group: (not group.escalated, group.oldest, group.token))


def fill(found: Sequence[Group], entries: QuerySet[ExceptionEntry], *, each: int = SHOWN) -> None:
    """Put the first of ``entries`` into their groups, escalated ones first, then the oldest (one query)."""
    order = [F("escalated_at").asc(nulls_last=True), F("created_at").asc(), F("id").asc()]
    rows = entries.filter(group__in=[group.token for group in found]).select_related("submission", "unit", "claimed_by")
    place = Window(RowNumber(), partition_by=[F("group")], order_by=order)
    rows = rows.annotate(place=place).filter(place__lte=each).order_by("place")
    by_token = {group.token: group for group in found}
    for entry in rows:
        by_token[entry.group].entries.append(entry)
    for group in found:
        explained = exceptions.explain(group.entries[0])
        group.label = f"{explained.label}: {group.about}" if group.about else explained.label
        group.what_to_do = explained.what_to_do


def chosen(entries: QuerySet[ExceptionEntry], ids: Collection[int], tokens: Collection[str]) -> list[ExceptionEntry]:
    """Those of ``entries`` that are ticked, by themselves or with all of their cause, oldest first."""
    rows = entries.filter(Q(pk__in=ids) | Q(group__in=tokens)).select_related("submission__number", "unit")
    return list(rows.order_by("created_at", "id"))


def _of_state(state: str) -> Q:
    if state == "parked":
        return selectors.parked()
    if state == "escalated":
        return ~selectors.parked() & Q(escalated_at__isnull=False)
    return ~selectors.parked()


def _of_age(age: str) -> Q:
    today = timezone.localdate()
    if age == "heute":
        return Q(created_at__gte=_begin(today))
    if age == "tage":
        return Q(created_at__lt=_begin(today), created_at__gte=_begin(today - timedelta(days=3)))
    return Q(created_at__lt=_begin(today - timedelta(days=3)))


def _begin(on: date) -> datetime:
    return timezone.make_aware(datetime.combine(on, time()))


def _about() -> Case:
    """What tells apart the causes behind one reason: the sender, the Leistung, the rules."""
    nothing = _text("")
    code, safe_id, name = (_sender(each) for each in ("code", "safe_id", "name"))
    sender = Coalesce(NullIf(code, nothing), NullIf(safe_id, nothing), name, nothing)
    first, second = (Coalesce(KT(f"details__rules__{place}__rule"), nothing) for place in (0, 1))
    return Case(
        When(reason="no_rule", then=sender),
        When(
            reason__in=["service_unknown", "service_closed", "no_unit"],
            then=Coalesce(NullIf(KeyTextTransform("service", "submission__facts"), nothing), first),
        ),
        When(reason="equal_rules", then=Concat(first, _text(", "), second)),
        default=nothing,
    )


def _sender(name: str) -> KeyTextTransform:
    return KeyTextTransform(name, KeyTransform("sender", "submission__facts"))


def _token() -> MD5:
    """A name of the cause for addresses and forms that says nothing of people."""
    kind, reason = (Cast(each, TextField()) for each in ("kind", "reason"))
    return MD5(Concat(kind, _text("|"), reason, _text("|"), "about"))


def _text(value: str) -> Value:
    return Value(value, output_field=TextField())


def _named(row: Mapping[str, Any], services: Mapping[str, str]) -> str:
    about: str = row["about"]
    if row["reason"] == "no_rule":
        return row["called"] or about or "ohne Absender"
    return services.get(about, about)
