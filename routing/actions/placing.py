"""Placing: new Vorgänge for Eingänge, and the exception queue for others, many with one INSERT per table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from django.db import transaction

from audit.acting import Actor, Source
from cases.actions import Opening, open_cases
from cases.models import Case, User
from intake import actions as intake
from intake.facts import Facts
from intake.findings import Finding
from intake.models import Submission, SubmissionFile
from routing import recognition
from routing.actions import filing
from routing.actions import replies as follow_up
from routing.models import RoutingDecision
from routing.verdict import NewCase


@dataclass(frozen=True)
class Placement:
    """A new Vorgang for an Eingang: what was understood of it, its stored files, and the rule that says so.

    ``others`` are the open Vorgänge of the same person for the same Leistung; ``everything`` as of ``file_into``.
    """

    submission: Submission
    facts: Facts
    files: Sequence[SubmissionFile]
    verdict: NewCase
    others: Sequence[Case] = ()
    helped: Sequence[str] = ()
    everything: bool = False

    @property
    def by(self) -> Actor:
        """Who opens it: the rule."""
        rule = self.verdict.rule
        return Actor(Source.RULE, f"Regel „{rule.name[:100]}“, Version {rule.version}")


def open_and_file(placements: Sequence[Placement]) -> list[Case]:
    """Open the Vorgänge, file what came with each, and keep the decisions with their explanations: all or none."""
    if not placements:
        return []
    with transaction.atomic(savepoint=False):  # the pipeline's own: nobody goes on in it after an error
        wanted = {each.verdict.rule.person_id for each in placements} - {None}
        people = User.objects.in_bulk(wanted) if wanted else {}  # as they are now: the rules may have been read before
        planned = [_plan(each, people) for each in placements]
        opened = open_cases([opening for opening, _, _ in planned])
        filing.note_documents([(o.documents, rows) for o, (_, rows, _) in zip(opened, planned, strict=True)])
        for each, new, (_, _, findings) in zip(placements, opened, planned, strict=True):
            filing.note_opened(each.submission, new.case, findings)
            filing.note_possible_duplicates(each.submission, each.others, new.case, by=each.by)
        pairs = list(zip(placements, [new.case for new in opened], strict=True))
        intake.mark_all_filed([(each.submission, case, each.by) for each, case in pairs])
        follow_up.go_on([each.submission for each in placements])
        filing.record_all([_decision(each, case) for each, case in pairs])
    return [case for _, case in pairs]


def _plan(each: Placement, people: Mapping[int, User]) -> tuple[Opening, filing.Rows, list[Finding]]:
    """How the Vorgang is to be opened, the stored files of each of its documents, and what is to be noted."""
    rule, unit = each.verdict.rule, each.verdict.unit
    opening, findings = filing.opening_for(
        each.submission, each.facts, service=rule.service, unit=unit, by=each.by, handler=people.get(rule.person_id)
    )
    documents, rows = filing.documents_of(each.submission, each.facts, each.files, everything=each.everything)
    references = recognition.held_references(each.facts)
    return replace(opening, documents=documents, references=references), rows, findings


def _decision(each: Placement, case: Case) -> RoutingDecision:
    mode, why = RoutingDecision.Mode.RULE, [*each.verdict.met, *each.helped]
    return filing.decision(each.submission, case, mode=mode, by=each.by, explanation=why, rule=each.verdict.rule)
