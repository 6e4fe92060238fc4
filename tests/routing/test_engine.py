"""The engine agrees with the plainest possible one on random rules and messages, and ties always end with a person."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cases.conditions import OPERATORS, Condition, ConditionError, check, fold, is_met
from intake.facts import Correspondent, DocumentFacts, Facts, PartyFacts
from routing import engine, fields
from routing.models import Rule

words = st.sampled_from(
    ["Gewerbe", "gewerbe", "Bußgeld", "BUSSGELD", "Klage", "", "12 K 345/26", "30.4-2026-000001", "ß"]
)
facts = st.builds(
    Facts,
    subject=words,
    own_reference=words,
    foreign_reference=words,
    sender=st.builds(Correspondent, name=words, code=st.sampled_from(["D6262", "R2601", ""])),
    documents=st.lists(st.builds(DocumentFacts, name=words, title=words), max_size=3),
    parties=st.lists(st.builds(PartyFacts, postcode=st.sampled_from(["59999", "50667"])), max_size=2),
)
conditions = st.builds(
    Condition,
    field=st.sampled_from(sorted(fields.FIELDS)),
    operator=st.sampled_from(sorted(OPERATORS)),
    value=st.one_of(words.filter(bool), st.just("a-k")),
)
rules = st.lists(
    st.builds(
        lambda rank, number, when: Rule(rank=rank, name=str(number), conditions=[c.as_json() for c in when], version=1),
        st.integers(1, 4),
        st.integers(1, 10**9),
        st.lists(conditions, max_size=3),
    ),
    max_size=8,
)


@given(rules, facts)
def test_the_engine_is_the_naive_one(rows: list[Rule], message: Facts) -> None:
    values = fields.values("egvp", message)
    matching = [r for r in rows if r.conditions and all(is_met(Condition(**c), values) for c in r.conditions)]
    outcome = engine.decide(rows, values)
    if not matching:
        assert outcome.winner is None
        assert outcome.tied == []
        return
    best = [rule for rule in matching if rule.rank == min(r.rank for r in matching)]
    if len(best) == 1:
        assert outcome.winner is not None
        assert outcome.winner.rule is best[0]
        assert len(outcome.winner.met) == len(best[0].conditions)
    else:
        assert outcome.winner is None
        assert [e.rule for e in outcome.tied] == best


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
        ("mehrere   Leerzeichen\n", "is", "Mehrere Leerzeichen", True),
        ("x", "present", "", True),
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
    ],
)
def test_a_condition_that_means_nothing_is_refused(condition: Condition, sentence: str) -> None:
    with pytest.raises(ConditionError, match=sentence):
        check([condition], fields.FIELDS)


@given(st.text(max_size=50))
def test_folding_is_stable(text: str) -> None:
    assert fold(fold(text)) == fold(text)
