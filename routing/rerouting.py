"""Vorgänge that the rules would place elsewhere by now: offered to be moved, as long as nobody has touched them.

Only what a rule has placed and no person has looked after is offered: never what a person has assigned, and never
what is under way or decided.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from audit.acting import Actor, Source
from cases import policy
from cases.models import Case, Document, FollowUp, InformationRequest, Note, Notice, OrgUnit, Party, User
from cases.selectors import visible_cases
from intake.facts import Facts
from intake.models import Submission
from routing.models import RoutingDecision, Rule
from routing.rulebook import in_force
from routing.verdict import NewCase, asked, by_rules

NEWEST = 2000
"""So many of the untouched Vorgänge are asked about, the newest first."""


@dataclass(frozen=True)
class Offer:
    """A Vorgang that a rule would give to another team now, with the conditions that hold."""

    case: Case
    submission: Submission
    rule: Rule
    unit: OrgUnit
    met: list[str]


def untouched(cases: QuerySet[Case]) -> QuerySet[Case]:
    """Those that wait as a rule has placed them: one Eingang, nobody's, and nothing on them done by a person."""
    by_person = {"history_source": Source.USER}
    ours = Q(case=OuterRef("pk"))
    touched = Exists(Case.history.filter(id=OuterRef("pk"), **by_person))
    for model in (Note, FollowUp, InformationRequest, Notice):
        touched |= Exists(model.objects.filter(ours))
    for model in (Document, Party):
        touched |= Exists(model.history.filter(case_id=OuterRef("pk"), **by_person))
    decisions = RoutingDecision.objects.filter(ours)
    by_others = Exists(decisions.exclude(mode=RoutingDecision.Mode.RULE))
    waiting = cases.filter(status=Case.Status.RECEIVED, handler=None, is_protected=False)
    return waiting.annotate(arrivals=Count("submissions")).filter(~touched, ~by_others, Exists(decisions), arrivals=1)


def offers(user: User) -> list[Offer]:
    """What ``user`` may move, the newest first."""
    by = Actor.of(user)
    cases = untouched(visible_cases(user)).select_related("service", "unit").order_by("-pk")[:NEWEST]
    may = {unit_id: policy.may(by, "hand_over", unit_id) for unit_id in {case.unit_id for case in cases}}
    return [offer for offer in _moved(case for case in cases if may[case.unit_id])]


def offer_for(case: Case) -> Offer | None:
    """The offer for one Vorgang as things are now; None when it is to stay."""
    found = list(untouched(Case.objects.filter(pk=case.pk)).select_related("service", "unit"))
    return next(_moved(found), None)


def _moved(cases: Iterator[Case] | list[Case]) -> Iterator[Offer]:
    """Those that the rules in force give to another team; to another Leistung nothing is moved."""
    by_id = {case.pk: case for case in cases}
    rules = in_force()
    submissions = Submission.objects.filter(case__in=by_id).exclude(facts={}).only("channel", "facts", "case")
    for submission in submissions.order_by("-case_id").iterator(chunk_size=500):
        case = by_id[submission.case_id]
        verdict = by_rules(asked(submission.channel, Facts.from_json(submission.facts)), rules)
        if isinstance(verdict, NewCase) and verdict.rule.service_id == case.service_id and verdict.unit != case.unit:
            yield Offer(case, submission, verdict.rule, verdict.unit, verdict.met)
