"""What the pages of one rule and of one draft show."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db.models import BooleanField, Exists, ExpressionWrapper, OuterRef, Q
from django.utils import timezone

from cases.models import OrgUnit
from cases.selectors import Scope, visible_cases
from routing import drafting, hits
from routing.models import Rule, RuleChange, RuleContent, RuleDraft
from routing.rulepages.listing import state_of
from routing.rulepages.words import Difference, Words
from routing.soundness import faults_of_destination

VERSIONS = 50
LAST_HITS = 20


@dataclass(frozen=True)
class Version:
    """One version of a rule: the row of its history, and what it says otherwise than the one before."""

    row: Any
    differences: list[Difference]
    is_first: bool


@dataclass(frozen=True)
class Change:
    """A change of a draft: what it says or says otherwise, what is wrong with it, how its rule has changed since."""

    change: RuleChange
    rows: list[tuple[str, str]]
    differences: list[Difference]
    faults: list[str] = field(default_factory=list)
    since: list[Difference] = field(default_factory=list)


def rule_context(rule: Rule, scope: Scope) -> dict[str, Any]:
    """The page of a rule (some queries, whatever its age)."""
    today = timezone.localdate()
    history = list(rule.history.order_by("-history_id")[: VERSIONS + 1])
    words = Words([rule, *history], scope.all_units)
    months, last = hits.by_month(rule, today=today), _last_hits(rule, scope)
    total, corrected = sum(count for _, count, _ in months), sum(count for _, _, count in months)
    drafts = RuleDraft.objects.filter(state=RuleDraft.State.OPEN)
    return {
        "rule": rule,
        "rows": words.rows(rule),
        "state": state_of(rule, today),
        "faults": faults_of_destination(rule.service, rule.unit, rule.person, rule.case) if rule.is_active else [],
        "versions": _versions(words, history)[:VERSIONS],
        "hits": hits.Hits(total, corrected, last[0]["at"] if last else None),
        "months": months,
        "last_hits": last,
        "drafts": drafts.annotate(has_rule=Exists(RuleChange.objects.filter(draft=OuterRef("pk"), rule=rule))),
    }


def _versions(words: Words, history: list[Any]) -> list[Version]:
    """Newest first; ``history`` holds one more than is shown, so that the last can be compared."""
    pairs = zip(history, [*history[1:], None], strict=False)
    return [Version(row, words.differences(before, row) if before else [], before is None) for row, before in pairs]


def _last_hits(rule: Rule, scope: Scope) -> list[dict[str, Any]]:
    """The last messages that it placed, by their Vorgangs-ID; linked for who may see the Vorgang (two queries)."""
    found = hits.decided_by([rule.pk]).annotate(is_corrected=ExpressionWrapper(hits.misplaced(), BooleanField()))
    decisions = list(found.select_related("submission__number", "case").order_by("-at")[:LAST_HITS])
    cases = [decision.case_id for decision in decisions if decision.case_id]
    visible = visible_cases(scope.user, scope).filter(pk__in=cases).values_list("pk", flat=True) if cases else ()
    seen = set(visible)
    return [
        {
            "at": decision.at,
            "number": decision.submission.number,
            "version": decision.rule_version,
            "case": decision.case,
            "is_visible": decision.case_id in seen,
            "is_corrected": decision.is_corrected,
        }
        for decision in decisions
    ]


def draft_context(draft: RuleDraft, scope: Scope) -> dict[str, Any]:
    """The page of a draft (some queries, however many changes)."""
    review = drafting.Review(draft)
    is_open = draft.state == RuleDraft.State.OPEN
    return {
        "draft": draft,
        "is_open": is_open,
        "leads": bool(scope.led),
        "changes": changes_of(review, scope.all_units, is_open=is_open),
        "outdated": review.outdated if is_open else [],
        "refusal": review.refusal(scope.user) if is_open else "",
        "units": sorted(unit.name for unit in review.units.values()),
    }


def changes_of(review: drafting.Review, units: Mapping[int, OrgUnit], *, is_open: bool) -> list[Change]:
    """The changes of a draft in words. Of a closed one only what it said: its rules have moved on."""
    bases = _bases(review.changes)
    words = Words([*review.changes, *(c.rule for c in review.changes if c.rule), *bases.values()], units)
    found = []
    for change in review.changes:
        base = bases.get(change.pk, change.rule)
        is_change = change.kind == RuleChange.Kind.CHANGE
        found.append(
            Change(
                change,
                [] if is_change else words.rows(change),
                words.differences(base, change) if is_change else [],
                review.faults_of(change) if is_open else [],
                words.differences(base, change.rule) if is_open and change.pk in bases else [],
            )
        )
    return found


def since(change: RuleChange, units: Mapping[int, OrgUnit]) -> list[Difference]:
    """What the rule of an outdated change says otherwise now than when the change was drawn up."""
    bases = _bases([change])
    if not bases:
        return []
    return Words([change.rule, *bases.values()], units).differences(bases[change.pk], change.rule)


def _bases(changes: Iterable[RuleChange]) -> dict[int, Any]:
    """What the rules of outdated changes said when those were drawn up, by change (one query, if there are any)."""
    outdated = [change for change in changes if change.is_outdated]
    if not outdated:
        return {}
    wanted = Q()
    for change in outdated:
        wanted |= Q(id=change.rule_id, version=change.base_version)
    rows = {(row.id, row.version): row for row in Rule.history.filter(wanted).order_by("history_id")}
    return {each.pk: rows[key] for each in outdated if (key := (each.rule_id, each.base_version)) in rows}


def neighbours(rank: int, *, without: int | None = None) -> dict[str, list[RuleContent]]:
    """The rules in force that are asked just before, at the same time and just after a rank (one query)."""
    rules = Rule.objects.filter(is_active=True).exclude(pk=without)
    before = rules.filter(rank__lt=rank).order_by("-rank", "-pk")[:3]
    same = rules.filter(rank=rank).order_by("pk")[:5]
    after = rules.filter(rank__gt=rank).order_by("rank", "pk")[:3]
    found = sorted(before.union(same, after, all=True), key=lambda rule: (rule.rank, rule.pk))
    return {
        "before": [rule for rule in found if rule.rank < rank],
        "same": [rule for rule in found if rule.rank == rank],
        "after": [rule for rule in found if rule.rank > rank],
    }
