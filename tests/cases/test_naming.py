"""File names: one pattern, safe everywhere, and the original name is not needed to find anything."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cases import naming

DAY = date(2026, 11, 24)


def name(**values) -> str:
    defaults = {"on": DAY, "file_reference": "30.4-2026-000123", "role": "klage", "number": 1, "original_name": "x.pdf"}
    return naming.file_name(**(defaults | values))


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({}, "2026-11-24_30.4-2026-000123_klage_01.pdf"),
        ({"number": 117}, "2026-11-24_30.4-2026-000123_klage_117.pdf"),
        ({"version": 2}, "2026-11-24_30.4-2026-000123_klage_01_v2.pdf"),
        ({"file_reference": "552.6#04-004/008"}, "2026-11-24_552.6-04-004-008_klage_01.pdf"),
        ({"file_reference": "V-7K3M-9QTR-G"}, "2026-11-24_V-7K3M-9QTR-G_klage_01.pdf"),
        ({"original_name": "Klage.PDF.p7s"}, "2026-11-24_30.4-2026-000123_klage_01.pdf.p7s"),
        ({"original_name": "ohne Endung"}, "2026-11-24_30.4-2026-000123_klage_01.bin"),
        ({"original_name": "x.p\u202efd"}, "2026-11-24_30.4-2026-000123_klage_01.bin"),
    ],
)
def test_the_default_pattern(values: dict, expected: str) -> None:
    assert name(**values) == expected


def test_the_pattern_is_the_authoritys(settings) -> None:
    settings.DOCUMENT_NAME_PATTERN = "{role}-{nn}_{file_reference}.{ext}"
    assert name() == "klage-01_30.4-2026-000123.pdf"


@given(st.text(max_size=200), st.text(max_size=200), st.integers(1, 99999), st.integers(1, 12))
def test_every_name_is_safe_on_every_file_system(reference: str, original: str, number: int, version: int) -> None:
    made = name(file_reference=reference, original_name=original, number=number, version=version)
    assert len(made) <= 90
    assert naming._UNSAFE.search(made) is None
    assert not naming._RESERVED.match(made)
    assert made[0] not in ".- "
    assert made.rpartition("_")[2]
