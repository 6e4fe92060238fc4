"""What is to become of a message: decided without writing anything, so that a trial run says what a real one does."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from cases.models import Case, OrgUnit
from intake.facts import Facts
from intake.findings import Finding
from intake.models import ApiClient, Submission
from routing import engine, fields, portal, recognition
from routing.duplicates import Earlier
from routing.models import Rule
from routing.rulebook import in_force


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
    channel: str,
    facts: Facts,
    findings: Iterable[Finding],
    *,
    earlier: Earlier | None = None,
    accepted: Collection[str] = (),
    client: ApiClient | None = None,
    unrelated: bool = False,
    rules: Iterable[Rule] | None = None,
) -> Verdict:
    """Decide: first what blocks, then whether it was here before, then whom it answers, then the rules.

    ``accepted`` are reason codes that a person has looked at and passed; ``client`` is the portal that it came from.
    ``unrelated`` says that nothing is known of what it names (``routing.relations``): so no Vorgang has to be looked
    for; ``rules`` are those ``in_force``, where they are at hand.
    """
    blocking = next((finding for finding in findings if finding.is_blocking), None)
    if blocking:
        return Hold(blocking.code)
    if earlier and earlier.is_same:
        return Repeat(earlier.submission, earlier.why)
    if earlier and "message_id_reused" not in accepted:
        known = earlier.submission.case
        candidates = [{"case_id": known.public_id, "why": earlier.why}] if known else []
        return Hold("message_id_reused", {"candidates": candidates})
    rules = in_force() if rules is None else rules
    if unrelated:
        return _by_rule(channel, facts, rules)
    if facts.standard == recognition.PORTAL:
        joined = None if "portal_reference" in accepted else _by_portal(facts, client)
        return joined or _by_rule(channel, facts, rules)
    return _by_recognition(facts) or _by_rule(channel, facts, rules)


def _by_portal(facts: Facts, client: ApiClient | None) -> Hold | Reply | None:
    """An application joins a Vorgang only by the Vorgangs-ID of one of the same portal; else a person looks."""
    hits = portal.named_cases(facts)
    if not hits:
        return None
    hit = hits[0]
    if len(hits) == 1 and hit.by_public_id and client and portal.may_join(hit.case, facts, client):
        return Reply(hit.case, hit.why)
    return Hold("portal_reference", {"candidates": [{"case_id": h.case.public_id, "why": h.why} for h in hits]})


def _by_recognition(facts: Facts) -> Hold | Reply | None:
    hits = recognition.recognise(facts)
    if not hits:
        return None
    candidates = {"candidates": [{"case_id": hit.case.public_id, "why": hit.why} for hit in hits]}
    if len(hits) > 1:
        return Hold("several_candidates", candidates)
    hit = hits[0]
    if hit.doubt:
        return Hold(hit.doubt, candidates)
    return _into(hit.case, hit.why, [recognition.SWAPPED] if hit.swapped else [])


def _into(case: Case, why: str, findings: Sequence[Finding] = ()) -> Hold | Reply:
    """Into an existing Vorgang; of a decided one a person has to say what the message means for it."""
    if case.status == Case.Status.DECIDED:
        return Hold("case_decided", {"candidates": [{"case_id": case.public_id, "why": why}]}, case.unit)
    return Reply(case, why, findings)


def _by_rule(channel: str, facts: Facts, rules: Iterable[Rule]) -> Hold | Reply | NewCase:
    outcome = engine.decide(rules, fields.values(channel, facts))
    if outcome.winner is None:
        shown = [evaluation.as_json() for evaluation in outcome.tied or outcome.nearest]
        return Hold("equal_rules" if outcome.tied else "no_rule", {"rules": shown})
    rule = outcome.winner.rule
    if rule.case_id is not None:
        case = Case.objects.get(pk=rule.case_id)  # as it is now: the rule may have been read before
        return _into(case, f"Regel „{rule.name}“, Version {rule.version}: {'; '.join(outcome.winner.met)}.")
    unit = rule.unit or rule.service.unit
    if unit is None or not rule.service.is_open:
        reason = "no_unit" if unit is None else "service_closed"
        return Hold(reason, {"rules": [outcome.winner.as_json()]}, unit)
    return NewCase(rule, unit, outcome.winner.met)
