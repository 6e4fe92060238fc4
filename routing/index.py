"""Which rules can match a message at all: found by what the message says, at a cost that does not grow with the rules.

Every rule is filed once, under what is rarest of its most selective condition: a whole value, or four characters that
must occur in one. What a message says is looked up; the few rules found are then asked properly. A text that is looked
for in vain costs nothing per rule.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from cases import patterns
from cases.conditions import Condition, fold, parts_of, plain, sort_key

GRAM = 4
"""How many characters of a text are looked up at once; shorter texts as they are."""
MAX_INITIALS = 64
"""Over how many first letters a range is filed; a wider one is asked whenever the field says anything."""

WHOLE, INITIAL, ANYTHING = -1, -2, 0  # kinds of keys besides the numbers of characters
NONE: frozenset[int] = frozenset()
Key = tuple[str, int, str]  # field, kind or number of characters, text


class Message:
    """A message's values by field, prepared once each in the forms in which they are compared."""

    def __init__(self, values: Mapping[str, Sequence[str]]) -> None:
        """``values`` as ``routing.fields.values`` gives them."""
        self.values = values
        self._folded: dict[str, list[str]] = {}
        self._plain: dict[str, list[str]] = {}

    def folded(self, name: str) -> list[str]:
        """The values of a field as they are compared."""
        known = self._folded.get(name)
        if known is None:
            known = self._folded[name] = [fold(value) for value in self.values.get(name, ())]
        return known

    def plain(self, name: str) -> list[str]:
        """The values of a field as patterns see them."""
        known = self._plain.get(name)
        if known is None:
            known = self._plain[name] = [plain(value) for value in self.values.get(name, ())]
        return known


@dataclass
class _Field:
    """Where the rules are filed that hang on one field: by kind of key and text, as positions."""

    by_size: dict[int, dict[str, set[int]]] = field(default_factory=lambda: defaultdict(lambda: defaultdict(set)))

    @cached_property
    def sizes(self) -> list[int]:
        """The lengths of texts that are looked up."""
        return [size for size in self.by_size if size > 0]

    def collect(self, texts: Sequence[str], found: set[int]) -> None:
        """Add the rules that hang on what is said."""
        if texts and (anything := self.by_size.get(ANYTHING)):
            found |= anything[""]
        for text in texts:
            if whole := self.by_size.get(WHOLE):
                found |= whole.get(text, NONE)
            if initials := self.by_size.get(INITIAL):
                found |= initials.get(sort_key(text)[:1], NONE)
            for size in self.sizes:
                filed = self.by_size[size]
                for gram in {text[i : i + size] for i in range(len(text) - size + 1)}:
                    if gram in filed:
                        found |= filed[gram]


class RuleIndex:
    """Rules, each known by its position, to be found by what a message says."""

    def __init__(self, rules: Sequence[Sequence[Condition]]) -> None:
        """``rules``: the conditions of each rule. A rule without conditions is never found."""
        ways = [[_alternatives(condition) for condition in conditions] for conditions in rules]
        commonness = Counter(key for rule in ways for way in rule for options in way for key in options)
        self._fields: dict[str, _Field] = defaultdict(_Field)
        for position, rule in enumerate(ways):
            if rule:
                for name, kind, text in min((_rarest(way, commonness) for way in rule), key=lambda each: each[0])[1]:
                    self._fields[name].by_size[kind][text].add(position)
        self._fields = {name: _freeze(filed) for name, filed in self._fields.items()}

    def candidates(self, message: Message) -> list[int]:
        """The positions of all rules that can match, in order."""
        found: set[int] = set()
        for name, filed in self._fields.items():
            filed.collect(message.folded(name), found)
        return sorted(found)

    @property
    def unindexed(self) -> set[int]:
        """The positions of the rules that are asked for every message that says anything in their field."""
        return {p for filed in self._fields.values() for p in filed.by_size.get(ANYTHING, {}).get("", NONE)}


def _freeze(filed: _Field) -> _Field:
    """The same with plain dicts: a look-up must not add anything."""
    return _Field({size: dict(texts) for size, texts in filed.by_size.items()})


def _rarest(way: list[list[Key]], commonness: Counter[Key]) -> tuple[tuple[int, int], list[Key]]:
    """For one condition: how many rules share its keys (worse: when it asks for anything), and the rarest keys."""
    chosen = [min(options, key=lambda key: (commonness[key], key)) for options in way]
    vague = sum(kind == ANYTHING for _, kind, _ in chosen)
    return (vague, sum(commonness[key] for key in chosen)), chosen


def _alternatives(condition: Condition) -> list[list[Key]]:
    """What must be there for the condition to hold: one of the alternatives, each recognisable by any of its keys."""
    name, value = condition.field, fold(condition.value)
    match condition.operator:
        case "is":
            return [[(name, WHOLE, value)]]
        case "one_of":
            return [[(name, WHOLE, part)] for part in set(parts_of(value))]
        case "contains" | "starts_with" | "ends_with":
            return [_grams(name, value)]
        case "contains_one_of":
            return [_grams(name, part) for part in set(parts_of(value))]
        case "matches":
            return [_of_pattern(name, condition.value)]
        case "in_range":
            return _initials(name, value)
        case _:
            return [[(name, ANYTHING, "")]]


def _grams(name: str, text: str) -> list[Key]:
    size = min(GRAM, len(text))
    return [(name, size, text[i : i + size]) for i in range(len(text) - size + 1)] if text else [(name, ANYTHING, "")]


def _of_pattern(name: str, pattern: str) -> list[Key]:
    needed = [fold(text) for text in patterns.literals(pattern)]
    whole = [text for text in needed if len(text) >= GRAM] or needed
    return [key for text in whole for key in _grams(name, text)] or [(name, ANYTHING, "")]


def _initials(name: str, wanted: str) -> list[list[Key]]:
    first, _, last = (sort_key(part) for part in wanted.partition("-"))
    letters: Iterable[int] = range(ord(first[0]), ord(last[0]) + 1) if first and last else ()
    if not letters or len(letters) > MAX_INITIALS:
        return [[(name, ANYTHING, "")]]
    return [[(name, INITIAL, chr(letter))] for letter in letters]
