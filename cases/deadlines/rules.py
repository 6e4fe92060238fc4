"""The rule rows of the Bekanntgabe, from ``rules.toml``: which one is the law for this Land, regime and day."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any

from cases.deadlines.calendar import LAENDER
from cases.deadlines.computing import REGIMES, Regime
from cases.deadlines.errors import DeadlineError
from cases.deadlines.words import short

SHIPPED = Path(__file__).with_name("rules.toml")


class Event(StrEnum):
    """What a Bekanntgabe is counted from."""

    POSTED = "posted"
    PROVIDED = "provided"
    NOTIFIED = "notified"
    RETRIEVED = "retrieved"


EVENTS = {
    Event.POSTED: "Zur Post gegeben oder elektronisch abgesendet",
    Event.PROVIDED: "Im Postfach bereitgestellt",
    Event.NOTIFIED: "Benachrichtigung abgesendet",
    Event.RETRIEVED: "Abgerufen",
}


class Basis(StrEnum):
    """On which ground something counts as known."""

    DISPATCH = "dispatch"
    OZG_9 = "ozg_9"
    VWVFG_41_2A = "vwvfg_41_2a"
    SGBX_37_2A = "sgbx_37_2a"
    AO_122A = "ao_122a"


BASES = {
    Basis.DISPATCH: "Post oder elektronische Übermittlung",
    Basis.OZG_9: "Postfach des Nutzerkontos (§ 9 OZG)",
    Basis.VWVFG_41_2A: "Bereitstellung zum Abruf (§ 41 Abs. 2a VwVfG)",
    Basis.SGBX_37_2A: "Bereitstellung zum Abruf (§ 37 Abs. 2a SGB X)",
    Basis.AO_122A: "Bereitstellung zum Abruf (§ 122a AO)",
}


@dataclass(frozen=True)
class Rule:
    """One row: it is the law in ``laender`` (empty: everywhere) for events from ``valid_from`` on."""

    regime: Regime
    basis: Basis
    valid_from: date
    event: Event
    days: int
    shifts: bool
    source: str
    confirmed: bool
    laender: tuple[str, ...] = ()
    consent: str = ""
    unretrieved: str = ""
    unretrieved_days: int = 0


def read(path: Path) -> tuple[Rule, ...]:
    """The rows of a rules file; ValueError names the row that cannot be used."""
    rows = tomllib.loads(path.read_text("utf-8"))["rule"]
    return tuple(_rule(number, row) for number, row in enumerate(rows, 1))


@cache
def shipped() -> tuple[Rule, ...]:
    """The rows that come with the software."""
    return read(SHIPPED)


def find(basis: Basis, regime: Regime, land: str, on: date, rows: Sequence[Rule] | None = None) -> Rule:
    """The row that is the law for an event of this day; of two that began on the same day the Land's own.

    DeadlineError when there is none.
    """
    rows = shipped() if rows is None else rows
    fitting = [
        row for row in rows if (row.basis, row.regime) == (basis, regime) and (not row.laender or land in row.laender)
    ]
    valid = [row for row in fitting if row.valid_from <= on]
    if valid:
        return max(valid, key=lambda row: (row.valid_from, bool(row.laender)))
    if fitting:
        first = min(row.valid_from for row in fitting)
        raise DeadlineError(f"„{BASES[basis]}“ gibt es erst ab {short(first)}; bitte Datum oder Grundlage prüfen.")
    raise DeadlineError(
        f"„{BASES[basis]}“ gibt es im Verfahren nach {REGIMES[regime]} nicht; bitte eine andere Grundlage wählen."
    )


def _rule(number: int, row: dict[str, Any]) -> Rule:
    try:
        values = row | {
            "regime": Regime(row["regime"]),
            "basis": Basis(row["basis"]),
            "laender": tuple(row.get("laender", ())),
            "event": Event(row["from"]),
        }
        del values["from"]
        rule = Rule(**values)
    except (KeyError, TypeError, ValueError) as error:
        raise ValueError(f"rule {number}: {error}") from error
    unknown = set(rule.laender) - set(LAENDER)
    if unknown or not isinstance(rule.valid_from, date) or rule.days < 0:
        raise ValueError(f"rule {number}: unknown Land, no date or a negative number of days")
    return rule
