"""What is special about applications from portals: who names a Vorgang need not be entitled to it.

References can be guessed, so none of them joins an application to a Vorgang; a Vorgangs-ID does, when the same portal
brought that Vorgang for the same Leistung. And whoever applies twice is told to the people, not to the machine.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from itertools import chain, islice
from typing import Any

from django.db.models import Q

from cases import numbers, references
from cases.conditions import fold
from cases.models import Case, ForeignReference, Party, Service
from intake.facts import Correspondent, Facts, PartyFacts
from intake.findings import Finding, Severity
from intake.models import ApiClient, Submission
from routing.recognition import PORTAL_HOLDER

MAX_TEXTS = 500  # of an application are looked at
LONGEST_REFERENCE = 120
SHORTEST_FOREIGN = 6  # a house number is nobody's reference


@dataclass(frozen=True)
class Named:
    """A Vorgang that an application names, and why (a German sentence without the reference itself)."""

    case: Case
    why: str
    by_public_id: bool


def sender_of(client: ApiClient) -> Correspondent:
    """The portal as a sender; what stands for its mailbox holds the references that it gives."""
    return Correspondent(name=client.name, safe_id=f"{PORTAL_HOLDER}{client.pk}")


def named_cases(facts: Facts) -> list[Named]:
    """The Vorgänge whose Vorgangs-ID, Aktenzeichen or foreign reference stands in an application (three queries)."""
    ids, keys = asked(facts)
    found: dict[int, Named] = {}
    for case in Case.objects.filter(numbers__public_id__in=ids).distinct().order_by("id"):
        found[case.pk] = Named(case, f"Der Antrag nennt die Vorgangs-ID {case.public_id}.", by_public_id=True)
    for case in Case.objects.filter(file_reference_key__in=keys).order_by("id"):
        why = f"Der Antrag nennt das Aktenzeichen {case.file_reference}."
        found.setdefault(case.pk, Named(case, why, by_public_id=False))
    for case in _with_foreign_reference(keys):
        why = "Der Antrag nennt ein Zeichen, unter dem eine andere Stelle diesen Vorgang führt."
        found.setdefault(case.pk, Named(case, why, by_public_id=False))
    return list(found.values())


def asked(facts: Facts) -> tuple[set[str], set[str]]:
    """All that ``named_cases`` looks for: Vorgangs-IDs, and references (by key) of whomever."""
    said = texts(facts)
    short = [text for text in said if len(text) <= LONGEST_REFERENCE and references.identifies(text)]
    ids = {number for text in (facts.case_id, *said) for number in numbers.find(text)}
    return ids, {references.key(text) for text in short} - {""}


def texts(facts: Facts) -> list[str]:
    """What an application says in words, at most ``MAX_TEXTS`` texts: the portal's own reference first."""
    return list(islice(chain([facts.foreign_reference], _texts(facts.data)), MAX_TEXTS))


def may_join(case: Case, facts: Facts, client: ApiClient) -> bool:
    """True for an open Vorgang of the same Leistung that this portal has brought itself."""
    is_theirs = Submission.objects.filter(case=case, client=client).exists()
    return is_theirs and case.status in Case.OPEN and case.service.slug == facts.service


def keys(facts: Facts) -> list[str]:
    """By what two applications of the same person for the same Leistung are placed one after another."""
    return [f"{facts.service} {_who(person)}" for person in _applicants(facts)]


def birth_dates(facts: Facts) -> set[date]:
    """When those who apply were born: of the others only who was born then can be the same."""
    return {person.birth_date for person in _applicants(facts)}


def open_cases_of_applicant(facts: Facts, service: Service) -> list[Case]:
    """The open Vorgänge of the same Leistung and the same person (name and birth date), oldest first."""
    found: dict[int, Case] = {}
    for person in _applicants(facts):
        same_day = Party.objects.filter(
            role=Party.Role.APPLICANT, birth_date=person.birth_date, case__service=service, case__is_open=True
        )
        for party in same_day.select_related("case").order_by("case_id"):
            if _who(party) == _who(person):
                found[party.case_id] = party.case
    return list(found.values())


def possible_duplicate(other: Case) -> Finding:
    """A hint that names the other Vorgang, and nobody."""
    sentence = (
        f"Mögliche Dublette: Dieselbe Person hat zu dieser Leistung auch den offenen Vorgang {other.public_id}. "
        "Bitte beide vergleichen."
    )
    return Finding("possible_duplicate", sentence, Severity.HINT)


def _with_foreign_reference(keys: set[str]) -> list[Case]:
    wanted = [key for key in keys if len(key) >= SHORTEST_FOREIGN]
    rows = ForeignReference.objects.filter(~Q(holder__startswith=PORTAL_HOLDER), key__in=wanted)
    return [row.case for row in rows.select_related("case").order_by("case_id")]


def _texts(value: Any) -> Iterator[str]:
    match value:
        case str():
            yield value
        case dict():
            for inner in value.values():
                yield from _texts(inner)
        case list():
            for inner in value:
                yield from _texts(inner)


def _applicants(facts: Facts) -> list[PartyFacts]:
    return [party for party in facts.parties if party.role == "applicant" and party.birth_date and party.last_name]


def _who(person: PartyFacts | Party) -> str:
    """Name and birth date without the ways of writing them."""
    return f"{fold(person.first_name)} {fold(person.last_name)} {person.birth_date}"
