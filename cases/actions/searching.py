"""The search index follows what the other actions change; it has no actor and no history of its own."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from django.db.models import F, Func, Value

from cases import searching
from cases.models import Case, CaseSearch, Party


def index_new(opened: Iterable[tuple[Case, Sequence[Party], Sequence[str]]]) -> None:
    """Index Vorgänge that have just been opened, with their Beteiligten and others' references: nothing is read."""
    CaseSearch.objects.bulk_create(
        CaseSearch(
            case=case,
            words=searching.words_of_case(
                subject=case.subject,
                ids=[case.public_id],
                file_reference=case.file_reference or "",
                parties=parties,
                foreign=foreign,
            ),
        )
        for case, parties, foreign in opened
    )


def index_again(case: Case) -> None:
    """Index a Vorgang anew, after its subject, its Aktenzeichen, its ids or its Beteiligte have changed."""
    words = searching.words_of_case(
        subject=case.subject,
        ids=[case.public_id, *case.numbers.values_list("public_id", flat=True)],
        file_reference=case.file_reference or "",
        parties=case.parties.all(),
        foreign=case.foreign_references.values_list("reference", flat=True),
    )
    CaseSearch.objects.bulk_create(
        [CaseSearch(case=case, words=words)], update_conflicts=True, unique_fields=["case"], update_fields=["words"]
    )


def index_more(case: Case, references: Iterable[str]) -> None:
    """One more reference by which the Vorgang is found; known words do no harm."""
    words = searching.words_of(references=references)
    more = Func(F("words"), Value(words, CaseSearch._meta.get_field("words")), function="array_cat")
    CaseSearch.objects.filter(case=case).update(words=more)


def forget_words(case: Case) -> int:
    """The Vorgang is found by its ids only, from now on (after an erasure)."""
    words = searching.words_of(references=[case.public_id, case.file_reference or ""])
    return CaseSearch.objects.filter(case=case).update(words=words)
