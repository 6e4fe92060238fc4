"""The trial run: what other rules would do with the messages that have come so far. It changes nothing.

The same function decides here as in the pipeline (``verdict.by_rules``), so what the trial run says is what the rules
then do. Only messages for which the rules were asked count: an answer, a repetition or a damaged message is placed
without them, whatever they say.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from django.utils import timezone

from cases.models import Case, User
from intake.facts import Facts
from intake.models import Submission
from routing import exceptions, selectors
from routing.engine import Rules
from routing.index import Message
from routing.models import CONTENT, Rule, RuleChange, RuleDraft
from routing.rulebook import in_force
from routing.verdict import Hold, NewCase, Reply, asked, by_rules

LAST = 5000
"""How many of the last messages a trial run looks at, when nobody says otherwise."""
CHUNK = 500

Place = tuple[str, object, object, object]
"""Where a message goes, to be compared: kind, and what it is of that kind."""


@dataclass(frozen=True)
class Difference:
    """A message that would go somewhere else; ``before`` and ``after`` in German words."""

    submission_id: int
    public_id: str
    received_at: datetime
    before: str
    after: str


@dataclass
class Trial:
    """What would be different.

    ``considered`` messages were looked at, for ``asked`` of them the rules decide. ``moved`` went to another Leistung,
    team, person or Vorgang, ``left_queue`` would no longer have to be cleared by a person, ``into_queue`` would, of
    the queue ``ties`` because rules of one rank contradict each other. ``pairs``: from, to, how many. ``hits``: per
    change (its id) how many messages meet its conditions, whatever its rank.
    """

    considered: int = 0
    asked: int = 0
    moved: int = 0
    left_queue: int = 0
    into_queue: int = 0
    ties: int = 0
    differences: list[Difference] = field(default_factory=list)
    pairs: list[tuple[str, str, int]] = field(default_factory=list)
    hits: dict[int, int] = field(default_factory=dict)

    def as_json(self) -> dict[str, int]:
        """The figures, to be kept."""
        names = ("considered", "asked", "moved", "left_queue", "into_queue", "ties")
        return {name: getattr(self, name) for name in names}


def of_draft(draft: RuleDraft, limit: int = LAST, *, changes: Sequence[RuleChange] | None = None) -> Trial:
    """Try the draft out on the last ``limit`` messages, as of the day on which all its changes are in force.

    ``changes`` are those of the draft with what they lead to, where they are at hand.
    """
    if changes is None:
        changes = list(draft.changes.select_related("service__unit", "unit"))
    begins = [c.valid_from for c in changes if c.valid_from and c.kind != RuleChange.Kind.RETIRE]
    rules = in_force()
    return compare(rules, with_changes(rules, changes), on=max([timezone.localdate(), *begins]), limit=limit)


def with_changes(rules: Rules, changes: Iterable[RuleChange]) -> Rules:
    """The rules as they would be with these changes. A changed one keeps its ``pk``, a new one has a negative one."""
    as_is = {rule.pk: rule for rule in rules.rules}
    for change in changes:
        if change.kind == RuleChange.Kind.RETIRE:
            as_is.pop(change.rule_id, None)
            continue
        known = as_is.get(change.rule_id)
        rule = Rule(pk=change.rule_id or -change.pk, version=known.version + 1 if known else 1)
        for name in CONTENT:
            setattr(rule, name, getattr(change, name))
        rule.service, rule.unit = change.service, change.unit
        rule.from_change = change.pk
        as_is[rule.pk] = rule
    return Rules(as_is.values())


def compare(before: Rules, after: Rules, *, on: date, limit: int = LAST) -> Trial:
    """Ask both about the last ``limit`` messages, as of one day."""
    changed = Rules(rule for rule in after.rules if hasattr(rule, "from_change"))
    cases = _cases(before, after)
    trial, hits, places = Trial(), Counter(), []
    for submission in _last(limit):
        trial.considered += 1
        if not submission.rules_decided or not submission.facts:
            continue
        trial.asked += 1
        message = asked(submission.channel, Facts.from_json(submission.facts))
        hits += Counter(rule.from_change for rule in changed.matching(message))
        was, would_be = (_place(message, rules, on, cases) for rules in (before, after))
        _count(trial, was, would_be)
        if was != would_be:
            places.append((submission, was, would_be))
    words = _Words(places)
    trial.differences = [
        Difference(s.pk, s.number.public_id, s.received_at, words.of(was), words.of(would_be))
        for s, was, would_be in places
    ]
    pairs = Counter((difference.before, difference.after) for difference in trial.differences)
    trial.pairs = [(was, would_be, n) for (was, would_be), n in pairs.most_common()]
    trial.hits = {rule.from_change: hits[rule.from_change] for rule in changed.rules}
    return trial


def _last(limit: int) -> Iterator[Submission]:
    """The last messages, newest first."""
    rows = selectors.with_rules_decided(Submission.objects.exclude(state=Submission.State.RECEIVED))
    rows = rows.select_related("number").order_by("-pk")
    yield from rows.only("channel", "facts", "received_at", "number__public_id")[:limit].iterator(chunk_size=CHUNK)


def _place(message: Message, rules: Rules, on: date, cases: Mapping[int, Case]) -> Place:
    match by_rules(message, rules, on=on, cases=cases):
        case NewCase(rule, unit, _):
            return ("new", rule.service.name, unit.name, rule.person_id)
        case Reply(case):
            return ("case", case.public_id, None, None)
        case Hold(reason):
            return ("hold", reason, None, None)


def _count(trial: Trial, was: Place, would_be: Place) -> None:
    trial.ties += would_be[:2] == ("hold", "equal_rules")
    was_held, is_held = was[0] == "hold", would_be[0] == "hold"
    trial.left_queue += was_held and not is_held
    trial.into_queue += is_held and not was_held
    trial.moved += not was_held and not is_held and was != would_be


def _cases(*books: Rules) -> Mapping[int, Case]:
    """The Vorgänge that rules lead to, as they are now."""
    wanted = {rule.case_id for book in books for rule in book.rules} - {None}
    return Case.objects.select_related("unit").in_bulk(wanted) if wanted else {}


class _Words:
    """Places in German words."""

    def __init__(self, places: Iterable[tuple[Submission, Place, Place]]) -> None:
        wanted = {person for _, was, would_be in places for *_, person in (was, would_be)} - {None}
        self._people = User.objects.in_bulk(wanted) if wanted else {}

    def of(self, place: Place) -> str:
        """„Wohngeld, Wohngeldstelle“, „Vorgang V-…“ or „Klärung: Keine Regel passt“."""
        kind, what, unit, person = place
        if kind == "hold":
            return f"Klärung: {exceptions.label_of(what)}"
        if kind == "case":
            return f"Vorgang {what}"
        return f"{what}, {unit}" + (f", {self._people[person]}" if person else "")
