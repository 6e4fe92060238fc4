"""What is to become of a message: decided without writing anything, so that a trial run says what a real one does."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from cases.models import Case, OrgUnit
from intake.facts import Facts
from intake.findings import Finding
from intake.models import Submission
from routing import engine, fields, recognition
from routing.models import Rule


@dataclass(frozen=True)
class Hold:
    """A person has to look: the reason code and what helps to decide (candidates, rules)."""

    reason: str
    details: dict[str, Any] = field(default_factory=dict)
    unit: OrgUnit | None = None


@dataclass(frozen=True)
class Repeat:
    """It is the same as an earlier Eingang."""

    original: Submission
    why: str


@dataclass(frozen=True)
class Reply:
    """It belongs to a Vorgang that exists."""

    case: Case
    why: str
    findings: Sequence[Finding] = ()


@dataclass(frozen=True)
class NewCase:
    """A rule says to which Leistung and team it goes."""

    rule: Rule
    unit: OrgUnit
    met: list[str]


Verdict = Hold | Repeat | Reply | NewCase


def judge(
    channel: str, facts: Facts, findings: Iterable[Finding], *, repeated: tuple[Submission, str] | None = None
) -> Verdict:
    """Decide: first what blocks, then whether it was here before, then whom it answers, then the rules."""
    blocking = next((finding for finding in findings if finding.is_blocking), None)
    if blocking:
        return Hold(blocking.code)
    if repeated:
        return Repeat(*repeated)
    hits = recognition.recognise(facts)
    if len(hits) > 1:
        return Hold("several_candidates", {"candidates": [{"case_id": h.case.public_id, "why": h.why} for h in hits]})
    if hits:
        return Reply(hits[0].case, hits[0].why, [recognition.SWAPPED] if hits[0].swapped else [])
    return _by_rule(channel, facts)


def _by_rule(channel: str, facts: Facts) -> Hold | NewCase:
    rules = Rule.objects.filter(is_active=True).select_related("service__unit", "unit")
    outcome = engine.decide(rules, fields.values(channel, facts))
    if outcome.winner is None:
        shown = [evaluation.as_json() for evaluation in outcome.tied or outcome.nearest]
        return Hold("equal_rules" if outcome.tied else "no_rule", {"rules": shown})
    rule = outcome.winner.rule
    unit = rule.unit or rule.service.unit
    if unit is None or not rule.service.is_open:
        reason = "no_unit" if unit is None else "service_closed"
        return Hold(reason, {"rules": [outcome.winner.as_json()]}, unit)
    return NewCase(rule, unit, outcome.winner.met)
