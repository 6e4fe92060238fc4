"""The contract of a channel adapter: from a source on disk to envelopes."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from intake.envelope import Envelope


@dataclass(frozen=True)
class Skipped:
    """Something at ``source`` that was left alone for now, and ``why`` (a German sentence).

    It is not a message (yet): somebody is still writing it, or it cannot be read at the moment. It is looked at
    again the next time.
    """

    source: str
    why: str


class Channel(ABC):
    """A way on which messages arrive.

    ``slug`` is the stable name in commands and in the database, ``label`` the German name that people see. An
    adapter turns its source into envelopes; it neither stores nor moves nor deletes anything, and it does not
    interpret content beyond what it needs for the carrier's message id and arrival time.
    """

    slug: ClassVar[str]
    label: ClassVar[str]

    @abstractmethod
    def envelopes(self, path: Path) -> Iterator[Envelope | Skipped]:
        """Every message at ``path``, in a fixed order, one by one.

        Content never raises: whatever a sender wrote gives an Envelope, with findings where something is wrong.
        Raises FileNotFoundError when ``path`` does not exist (a mistake of the caller, not of a sender).
        """

    @abstractmethod
    def inbox(self, folder: Path, *, ignore: Collection[str] = ()) -> Iterator[Envelope | Skipped]:
        """Every message in the watched ``folder``, which is never a message itself, not even when it is empty.

        ``ignore`` names entries that are the house's own (where read messages are moved to). Otherwise as
        ``envelopes``.
        """
