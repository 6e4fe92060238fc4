"""From what people have solved by hand the machine proposes the narrowest rule that nothing speaks against."""

from __future__ import annotations

from itertools import count

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from audit.acting import Actor
from cases.conditions import check, is_met
from cases.models import OrgUnit, User
from routing import proposing
from routing.actions import clearing
from routing.actions.rules import set_rule
from routing.fields import FIELDS
from routing.index import Message
from routing.models import ExceptionEntry
from routing.proposing import Example, Proposal, from_entries
from tests import factories as make

_number = count(1)
pytestmark = pytest.mark.django_db


@pytest.fixture
def post() -> OrgUnit:
    return make.team("poststelle", is_clearing=True)


@pytest.fixture
def chief(post: OrgUnit) -> User:
    return make.lead(post)


def solved(chief: User, unit: OrgUnit, *subjects: str, **values: str) -> list[ExceptionEntry]:
    """Klärfälle that ``chief`` has solved by opening a Vorgang in ``unit`` for each."""
    entries = []
    for subject in subjects:
        entry = make.entry(subject=subject, foreign=f"{next(_number)} K 7/26", **values)
        clearing.open_new_case(entry=entry, service=make.service(), unit=unit, by=Actor.of(chief))
        entries.append(ExceptionEntry.objects.get(pk=entry.pk))
    return entries


def words(proposal: Proposal) -> set[tuple[str, str, str]]:
    """The conditions, to be compared."""
    return {(c.field, c.operator, c.value) for c in proposal.conditions}


def test_forty_of_a_court_with_the_same_words_in_the_subject(chief: User) -> None:
    unit = make.team("steuern")
    subjects = [f"Klage wegen Hundesteuer {2000 + n}, Az {n}" for n in range(5)]
    proposal = from_entries(solved(chief, unit, *subjects))
    assert (proposal.why_not, proposal.covers, proposal.unit) == ("", 5, unit)
    assert proposal.name == "Klage wegen Hundesteuer → Steuern", "no code that one would have to look up"
    assert words(proposal) == {
        ("sender_code", "is", "D6262"),
        ("message_type", "is", "0005005"),
        ("subject", "contains", "Klage wegen Hundesteuer"),
    }


def test_a_proposed_rule_places_the_next_ones(chief: User) -> None:
    unit = make.team("steuern")
    proposal = from_entries(solved(chief, unit, "Hundesteuer 2025", "Hundesteuer 2026"))
    set_rule(
        name=proposal.name,
        rank=proposal.rank,
        conditions=proposal.conditions,
        service=proposal.service,
        unit=proposal.unit,
        by=Actor.of(chief),
    )
    assert make.processed(subject="Hundesteuer 2027", foreign="1 K 1/26").case.unit == unit
    assert make.processed(subject="Grundsteuer 2027", foreign="2 K 2/26").case is None


def test_what_went_elsewhere_is_kept_out_by_further_words(chief: User) -> None:
    dogs, land = make.team("hunde"), make.team("grund")
    solved(chief, land, "Steuer: Grundsteuer 2025")
    (entry,) = solved(chief, dogs, "Steuer: Hundesteuer 2025")
    proposal = from_entries([entry])
    assert (proposal.why_not, proposal.against) == ("", [])
    assert any(c.field == "subject" and "Hundesteuer" in c.value for c in proposal.conditions)


def test_what_cannot_be_told_apart_is_said_with_what_speaks_against_it(chief: User) -> None:
    one, other = make.team("eins"), make.team("zwei")
    (entry,) = solved(chief, one, "Hundesteuer 2025")
    solved(chief, other, "Hundesteuer 2025")
    proposal = from_entries([entry])
    assert "träfe auch 1 andere" in proposal.why_not
    assert len(proposal.against) == 1


def test_what_was_turned_away_speaks_against_a_rule(chief: User) -> None:
    unit = make.team("steuern")
    (entry,) = solved(chief, unit, "Hundesteuer 2025")
    advertising = make.entry(subject="Hundesteuer 2025", foreign="9 K 9/26")
    clearing.reject(entry=advertising, by=Actor.of(chief), reason="Werbung")
    assert from_entries([entry]).against == [advertising.submission.number.public_id]


def test_what_still_waits_is_counted_and_no_objection(chief: User) -> None:
    unit = make.team("steuern")
    (entry,) = solved(chief, unit, "Hundesteuer 2025")
    make.entry(subject="Hundesteuer 2026", foreign="9 K 9/26")
    proposal = from_entries([entry])
    assert (proposal.why_not, proposal.waiting) == ("", 1)


def test_differently_solved_ones_make_no_rule(chief: User) -> None:
    entries = solved(chief, make.team("eins"), "Hundesteuer") + solved(chief, make.team("zwei"), "Grundsteuer")
    assert "verschieden gelöst" in from_entries(entries).why_not


def test_what_was_put_into_a_vorgang_that_existed_makes_no_rule(chief: User) -> None:
    entry = make.entry()
    clearing.assign_to_case(entry=entry, case=make.case(entry.unit), by=Actor.of(chief))
    assert "keine Regel" in from_entries([ExceptionEntry.objects.get(pk=entry.pk)]).why_not


