"""What a message in the queue gives away about where it belongs, and the one query that asks the database for it."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import date, datetime

from django.db import connection

from cases import court_references, numbers, own_references, references, searching
from cases.models import Party
from intake.facts import Facts, PartyFacts
from intake.models import Submission
from intake.standards.portal import STANDARD as PORTAL
from routing import portal
from routing.duplicates import CONTENT
from routing.recognition import held_references

RECENT = 2000
"""Among so many last Eingänge those of the same sender, kind and Leistung are looked for."""
LAST = 50
"""So many of them count."""
MOST_REFERENCES, MOST_IN_TEXT, MOST_PEOPLE, MOST_ROWS = 8, 5, 10, 300
SHORTEST = 6
"""A foreign reference with fewer characters says nothing without its holder."""
MAIN_ROLES = (Party.Role.APPLICANT, Party.Role.PLAINTIFF)
_LIKE_A_REFERENCE = re.compile(r"(?<![\w.@/-])(?=[^\s]{6,40}(?:\s|$))(?=\S*\d\S*\d\S*\d)[\w#]+(?:[./#-][\w#]+)+")

_SEARCH = """
WITH recent AS MATERIALIZED (
 SELECT s.case_id, s.received_at, s.id, s.facts->>'service' AS service, s.facts->>'message_type' AS type,
  coalesce(nullif(s.facts #>> '{sender,code}', ''), nullif(s.facts #>> '{sender,safe_id}', ''),
           s.facts #>> '{sender,name}') AS sender
  FROM intake_submission s
 WHERE s.id > (SELECT max(id) FROM intake_submission) - %(recent)s AND s.case_id IS NOT NULL AND s.id <> %(own)s),
found AS (
 SELECT 'number' AS kind, case_id, public_id AS value, '' AS more, NULL::int AS party
  FROM cases_casenumber WHERE public_id = ANY(%(numbers)s) AND case_id IS NOT NULL
 UNION ALL SELECT 'file_reference', id, file_reference_key, '', NULL
  FROM cases_case WHERE file_reference_key = ANY(%(references)s)
 UNION ALL SELECT 'foreign_reference', case_id, key, holder, NULL
  FROM cases_foreignreference WHERE key = ANY(%(foreign)s)
 UNION ALL (SELECT 'message', case_id, '', '', NULL FROM intake_submission
  WHERE case_id IS NOT NULL AND id <> %(own)s
   AND ((message_id <> '' AND message_id = %(message_id)s) OR (content_key <> '' AND content_key = %(content_key)s))
  LIMIT %(rows)s)
 UNION ALL (SELECT DISTINCT 'document', s.case_id, '', '', NULL::int
  FROM intake_submissionfile mine JOIN intake_submissionfile theirs USING (blob_id)
  JOIN intake_submission s ON s.id = theirs.submission_id
  WHERE mine.submission_id = %(own)s AND mine.name = ANY(%(documents)s) AND s.id <> %(own)s
   AND s.case_id IS NOT NULL AND theirs.document_id IS NOT NULL LIMIT %(rows)s)
 UNION ALL (SELECT 'person', p.case_id, '', service.slug, p.id
  FROM cases_casesearch words JOIN cases_party p ON p.case_id = words.case_id
  JOIN cases_case c ON c.id = p.case_id JOIN cases_service service ON service.id = c.service_id
  WHERE words.vector @@ %(people)s::tsquery AND p.role = ANY(%(roles)s) AND c.unit_id = ANY(%(units)s)
  ORDER BY p.case_id DESC LIMIT %(rows)s))
SELECT f.kind, f.case_id, f.value, f.more, c.is_open, NULL::int, NULL::timestamptz, c.unit_id, c.service_id,
  service.name, p.first_name, p.last_name, p.organisation, p.birth_date, p.postcode
 FROM found f JOIN cases_case c ON c.id = f.case_id JOIN cases_service service ON service.id = c.service_id
 LEFT JOIN cases_party p ON p.id = f.party WHERE c.unit_id = ANY(%(units)s)
UNION ALL
SELECT wanted.kind, r.case_id, '', '', c.is_open, r.id, r.received_at, c.unit_id, c.service_id, service.name,
  NULL, NULL, NULL, NULL, NULL
 FROM (VALUES ('sender', %(sender)s), ('type', %(type)s), ('service', %(service)s)) AS wanted(kind, value)
 JOIN LATERAL (SELECT * FROM recent WHERE wanted.value <> '' AND wanted.value =
   CASE wanted.kind WHEN 'sender' THEN recent.sender WHEN 'type' THEN recent.type ELSE recent.service END
  ORDER BY recent.id DESC LIMIT %(last)s) r ON true
 JOIN cases_case c ON c.id = r.case_id JOIN cases_service service ON service.id = c.service_id"""


@dataclass(frozen=True)
class Clues:
    """What is looked for: Vorgangs-IDs as written and as meant, references by key with how they are written.

    ``held`` are (key, holder) of the others' references, ``in_text`` the keys of those that only stand in the text.
    """

    ids: list[str] = field(default_factory=list)
    near_ids: list[str] = field(default_factory=list)
    references: dict[str, str] = field(default_factory=dict)
    near: dict[str, str] = field(default_factory=dict)
    foreign: dict[str, str] = field(default_factory=dict)
    held: frozenset[tuple[str, str]] = frozenset()
    in_text: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Row:
    """One thing that the database knows: ``kind`` is number, file_reference, foreign_reference, message, document,
    person, or (of the last Eingänge) sender, type, service. Of the latter three all teams count, of the others only
    those that were asked for.
    """

    kind: str
    case_id: int
    value: str
    more: str
    is_open: bool
    submission_id: int | None
    at: datetime | None
    unit_id: int
    service_id: int
    service: str
    first_name: str | None = None
    last_name: str | None = None
    organisation: str | None = None
    birth_date: date | None = None
    postcode: str | None = None

    @property
    def person(self) -> PartyFacts:
        """Who has the Vorgang, of a row of the kind ``person``."""
        return PartyFacts(
            first_name=self.first_name or "",
            last_name=self.last_name or "",
            organisation=self.organisation or "",
            birth_date=self.birth_date,
            postcode=self.postcode or "",
        )


def people(facts: Facts) -> list[PartyFacts]:
    """Of whom the matter is: who applies or sues; when nobody does, everybody who is named."""
    named = [party for party in facts.parties if party.last_name or party.organisation]
    return ([party for party in named if party.role in MAIN_ROLES] or named)[:MOST_PEOPLE]


def sender_of(facts: Facts) -> str:
    """By what a sender is known: code, else mailbox, else name; "" for a portal, which stands for many people."""
    if facts.standard == PORTAL:
        return ""
    return facts.sender.code or facts.sender.safe_id or facts.sender.name


def of(facts: Facts) -> Clues:
    """The clues in what was understood of a message."""
    text = f"{facts.subject}\n{facts.text}"
    named = [facts.own_reference, *facts.further_own_references, facts.foreign_reference]
    everywhere = "\n".join([facts.case_id, *named, facts.court_reference, text, *_said(facts)])
    ours = {references.key(each): each for each in named if references.identifies(each)}
    ours |= {key: key for key in own_references.find(text)}
    ours |= {references.key(each): each for each in _said(facts) if references.identifies(each) and len(each) <= 40}
    slips = [each for each in named if references.identifies(each)][:MOST_REFERENCES]
    slips += list(dict.fromkeys(_LIKE_A_REFERENCE.findall(text)))[:MOST_IN_TEXT]
    near = {key: written for written in reversed(slips) for key in references.near(written)}
    in_text = {key: court.text for court in court_references.find(text) for key in court.keys}
    theirs = [each for each in (facts.foreign_reference, facts.court_reference) if references.identifies(each)]
    held = frozenset((references.key(reference), holder) for reference, holder in held_references(facts))
    foreign = in_text | {references.key(each): each for each in theirs}
    long_enough = {key: written for key, written in foreign.items() if len(key) >= SHORTEST}
    kept = long_enough | {key: foreign[key] for key, _ in held}
    only_text = frozenset(in_text) - {references.key(each) for each in theirs}
    return Clues(
        ids=numbers.find(everywhere),
        near_ids=numbers.near(everywhere),
        references=ours,
        near={key: written for key, written in near.items() if key not in ours},
        foreign=kept,
        held=held,
        in_text=only_text,
    )


def search(submission: Submission, facts: Facts, given: Clues, units: Collection[int]) -> list[Row]:
    """All that the database knows of these clues: Vorgänge of these units, and where the like went (one query)."""
    documents = [file.name for each in facts.documents for file in each.files if file.part in CONTENT]
    parameters = {
        "own": submission.pk,
        "units": list(units),
        "numbers": [*given.ids, *given.near_ids],
        "references": [*given.references, *given.near],
        "foreign": list(given.foreign),
        "message_id": submission.message_id,
        "content_key": submission.content_key,
        "documents": documents,
        "people": _asked(people(facts)),
        "roles": [role.value for role in MAIN_ROLES],
        "sender": sender_of(facts),
        "type": facts.message_type,
        "service": facts.service,
        "recent": RECENT,
        "last": LAST,
        "rows": MOST_ROWS,
    }
    with connection.cursor() as cursor:
        cursor.execute(_SEARCH, parameters)
        return [Row(*row) for row in cursor.fetchall()]


def _asked(persons: Iterable[PartyFacts]) -> str:
    """What is asked of the search for the Vorgänge of these people: all words of one of the names."""
    names = (person.organisation or f"{person.first_name} {person.last_name}" for person in persons)
    return " | ".join(f"({query})" for name in names if (query := searching.asks(name)))


def _said(facts: Facts) -> list[str]:
    """The texts that an application from a portal says."""
    return portal.texts(facts) if facts.standard == PORTAL else []
