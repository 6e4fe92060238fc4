"""What is to become of a message: decided without writing anything, so that a trial run says what a real one does."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from django.utils import timezone

from cases.models import Case, OrgUnit
from intake.facts import Facts
from intake.findings import Finding
from intake.models import ApiClient, Submission
from routing import fields, portal, recognition
from routing.duplicates import Earlier
from routing.engine import Evaluation, Rules
from routing.index import Message
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
    """It belongs to a Vorgang that exists; ``rule`` where a rule says so, with the conditions that held."""

    case: Case
    why: str
    findings: Sequence[Finding] = ()
    rule: Rule | None = None
    met: Sequence[str] = ()


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
    rules: Rules | None = None,
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
        return by_rules(asked(channel, facts), rules)
    if facts.standard == recognition.PORTAL:
        joined = None if "portal_reference" in accepted else _by_portal(facts, client)
        return joined or by_rules(asked(channel, facts), rules)
    return _by_recognition(facts) or by_rules(asked(channel, facts), rules)


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


def asked(channel: str, facts: Facts) -> Message:
    """The message as rules see it."""
    return Message(fields.values(channel, facts))


def by_rules(
    message: Message,
    rules: Rules,
    *,
    on: date | None = None,
    cases: Mapping[int, Case] | None = None,
) -> Hold | Reply | NewCase:
    """What the rules say on a day (default: today). Whatever they lead to a person, ``details["rules"]`` says which.

    ``cases``: the Vorgänge that rules lead to, with their team, where they are at hand.
    """
    outcome = rules.decide(message, on=on or timezone.localdate())
    if outcome.winner is None:
        tied = [evaluation.as_json() for evaluation in outcome.tied]
        return Hold("equal_rules" if tied else "no_rule", {"rules": tied})
    return _follow(outcome.winner, cases)


def _follow(winner: Evaluation, cases: Mapping[int, Case] | None) -> Hold | Reply | NewCase:
    """Where a rule leads, as things are now."""
    rule, shown = winner.rule, {"rules": [winner.as_json()]}
    if rule.case_id is not None:  # as it is now: the rule may have been read before
        case = cases[rule.case_id] if cases else Case.objects.select_related("unit").get(pk=rule.case_id)
        verdict = _into(case, f"Regel „{rule.name}“, Version {rule.version}: {'; '.join(winner.met)}.")
        if isinstance(verdict, Hold):
            return replace(verdict, details=verdict.details | shown)
        return replace(verdict, rule=rule, met=winner.met)
    unit = rule.unit or rule.service.unit
    if not rule.service.is_open:
        return Hold("service_closed", shown, unit if unit and unit.is_open else None)
    if unit is None or not unit.is_open:
        return Hold("unit_closed" if unit else "no_unit", shown)
    return NewCase(rule, unit, winner.met)
