"""Does a message belong to a Vorgang that exists? By Vorgangs-ID and by references, confirmed against Vorgänge.

A reference that no Vorgang has counts for nothing; several Vorgänge are a matter for a person.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Q

from cases import numbers, references
from cases.models import Case, ForeignReference
from intake.facts import Facts
from intake.findings import Finding, Severity

SWAPPED = Finding(
    "references_swapped",
    "Der Absender hat die Aktenzeichen vertauscht: Unseres stand in seinem Feld. Zugeordnet wurde nach unserem.",
    Severity.HINT,
)


@dataclass(frozen=True)
class Hit:
    """A Vorgang that a message may belong to, and why (a German sentence)."""

    case: Case
    why: str
    swapped: bool = False


def held_references(facts: Facts) -> list[tuple[str, str]]:
    """(reference, holder) of the others: the court's Aktenzeichen with the court, the sender's with the sender.

    A court's Aktenzeichen means nothing without the court, so a pair without a holder is left out.
    """
    sender = facts.sender.code or facts.sender.safe_id
    pairs = [(facts.court_reference, facts.court_code), (facts.foreign_reference, sender)]
    return list(dict.fromkeys((reference, holder) for reference, holder in pairs if reference and holder))


def keys(facts: Facts) -> list[str]:
    """What identifies the matter: two messages that share one of them must not be placed at the same time."""
    named = (facts.own_reference, *facts.further_own_references, facts.foreign_reference, facts.court_reference)
    return sorted({references.key(reference) for reference in named if reference} | set(_public_ids(facts)))


def recognise(facts: Facts) -> list[Hit]:
    """The Vorgänge that the message names, each once, the strongest reason first (three queries)."""
    hits: dict[int, Hit] = {}
    ids = _public_ids(facts)
    if ids:
        for case in Case.objects.filter(numbers__public_id__in=ids).distinct():
            hits.setdefault(case.pk, Hit(case, f"Die Nachricht nennt die Vorgangs-ID {case.public_id}."))
    for hit in _by_file_reference(facts) + _by_foreign_reference(facts):
        hits.setdefault(hit.case.pk, hit)
    return list(hits.values())


def _public_ids(facts: Facts) -> list[str]:
    texts = (facts.case_id, facts.subject, facts.own_reference, facts.foreign_reference, facts.text)
    return list(dict.fromkeys(number for text in texts for number in numbers.find(text)))


def _by_file_reference(facts: Facts) -> list[Hit]:
    """By our Aktenzeichen; in the sender's field too, because senders swap the two."""
    own = {references.key(r) for r in (facts.own_reference, *facts.further_own_references)} - {""}
    wanted = (own | {references.key(facts.foreign_reference)}) - {""}
    if not wanted:
        return []
    hits = []
    for case in Case.objects.filter(file_reference_key__in=wanted).order_by("id"):
        swapped = case.file_reference_key not in own
        place = "im Feld des Absenders" if swapped else "als unser Zeichen"
        hits.append(Hit(case, f"Die Nachricht nennt {place} das Aktenzeichen {case.file_reference}.", swapped))
    return hits


def _by_foreign_reference(facts: Facts) -> list[Hit]:
    pairs = Q()
    for reference, holder in held_references(facts):
        pairs |= Q(key=references.key(reference)[:200], holder=holder)
    if not pairs:
        return []
    rows = ForeignReference.objects.filter(pairs).select_related("case").order_by("case_id")
    return [Hit(row.case, f"Das Zeichen {row.reference} derselben Stelle gehört zu diesem Vorgang.") for row in rows]
