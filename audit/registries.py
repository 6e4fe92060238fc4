"""The registries of the ground floor: every app registers here what only it knows, from its ``apps.py``."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar

F = TypeVar("F", bound=Callable[..., Any])


class Registry(Generic[F]):
    """Functions under a stable name. A name is given once: a second one raises ValueError at start-up."""

    def __init__(self, what: str) -> None:
        self.what = what
        self._entries: dict[str, F] = {}

    def register(self, name: str) -> Callable[[F], F]:
        """Decorator that registers a function under ``name``."""

        def add(function: F) -> F:
            if self._entries.get(name, function) is not function:
                raise ValueError(f"{self.what}: {name!r} is registered twice")
            self._entries[name] = function
            return function

        return add

    def __iter__(self) -> Iterator[tuple[str, F]]:
        return iter(sorted(self._entries.items()))

    def names(self) -> list[str]:
        """All names, sorted."""
        return sorted(self._entries)


@dataclass(frozen=True)
class Health:
    """The state of one part: ``message`` is a German sentence; when not ``ok`` it says what to do.

    Without a part that is not ``vital`` the house works on: it is reported, and no load balancer turns away.
    """

    ok: bool
    message: str
    vital: bool = True


@dataclass(frozen=True)
class Problem:
    """Something stuck or contradictory: what, and what to do (German)."""

    subject: str
    message: str


@dataclass(frozen=True)
class Figure:
    """One figure with its German label."""

    name: str
    label: str
    value: float


@dataclass(frozen=True)
class TimelineEntry:
    """One step in the life of a Vorgang, as people read it. ``details`` are (what, old, new)."""

    at: datetime
    actor: str
    source: str
    action: str
    text: str
    reason: str = ""
    details: tuple[tuple[str, str, str], ...] = ()


@dataclass(frozen=True)
class FitResult:
    """One answer of the Fit-Check of a Leistung: yes (True), no (False) or not applicable (None)."""

    question: str
    answer: bool | None
    what_to_do: str = ""


health: Registry[Callable[[], Health]] = Registry("health")
integrity: Registry[Callable[[], Iterable[Problem]]] = Registry("integrity")
metrics: Registry[Callable[[], Iterable[Figure]]] = Registry("metrics")
timeline: Registry[Callable[[Any], Iterable[TimelineEntry]]] = Registry("timeline")  # takes a case
erasure: Registry[Callable[..., int]] = Registry("erasure")  # takes case and by=; returns the number of rows
fit_check: Registry[Callable[[Any], Iterable[FitResult]]] = Registry("fit_check")  # takes a service version


def timeline_of(case: Any) -> list[TimelineEntry]:
    """All that happened to ``case``, newest first."""
    entries = [entry for _, source in timeline for entry in source(case)]
    return sorted(entries, key=lambda entry: entry.at, reverse=True)
