"""The contract of a channel back: one thing to tell in, what became of it out."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar, Generic, TypeVar

Item = TypeVar("Item")


class Result(StrEnum):
    """What became of it."""

    DELIVERED = "delivered"  # the other side has it, and has said so
    FAILED = "failed"  # it may go well later
    REFUSED = "refused"  # this one never will
    ENDED = "ended"  # the other side never wants anything again on this way


@dataclass(frozen=True)
class Outcome:
    """What became of one attempt.

    ``status`` is the other side's own code, where it has one; ``error`` a German sentence without person data;
    ``is_away`` says that nobody answered at all, so that the next thing for the same receiver need not be tried now.
    """

    result: Result
    status: int | None = None
    error: str = ""
    is_away: bool = False


class Channel(ABC, Generic[Item]):
    """A way back.

    ``slug`` is the stable name in the database, ``label`` the German name that people see, ``is_written_form`` says
    whether what goes this way meets the written form (§ 3a VwVfG). An adapter tells one thing once; it writes nothing
    to the database, and what fails is tried again by others.
    """

    slug: ClassVar[str]
    label: ClassVar[str]
    is_written_form: ClassVar[bool]

    @abstractmethod
    def send(self, item: Item) -> Outcome:
        """Tell ``item``, outside any transaction. What goes wrong is an outcome, not an exception."""

    def confirm(self, item: Item) -> None:  # noqa: B027 - most have nothing to do
        """Let go of what ``send`` has prepared, in the transaction that notes it as told; quick, and twice as once."""
