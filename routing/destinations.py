"""The teams to which a message may belong, each with why: where the like of it lies, and what it names."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from cases.models import OrgUnit
from routing.clues import Row
from routing.nearness import Nearness

MOST = 5
"""How many are shown."""
ANSWERS = {"sender": "dieses Absenders", "type": "dieser Art", "service": "zu dieser Leistung"}
_STRENGTH = {"named": 5, "rule": 4, "sender": 3, "near_rule": 2, "service": 1, "type": 0}


@dataclass
class Destination:
    """A team, with the Leistung of most of what it got (0: none), and why; ``may_open``: the person may open a Vorgang
    there.
    """

    unit: OrgUnit
    service_id: int = 0
    service: str = ""
    may_open: bool = False
    reasons: list[str] = field(default_factory=list)
    strength: tuple[int, int] = (-1, 0)

    @property
    def query(self) -> str:
        """What has to stand behind the address of the Klärfall so that its form names this team and Leistung."""
        chosen = {"team": self.unit.pk} | ({"leistung": self.service_id} if self.service_id else {})
        return f"?{urlencode(chosen)}#neuer-vorgang"

    def add(self, kind: str, count: int, text: str, service: tuple[int, str] | None) -> None:
        """One more reason; the strongest says which Leistung it is."""
        strength = (_STRENGTH[kind], count)
        if service and (strength > self.strength or not self.service_id):
            self.service_id, self.service = service
        self.strength = max(self.strength, strength)
        self.reasons.append(text)


def of(
    rows: Iterable[Row],
    nearness: Nearness,
    *,
    units: Mapping[int, OrgUnit],
    named: Mapping[str, Any] | None,
    may_open: frozenset[int],
) -> list[Destination]:
    """The teams in question, the likeliest first, at most ``MOST``.

    ``rows`` are those of ``clues.search``; ``units`` all teams by id; ``named`` is ``named_service`` of
    ``selectors.entry_for``; ``may_open`` are the ids of the units in which the person may open a Vorgang.
    """
    found: dict[int, Destination] = {}

    def at(unit_id: int) -> Destination:
        return found.setdefault(unit_id, Destination(units[unit_id], may_open=unit_id in may_open))

    if named and named["unit_id"]:
        text = f"Zuständig für die genannte Leistung {named['name']}."
        at(named["unit_id"]).add("named", 1, text, (named["id"], named["name"]))
    rows = list(rows)
    for kind, words in ANSWERS.items():
        alike = [row for row in rows if row.kind == kind]
        for unit_id, count in Counter(row.unit_id for row in alike).most_common():
            there = Counter((row.service_id, row.service) for row in alike if row.unit_id == unit_id)
            at(unit_id).add(kind, count, _counted(count, len(alike), words, units[unit_id]), there.most_common(1)[0][0])
    for near in nearness.nearest:
        rule = near.rule
        unit_id = rule.unit_id or rule.service.unit_id
        if unit_id and near.is_telling:
            missed = "eine Bedingung fehlt" if len(near.unmet) == 1 else f"{len(near.unmet)} Bedingungen fehlen"
            how = f"die fast passt ({missed})" if near.unmet else "die passt"
            kind = "near_rule" if near.unmet else "rule"
            text = f"Dorthin führt die Regel „{rule.name}“, {how}."
            at(unit_id).add(kind, 1, text, (rule.service_id, rule.service.name))
    return sorted(found.values(), key=lambda each: each.strength, reverse=True)[:MOST]


def _counted(count: int, total: int, words: str, unit: OrgUnit) -> str:
    if total == 1:
        return f"Die letzte Nachricht {words} ging an {unit.name}."
    if count == total == 2:
        return f"Beide letzten Nachrichten {words} gingen an {unit.name}."
    if count == total:
        return f"Alle {total} letzten Nachrichten {words} gingen an {unit.name}."
    went = "ging" if count == 1 else "gingen"
    return f"{count} der letzten {total} Nachrichten {words} {went} an {unit.name}."
