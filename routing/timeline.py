"""Why the messages of a Vorgang came into it."""

from __future__ import annotations

from collections.abc import Iterator

from audit.registries import TimelineEntry, timeline
from cases.models import Case
from routing.models import RoutingDecision
from routing.selectors import decisions_of

SOURCES = {RoutingDecision.Mode.RULE: "rule", RoutingDecision.Mode.MANUAL: "user"}


@timeline.register("routing")
def entries(case: Case) -> Iterator[TimelineEntry]:
    """One step for each Eingang (one query)."""
    for decision in decisions_of(case):
        mode = RoutingDecision.Mode(decision.mode)
        text = f"Eingang zugeordnet: {mode.label}"
        if decision.rule_name:
            text += f" „{decision.rule_name}“ (Version {decision.rule_version})"
        why = "; ".join(decision.explanation)
        yield TimelineEntry(decision.at, decision.actor, SOURCES.get(mode, "channel"), "route", text, why)
