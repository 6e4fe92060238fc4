"""The Vorgänge that a message in the queue may belong to, each with why: looked for whenever somebody looks.

The pipeline only files what is certain; a person sees more: slips in references, the same people, the same documents,
the same sender. Nothing here decides anything.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Exists, OuterRef

from cases import references
from cases.conditions import fold
from cases.models import Case, Party, User
from cases.selectors import Scope, visible_cases
from intake.facts import Facts, PartyFacts
from routing import clues, selectors
from routing.clues import Clues
from routing.models import ExceptionEntry

MOST, MOST_OF_SENDER = 10, 3
"""How many are shown, and how many of them at most for no better reason than their sender."""

# How much a reason says, from a Vorgangs-ID that is named to a sender who has written before
NAMED, STORED, SAME_REFERENCE, REPEATED, NEAR_ID, OTHER_HOLDER, PERSON, NEAR_REFERENCE, NAMESAKE, SENDER = (
    100, 95, 90, 85, 80, 70, 60, 50, 40, 10,
)  # fmt: skip
SAME = {
    "message": "Dieselbe Nachricht, oder eine unter derselben Kennung, gehört schon zu diesem Vorgang.",
    "document": "Dasselbe Dokument liegt schon in diesem Vorgang.",
}
SAME_SERVICE = 5
"""So much more a person counts who has applied for the same Leistung."""


@dataclass(frozen=True)
class Reason:
    """Why a Vorgang is a candidate: a German sentence, and how much it says.

    ``is_told`` when the message itself names the Vorgang: then who clears it may know of a protected one too.
    """

    text: str
    strength: int
    is_told: bool = False


@dataclass
class Candidate:
    """A Vorgang that a message may belong to; ``is_visible`` when the person may open its page."""

    case: Case
    is_visible: bool
    reasons: list[str] = field(default_factory=list)
    strength: int = 0

    @property
    def why(self) -> str:
        """All reasons, the strongest first."""
        return " ".join(self.reasons)


def of(entry: ExceptionEntry, user: User, facts: Facts, *, given: Clues, rows: Iterable[clues.Row]) -> list[Candidate]:
    """The Vorgänge into which ``user`` may file the message of ``entry``, at most ``MOST``, the likeliest first.

    What the pipeline has found is among them. ``given`` and ``rows`` are what ``clues`` has found of ``facts`` (one
    query more).
    """
    reasons: dict[int, list[Reason]] = {}
    for case_id, reason in _reasons(rows, given, facts):
        reasons.setdefault(case_id, []).append(reason)
    stored = {each["case_id"]: each["why"] for each in entry.details.get("candidates", [])}
    cases = _cases(user, reasons.keys(), stored.keys())
    found = []
    for case in cases:
        known = [Reason(stored[case.public_id], STORED, is_told=True)] if case.public_id in stored else []
        known += reasons.get(case.pk, [])
        if case.is_protected and not case.is_shown:
            known = [reason for reason in known if reason.is_told]
        if known:
            found.append(_candidate(case, known))
    return sorted(found, key=lambda each: (-each.strength, not each.case.is_open, -each.case.pk))[:MOST]


def _candidate(case: Case, reasons: list[Reason]) -> Candidate:
    """``strength`` is that of the strongest reason, and a little for each further one of another kind."""
    ordered = sorted(reasons, key=lambda reason: -reason.strength)
    best = ordered[0].strength + len({reason.strength for reason in ordered[1:]})
    texts = list(dict.fromkeys(reason.text for reason in ordered))
    return Candidate(case, case.is_shown, texts, best)


def _cases(user: User, ids: Any, public_ids: Any) -> list[Case]:
    """Those of these Vorgänge into which ``user`` may file, with ``is_shown``: whether their pages are open to them."""
    if not ids and not public_ids:
        return []
    shown = visible_cases(user, Scope.known(user)).filter(pk=OuterRef("pk"))
    cases = Case.objects.filter(pk__in=ids) | Case.objects.filter(public_id__in=public_ids)
    allowed = cases.filter(unit__in=selectors.unit_ids_to_file_in(user))
    return list(allowed.annotate(is_shown=Exists(shown)).select_related("service", "unit"))


def _reasons(rows: Iterable[clues.Row], given: Clues, facts: Facts) -> Iterator[tuple[int, Reason]]:
    rows = _once_per_sender(rows)
    exact = {row.value for row in rows if row.kind == "file_reference"}
    for row in rows:
        match row.kind:
            case "number":
                yield row.case_id, _of_number(row.value, given)
            case "file_reference" if row.value in given.references:
                text = f"Die Nachricht nennt das Aktenzeichen {given.references[row.value]}."
                yield row.case_id, Reason(text, NAMED, is_told=True)
            case "file_reference" if not exact & {references.key(given.near[row.value])}:
                text = f"Die Nachricht nennt „{given.near[row.value]}“; ein Zeichen anders ist es dieses Aktenzeichen."
                yield row.case_id, Reason(text, NEAR_REFERENCE)
            case "foreign_reference":
                yield row.case_id, _of_foreign(row, given)
            case "message" | "document":
                yield row.case_id, Reason(SAME[row.kind], REPEATED)
            case "person" if reason := _of_person(row, facts):
                yield row.case_id, reason
            case "sender":
                text = f"Vom selben Absender kam zuletzt am {row.at:%d.%m.%Y} etwas zu diesem Vorgang."
                yield row.case_id, Reason(text, SENDER)


def _once_per_sender(rows: Iterable[clues.Row]) -> list[clues.Row]:
    """The rows, of those of the sender only the last of each of the ``MOST_OF_SENDER`` last Vorgänge."""
    rows = list(rows)
    lately: dict[int, clues.Row] = {}
    dated = ((row.submission_id or 0, row) for row in rows if row.kind == "sender" and row.is_open)
    for _, row in sorted(dated, key=lambda pair: pair[0], reverse=True):
        lately.setdefault(row.case_id, row)
    return [row for row in rows if row.kind != "sender"] + list(lately.values())[:MOST_OF_SENDER]


def _of_number(public_id: str, given: Clues) -> Reason:
    if public_id in given.ids:
        return Reason(f"Die Nachricht nennt die Vorgangs-ID {public_id}.", NAMED, is_told=True)
    return Reason(f"Bis auf einen Schreibfehler steht die Vorgangs-ID {public_id} in der Nachricht.", NEAR_ID)


def _of_foreign(row: clues.Row, given: Clues) -> Reason:
    """A reference of somebody else: does the message come from (or name) the one that keeps the Vorgang under it?"""
    if (row.value, row.more) in given.held:
        return Reason(
            f"Dieselbe Stelle führt diesen Vorgang unter dem Zeichen {given.foreign[row.value]}.",
            SAME_REFERENCE,
            is_told=True,
        )
    who = "ein anderes Gericht" if references.is_court(row.more) else "eine andere Stelle"
    if row.value in given.in_text:
        who = "ein Gericht" if references.is_court(row.more) else "eine Stelle"
        return Reason(f"Im Text steht {given.foreign[row.value]}; so führt {who} diesen Vorgang.", OTHER_HOLDER)
    return Reason(f"Unter demselben Zeichen {given.foreign[row.value]} führt {who} diesen Vorgang.", OTHER_HOLDER)


def _of_person(row: clues.Row, facts: Facts) -> Reason | None:
    """The same person by name and birth date, or by name and postcode where not both say when they were born."""
    who = row.person
    for person in clues.people(facts):
        if not _same_name(person, who):
            continue
        same_service = bool(facts.service) and row.more == facts.service
        what = " zu derselben Leistung" if same_service else ""
        more = SAME_SERVICE if same_service else 0
        if person.birth_date and person.birth_date == who.birth_date:
            text = f"Dieselbe Person (Name und Geburtsdatum) hat diesen Vorgang{what}."
            return Reason(text, PERSON + more)
        if person.postcode and person.postcode == who.postcode and not (person.birth_date and who.birth_date):
            text = f"Jemand mit demselben Namen und derselben Postleitzahl hat diesen Vorgang{what}."
            return Reason(text, NAMESAKE + more)
    return None


def _same_name(person: PartyFacts, party: Party) -> bool:
    if person.organisation or party.organisation:
        return bool(person.organisation) and fold(person.organisation) == fold(party.organisation)
    ours, theirs = (fold(f"{each.first_name} {each.last_name}") for each in (person, party))
    return bool(ours) and ours == theirs
