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
MAX_WORD, MAX_WORDS, MAX_ASKED = 60, 600, 12
COMPOUND, LAST_PART = 8, 4
"""Words of a subject from this length on are found by their later parts of this length too: Zaun finds Gartenzaun."""
_UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue"})
_LETTERS = str.maketrans({"ł": "l", "ø": "o", "đ": "d", "ı": "i", "æ": "ae", "œ": "oe", "þ": "th", "ð": "d"})
_WORD = re.compile(r"[^\W_]+")
_RUN = re.compile(r"\d+|\D+")


def spellings(text: str) -> list[str]:
    """The normalised ways of writing a text, one or two: with umlauts as ae, oe, ue, and without their dots."""
    folded = unicodedata.normalize("NFC", unicodedata.normalize("NFKC", text).casefold())
    return list(dict.fromkeys(_plain(each) for each in (folded.translate(_UMLAUTS), folded)))


def _plain(text: str) -> str:
    """Without accents. Bare base letters and what PostgreSQL's text cannot hold (NUL) are left to the word pattern."""
    decomposed = unicodedata.normalize("NFD", text)
    return "".join(char for char in decomposed if not unicodedata.combining(char)).translate(_LETTERS)


def words_of(*, texts: Iterable[str] = (), names: Iterable[str] = (), references: Iterable[str] = ()) -> list[str]:
    """The words by which these are found, sorted. At most ``MAX_WORDS``, the references first."""
    found = dict.fromkeys(
        chain(
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
    return words_of(texts=[subject], names=names, references=[*ids, file_reference, *foreign, *theirs])


def _of_text(text: str, *, compounds: bool) -> Iterator[str]:
    for spelling in spellings(text):
        for word in _WORD.findall(spelling):
            yield word[:MAX_WORD]
            yield from _number(word)
            if compounds and word.isalpha() and COMPOUND <= len(word) <= MAX_WORD:
                yield from (word[start:] for start in range(1, len(word) - LAST_PART + 1))


def _of_reference(reference: str) -> Iterator[str]:
    """``30.4-2026-000123``: all of it without separators, and each run of letters or digits."""
    for spelling in spellings(reference):
        parts = _WORD.findall(spelling)
        yield from _whole(parts)
        for part in parts:
            yield part[:MAX_WORD]
            for run in _RUN.findall(part):
                yield run[:MAX_WORD]
                yield from _number(run)


def _whole(parts: list[str]) -> Iterator[str]:
    """All without separators; of a Vorgangs-ID without its V as well."""
    joined = "".join(parts)[:MAX_WORD]
    if joined:
        yield joined
    if parts and parts[0] == "v" and len(parts) > 1:
        yield joined[1:]


def _number(word: str) -> Iterator[str]:
    """A number without its leading zeros."""
    if word.isdecimal() and word.lstrip("0") and word.startswith("0"):
        yield word.lstrip("0")[:MAX_WORD]


class _Query(SearchQuery):
    """A tsquery that is written already: cast, because to_tsquery would parse its words once more."""

    def __init__(self, query: str) -> None:
        super().__init__(query, search_type="raw")
        self._written = query

    def as_sql(self, compiler: Any, connection: Any, **kwargs: Any) -> tuple[str, list[str]]:
        """The cast."""
        return "%s::tsquery", [self._written]


def asks(text: str) -> str:
    """What is asked of PostgreSQL for a typed text: every word, in one of its spellings, or its beginning; "" for none.

    >>> asks("Müller 123")
    "('mueller':* | 'muller':*) & ('123':*)"
    """
    spelled = [_WORD.findall(each)[:MAX_ASKED] for each in spellings(text)]
    asked = []
    for words in zip(*spelled, strict=False):
        ways = dict.fromkeys(way for word in words for way in _ways(word[:MAX_WORD]))
        asked.append(f"({' | '.join(ways)})")
    return " & ".join(asked)


def _ways(word: str) -> Iterator[str]:
    """How a typed word may stand in the index: as it is, without leading zeros, or (K345) as two or three parts."""
    yield _lexeme(word)
    for number in _number(word):
        yield _lexeme(number)
    runs = _RUN.findall(word)
    if 1 < len(runs) <= 3:
        yield f"({' & '.join(_lexeme(run) for run in runs)})"


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
