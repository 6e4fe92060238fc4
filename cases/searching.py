"""Words of the search: how they are normalised, and what a search for them asks.

Both ways of writing umlauts find each other: ``Müller`` is kept as ``mueller`` and ``muller``. Case, accents and ß do
not matter. References and Vorgangs-IDs are found whole without their separators, and by their parts.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from itertools import chain
from typing import Any

from django.contrib.postgres.search import SearchQuery
from django.db.models import Q

from cases import numbers
from cases.models import CaseNumber, CaseSearch, Party

PREFIX = 3
"""From how many characters on the beginning of a word finds it."""
MAX_WORD, MAX_WORDS, MAX_RUNS, MAX_ASKED = 60, 600, 40, 12
COMPOUND, LAST_PART = 8, 4
"""Words of a subject from this length on are found by their later parts of this length too: Zaun finds Gartenzaun."""
_UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue"})
_LETTERS = str.maketrans({"ł": "l", "ø": "o", "đ": "d", "ı": "i", "æ": "ae", "œ": "oe", "þ": "th", "ð": "d"})
_WORD = re.compile(r"[^\W_]+")
_RUN = re.compile(r"\d+|\D+")
_DIGIT = re.compile(r"\d")


def spellings(text: str) -> list[str]:
    """The normalised ways of writing a text, one or two: with umlauts as ae, oe, ue, and without their dots."""
    folded = unicodedata.normalize("NFC", unicodedata.normalize("NFKC", text).casefold())
    return list(dict.fromkeys(_plain(each) for each in (folded.translate(_UMLAUTS), folded)))


def _plain(text: str) -> str:
    """Without accents; letters that Unicode does not take apart are replaced by what they look like."""
    decomposed = unicodedata.normalize("NFD", text)
    return "".join(char for char in decomposed if not unicodedata.combining(char)).translate(_LETTERS)


def words_of(
    *,
    ids: Iterable[str] = (),
    references: Iterable[str] = (),
    names: Iterable[str] = (),
    texts: Iterable[str] = (),
) -> list[str]:
    """The words by which these are found, sorted. At most ``MAX_WORDS``, what comes first in this order."""
    found = dict.fromkeys(
        chain(
            chain.from_iterable(map(_of_id, ids)),
            chain.from_iterable(map(_of_reference, references)),
            chain.from_iterable(_of_text(name, compounds=False) for name in names),
            chain.from_iterable(_of_text(text, compounds=True) for text in texts),
        )
    )
    return sorted(list(found)[:MAX_WORDS])


def words_of_case(
    *, subject: str, ids: Iterable[str], file_reference: str, parties: Iterable[Party], foreign: Iterable[str] = ()
) -> list[str]:
    """The words of a Vorgang: its ids, its references and those of others, who is involved, its subject."""
    parties = list(parties)
    names = [part for party in parties for part in (party.first_name, party.last_name, party.organisation)]
    theirs = [party.reference for party in parties]
    return words_of(ids=ids, references=[file_reference, *foreign, *theirs], names=names, texts=[subject])


def _of_id(public_id: str) -> Iterator[str]:
    """``V-7K3M-9QTR-G``: from each of its parts on to the end, without dashes; and the parts."""
    parts = _WORD.findall(public_id.casefold())
    yield from parts
    yield from _from_each(parts)


def _of_reference(reference: str) -> Iterator[str]:
    """``12 K 0345/26``: each run of letters or digits, and from each on to the end, with and without leading zeros."""
    for spelling in spellings(reference):
        for runs in _runs(spelling):
            yield from (run[:MAX_WORD] for run in runs)
            yield from _from_each(runs)


def _of_text(text: str, *, compounds: bool) -> Iterator[str]:
    for spelling in spellings(text):
        for chunk in spelling.split():
            words = _WORD.findall(chunk)
            if _DIGIT.search(chunk):
                yield from _of_reference(chunk)
            yield from (word[:MAX_WORD] for word in words)
            for word in words:
                if compounds and word.isalpha() and COMPOUND <= len(word) <= MAX_WORD:
                    yield from (word[start:] for start in range(1, len(word) - LAST_PART + 1))


def _runs(text: str) -> list[list[str]]:
    """The runs of letters or digits in a text, as they are and without leading zeros."""
    runs = [run for word in _WORD.findall(text) for run in _RUN.findall(word)][:MAX_RUNS]
    return [runs, [run.lstrip("0") or run for run in runs]]


def _from_each(parts: list[str]) -> Iterator[str]:
    for start in range(len(parts)):
        yield "".join(parts[start:])[:MAX_WORD]


class _Query(SearchQuery):
    """A tsquery that is written already: cast, because to_tsquery would parse its words once more."""

    def __init__(self, query: str) -> None:
        super().__init__(query, search_type="raw")
        self._written = query

    def as_sql(self, compiler: Any, connection: Any, **kwargs: Any) -> tuple[str, list[str]]:
        """The cast."""
        return "%s::tsquery", [self._written]


def asks(text: str) -> str:
    """What is asked of PostgreSQL for a typed text: all of its words, each in one of its spellings; "" for none.

    What has digits is a reference, and asked for without its separators; from three characters on the beginning is
    enough. ``Müller 4-2026`` becomes ``('mueller':* | 'muller':*) & ('42026':*)``.
    """
    spelled = [spelling.split()[:MAX_ASKED] for spelling in spellings(text)]
    asked = []
    for chunks in zip(*spelled, strict=True):
        ways = dict.fromkeys(way for chunk in chunks for way in _ways(chunk) if way)
        if ways:
            asked.append(f"({' | '.join(ways)})")
    return " & ".join(asked)


def _ways(chunk: str) -> Iterator[str]:
    """How what was typed between two blanks may stand in the index."""
    if _DIGIT.search(chunk):
        yield from (_lexeme("".join(runs)[:MAX_WORD]) for runs in _runs(chunk) if runs)
    else:
        yield " & ".join(_lexeme(word[:MAX_WORD]) for word in _WORD.findall(chunk)[:MAX_ASKED])


def _lexeme(word: str) -> str:
    """Letters and digits only (``_WORD``): nothing in it means anything to a tsquery."""
    return f"'{word}':*" if len(word) >= PREFIX else f"'{word}'"


def found_by(text: str) -> Q:
    """The Vorgänge that a typed text finds; nothing is found by a text without a letter or digit.

    A whole Vorgangs-ID, however written, is looked up as such, aliases too.
    """
    public_id = numbers.normalise(text)
    if public_id:
        return Q(pk__in=CaseNumber.objects.filter(public_id=public_id).values("case"))
    query = asks(text)
    if not query:
        return Q(pk__in=[])
    return Q(pk__in=CaseSearch.objects.filter(vector=_Query(query)).values("case"))
