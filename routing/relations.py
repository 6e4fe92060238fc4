"""What a message has to do with others: by what it would be recognised as theirs, and they as its own.

All that the pipeline looks for when it places a message is asked for here, with one query for many messages. A message
of which nothing is known is related to nobody: it can be placed without looking further, together with others. What is
asked for may be more than what is looked for, never less.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from django.db import connection

from cases import references
from intake.facts import Facts
from intake.models import Submission
from routing import portal, recognition

_KNOWN = """
SELECT 'content', content_key FROM intake_submission
 WHERE content_key <> '' AND content_key = ANY(%(content)s) AND id <> ALL(%(own)s)
UNION ALL SELECT 'message', message_id FROM intake_submission
 WHERE message_id <> '' AND message_id = ANY(%(message)s) AND id <> ALL(%(own)s)
UNION ALL SELECT 'number', public_id FROM cases_casenumber WHERE public_id = ANY(%(number)s) AND case_id IS NOT NULL
UNION ALL SELECT 'reference', key FROM cases_foreignreference WHERE key = ANY(%(reference)s)
UNION ALL SELECT 'reference', file_reference_key FROM cases_case WHERE file_reference_key = ANY(%(reference)s)
UNION ALL SELECT 'born', birth_date::text FROM cases_party
 WHERE role = 'applicant' AND birth_date = ANY(%(born)s::date[])"""
KINDS = ("content", "message", "number", "reference", "born")
Name = tuple[str, str]  # kind, value


@dataclass(frozen=True)
class Names:
    """By what a message asks for others, and by what others that come later may ask for it."""

    submission_id: int
    asks: frozenset[Name]
    gives: frozenset[Name]


def names(submission: Submission, facts: Facts) -> Names:
    """The names of an understood (and not yet filed) Eingang."""
    ids, keys = portal.asked(facts) if facts.standard == recognition.PORTAL else recognition.asked(facts)
    held = {references.key(reference) for reference, _ in recognition.held_references(facts)}
    both = _of("content", [submission.content_key]) | _of("message", [submission.message_id])
    both |= _of("born", [day.isoformat() for day in portal.birth_dates(facts)])
    asks = both | _of("number", ids) | _of("reference", keys)
    gives = both | _of("number", [submission.number.public_id]) | _of("reference", held)
    return Names(submission.pk, frozenset(asks), frozenset(gives))


def known(messages: Iterable[Names]) -> set[Name]:
    """Which of the names that these messages ask for somebody else has already (one query)."""
    messages = list(messages)
    wanted: dict[str, list[str]] = {kind: [] for kind in KINDS}
    for kind, value in {name for each in messages for name in each.asks}:
        wanted[kind].append(value)
    with connection.cursor() as cursor:
        cursor.execute(_KNOWN, wanted | {"own": [each.submission_id for each in messages]})
        return set(cursor.fetchall())


def file_references(keys: Iterable[str]) -> set[Name]:
    """The names that new Aktenzeichen (by key) are asked by."""
    return _of("reference", keys)


def _of(kind: str, values: Iterable[str]) -> set[Name]:
    return {(kind, value) for value in values if value}


class Line:
    """Messages in the order of their arrival: which of them may go ahead together, without regard to the others.

    One may when it asks for nothing that an earlier one gives, and gives nothing that an earlier one asks for that has
    to wait: then it makes no difference which of the two is placed first.
    """

    def __init__(self) -> None:
        self._given: set[Name] = set()
        self._awaited: set[Name] = set()

    def may_go_ahead(self, message: Names) -> bool:
        """True when the next message in the line depends on no earlier one, nor one that waits on it."""
        return message.asks.isdisjoint(self._given) and message.gives.isdisjoint(self._awaited)

    def add(self, message: Names, *, waits: bool) -> None:
        """The message has its place in the line; ``waits`` when it does not go ahead."""
        self._given |= message.gives
        if waits:
            self._awaited |= message.asks


def related(message: Names, found: Collection[Name]) -> bool:
    """True when something of ``known`` is what this message asks for."""
    return not message.asks.isdisjoint(found)
