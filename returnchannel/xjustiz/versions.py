"""Which version of XJustiz is written: the one that is valid on the day of sending, as far as it is installed.

What a court has sent says nothing about what it takes: during a change both versions come in, and a version that
is no longer valid is not written again (``reference/message-standards.md`` sections 1.1 and 9).
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from intake import schemas

Minor = tuple[int, int]

VALID_FROM: tuple[tuple[date, Minor], ...] = (
    (date(2021, 10, 31), (3, 2)),
    (date(2022, 10, 31), (3, 3)),
    (date(2023, 10, 31), (3, 4)),
    (date(2025, 4, 30), (3, 5)),
    (date(2026, 4, 30), (3, 6)),
    (date(2027, 4, 30), (3, 7)),
)
"""From when on which version counts; what was before is 2.4."""


def valid_on(day: date) -> Minor:
    """The version (major, minor) that counts on this day."""
    return max(((start, minor) for start, minor in VALID_FROM if start <= day), default=(day, (2, 4)))[1]


def version_for(day: date, installed: Iterable[str] | None = None) -> str:
    """The whole version to be written on this day, or "" when its schema is not installed.

    ``installed``: the versions of XJustiz in the schema store (default: those that are there).
    """
    if installed is None:
        installed = [each.version for each in schemas.listing() if (each.kind, each.name) == ("schema", "xjustiz")]
    wanted = valid_on(day)
    fitting = [each for each in installed if schemas.version_key(each)[:2] == wanted]
    return max(fitting, key=schemas.version_key, default="")
