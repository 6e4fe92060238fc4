"""The engine: ordered rules over Facts. It explains itself, and it never guesses."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from cases.conditions import is_met
from routing.fields import LABELS, VALUE_LABELS
from routing.models import Rule

NEAREST = 3


@dataclass(frozen=True)
class Evaluation:
    """How one rule came out: its conditions in words, those that held and those that did not."""

    rule: Rule
    met: list[str]
    unmet: list[str]
    is_near: bool = False  # something else than channel and standard held

    def as_json(self) -> dict[str, Any]:
        """What a person needs to see of it: rule, version, conditions that held and that did not."""
        rule = self.rule
        return {"rule": rule.name, "version": rule.version, "rank": rule.rank, "met": self.met, "unmet": self.unmet}

    @property
    def matches(self) -> bool:
        """True when all conditions held (a rule without conditions matches nothing)."""
        return bool(self.met) and not self.unmet


@dataclass(frozen=True)
class Outcome:
    """What the rules say: one rule (``winner``), or none, or several of the same rank (``tied``)."""

    winner: Evaluation | None = None
    tied: list[Evaluation] = field(default_factory=list)
    nearest: list[Evaluation] = field(default_factory=list)


def evaluate(rule: Rule, values: Mapping[str, Sequence[str]]) -> Evaluation:
    """Ask one rule about a message's values."""
    met, unmet, near = [], [], False
    for condition in rule.parsed:
        holds = is_met(condition, values)
        (met if holds else unmet).append(condition.in_words(LABELS, VALUE_LABELS))
        near = near or (holds and condition.field not in VALUE_LABELS)
    return Evaluation(rule, met, unmet, near)


def decide(rules: Iterable[Rule], values: Mapping[str, Sequence[str]]) -> Outcome:
    """Ask the rules in order. The smallest rank with exactly one match wins; two matches there decide nothing."""
    evaluations = [evaluate(rule, values) for rule in rules]
    matching = [e for e in evaluations if e.matches]
    if not matching:
        near = sorted((e for e in evaluations if e.is_near), key=lambda e: (len(e.unmet), e.rule.rank))
        return Outcome(nearest=near[:NEAREST])
    first = min(e.rule.rank for e in matching)
    best = [e for e in matching if e.rule.rank == first]
    return Outcome(winner=best[0]) if len(best) == 1 else Outcome(tied=best)
