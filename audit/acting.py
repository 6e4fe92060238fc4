"""Who is acting, what, and why: the context that every history row is filled from.

Only actions open it. Whoever writes a tracked model outside of it gets a RuntimeError: that is the
runtime half of the rule "only actions write".
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

NAME_LENGTH = 150  # what an actor's column holds


class Source(StrEnum):
    """Where a change came from."""

    USER = "user"
    RULE = "rule"
    CHANNEL = "channel"
    SYSTEM = "system"


@dataclass(frozen=True)
class Actor:
    """Who does something: a person (with ``user``), a rule, a channel or the system itself.

    ``name`` is kept as text in the history and survives the user.
    """

    kind: Source
    name: str
    user: Any | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "name", self.name[:NAME_LENGTH])

    @classmethod
    def of(cls, user: Any) -> Actor:
        """The actor for a logged-in user."""
        return cls(Source.USER, user.get_username(), user)

    @property
    def is_person(self) -> bool:
        """True when a human being acts (the machine never decides)."""
        return self.kind is Source.USER

    def __str__(self) -> str:
        return self.name


SYSTEM = Actor(Source.SYSTEM, "Laufmappe")


@dataclass(frozen=True)
class Acting:
    """What is being done right now, for the history."""

    actor: str
    action: str
    source: str
    reason: str = ""


_now: ContextVar[Acting | None] = ContextVar("acting", default=None)


@contextmanager
def acting(by: Actor, action: str, *, reason: str = "") -> Iterator[None]:
    """While the block runs, tracked models may be written: as ``action`` of ``by``, because of ``reason``."""
    token = _now.set(Acting(by.name, action, by.kind, reason))
    try:
        yield
    finally:
        _now.reset(token)


def current() -> Acting:
    """What is being done right now; RuntimeError outside of an action."""
    now = _now.get()
    if now is None:
        raise RuntimeError("A tracked model was written outside an action: there is no acting() context.")
    return now


# The history's columns are filled by these defaults, in bulk writes too. Migrations name them: do not rename.


def actor() -> str:
    """Default of the history's actor."""
    return current().actor


def action() -> str:
    """Default of the history's action code."""
    return current().action


def source() -> str:
    """Default of the history's source."""
    return str(current().source)


def reason() -> str:
    """Default of the history's reason."""
    return current().reason
