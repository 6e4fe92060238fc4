"""Does a message belong to a Vorgang that exists? By Vorgangs-ID and by references, confirmed against Vorgänge.

A reference that no Vorgang has counts for nothing; several Vorgänge are a matter for a person.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Q

from cases import court_references, numbers, own_references, references
from cases.models import Case, CaseNumber, ForeignReference
from intake.facts import Facts
from intake.findings import Finding, Severity
from intake.standards.portal import STANDARD as PORTAL

PORTAL_HOLDER = "portal:"  # how a portal begins as the holder of a reference

SWAPPED = Finding(
    "references_swapped",
    "Der Absender hat die Aktenzeichen vertauscht: Unseres stand in seinem Feld. Zugeordnet wurde nach unserem.",
    Severity.HINT,
)

SWAPPED_UNCERTAIN = "swapped_uncertain"
"""Only the sender's own reference equals our Aktenzeichen: that may be a swap, or chance."""
IN_TEXT = "reference_in_text"
"""A reference stands somewhere in a text whose author proves nothing."""
FEW = 50
FREE_TEXT = frozenset({"eml", "scan", "egvp"})
"""Standards without fields for references: subject and text are searched for them."""


@dataclass(frozen=True)
class Hit:
    """A Vorgang that a message may belong to, and why (a German sentence, without anybody's reference or name).

    ``doubt`` is the reason code for a person to look before anything is filed; "" when the hit is certain.
    """

    case: Case
    why: str
    swapped: bool = False
    doubt: str = ""


def held_references(facts: Facts) -> list[tuple[str, str]]:
    """(reference, holder) of the others: the court's Aktenzeichen with the court, the sender's with the sender.

    A reference means nothing without its holder, and nothing without a digit. The sender is known by code and SAFE-ID;
    only what came from a portal has one as its holder.
    """
    pairs = [(facts.court_reference, facts.court_code)]
    pairs += [(facts.foreign_reference, holder) for holder in (facts.sender.code, facts.sender.safe_id)]
    if facts.standard != PORTAL:  # nobody else calls themselves so
        pairs = [(reference, holder) for reference, holder in pairs if not holder.startswith(PORTAL_HOLDER)]
    meant = [(r, h[: references.HOLDER_LENGTH]) for r, h in pairs if h and references.identifies(r)]
    return list(dict.fromkeys(meant))


def keys(facts: Facts) -> list[str]:
    """What identifies the matter: two messages that share one of them must not be placed at the same time."""
    named = (facts.own_reference, *facts.further_own_references, facts.foreign_reference, facts.court_reference)
    in_text = [key for court in _courts_in_text(facts) for key in (court.keys[0], court.keys[-1])] + _ours_in_text(
        facts
    )
    given = {references.key(r) for r in named if references.identifies(r)}
    return sorted(given | set(_public_ids(facts)) | set(in_text))


def asked(facts: Facts) -> tuple[set[str], set[str]]:
    """All that ``recognise`` looks for: Vorgangs-IDs, and references (by key) of whomever."""
    named = (facts.own_reference, *facts.further_own_references, facts.foreign_reference, facts.court_reference)
    courts = [key for court in _courts_in_text(facts) for key in court.keys]
    keys_named = {references.key(reference) for reference in named}
    return set(_public_ids(facts)), (keys_named | set(courts) | set(_ours_in_text(facts))) - {""}


def recognise(facts: Facts) -> list[Hit]:
    """The Vorgänge that the message names, each once, the strongest reason first (three queries).

    What stands in the text of a message counts only where nothing better was found (two more queries).
    """
    hits: dict[int, Hit] = {}
    for hit in [*_by_public_id(facts), *_by_foreign_reference(facts), *_by_file_reference(facts)]:
        known = hits.get(hit.case.pk)
        if known is None:
            hits[hit.case.pk] = hit
        elif hit.swapped:  # another sign points to the same Vorgang: so it was a swap
            hits[hit.case.pk] = Hit(hit.case, hit.why, swapped=True)
    return list(hits.values()) or _by_text(facts)


