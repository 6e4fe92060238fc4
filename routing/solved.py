"""What people have placed by hand lately, by cause and by where it went: from each such group a rule may come."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db.models import F, QuerySet
from django.utils import timezone

from cases.models import User
from routing import exceptions, proposing, queue, selectors
from routing.models import ExceptionEntry

LATELY = timedelta(days=30)
MOST = 1000
"""So many of the last solved ones are looked at."""


@dataclass
class SolvedGroup:
    """Klärfälle of one cause that went to the same Leistung and team; ``service`` and ``unit`` are names."""

    key: str
    label: str
    service: str
    unit: str
    last: datetime
    entries: list[ExceptionEntry] = field(default_factory=list)

    @property
    def count(self) -> int:
        """How many."""
        return len(self.entries)


def lately(user: User) -> QuerySet[ExceptionEntry]:
    """What was solved lately by a new Vorgang, as far as ``user`` sees the Klärfälle, the last first."""
    solved = selectors.visible_entries(user).filter(
        resolution__in=proposing.PLACED,
        resolved_at__gte=timezone.now() - LATELY,
        case__isnull=False,
        submission__isnull=False,
    )
    placed = queue.with_cause(solved).annotate(service_name=F("case__service__name"), unit_name=F("case__unit__name"))
    return placed.select_related("case", "submission").order_by("-resolved_at", "-pk")


def groups(user: User) -> list[SolvedGroup]:
    """What was solved lately, the largest groups first (two queries)."""
    found: dict[str, SolvedGroup] = {}
    for entry in lately(user)[:MOST]:
        key = key_of(entry)
        if key not in found:
            label = exceptions.label_of(entry.reason)
            found[key] = SolvedGroup(key, label, entry.service_name, entry.unit_name, entry.resolved_at)
        found[key].entries.append(entry)
    return sorted(found.values(), key=lambda group: (-group.count, group.label, group.key))


def key_of(entry: ExceptionEntry) -> str:
    """A name for the group in addresses: reason, Leistung and team."""
    return f"{entry.reason}-{entry.case.service_id}-{entry.case.unit_id}"


def of_group(user: User, key: str) -> list[ExceptionEntry]:
    """The Klärfälle of a group; empty when there is none."""
    return [entry for entry in lately(user)[:MOST] if key_of(entry) == key]


def chosen(user: User, ids: Iterable[int]) -> list[ExceptionEntry]:
    """Those of these Klärfälle that ``user`` sees and that are solved."""
    entries = selectors.visible_entries(user).filter(pk__in=ids, resolved_at__isnull=False)
    return list(entries.select_related("case", "submission").order_by("pk"))
