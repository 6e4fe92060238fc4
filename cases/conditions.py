"""Conditions, the same everywhere (rules, checks): all of *(field, operator, value)*, and no expression language."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass

from cases import patterns


class ConditionError(ValueError):
    """A condition cannot mean anything; the message is a German sentence."""


@dataclass(frozen=True)
class Condition:
    """``field operator value``; ``value`` is a text, for ``one_of`` texts separated by ``|``, else unused."""

    field: str
    operator: str
    value: str = ""

    def as_json(self) -> dict[str, str]:
        """The condition as plain values."""
        return asdict(self)

    def in_words(
        self, labels: Mapping[str, str], value_labels: Mapping[str, Callable[[str], str]] | None = None
    ) -> str:
        """The condition as people read it, e.g. ``Betreff enthält „Gewerbe“ oder „Gaststätte“``.

        ``labels`` names the fields, ``value_labels`` what names the values of those that have fixed ones.
        """
        name, label = labels.get(self.field, self.field), OPERATORS[self.operator].label
        shown = (value_labels or {}).get(self.field, str)
        given = self.value.split("|") if OPERATORS[self.operator].is_list else [self.value]
        parts = [f"„{shown(part.strip())}“" for part in given if part.strip()]
        if parts:
            label = label.removesuffix(" eines von")
        return " ".join([name, label, " oder ".join(parts)]).strip()


@dataclass(frozen=True)
class Operator:
    """How values are compared: ``test(actual, wanted)`` on folded text, ``label`` in German.

    With ``is_list`` the value is several, separated by ``|``. ``as_written``: both texts are compared as they are,
    but for blanks and compatibility characters.
    """

    label: str
    test: Callable[[str, str], bool]
    needs_value: bool = True
    is_list: bool = False
    as_written: bool = False


OPERATORS: dict[str, Operator] = {
    "is": Operator("ist", lambda actual, wanted: actual == wanted),
    "contains": Operator("enthält", lambda actual, wanted: wanted in actual),
    "starts_with": Operator("beginnt mit", lambda actual, wanted: actual.startswith(wanted)),
    "ends_with": Operator("endet auf", lambda actual, wanted: actual.endswith(wanted)),
    "one_of": Operator("ist eines von", lambda actual, wanted: actual in parts_of(wanted), is_list=True),
    "contains_one_of": Operator(
        "enthält eines von", lambda actual, wanted: any(part in actual for part in parts_of(wanted)), is_list=True
    ),
    "in_range": Operator("liegt zwischen", lambda actual, wanted: _in_range(actual, wanted)),
    "matches": Operator("passt auf das Muster", patterns.matches, as_written=True),
    "present": Operator("ist angegeben", lambda actual, wanted: bool(actual), needs_value=False),
}


_UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue"})


def sort_key(text: str) -> str:
    """A folded text as names are sorted in lists of names (DIN 5007-2: ä as ae), without other accents."""
    plain = unicodedata.normalize("NFKD", fold(text).translate(_UMLAUTS))
    return "".join(char for char in plain if not unicodedata.combining(char))


def parts_of(wanted: str) -> list[str]:
    """The texts of a list, as they are compared: blanks around ``|`` do not count."""
    return [part.strip() for part in wanted.split("|") if part.strip()]


def _in_range(actual: str, wanted: str) -> bool:
    """``actual`` begins within ``a-k`` or ``sch-st``, both ends with all that begin so."""
    first, _, last = (part.strip() for part in wanted.partition("-"))
    name = sort_key(actual)
    return sort_key(first) <= name and name[: len(sort_key(last))] <= sort_key(last)


def fold(text: str) -> str:
    """Text as it is compared: NFKC, case folded (``ß`` = ``ss``), runs of blanks as one."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def plain(text: str) -> str:
    """Text as patterns see it: NFKC and runs of blanks as one, upper and lower case as written."""
    return " ".join(unicodedata.normalize("NFKC", text).split())


def check(conditions: Iterable[Condition], fields: Iterable[str]) -> None:
    """Raise ConditionError unless every condition names a known field and operator and has a value if it needs one."""
    known = set(fields)
    for condition in conditions:
        if condition.field not in known:
            raise ConditionError(f"Das Feld „{condition.field}“ gibt es nicht.")
        operator = OPERATORS.get(condition.operator)
        if operator is None:
            raise ConditionError(f"Den Vergleich „{condition.operator}“ gibt es nicht.")
        parts = fold(condition.value).split("|") if operator.is_list else [condition.value]
        if operator.needs_value and not all(part.strip() for part in parts):
            raise ConditionError(f"Beim Feld „{condition.field}“ fehlt ein Wert.")
        if condition.operator == "matches" and (fault := patterns.fault(condition.value)):
            raise ConditionError(f"Beim Feld „{condition.field}“: {fault}")
        if condition.operator == "in_range":
            first, dash, last = (sort_key(part) for part in condition.value.partition("-"))
            if not (dash and first and last and first[: len(last)] <= last):
                raise ConditionError(f"Beim Feld „{condition.field}“ gehört ein Bereich hin, zum Beispiel „A-K“.")


def is_met(condition: Condition, values: Mapping[str, Sequence[str]]) -> bool:
    """True when one of the field's values passes; a field without values never does."""
    operator = OPERATORS[condition.operator]
    if operator.as_written:
        return any(operator.test(plain(actual), condition.value) for actual in values.get(condition.field, ()))
    wanted = fold(condition.value)
    return any(operator.test(fold(actual), wanted) for actual in values.get(condition.field, ()))
