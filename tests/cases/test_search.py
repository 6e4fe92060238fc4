"""The search: both ways of writing find a Vorgang, references with and without separators, nothing is a command."""

from __future__ import annotations

import pytest
from django.db import connection
from hypothesis import given, settings
from hypothesis import strategies as st

from audit.acting import SYSTEM, Actor, acting
from audit.models import PersonDataVersion
from audit.registries import erasure
from cases import actions, searching
from cases.actions.base import changing
from cases.models import Case, CaseSearch, Party
from tests import factories as make

pytestmark = pytest.mark.django_db


def found(text: str) -> set[Case]:
    return set(Case.objects.filter(searching.found_by(text)))


def applicant(first: str, last: str) -> Party:
    return Party(first_name=first, last_name=last, role=Party.Role.APPLICANT)


@pytest.mark.parametrize(
    ("written", "typed"),
    [
        ("Müller", "Müller MÜLLER müller mueller Mueller muller mülle mul"),
        ("Mueller", "Müller mueller"),
        ("Groß", "groß GROSS gross Gro"),
        ("Gross", "Groß gross"),
        ("Łukaszewicz", "Lukaszewicz łukaszewicz LUKA"),
        ("Şeyma Yıldız", "seyma yildiz Şeyma YILDIZ"),
        ("Müßigöd-Weiß", "Muessigoed müßigöd weiss Weiß-Müßigöd müßigöd-weiß"),
        ("O'Neill", "neill O'Neill"),
    ],
)
def test_a_name_is_found_however_it_is_written(written: str, typed: str) -> None:
    case = make.case(parties=[applicant("Eva", written)])
    make.case(parties=[applicant("Eva", "Schmidt")])
    for text in typed.split():
        assert found(text) == {case}, text
    assert found(f"Eva {typed.split()[0]}") == {case}


@pytest.mark.parametrize(
    ("reference", "typed"),
    [
        ("30.4-2026-000123", ["30.4-2026-000123", "3042026000123", "30.4 2026 000123", "2026-000123", "000123", "123"]),
        ("30.4-2026-000123", ["2026-123", "30.4-2026", "4-2026-123"]),
        ("552.6#04-004/008", ["552.6#04-004/008", "552.604004008", "004/008", "552"]),
        ("12 K 0345/26", ["12 K 345/26", "12K345/26", "0012 k 0345/26", "K345/26", "345/26"]),
    ],
)
def test_a_reference_is_found_with_and_without_separators_and_by_its_parts(reference: str, typed: list[str]) -> None:
    case = make.case(file_reference=reference)
    other = make.case(file_reference="99.9-1999-000777")
    for text in typed:
        assert found(text) == {case}, text
    assert found("99.9-1999-000777") == {other}


def test_the_whole_reference_does_not_find_others_that_have_the_same_parts_elsewhere() -> None:
    case = make.case(file_reference="30.4-2026-000001")
    other = make.case(file_reference="30.4-2026-000002")
    actions.note_foreign_reference(case=other, reference="1 K 1/26", holder="D6262", by=SYSTEM)
    assert found("30.4-2026-000001") == {case}


def test_the_references_of_others_are_found_too() -> None:
    case = make.case()
    actions.note_foreign_reference(case=case, reference="7 L 98/26", holder="D6262", by=SYSTEM)
    assert found("7 L 98/26") == found("7l98/26") == {case}


def test_a_vorgangs_id_is_found_with_and_without_dashes_in_parts_and_as_an_alias() -> None:
    case, _ = make.case(), make.case()
    _, first, second, check = case.public_id.split("-")
    for text in (case.public_id, case.public_id.lower(), f"V{first}{second}{check}", f"{first}-{second}", f"v{first}"):
        assert found(text) == {case}, text
    alias = actions.reserve_number()
    type(alias).objects.filter(pk=alias.pk).update(case=case)
    assert found(alias.public_id) == found(alias.public_id.replace("-", "").lower()) == {case}
    assert found(actions.reserve_number().public_id) == set(), "an id that belongs to no Vorgang finds none"


def test_compounds_are_found_by_their_later_part_and_short_words_only_whole() -> None:
    case = make.case(subject="Streit um einen Gartenzaun in Au")
    make.case(subject="Aufenthalt im Zaunbau")
    assert found("gartenzaun") == found("Garten") == found("streit zaun") == {case}
    assert found("au") == {case}, "two letters are a word, not the beginning of one"


@given(st.text(max_size=60))
@settings(max_examples=200, deadline=None)
def test_whatever_is_typed_is_a_search_and_never_an_error(text: str) -> None:
    query = searching.asks(text)
    if query:
        with connection.cursor() as cursor:
            cursor.execute("SELECT %s::tsquery", [query])


@given(st.text(alphabet=st.characters(categories=["L", "N", "Zs", "P"]), max_size=60))
@settings(max_examples=200, deadline=None)
def test_a_text_is_found_by_itself(text: str) -> None:
    query = searching.asks(text)
    if query:
        words = searching.words_of(texts=[text])
        with connection.cursor() as cursor:
            cursor.execute("SELECT array_to_tsvector(%s) @@ %s::tsquery", [words, query])
            assert cursor.fetchone() == (True,), (words, query)


def test_a_changed_subject_is_found_from_then_on_and_the_old_one_no_longer() -> None:
    unit = make.team()
    case = make.case(unit, subject="Gebührenbescheid")
    with changing(case, by=Actor.of(make.lead(unit)), action="close", kind="test") as locked:
        locked.subject = "Wassergeld"
    assert found("Wassergeld") == {case}
    assert found("Gebühren") == set()


def test_opening_writes_one_row_of_the_index_and_reads_nothing(django_assert_num_queries) -> None:
    case = make.case(parties=[applicant("Eva", "Klug")])
    assert CaseSearch.objects.count() == 1
    CaseSearch.objects.all().delete()
    with django_assert_num_queries(1):
        actions.searching.index_new([(case, [applicant("Eva", "Klug")], [])])
    assert found("Klug") == {case}


def test_an_erasure_empties_the_index_but_for_the_ids() -> None:
    case = make.case(subject="Wohngeld Weiß", parties=[applicant("Eva", "Weiß")])
    actions.note_foreign_reference(case=case, reference="WEISS/7", holder="", by=SYSTEM)
    lead = make.lead(case.unit)
    actions.set_follow_up(case=case, due_on=make.tomorrow(), note="Frau Weiß anrufen", by=Actor.of(lead))
    for _, erase in erasure:
        with acting(SYSTEM, "erase"):
            erase(case, by=SYSTEM)
    assert found("Weiß") == found("Wohngeld") == set()
    assert found(case.public_id[2:11]) == found(case.file_reference) == {case}
    assert case.follow_ups.get().note == ""
    assert not PersonDataVersion.objects.filter(values__icontains="Weiß").exists()
    assert not any("weiss" in word for word in CaseSearch.objects.get().words)


def test_the_note_of_a_wiedervorlage_is_person_data() -> None:
    case = make.case()
    actions.set_follow_up(case=case, due_on=make.tomorrow(), note="Frau Weiß", by=Actor.of(make.lead(case.unit)))
    assert PersonDataVersion.objects.get(model="cases.followup").values == {"note": [None, "Frau Weiß"]}
