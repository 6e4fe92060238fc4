"""The engine agrees with the plainest possible one on random rules and messages, and ties always end with a person."""

from __future__ import annotations

import time
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cases import patterns as patterns_of_people
from cases.conditions import OPERATORS, Condition, ConditionError, check, fold, is_met, plain
from intake.facts import Correspondent, DocumentFacts, Facts, PartyFacts
from routing import engine, fields
from routing.index import Message, RuleIndex
from routing.models import Rule

TODAY = date(2026, 11, 24)
words = st.sampled_from(
    [
        "Gewerbe",
        "gewerbe",
        "Bußgeld",
        "BUSSGELD",
        "Klage",
        "",
        "12 K 345/26",
        "30.4-2026-000001",
        "ß",
        "Klage wegen Gewerbe",
        "Łukasz-İnan",
        "ﬁx | STRAẞE｜é",
        "Ärger\u00a0und\u3000e\u0301",
    ]
)
letters = "abAB ß12ſKkẞİı|｜éÉ\u0301ﬁΣςΐŁ½\t\u00a0"
facts = st.builds(
    Facts,
    subject=words | st.text(letters, max_size=12),
    own_reference=words,
    foreign_reference=words,
    sender=st.builds(Correspondent, name=words, code=st.sampled_from(["D6262", "R2601", ""])),
    documents=st.lists(st.builds(DocumentFacts, name=words, title=words), max_size=3),
    parties=st.lists(st.builds(PartyFacts, last_name=words, postcode=st.sampled_from(["59999", "50667"])), max_size=2),
)
patterns = st.sampled_from(
    [
        r"gewerbe|klage",
        r"\d+ K \d+",
        r"ge(wer)?be",
        r"^bu[sß]",
        r"kl.ge$",
        r"30\.4",
        r"(?s)x.+y",
        r"ab+a",
        "[ab]1",
        "B u",
        r"a(?i)*b",
        r"[k|K]ẞ?",
        r"\\|é",
        "ſ.|ﬁ",
    ]
)
conditions = st.builds(
    Condition,
    field=st.sampled_from(sorted(fields.FIELDS)),
    operator=st.sampled_from(sorted(set(OPERATORS) - {"matches"})),
    value=st.one_of(
        words.filter(bool), st.sampled_from(["a-k", "ß-z", "Ł-ﬁ", "½-é"]), st.text(letters, min_size=1, max_size=6)
    ),
) | st.builds(Condition, field=st.sampled_from(["subject", "keyword"]), operator=st.just("matches"), value=patterns)
days = st.none() | st.dates(TODAY - timedelta(days=1), TODAY + timedelta(days=1))
rules = st.lists(
    st.builds(
        lambda rank, number, when, start, end: Rule(
            rank=rank, name=str(number), conditions=[c.as_json() for c in when], valid_from=start, valid_until=end
        ),
        st.integers(1, 4),
        st.integers(1, 10**9),
        st.lists(conditions, max_size=3),
        days,
        days,
    ),
    max_size=8,
)


@settings(max_examples=500)
@given(rules, facts)
def test_the_engine_is_the_naive_one(rows: list[Rule], message: Facts) -> None:
    values = fields.values("egvp", message)
    asked = [r for r in rows if r.conditions and r.holds_on(TODAY)]
    matching = [r for r in asked if all(is_met(Condition(**c), values) for c in r.conditions)]
    holding = [r for r in rows if r.conditions and all(is_met(Condition(**c), values) for c in r.conditions)]
    assert engine.Rules(rows).matching(Message(values)) == sorted(holding, key=lambda rule: rule.rank)
    outcome = engine.Rules(rows).decide(Message(values), on=TODAY)
    if not matching:
        assert outcome == engine.Outcome()
        return
    best = [rule for rule in matching if rule.rank == min(r.rank for r in matching)]
    if len(best) == 1:
        assert outcome.winner is not None
        assert outcome.winner.rule is best[0]
        assert len(outcome.winner.met) == len(best[0].conditions)
    else:
        assert outcome.winner is None, "several of the same rank are a matter for a person"
        assert [e.rule for e in outcome.tied] == best


def test_of_a_thousand_rules_only_those_are_asked_whose_words_occur() -> None:
    whens = [[Condition("subject", "contains", f"Aktion {n:04}")] for n in range(1000)]
    whens.append([Condition("subject", "matches", r"aktion \d{4} .* mahnung")])
    asked = RuleIndex(whens).candidates(Message({"subject": ["Aktion 0417: letzte Mahnung"]}))
    assert 417 in asked
    assert 1000 in asked
    assert len(asked) < 20


def test_a_pattern_that_people_wrote_cannot_hang_the_machine() -> None:
    started = time.monotonic()
    assert not patterns_of_people.matches("a" * 50_000 + "!", "(a+)+$")
    assert time.monotonic() - started < 5, "others take longer than the universe has been there"


