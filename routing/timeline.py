"""Why the messages of a Vorgang came into it."""

from __future__ import annotations

from collections.abc import Iterator

from audit.registries import TimelineEntry, timeline
from cases.models import Case
from intake.models import Submission
from routing.models import RoutingDecision
from routing.selectors import decisions_of

SOURCES = {RoutingDecision.Mode.RULE: "rule", RoutingDecision.Mode.MANUAL: "user"}


@timeline.register("routing")
def entries(case: Case) -> Iterator[TimelineEntry]:
    """One step for each Eingang, with what the person who placed it remarked (two queries)."""
    filed = Submission.history.filter(case_id=case.pk, history_action="file_submission").order_by("history_id")
    remarks = dict(filed.values_list("id", "history_reason"))
    for decision in decisions_of(case):
        mode = RoutingDecision.Mode(decision.mode)
        text = f"Eingang zugeordnet: {mode.label}"
        if decision.rule_name:
            text += f" „{decision.rule_name}“ (Version {decision.rule_version})"
        why = "; ".join([*decision.explanation, *filter(None, [remarks.get(decision.submission_id)])])
        yield TimelineEntry(decision.at, decision.actor, SOURCES.get(mode, "channel"), "route", text, why)
