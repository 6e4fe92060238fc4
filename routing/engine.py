"""The engine: ordered rules over what a message says. It explains itself, and it never guesses."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from cases import patterns
from cases.conditions import OPERATORS, Condition, fold, is_met
from routing.fields import LABELS, VALUE_LABELS
from routing.index import Message, RuleIndex
from routing.models import RuleContent

Test = Callable[[Message], bool]


@dataclass(frozen=True)
class Evaluation:
    """How one rule came out: its conditions in words, those that held and those that did not."""

    rule: RuleContent
    met: list[str]
    unmet: list[str]

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


def evaluate(rule: RuleContent, values: Mapping[str, Sequence[str]]) -> Evaluation:
    """Ask one rule about a message's values."""
    met: list[str] = []
    unmet: list[str] = []
    for condition in rule.parsed:
        holds = is_met(condition, values)
        (met if holds else unmet).append(condition.in_words(LABELS, VALUE_LABELS))
    return Evaluation(rule, met, unmet)


def in_words(rule: RuleContent) -> list[str]:
    """The conditions of a rule as people read them."""
    return [condition.in_words(LABELS, VALUE_LABELS) for condition in rule.parsed]


class Rules:
    """Rules, compiled once and asked often: what one message costs does not grow with their number."""

    def __init__(self, rules: Iterable[RuleContent]) -> None:
        """Compile the rules, in their order: by rank, and within a rank as given."""
        self.rules = sorted(rules, key=lambda rule: rule.rank)
        conditions = [rule.parsed for rule in self.rules]
        self._tests = [[_test(condition) for condition in each] for each in conditions]
        self._index = RuleIndex(conditions)

    def __len__(self) -> int:
        return len(self.rules)

    @property
    def slow(self) -> list[RuleContent]:
        """The rules that must be asked for every message, because nothing of them can be looked up."""
        return [self.rules[position] for position in sorted(self._index.unindexed)]

    def decide(self, message: Message, *, on: date) -> Outcome:
        """The smallest rank with exactly one match wins; two matches there decide nothing.

        ``on`` is the day of which the rules are asked.
        """
        best: list[RuleContent] = []
        for rule in self._holding(message):
            if best and rule.rank > best[0].rank:
                break
            if rule.holds_on(on):
                best.append(rule)
        evaluations = [Evaluation(rule, in_words(rule), []) for rule in best]
        return Outcome(winner=evaluations[0]) if len(best) == 1 else Outcome(tied=evaluations)

    def matching(self, message: Message) -> list[RuleContent]:
        """All rules whose conditions hold, whatever their rank and period, in order."""
        return list(self._holding(message))

    def tested(self, message: Message) -> Iterator[tuple[RuleContent, list[bool]]]:
        """Every rule with whether each of its conditions holds; this asks all, and takes its time."""
        for rule, tests in zip(self.rules, self._tests, strict=True):
            yield rule, [test(message) for test in tests]

    def _holding(self, message: Message) -> Iterator[RuleContent]:
        for position in self._index.candidates(message):
            if all(test(message) for test in self._tests[position]):
                yield self.rules[position]


def _test(condition: Condition) -> Test:
    """The condition with its value prepared once."""
    operator, name = OPERATORS[condition.operator], condition.field
    if condition.operator == "matches":
        return _pattern_test(name, condition.value)
    wanted = fold(condition.value)
    return lambda message: any(operator.test(actual, wanted) for actual in message.folded(name))


def _pattern_test(name: str, value: str) -> Test:
    """Search only where the words are that the pattern cannot do without: a search costs fifty times as much."""
    pattern, needed = patterns.compiled(value), [fold(text) for text in patterns.literals(value)]

    def test(message: Message) -> bool:
        texts = zip(message.folded(name), message.plain(name), strict=True)
        return any(all(word in folded for word in needed) and pattern.search(text) for folded, text in texts)

    return test
