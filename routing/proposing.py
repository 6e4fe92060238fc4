"""A rule from a decision: the narrowest that covers what a person has placed by hand, and nothing that went elsewhere.

Only what a rule may rest on is looked at: who writes, of what kind the message is, which Leistung it names, and the
words that the subjects or titles share. Names, addresses and references of people are no ground for a rule.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from django.db.models import QuerySet

from cases.conditions import Condition, fold, is_met
from cases.models import OrgUnit, Service
from intake.facts import Facts
from intake.models import Submission
from routing import selectors
from routing.fields import values
from routing.index import Message
from routing.models import ExceptionEntry
from routing.rulebook import in_force

EGVP = "egvp"
"""The channel on which authorities and courts write; elsewhere the sender is a person."""
SENDER = ("sender_code", "sender_safe_id", "sender")
"""Who writes, the surest sign first: one is enough."""
ALIKE = ("service", "message_type")
"""What messages of one kind have in common."""
FURTHER = ("court", "document_role", "recipient_safe_id", "recipient", "standard", "channel")
"""What is added only where something else must be kept out."""
TEXTS = ("subject", "document_title")
TELLING = ("sender", "service", *TEXTS)
"""What a person understands without a list of codes."""
MOST_SENDERS = 8
"""How many different ones a condition may list."""
MOST_WORDS = 6
_CHANCE = re.compile(r"\d|^(aw|re|wg|fwd?|antw):$", re.IGNORECASE)
"""Words that say nothing about what a message is about: numbers, and what mail programs add."""
_WORD = re.compile(r"\w+")
PARTICLES = frozenset(
    [
        "am",
        "an",
        "auf",
        "das",
        "de",
        "den",
        "der",
        "des",
        "die",
        "di",
        "du",
        "in",
        "im",
        "van",
        "vom",
        "von",
        "und",
        "zu",
        "zum",
        "zur",
    ]
)
"""Parts of names and streets that stand elsewhere, too."""
SHORTEST = 4
"""Characters of the shortest word that says anything."""
HISTORY = 5000
"""How many of the last messages are searched for what speaks against a rule."""


@dataclass(frozen=True)
class Example:
    """A message of the past: what it says, and where it went (``place`` None: still open, or turned away)."""

    submission_id: int
    public_id: str
    message: Message
    place: tuple[int, int] | None  # Leistung, team
    is_rejected: bool = False
    personal: frozenset[str] = frozenset()  # words of names and streets of the people in it, as they are compared


@dataclass
class Proposal:
    """What the machine proposes for some examples; ``why_not`` is a German sentence when it cannot.

    ``sender`` is the name of who has written all of them, empty where people write.
    ``others`` are messages of the past that the rule would have placed where they went, ``waiting`` those that a person
    has still to clear, ``against`` the Vorgangs-IDs of those that went elsewhere.
    """

    covers: int = 0
    service: Service | None = None
    unit: OrgUnit | None = None
    rank: int = 1
    conditions: list[Condition] = field(default_factory=list)
    sender: str = ""
    others: int = 0
    waiting: int = 0
    against: list[str] = field(default_factory=list)
    why_not: str = ""

    @property
    def name(self) -> str:
        """A name for the rule that tells a person what it is about: who writes and the words, else what there is."""
        told = [self.sender, *(each.value for each in self.conditions if each.field in TELLING)]
        said = list(dict.fromkeys(filter(None, told))) or [each.value for each in self.conditions]
        return f"{': '.join(text.split('|')[0] for text in said[:2])} → {self.unit or self.service}"[:200]


def from_entries(entries: Sequence[ExceptionEntry]) -> Proposal:
    """Propose a rule that would have placed the messages of these solved Klärfälle where people have put them."""
    solved = [entry.submission_id for entry in entries if entry.resolution in PLACED and entry.submission_id]
    examples = [each for each in _examples(Submission.objects.filter(pk__in=solved), whole=True) if each.place]
    places = {each.place for each in examples}
    if not examples:
        return Proposal(why_not="Keiner dieser Klärfälle hat zu einem neuen Vorgang geführt; daraus wird keine Regel.")
    if len(places) > 1:
        return Proposal(
            why_not="Diese Klärfälle sind verschieden gelöst worden: Sie führten zu mehreren Leistungen oder Teams. "
            "Bitte nur gleich gelöste auswählen."
        )
    ((service_id, unit_id),) = places
    proposal = Proposal(len(examples), Service.objects.get(pk=service_id), OrgUnit.objects.get(pk=unit_id))
    shown = {each.submission_id for each in examples}
    past = Submission.objects.exclude(state=Submission.State.RECEIVED).exclude(pk__in=shown).order_by("-pk")[:HISTORY]
    return _narrowest(proposal, examples, list(_examples(past)))


PLACED = (ExceptionEntry.Resolution.NEW_CASE, ExceptionEntry.Resolution.RESUMED)


def _examples(submissions: QuerySet[Submission], *, whole: bool = False) -> Iterator[Example]:
    """The messages for which the rules were asked, as far as they still say anything; ``whole`` with their texts."""
    rows = selectors.with_rules_decided(submissions).select_related("number", "case")
    wanted = ("channel", "facts", "state", "number__public_id", "case__service_id", "case__unit_id")
    for row in rows.only(*wanted).iterator(chunk_size=500):
        if row.rules_decided and row.facts:
            place = (row.case.service_id, row.case.unit_id) if row.case else None
            facts = Facts.from_json(row.facts)
            said, personal = values(row.channel, facts), _personal(row.channel, facts) if whole else frozenset()
            said = said if whole else {name: said[name] for name in LOOKED_AT}
            is_rejected = row.state == Submission.State.REJECTED
            yield Example(row.pk, row.number.public_id, Message(said), place, is_rejected, personal)


def _personal(channel: str, facts: Facts) -> frozenset[str]:
    """The words by which people are called in a message, and those of their streets."""
    texts = [text for each in facts.parties for text in (each.first_name, each.last_name, each.street)]
    if channel != EGVP:
        texts.append(facts.sender.name)
    return frozenset(_words(" ".join(texts))) - PARTICLES


def _words(text: str) -> list[str]:
    return _WORD.findall(fold(text))


LOOKED_AT = frozenset((*SENDER, *ALIKE, *FURTHER, *TEXTS))


def _narrowest(proposal: Proposal, examples: Sequence[Example], past: Sequence[Example]) -> Proposal:
    """Take what the examples have in common, and add to it until nothing that went elsewhere is met any more."""
    phrases = [condition for name in TEXTS for condition in _phrases(name, examples)]
    chosen = [*_sender(examples), *(c for name in ALIKE for c in _equal(name, examples))]
    if phrases and (len(examples) > 1 or not chosen):
        chosen.append(phrases[0])
    met = [each for each in past if chosen and _meets(each, chosen)]
    further = [*phrases, *(c for name in FURTHER for c in _equal(name, examples))]
    place = examples[0].place
    while against := [each for each in met if each.is_rejected or each.place not in (place, None)]:
        best = min(further, key=lambda condition: sum(_meets(each, [condition]) for each in against), default=None)
        if best is None or all(_meets(each, [best]) for each in against):
            break
        chosen.append(best)
        met = [each for each in met if _meets(each, [best])]
    return _judged(proposal, chosen, met, against, examples)


def _judged(
    proposal: Proposal,
    chosen: list[Condition],
    met: Sequence[Example],
    against: Sequence[Example],
    examples: Sequence[Example],
) -> Proposal:
    proposal.conditions = chosen
    proposal.sender = next((each.value for each in _equal("sender", examples) if _sender(examples)), "")
    proposal.against = [each.public_id for each in against]
    proposal.others = sum(each.place == examples[0].place for each in met)
    proposal.waiting = sum(each.place is None and not each.is_rejected for each in met)
    proposal.rank = _rank(examples)
    if not chosen:
        proposal.why_not = (
            "Diese Nachrichten haben nichts gemeinsam, woran eine Regel sie erkennen könnte: "
            "weder Absender noch Art, Leistung oder Wörter im Betreff."
        )
    elif against:
        proposal.why_not = (
            f"Jede Regel, die diese Nachrichten erfasst, träfe auch {len(against)} andere, "
            "die anderswohin gegangen sind."
        )
    return proposal


def _meets(example: Example, conditions: Iterable[Condition]) -> bool:
    return all(is_met(condition, example.message.values) for condition in conditions)


def _rank(examples: Sequence[Example]) -> int:
    """Before every rule in force that one of the examples meets, else behind all."""
    met = [rule.rank for each in examples for rule in in_force().matching(each.message)]
    return max(0, min(met) - 1) if met else max((rule.rank for rule in in_force().rules), default=0) + 10


def _sender(examples: Sequence[Example]) -> list[Condition]:
    """Who writes: the surest sign that all have in common, else the few that there are. People are no ground."""
    if any(each.message.values["channel"] != [EGVP] for each in examples):
        return []
    for name in SENDER:
        if found := _equal(name, examples):
            return found
    for name in SENDER:
        said = [each.message.values[name] for each in examples]
        different = {fold(text): text for texts in said for text in texts if "|" not in fold(text)}
        # to list who wrote once says nothing about who writes next: each must have written several times
        is_few = 1 < len(different) <= min(MOST_SENDERS, len(examples) // 3)
        if is_few and all(any(fold(text) in different for text in texts) for texts in said):
            return [Condition(name, "one_of", "|".join(sorted(different.values())))]
    return []


def _equal(name: str, examples: Sequence[Example]) -> list[Condition]:
    """The value that all have in common, if there is exactly one; of several the first by alphabet."""
    common = set.intersection(*(set(each.message.folded(name)) for each in examples))
    written = {fold(text): text for text in examples[0].message.values.get(name, [])}
    shared = sorted(written[text] for text in common if text)
    return [Condition(name, "is", shared[0])] if shared else []


def _phrases(name: str, examples: Sequence[Example]) -> list[Condition]:
    """Runs of words that stand in all of these texts and name nobody, the longest first."""
    first = examples[0].message.values.get(name, [])
    personal = frozenset().union(*(each.personal for each in examples))
    found: dict[str, int] = {}
    for text in first:
        words = text.split()
        for start in range(len(words)):
            for end in range(start + 1, min(len(words), start + MOST_WORDS) + 1):
                run = words[start:end]
                if _CHANCE.search(run[-1]) or not personal.isdisjoint(_words(run[-1])):
                    break
                phrase = " ".join(run).strip(' ,;:.-–()"„“')
                if len(phrase) >= SHORTEST:
                    found[phrase] = len(run)
    shared = [
        phrase
        for phrase in found
        if all(any(fold(phrase) in text for text in each.message.folded(name)) for each in examples[1:])
    ]
    shared.sort(key=lambda phrase: (-found[phrase], -len(phrase), phrase))
    return [Condition(name, "contains", phrase) for phrase in shared]