def test_several_courts_are_listed_when_each_writes_often(chief: User) -> None:
    unit = make.team("steuern")
    entries = solved(chief, unit, *["Hundesteuer"] * 3) + [
        entry for n in range(3) for entry in solved(chief, unit, f"Hundesteuer {n}", court="R2601")
    ]
    assert ("sender_code", "one_of", "D6262|R2601") in words(from_entries(entries))


def test_it_goes_before_the_rules_that_met_the_examples(chief: User) -> None:
    unit = make.team("steuern")
    make.rule("Hundesteuer", rank=50)
    make.rule("Hundesteuer", rank=50)
    entry = ExceptionEntry.objects.get(submission=make.processed(subject="Hundesteuer 2025"))
    assert entry.reason == "equal_rules"
    clearing.open_new_case(entry=entry, service=make.service(), unit=unit, by=Actor.of(chief))
    assert from_entries([ExceptionEntry.objects.get(pk=entry.pk)]).rank == 49


def test_it_goes_before_the_first_rule_too(chief: User) -> None:
    make.rule("Hundesteuer", rank=1)
    make.rule("Hundesteuer", rank=1)
    entry = ExceptionEntry.objects.get(submission=make.processed(subject="Hundesteuer 2025"))
    clearing.open_new_case(entry=entry, service=make.service(), unit=make.team("steuern"), by=Actor.of(chief))
    assert from_entries([ExceptionEntry.objects.get(pk=entry.pk)]).rank == 0


def test_people_are_no_ground_for_a_rule(chief: User) -> None:
    unit = make.team("steuern")
    mail = (
        "From: Eva Klug <eva.klug@example.org>\r\nTo: post@musterhausen.example\r\nSubject: AW: Abmeldung Hund\r\n"
        "Message-ID: <1@example.org>\r\n\r\nGuten Tag, Bello ist fortgezogen.\r\n"
    )
    archive = make.message_file("mail.eml", mail.encode())
    entry = ExceptionEntry.objects.get(submission=make.processed(make.envelope({}, channel="eml", archive=archive)))
    clearing.open_new_case(entry=entry, service=make.service(), unit=unit, by=Actor.of(chief))
    proposal = from_entries([ExceptionEntry.objects.get(pk=entry.pk)])
    assert words(proposal) == {("subject", "contains", "Abmeldung Hund")}


def test_what_a_person_is_called_is_no_ground_for_a_rule(chief: User) -> None:
    unit = make.team("steuern")
    address = "<tns:strasse>Ahornallee</tns:strasse><tns:ort>Musterhausen</tns:ort>"
    subjects = ["Hundesteuer: Eva Klug, Ahornallee", "Klug-Hundesteuer der Eva Klug, Ahornallee"]
    proposal = from_entries(solved(chief, unit, *subjects, parties=address))
    assert {value for field, _, value in words(proposal) if field == "subject"} == {"Hundesteuer"}


def test_who_writes_an_e_mail_is_not_named_by_its_subject(chief: User) -> None:
    unit = make.team("steuern")
    mail = (
        "From: Eva Klug <eva.klug@example.org>\r\nTo: post@musterhausen.example\r\nSubject: Hund von Klug ist fort\r\n"
        "Message-ID: <2@example.org>\r\n\r\nGuten Tag, Bello ist fortgezogen.\r\n"
    )
    archive = make.message_file("mail.eml", mail.encode())
    entry = ExceptionEntry.objects.get(submission=make.processed(make.envelope({}, channel="eml", archive=archive)))
    clearing.open_new_case(entry=entry, service=make.service(), unit=unit, by=Actor.of(chief))
    proposal = from_entries([ExceptionEntry.objects.get(pk=entry.pk)])
    assert words(proposal) == {("subject", "contains", "Hund von")}


HERE, ELSEWHERE = (1, 1), (2, 2)
texts = st.lists(
    st.sampled_from(
        ["Hund", "HUND", "Straße", "STRASSE", "a|b", "｜x", " Amt ", "ﬁx", "é", "12", "(Klage)", "\x1cabc"]
    ),
    max_size=3,
).map(" ".join)


def examples(*places: tuple[int, int] | None) -> st.SearchStrategy[Example]:
    """Messages of a court that went to one of these places."""
    named = st.fixed_dictionaries({name: texts for name in ("sender", "sender_code", "subject", "message_type")})
    return st.builds(
        lambda said, place: Example(1, "V", Message(FIELDS_EMPTY | {k: [v] for k, v in said.items() if v}), place),
        named,
        st.sampled_from(places),
    )


FIELDS_EMPTY: dict[str, list[str]] = {name: [] for name in FIELDS} | {"channel": ["egvp"]}


@settings(max_examples=200, deadline=None)
@given(st.lists(examples(HERE), min_size=1, max_size=7), st.lists(examples(HERE, ELSEWHERE, None), max_size=5))
def test_a_proposal_covers_all_its_examples_and_nothing_that_went_elsewhere(
    shown: list[Example], past: list[Example]
) -> None:
    def meets(each: Example) -> bool:
        return all(is_met(condition, each.message.values) for condition in proposal.conditions)

    proposal = proposing._narrowest(Proposal(len(shown)), shown, past)
    check(proposal.conditions, FIELDS)
    assert all(meets(each) for each in shown)
    if not proposal.why_not:
        assert proposal.conditions
        assert not any(meets(each) for each in past if each.place == ELSEWHERE)