def _public_ids(facts: Facts) -> list[str]:
    """The Vorgangs-IDs that the message names; of very many only those that were ever given out (one query)."""
    texts = (facts.case_id, facts.subject, facts.own_reference, facts.foreign_reference, facts.text)
    found = list(dict.fromkeys(number for text in texts for number in numbers.find(text)))
    if len(found) <= FEW:
        return found
    given_out = set(CaseNumber.objects.filter(public_id__in=found).values_list("public_id", flat=True))
    return [number for number in found if number in given_out]


def _by_public_id(facts: Facts) -> list[Hit]:
    ids = _public_ids(facts)
    cases = Case.objects.filter(numbers__public_id__in=ids).distinct().order_by("id") if ids else []
    return [Hit(case, f"Die Nachricht nennt die Vorgangs-ID {case.public_id}.") for case in cases]


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
        doubt = SWAPPED_UNCERTAIN if swapped and not _others_know(case, own) else ""
        why = f"Die Nachricht nennt {place} das Aktenzeichen {case.file_reference}."
        hits.append(Hit(case, why, swapped=swapped, doubt=doubt))
    return hits


def _others_know(case: Case, keys: set[str]) -> bool:
    """A swap is borne out when what stood in our field is somebody's reference for this Vorgang."""
    return bool(keys) and ForeignReference.objects.filter(case=case, key__in=keys).exists()


def _by_foreign_reference(facts: Facts) -> list[Hit]:
    pairs = Q()
    for reference, holder in held_references(facts):
        pairs |= Q(key=references.key(reference), holder=holder)
    if not pairs:
        return []
    rows = ForeignReference.objects.filter(pairs).select_related("case").order_by("case_id")
    return [Hit(row.case, "Das Zeichen des Absenders ist das dieses Vorgangs bei derselben Stelle.") for row in rows]


def _by_text(facts: Facts) -> list[Hit]:
    """By references in subject and text: ours, and those under which courts keep a Vorgang of ours.

    Certain only in court mail: our Aktenzeichen there, and the court's in the mail of that very court. What stands in
    an e-mail or on paper proves nothing, and a scanner misreads digits: a person decides.
    """
    hits: dict[int, Hit] = {}
    for hit in [*_by_our_reference_in_text(facts), *_by_court_reference_in_text(facts)]:
        known = hits.get(hit.case.pk)
        if known is None or (known.doubt and not hit.doubt):
            hits[hit.case.pk] = hit
    return list(hits.values())


def _by_our_reference_in_text(facts: Facts) -> list[Hit]:
    wanted = _ours_in_text(facts)
    cases = Case.objects.filter(file_reference_key__in=wanted).order_by("id") if wanted else []
    doubt = "" if facts.sender.safe_id else IN_TEXT
    return [Hit(case, f"Im Text steht unser Aktenzeichen {case.file_reference}.", doubt=doubt) for case in cases]


def _by_court_reference_in_text(facts: Facts) -> list[Hit]:
    wanted = [key for court in _courts_in_text(facts) for key in court.keys]
    if not wanted:
        return []
    senders = {facts.sender.code, facts.sender.safe_id} - {""}
    rows = ForeignReference.objects.filter(key__in=wanted).select_related("case").order_by("case_id")
    hits = []
    for row in rows:
        if row.holder in senders:
            hits.append(Hit(row.case, "Im Text steht das Zeichen, unter dem der Absender diesen Vorgang führt."))
        elif references.is_court(row.holder):
            hits.append(Hit(row.case, f"Im Text steht das Aktenzeichen {row.reference} eines Gerichts.", doubt=IN_TEXT))
    return hits


def _courts_in_text(facts: Facts) -> list[court_references.CourtReference]:
    return court_references.find(_free_text(facts))


def _ours_in_text(facts: Facts) -> list[str]:
    return own_references.find(_free_text(facts))


def _free_text(facts: Facts) -> str:
    return f"{facts.subject}\n{facts.text}" if facts.standard in FREE_TEXT else ""
