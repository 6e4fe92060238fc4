"""Findings: what was noticed about a message, as data instead of exceptions."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

VALUE_LENGTH = 200


class Severity(StrEnum):
    """Whether a finding lets the message pass."""

    BLOCKING = "blocking"  # a person has to look: the message goes to the exception queue
    HINT = "hint"  # filed all the same; the finding is shown on the Vorgang


@dataclass(frozen=True)
class Finding:
    """One thing that was noticed about a message.

    ``code`` is stable and snake_case (``not_wellformed``), ``message`` a German sentence that names
    the cause and says what to do, ``path`` the place (XPath, JSON pointer or file name), ``value``
    the offending value (cut to 200 characters), ``line`` and ``column`` the place in the file, where known.
    ``expected`` says in German what should stand there ("ein Datum wie 2026-11-24"), ``file`` is the name of the file
    of the message that ``path`` and ``line`` are of.
    """

    code: str
    message: str
    severity: Severity = Severity.BLOCKING
    path: str = ""
    value: str = ""
    line: int | None = None
    expected: str = ""
    file: str = ""
    column: int | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "severity", Severity(self.severity))
        object.__setattr__(self, "value", self.value[:VALUE_LENGTH])
        object.__setattr__(self, "expected", self.expected[:VALUE_LENGTH])

    @property
    def is_blocking(self) -> bool:
        """True when the message must not be filed before a person has looked."""
        return self.severity is Severity.BLOCKING

    def as_json(self) -> dict[str, Any]:
        """The finding as plain values for a JSON column."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Finding:
        """The finding that ``as_json`` wrote."""
        return cls(**data)
