"""Working days and holidays at the authority's seat: a Land, in some a municipality, and dates of its own.

Holiday law is Land law. Saturday is no working day (§ 193 BGB, § 31 Abs. 3 VwVfG, § 26 Abs. 3 SGB X, § 108 Abs. 3 AO);
24 and 31 December are working days.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import lru_cache

import holidays

from cases.deadlines.errors import DeadlineError
from cases.deadlines.words import WEEKDAYS, short

LAENDER: dict[str, str] = {
    "BW": "Baden-Württemberg",
    "BY": "Bayern",
    "BE": "Berlin",
    "BB": "Brandenburg",
    "HB": "Bremen",
    "HH": "Hamburg",
    "HE": "Hessen",
    "MV": "Mecklenburg-Vorpommern",
    "NI": "Niedersachsen",
    "NW": "Nordrhein-Westfalen",
    "RP": "Rheinland-Pfalz",
    "SL": "Saarland",
    "SN": "Sachsen",
    "ST": "Sachsen-Anhalt",
    "SH": "Schleswig-Holstein",
    "TH": "Thüringen",
}
CATHOLIC = "catholic"
TOWNS = {"Augsburg": "BY"}  # municipalities with a holiday of their own, and their Land
FIRST, LAST = date(1991, 1, 1), date(2100, 12, 31)  # the days that the library knows the holidays of


@dataclass(frozen=True)
class Calendar:
    """The holidays that count: of ``land``, where ``catholic`` also those of mostly catholic municipalities.

    That makes a difference in BY (Mariä Himmelfahrt), SN and TH (Fronleichnam); elsewhere it changes nothing.
    ``town`` is a municipality of TOWNS; ``extra`` are further holidays as (day, name).
    """

    land: str
    catholic: bool = False
    town: str = ""
    extra: tuple[tuple[date, str], ...] = ()

    def __post_init__(self) -> None:
        if self.land not in LAENDER:
            raise DeadlineError(f"Das Land „{self.land}“ gibt es nicht; bitte eines von {', '.join(sorted(LAENDER))}.")
        if self.town and TOWNS.get(self.town) != self.land:
            raise DeadlineError(f"Eigene Feiertage von „{self.town}“ sind für {self.land} nicht bekannt.")

    def with_days(self, extra: Iterable[tuple[date, str]]) -> Calendar:
        """The same calendar with further holidays."""
        return replace(self, extra=(*self.extra, *extra))

    def holiday(self, on: date) -> str:
        """The name of the holiday on this day; empty when there is none, DeadlineError when nobody can know."""
        name = _public(self.town or self.land, self.catholic, within_reach(on).year).get(on, "")
        return name or next((name for day, name in self.extra if day == on), "")

    def why_free(self, on: date) -> str:
        """Why this is no working day, e.g. ``Samstag`` or ``Feiertag (Fronleichnam)``; empty when it is one."""
        if name := self.holiday(on):
            return f"Feiertag ({name})"
        return WEEKDAYS[on.weekday()] if on.weekday() >= 5 else ""

    def is_working_day(self, on: date) -> bool:
        """True for a day that a Frist may end on."""
        return not self.why_free(on)

    def next_working_day(self, on: date) -> date:
        """This day, or the first working day after it."""
        while not self.is_working_day(on):
            on += timedelta(days=1)
        return on


@lru_cache(maxsize=4096)
def _public(place: str, catholic: bool, year: int) -> dict[date, str]:
    """The holidays of a year, as plain values: the library's own objects fill themselves while they are asked."""
    categories = ("public", CATHOLIC) if catholic else ("public",)
    return dict(holidays.country_holidays("DE", subdiv=place, years=year, categories=categories, language="de"))


def parse_day(text: str) -> date:
    """A day written as ``2026-11-24`` or ``24.11.2026``; DeadlineError for anything else or out of reach."""
    said = text.strip()
    parts = said.split(".") if "." in said else list(reversed(said.split("-")))
    if len(parts) != 3 or not all(part.isascii() and part.isdigit() for part in parts) or len(parts[2]) != 4:
        raise DeadlineError(f"„{text}“ ist kein Datum; bitte so angeben: 24.11.2026 oder 2026-11-24.")
    try:
        on = date(int(parts[2]), int(parts[1]), int(parts[0]))
    except ValueError as error:
        raise DeadlineError(f"Den Tag „{text}“ gibt es nicht; bitte das Datum prüfen.") from error
    return within_reach(on)


def is_within_reach(on: date) -> bool:
    """True for a day of which it is known whether it is a holiday."""
    return FIRST <= on <= LAST


def within_reach(on: date) -> date:
    """The day itself; DeadlineError when no holidays are known for it."""
    if not is_within_reach(on):
        raise DeadlineError(f"Gerechnet wird von {FIRST.year} bis {LAST.year}; der {short(on)} liegt außerhalb.")
    return on


def calendar_of(land: str, local: str = "") -> Calendar:
    """The calendar of a Land with what is said of the place, e.g. ``catholic;Augsburg;2027-05-14=Stadtfest``.

    ``local`` are parts separated by semicolons, in any order: ``catholic``, a municipality of TOWNS, and extra
    holidays as ``day=name``. DeadlineError says what cannot be understood.
    """
    catholic, town, extra = False, "", []
    for part in (each.strip() for each in local.split(";")):
        if not part:
            continue
        day, sign, name = (piece.strip() for piece in part.partition("="))
        if sign:
            if not name:
                raise DeadlineError(f"Beim Feiertag „{part}“ fehlt der Name; bitte so angeben: 2027-05-14=Stadtfest.")
            extra.append((parse_day(day), name))
        elif part.casefold() == CATHOLIC:
            catholic = True
        else:
            town = next((known for known in TOWNS if known.casefold() == part.casefold()), part)
    if town and town not in TOWNS:
        raise DeadlineError(
            f"„{town}“ ist hier nicht bekannt; möglich sind {CATHOLIC}, {', '.join(TOWNS)} und Tage wie "
            "2027-05-14=Stadtfest, getrennt durch Semikolon."
        )
    return Calendar(land.strip().upper(), catholic, town, tuple(extra))
