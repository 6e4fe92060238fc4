"""Moving what the rules have placed and would place elsewhere by now; a person lets it, Vorgang by Vorgang."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from django.core.exceptions import PermissionDenied
from django.db import transaction

from audit.acting import Actor
from cases import policy
from cases.actions import NotPossible, hand_over
from cases.models import Case
from routing.actions import filing
from routing.models import RoutingDecision
from routing.rerouting import offer_for


@dataclass
class Rerouted:
    """What was moved, and what was not with the reason as a German sentence."""

    moved: list[Case] = field(default_factory=list)
    kept: list[tuple[Case, str]] = field(default_factory=list)


def reroute(*, cases: Iterable[Case], by: Actor) -> Rerouted:
    """Give each of these Vorgänge to the team that the rules say now, each in a transaction of its own.

    One that somebody has touched meanwhile, or that is right where it is, stays, and is named with the reason.
    """
    done = Rerouted()
    for case in cases:
        try:
            with transaction.atomic():
                done.moved.append(_reroute(case, by=by))
        except (NotPossible, PermissionDenied) as error:
            done.kept.append((case, str(error)))
    return done


def _reroute(case: Case, *, by: Actor) -> Case:
    locked = Case.objects.select_for_update(no_key=True).get(pk=case.pk)
    if not policy.may_with(by, "hand_over", locked):
        raise PermissionDenied("Diesen Vorgang dürfen Sie nicht abgeben.")
    offer = offer_for(locked)
    if offer is None:
        raise NotPossible("Jemand hat den Vorgang inzwischen bearbeitet, oder er ist schon am richtigen Ort.")
    rule = offer.rule
    reason = f"Neu verteilt nach der Regel „{rule.name}“, Version {rule.version}."
    moved = hand_over(case=locked, unit=offer.unit, by=by, reason=reason)
    why = [*offer.met, "Neu verteilt, nachdem sich die Regeln geändert hatten."]
    filing.record(offer.submission, moved, mode=RoutingDecision.Mode.RULE, by=by, explanation=why, rule=rule)
    return moved