@given(patterns, st.text("abß1 KkGgeEwWrRbB30.4", max_size=30))
def test_what_a_pattern_cannot_do_without_is_in_every_text_that_it_matches(pattern: str, text: str) -> None:
    if patterns_of_people.matches(plain(text), pattern):
        assert all(fold(needed) in fold(text) for needed in patterns_of_people.literals(pattern))


@pytest.mark.parametrize(
    ("pattern", "needed"),
    [
        (r"30\.4-2026", ["30.4-2026"]),
        (r"Gewerbe.*K 3", ["Gewerbe", "K 3"]),
        (r"ab+cd", ["a", "cd"]),
        (r"abc|def", []),
        (r"x[a|b]yz", ["x", "yz"]),
        (r"[[:alpha:]]foo", ["foo"]),
        (r"(a|b)?klage", ["klage"]),
        (r"\x41bcd", []),
        (r"\Qa.b\E", []),
        (r"ab(?i)*c", []),
        (r"(?i)abc", ["abc"]),
    ],
)
def test_what_a_pattern_cannot_do_without(pattern: str, needed: list[str]) -> None:
    assert patterns_of_people.literals(pattern) == needed


@given(facts)
def test_facts_survive_their_json(message: Facts) -> None:
    assert Facts.from_json(message.as_json()) == message


@pytest.mark.parametrize(
    ("actual", "operator", "value", "met"),
    [
        ("Klage wegen GEWERBE", "contains", "gewerbe", True),
        ("Bußgeldsache", "contains", "BUSSGELD", True),
        ("Klage", "is", "klage", True),
        ("Klage", "is", "klag", False),
        ("30.4-2026-000001", "starts_with", "30.", True),
        ("1 K 519/20.KO", "ends_with", ".ko", True),
        ("D6262", "one_of", "R2601|D6262", True),
        ("Umgang mit dem Kind", "contains_one_of", "Unterhalt|Umgang", True),
        ("D6262", "one_of", "R2601 | D6262", True),
        ("D6262", "one_of", "R2601｜D6262", True),
        ("Umgang", "contains_one_of", "Unterhalt | Umgang | Sorge", True),
        ("Kind", "contains_one_of", "Unterhalt | Umgang", False),
        ("mehrere   Leerzeichen\n", "is", "Mehrere Leerzeichen", True),
        ("x", "present", "", True),
        ("Az. 12 K 345/26", "matches", r"\d+ k \d+/\d\d", True),
        ("STRASSE", "matches", "straße", False),
        ("Straße", "matches", "STRAßE", True),
        ("12 K  345/26", "matches", "^12 K 345/26$", True),
        ("Kühn", "in_range", "A-K", True),
        ("Kühn", "in_range", "L-Z", False),
        ("Özdemir", "in_range", "O-P", True),
        ("Ärmel", "in_range", "Ad-Ae", True),
        ("Schäfer", "in_range", "Sa-Sc", True),
        ("Schäfer", "in_range", "St-Z", False),
        ("Łukaszewicz", "in_range", "L-M", False),
    ],
)
def test_operators(actual: str, operator: str, value: str, met: bool) -> None:
    assert is_met(Condition("subject", operator, value), {"subject": [actual]}) is met


def test_a_field_without_value_meets_nothing() -> None:
    assert not is_met(Condition("subject", "present"), {"subject": []})
    assert not is_met(Condition("subject", "contains", "x"), {})


@pytest.mark.parametrize(
    ("condition", "sentence"),
    [
        (Condition("betreff", "is", "x"), "Das Feld „betreff“ gibt es nicht"),
        (Condition("subject", "like", "x"), "Den Vergleich „like“ gibt es nicht"),
        (Condition("subject", "contains", " "), "fehlt ein Wert"),
        (Condition("subject", "one_of", "a||b"), "fehlt ein Wert"),
        (Condition("surname", "in_range", "A"), "gehört ein Bereich hin"),
        (Condition("surname", "in_range", "K-A"), "gehört ein Bereich hin"),
        (Condition("subject", "matches", " "), "fehlt ein Wert"),
        (Condition("subject", "matches", "(a"), "eine Klammer wird nicht geschlossen"),
        (Condition("subject", "matches", "*a"), "fehlt, was sich wiederholen soll"),
        (Condition("subject", "matches", "(?=a)b"), "Vor- und Rückschau sind nicht möglich"),
        (Condition("subject", "matches", "a*"), "passt auf jeden Text"),
        (Condition("subject", "matches", ".+"), "passt auf jeden Text"),
        (Condition("subject", "matches", "x" * 201), "länger als 200 Zeichen"),
    ],
)
def test_a_condition_that_means_nothing_is_refused(condition: Condition, sentence: str) -> None:
    with pytest.raises(ConditionError, match=sentence):
        check([condition], fields.FIELDS)


@given(st.text(max_size=50))
def test_folding_is_stable(text: str) -> None:
    assert fold(fold(text)) == fold(text)
