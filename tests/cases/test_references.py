"""References in free text: Aktenzeichen of courts by their register signs, our own by the authority's patterns."""

from __future__ import annotations

import time

import pytest
from django.core.checks import run_checks
from hypothesis import given
from hypothesis import strategies as st

from cases import court_references, own_references, references
from cases.own_references import PatternError

RECOGNISED = [
    ("12 K 345/24", "12 K 345/24"),
    ("12 k 345/24", "12 K 345/24"),
    ("3C123/25", "3 C 123/25"),
    ("1 K 519/20.KO", "1 K 519/20.KO"),
    ("12 K 345/24.A", "12 K 345/24.A"),
    ("S 12 AS 345/24 ER", "S 12 AS 345/24 ER"),
    ("L 7 AS 12/24 B ER", "L 7 AS 12/24 B ER"),
    ("M 5 K 24.1234", "M 5 K 24.1234"),
    ("123 Js 4567/24", "123 Js 4567/24"),
    ("5 OWi 12 Js 345/24", "12 Js 345/24"),
    ("VIII ZR 12/24", "VIII ZR 12/24"),
    ("3 XVII 12/24", "3 XVII 12/24"),
    ("0012 K 0034/2024", "12 K 34/2024"),
    ("BVerwG 1 C 2.24", "1 C 2.24"),
    ("2 BvR 12/25", "2 BvR 12/25"),
    ("Az.: 4 Ca 614/20, Termin", "4 Ca 614/20"),
    ("(10 L 22/26)", "10 L 22/26"),
    ("12\xa0K\n345/24", "12 K 345/24"),
    ("12 K 345 / 24", "12 K 345/24"),
    ("6a Nc 33/26", "6a Nc 33/26"),
    ("33 GK 1/26", "33 GK 1/26"),
    ("1 BvL 3/2026.", "1 BvL 3/2026"),
]
NOT_RECOGNISED = [
    "Ohne",
    "unbekannt",
    "32.1-2026-000123",
    "552.6#04-004/008",
    "DS.1.2-2024-123",
    "Drucksache 20/1234",
    "am 24.12.2026",
    "Anlage B 24.12.2026",
    "Art. 12/24",
    "12 Xy 345/24",
    "12 K 345/240",
    "Rechnung 2026/K 12/24-7",
    "https://example.org/K/12/24",
]


@pytest.mark.parametrize(("text", "meant"), RECOGNISED)
def test_court_references_are_recognised(text: str, meant: str) -> None:
    (found,) = court_references.find(f"Sehr geehrte Damen und Herren, {text}")
    assert found.keys[0] == references.key(meant)


@pytest.mark.parametrize("text", NOT_RECOGNISED)
def test_what_is_none_is_not_recognised(text: str) -> None:
    assert court_references.find(f"zu {text} teile ich mit") == []


def test_the_known_false_hit() -> None:
    """It looks like one: this is why a hit counts only when a Vorgang is kept under it."""
    assert [found.text for found in court_references.find("siehe Seite 3 C 12/25")] == ["3 C 12/25"]


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("12 K 345/2024", "12 K 345/24"),
        ("12 K 345/24.A", "12 K 345/24"),
        ("S 12 AS 345/24 ER", "12 AS 345/24"),
        ("M 5 K 24.1234", "M 5 K 24.1234"),
    ],
)
def test_what_people_add_or_leave_out(written: str, kept: str) -> None:
    assert references.key(kept) in court_references.find(written)[0].keys


def test_several_in_order_each_once_and_not_endlessly_many() -> None:
    text = "12 K 345/24, 3 C 1/25 und nochmals 12 K 345/24"
    assert [found.text for found in court_references.find(text)] == ["12 K 345/24", "3 C 1/25"]
    assert len(court_references.find(" ".join(f"{n} K {n}/26," for n in range(1, 500)))) == court_references.MAX_FOUND


@pytest.mark.parametrize("text", ["12 " * 33_000, "1 K 1" * 20_000, "IVX" * 33_000, "AAA " * 25_000, "K 12/" * 20_000])
def test_no_text_makes_it_slow(text: str, settings) -> None:
    settings.OWN_REFERENCE_PATTERNS = ["##.#-####-######", "?" * 20 + "###"]
    began = time.monotonic()
    court_references.find(text)
    own_references.find(text)
    assert time.monotonic() - began < 2


@pytest.mark.parametrize(
    ("picture", "text", "found"),
    [
        ("30.?-####-######", "Ihr Zeichen 30.4-2026-000123 vom", ["30.4-2026-123"]),
        ("30.?-####-######", "30.a-2026-000123", ["30.A-2026-123"]),
        ("30.?-####-######", "130.4-2026-000123 30.4-2026-0001234 30.4-2026-000123-1 30x4-2026-000123", []),
        ("###.#\\###-###/###", "Az. 552.6#04-004/008.", ["552.6#04-004/008"]),
        ("??.#.#-####-###", "ds.1.2-2024-123", ["DS.1.2-2024-123"]),
        ("## ###", "Nr. 12\xa0345", ["12 345"]),
        ("###-###", "123-456, 123-456 und 789-012", ["123-456", "789-012"]),
    ],
)
def test_our_own_by_patterns(settings, picture: str, text: str, found: list[str]) -> None:
    settings.OWN_REFERENCE_PATTERNS = [picture]
    assert own_references.find(text) == [references.key(each) for each in found]


@pytest.mark.parametrize("picture", ["", "##", "###*", "?" * 50 + "#" * 20, "###\\", "###\n", "(a+)+"])
def test_patterns_that_say_too_little_or_too_much(settings, picture: str) -> None:
    with pytest.raises(PatternError, match="OWN_REFERENCE_PATTERNS"):
        own_references.compiled(picture)
    settings.OWN_REFERENCE_PATTERNS = [picture]
    assert [error.id for error in run_checks() if error.id == "cases.E001"] == ["cases.E001"]


@pytest.mark.parametrize(
    ("holder", "is_court"),
    [("D6262", True), ("R2400S", True), ("9A0000", True), ("DE.Justiz.1", False), ("", False), ("ABCDE", False)],
)
def test_codes_of_courts(holder: str, is_court: bool) -> None:
    assert references.is_court(holder) == is_court


written = st.from_regex(r"[1-9][0-9]\.[1-9]-20[0-9]{2}-[0-9]{3}[1-9]{3}", fullmatch=True)


@given(written, st.data())
def test_a_reference_with_one_slip_is_near_the_right_one(reference: str, data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(reference) - 1))
    slip = data.draw(st.sampled_from(["wrong", "missing", "more", "swapped"]))
    char = data.draw(st.sampled_from("0123456789"))
    head, tail = reference[:place], reference[place:]
    wrong = {
        "wrong": head + char + tail[1:],
        "missing": head + tail[1:],
        "more": head + char + tail,
        "swapped": head + tail[1:2] + tail[:1] + tail[2:],
    }[slip]
    assert references.key(wrong) == references.key(reference) or references.key(reference) in references.near(wrong)


@pytest.mark.parametrize("text", ["", "wird nachgereicht", "000", "1" * 41])
def test_what_is_no_reference_is_near_to_nothing(text: str) -> None:
    assert references.near(text) == set()
