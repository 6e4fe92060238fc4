"""The page of a Vorgang is made of panels: the upper rooms register what they know of it.

A panel stands on one part of the page: ``work`` (what is to be done) or ``application`` (what has arrived).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models.expressions import BaseExpression

from cases.models import Case, User

Remarks = Callable[[Case], Iterable[tuple[str, str]]]  # (pointer into the application data, German sentence)
Context = Callable[[Case, User], dict[str, Any] | None]


@dataclass(frozen=True)
class Panel:
    """A part of the page: its template and what the template is given as ``panel``."""

    name: str
    template: str
    context: dict[str, Any]


@dataclass(frozen=True)
class _Registered:
    order: int
    name: str
    context: Context
    template: str
    part: str


_registered: dict[str, _Registered] = {}


def register(name: str, order: int, context: Context, template: str, part: str = "application") -> None:
    """Register a panel. ``context`` gives what it shows for this Vorgang to this person, None for nothing.

    Small ``order`` first. A name twice raises ValueError.
    """
    if name in _registered:
        raise ValueError(f"panel {name!r} is registered twice")
    _registered[name] = _Registered(order, name, context, template, part)


_marks: dict[str, Callable[[], BaseExpression]] = {}


def register_mark(name: str, expression: Callable[[], BaseExpression]) -> None:
    """Register what is small and read in the one query of the Vorgang, as its attribute ``name``.

    ``expression`` may refer to the Vorgang by ``OuterRef("pk")``. A name twice raises ValueError.
    """
    if name in _marks:
        raise ValueError(f"mark {name!r} is registered twice")
    _marks[name] = expression


def marks() -> dict[str, BaseExpression]:
    """All that the upper rooms read together with the Vorgang."""
    return {name: expression() for name, expression in _marks.items()}


_remarks: dict[str, Remarks] = {}


def register_remarks(name: str, remarks: Remarks) -> None:
    """Register what is to be said of single values of the application data. A name twice raises ValueError."""
    if name in _remarks:
        raise ValueError(f"remarks {name!r} are registered twice")
    _remarks[name] = remarks


def remarks_of(case: Case) -> list[tuple[str, str]]:
    """All that the upper rooms say of single values of the application data."""
    return [remark for _, remarks in sorted(_remarks.items()) for remark in remarks(case)]


def panels_of(case: Case, user: User, part: str = "application") -> list[Panel]:
    """What the upper rooms show of a Vorgang that ``user`` may see, in order."""
    panels = []
    here = (entry for entry in _registered.values() if entry.part == part)
    for entry in sorted(here, key=lambda each: (each.order, each.name)):
        context = entry.context(case, user)
        if context is not None:
            panels.append(Panel(entry.name, entry.template, context))
    return panels
