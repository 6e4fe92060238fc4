"""What gives a Vorgang its numbers: the Vorgangs-ID and the Aktenzeichen."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from django.db import connection
from django.utils import timezone

from cases import numbers, references
from cases.models import Case, CaseNumber

_RESERVE = """
INSERT INTO cases_casenumber (public_id, reserved_at) VALUES (%s, %s) ON CONFLICT (public_id) DO NOTHING RETURNING id"""
_TAKE = """
INSERT INTO cases_filereferencecounter AS c (prefix, last) VALUES (%s, %s)
ON CONFLICT (prefix) DO UPDATE SET last = c.last + excluded.last RETURNING c.last"""


def reserve_number() -> CaseNumber:
    """A new Vorgangs-ID that belongs to no Vorgang yet (about half a collision is expected at a million)."""
    while True:
        drawn = CaseNumber(public_id=numbers.draw(), reserved_at=timezone.now())
        with connection.cursor() as cursor:
            cursor.execute(_RESERVE, [drawn.public_id, drawn.reserved_at])
            row = cursor.fetchone()
        if row:  # else it is taken: draw again
            (drawn.pk,) = row
            drawn._state.adding = False
            return drawn


def give_file_references(cases: Sequence[Case], adopted: Sequence[str]) -> None:
    """Give each (unsaved) Vorgang the adopted Aktenzeichen, or the next of its Leistung's own, or none yet.

    None when another system will give it. The counters are locked until the transaction ends, in sorted order: call
    this after everything that may wait for somebody else.
    """
    for case, given in zip(cases, adopted, strict=True):
        case.file_reference_source = Case.ReferenceSource(case.service_version.declaration["file_reference"]["source"])
        case.file_reference = given or None
    own = [c for c in cases if not c.file_reference and c.file_reference_source == Case.ReferenceSource.OWN]
    counted = _take([_prefix(case) for case in own])
    for case in own:
        case.file_reference = _pattern(case).format(number=next(counted[_prefix(case)]), **_parts(case))
    for case in cases:
        case.file_reference_key = references.key(case.file_reference or "")


def _take(prefixes: Sequence[str]) -> dict[str, iter]:
    """The next numbers of each prefix, as many as it is named."""
    found = {}
    with connection.cursor() as cursor:
        for prefix, count in sorted(Counter(prefixes).items()):
            cursor.execute(_TAKE, [prefix, count])
            (last,) = cursor.fetchone()
            found[prefix] = iter(range(last - count + 1, last + 1))
    return found


def _prefix(case: Case) -> str:
    """By what an Aktenzeichen is numbered: all of its pattern before the number."""
    before, marker, _ = _pattern(case).partition("{number")
    if not marker:
        raise ValueError(f"pattern of Aktenzeichen without {{number}}: {_pattern(case)}")
    return before.format(**_parts(case))


def _pattern(case: Case) -> str:
    return case.service_version.declaration["file_reference"]["pattern"]


def _parts(case: Case) -> dict[str, str | int]:
    """The year is that in which the Vorgang is opened, as a register counts, not that of the arrival."""
    return {"plan": case.service_version.declaration["file_plan"], "year": timezone.localdate().year}
