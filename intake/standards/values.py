"""Values as they stand in messages, made comparable: text, file references, times, dates and booleans."""

from __future__ import annotations

import re
from datetime import date, datetime
from zoneinfo import ZoneInfo

BERLIN = ZoneInfo("Europe/Berlin")
"""The time zone of every time that a message states without one."""

MAX_TEXT = 2000
"""The longest one-line text that is taken over, in characters."""
MAX_FREE_TEXT = 100_000
"""The longest text of several lines that is taken over, in characters."""
MAX_ID = 200
"""The longest id that is taken over, in characters (a UUID has 36)."""

PLACEHOLDERS = frozenset(
    {
        "-", "--", "---", "–", "—", ".", "/", "?", "0",
        "ohne", "ohne az", "ohne az.", "ohne aktenzeichen", "unbekannt", "neu", "neueingang",
        "k.a.", "k. a.", "keine angabe", "keines", "kein", "nicht bekannt", "n.n.", "xxx",
    }
)  # fmt: skip
"""What senders write into the field of a file reference when there is none (compared without regard to case)."""

_SAFE_ID = re.compile(r"^[A-Za-z]+(\.[A-Za-z_]+)*\.[0-9A-Za-z]{8}-[0-9A-Za-z-]{20,}(\.\w+)?$")
_GERMAN_TIME = re.compile(r"^(\d{1,2})\.(\d{1,2})\.(\d{4}),?\s+(\d{1,2}):(\d{2})(?::(\d{2}))?(?:\s*Uhr)?$")
PLAUSIBLE_YEARS = range(1900, 2200)
"""The years of times that a message may state."""


def text(value: str | None, limit: int = MAX_TEXT) -> str:
    """``value`` on one line: every run of white space (line breaks, no-break spaces) becomes one space.

    Cut to ``limit`` characters: nothing that is a name, a subject or a reference is longer, and the original is kept.
    """
    return " ".join((value or "")[: 4 * limit].split())[:limit]


def free_text(value: str | None) -> str:
    """``value`` with its line breaks, without white space around it, cut to ``MAX_FREE_TEXT`` characters."""
    return (value or "").strip()[:MAX_FREE_TEXT]


def clean(value: str) -> str:
    """``value`` as text that a database takes: NUL and halves of surrogate pairs become question marks."""
    return value.encode("utf-8", "replace").decode("utf-8").replace("\0", "?")


def reference(value: str | None) -> str:
    """A file reference as ``text``, or "" where ``value`` only says that there is none ("Ohne", "unbekannt")."""
    clean = text(value)
    return "" if clean.casefold() in PLACEHOLDERS else clean


def is_safe_id(value: str) -> bool:
    """Whether ``value`` is the SAFE-ID of a mailbox (``DE.Justiz.<uuid>.<4>``); senders put it where a name goes."""
    return bool(_SAFE_ID.match(value))


def boolean(value: str | None) -> bool:
    """True for the xs:boolean values ``true`` and ``1``."""
    return text(value) in ("true", "1")


def integer(value: str | None, default: int = 0) -> int:
    """The non-negative number in ``value`` that fits a database column, else ``default``."""
    clean = text(value)
    return int(clean) if clean.isascii() and clean.isdigit() and len(clean) < 10 else default


def timestamp(value: str | None) -> datetime | None:
    """An xs:dateTime, aware; without a zone it is German time. None where it cannot be read or is implausible."""
    try:
        moment = datetime.fromisoformat(text(value))
    except ValueError:
        return None
    return _aware(moment) if "T" in text(value) and moment.year in PLAUSIBLE_YEARS else None


def german_timestamp(value: str | None) -> datetime | None:
    """A time in German notation, ``27.09.2021, 14:12:16`` (German time, aware); None where it cannot be read."""
    match = _GERMAN_TIME.match(text(value))
    if not match:
        return None
    day, month, year, hour, minute, second = (int(part or 0) for part in match.groups())
    try:
        return _aware(datetime(year, month, day, hour, minute, second))
    except ValueError:
        return None


def day(value: str | None) -> date | None:
    """An xs:date (a zone suffix is dropped), or None where it is not a full, plausible date."""
    match = re.match(r"^(\d{4}-\d{2}-\d{2})(Z|[+-]\d{2}:\d{2})?$", text(value))
    if not match:
        return None
    try:
        result = date.fromisoformat(match.group(1))
    except ValueError:
        return None
    return result if result.year in range(1800, 2200) else None


def _aware(moment: datetime) -> datetime:
    return moment if moment.tzinfo else moment.replace(tzinfo=BERLIN)
