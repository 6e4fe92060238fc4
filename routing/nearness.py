"""How near each rule came to a message: which of its conditions held, and what the message has where they did not."""

from __future__ import annotations

import heapq
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from cases.conditions import Condition
from routing import engine
from routing.engine import Rules
from routing.fields import LABELS, VALUE_LABELS
from routing.index import Message
from routing.models import Rule, RuleContent

NEAREST = 3
"""How many are shown at once."""
MOST = 50
"""How many are shown at most."""
LONGEST = 80
"""How many characters of a value are shown."""


@dataclass(frozen=True)
class Near:
    """One rule about one message: the conditions that held, and those that did not with what stands there instead.

    ``is_telling`` when something else held than channel and standard, which are the same for most messages.
    """

    rule: Rule
    met: list[str]
    unmet: list[str]
    is_telling: bool


@dataclass(frozen=True)
class Nearness:
    """The rules by how near they came: ``nearest``, the ``others`` (not all of very many), and how many there are."""

    nearest: list[Near] = field(default_factory=list)
    others: list[Near] = field(default_factory=list)
    total: int = 0

    @property
    def all(self) -> list[Near]:
        """Those that can be shown."""
        return [*self.nearest, *self.others]


def of(rules: Rules, message: Message) -> Nearness:
    """How near the ``rules`` came to a message.

    Those with the fewest conditions that did not hold come first, of these those in which more than channel and
    standard held, then those with the most that did, then the smaller rank. A rule that matches comes before all.
    """
    keyed = [(_distance(rule, held), rule) for rule, held in rules.tested(message)]
    nearest = heapq.nsmallest(MOST, keyed, key=lambda pair: pair[0])  # only these are put into words
    values = message.values
    shown = [_with_values(_near(engine.evaluate(rule, values)), values) for _, rule in nearest]
    return Nearness(shown[:NEAREST], shown[NEAREST:], len(keyed))


def _distance(rule: RuleContent, held: Sequence[bool]) -> tuple[int, ...]:
    """By what rules are sorted."""
    is_telling = any(
        holds and said["field"] not in VALUE_LABELS for holds, said in zip(held, rule.conditions, strict=True)
    )
    return len(held) - sum(held), not is_telling, -sum(held), rule.rank, rule.pk


def _near(evaluation: engine.Evaluation) -> Near:
    rule, met = evaluation.rule, evaluation.met
    held = len(met)
    common = sum(each.field in VALUE_LABELS and _in_words(each) in met for each in rule.parsed) if held else 0
    return Near(rule, met, evaluation.unmet, is_telling=held > common)


def _with_values(near: Near, values: Mapping[str, Sequence[str]]) -> Near:
    fields = {_in_words(condition): condition.field for condition in near.rule.parsed}
    return replace(near, unmet=[f"{text} – {_instead(fields.get(text, ''), values)}" for text in near.unmet])


def _in_words(condition: Condition) -> str:
    return condition.in_words(LABELS, VALUE_LABELS)


def _instead(name: str, values: Mapping[str, Sequence[str]]) -> str:
    """What the message has in this field, as people read it: ``hier steht „Amtsgericht Köln“``."""
    shown = VALUE_LABELS.get(name, str)
    found = list(dict.fromkeys(" ".join(shown(value).split()) for value in values.get(name, ())))
    if not found:
        return "hier steht nichts"
    cut = [each if len(each) <= LONGEST else f"{each[:LONGEST].rstrip()} …" for each in found[:NEAREST]]
    more = f" und {len(found) - NEAREST} mehr" if len(found) > NEAREST else ""
    return "hier steht " + ", ".join(f"„{each}“" for each in cut) + more
