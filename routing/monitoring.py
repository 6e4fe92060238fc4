"""Figures and checks of the Verteilung."""

from __future__ import annotations

from collections.abc import Iterator

from django.db.models import Count, Exists, OuterRef, Q
from django.utils import timezone

from audit.registries import Figure, FitResult, Health, Problem, fit_check, health, integrity, metrics
from cases import policy
from cases.models import Membership, Role, ServiceVersion
from intake.models import Submission
from routing import hits, selectors
from routing.models import ExceptionEntry, Rule
from routing.soundness import misled_rules

SHOWN = 5
"""How many rules the health check names."""


@metrics.register("klaerung")
def open_exceptions() -> Iterator[Figure]:
    """How many Klärfälle are open, and of which cause."""
    open_ones = ExceptionEntry.objects.filter(resolved_at=None).order_by()
    for reason, count in sorted(open_ones.values_list("reason").annotate(n=Count("pk"))):
        yield Figure(f"exceptions_{reason}", f"Klärfälle: {reason}", count)
    marks = open_ones.aggregate(
        escalated=Count("pk", filter=Q(escalated_at__isnull=False)), parked=Count("pk", filter=selectors.parked())
    )
    yield Figure("exceptions_escalated", "Klärfälle, die zu lange warten (eskaliert)", marks["escalated"])
    yield Figure("exceptions_parked", "Klärfälle, die zurückgestellt sind", marks["parked"])


@health.register("klaerung")
def nothing_waits_too_long() -> Health:
    """No Klärfall has waited longer than it may. The house works on: it is for the Teamleitung to look."""
    late = ExceptionEntry.objects.filter(resolved_at=None, escalated_at__isnull=False).exclude(selectors.parked())
    count = late.count()
    if not count:
        return Health(True, "In der Klärung wartet nichts zu lange.", vital=False)
    named = "1 Klärfall wartet" if count == 1 else f"{count} Klärfälle warten"
    return Health(False, f"{named} zu lange; bitte die Klärung ansehen, sie stehen dort zuerst.", vital=False)


@integrity.register("klaerung")
def nothing_is_out_of_reach() -> Iterator[Problem]:
    """Every Eingang in exception has an open entry, and every open entry an active Teamleitung who may see it."""
    open_ones = ExceptionEntry.objects.filter(resolved_at=None)
    held = Submission.objects.filter(
        ~Exists(open_ones.filter(submission=OuterRef("pk"))), state=Submission.State.EXCEPTION
    )
    for submission in held.select_related("number"):
        yield Problem(str(submission), "Ist in Klärung, steht aber nicht in der Liste; bitte den Betrieb verständigen.")
    leads = Membership.objects.filter(role=Role.LEAD, unit__isnull=False, user__is_active=True)
    led = policy.with_children(leads.values_list("unit_id", flat=True))
    reached = selectors.entries_of(led).values("pk")  # what all who lead anything see together
    for entry in open_ones.exclude(pk__in=reached).select_related("unit").order_by("pk"):
        why = f"Liegt bei {entry.unit}, aber niemand leitet das Team" if entry.unit else "Niemand leitet ein Team"
        yield Problem(f"Klärfall {entry.pk}", f"{why}; bitte jemandem die Rolle Teamleitung geben.")


@integrity.register("regeln")
def rules_lead_somewhere() -> Iterator[Problem]:
    """Every rule in force leads to a Leistung and a team that accept, to people who are there, to an open Vorgang."""
    for rule, sentences in misled_rules():
        yield Problem(f"Regel „{rule}“", " ".join(sentences))


@health.register("regeln")
def rules_are_sound() -> Health:
    """No rule in force leads nowhere: what it catches would wait in the Klärung."""
    misled = misled_rules()
    if not misled:
        return Health(True, "Alle Regeln führen zu einem Ziel.", vital=False)
    shown = ", ".join(f"Nr. {rule.pk}" for rule, _ in misled[:SHOWN])  # no names: anybody may ask for the health
    more = f" und {len(misled) - SHOWN} weitere" if len(misled) > SHOWN else ""
    return Health(False, f"Regeln führen ins Leere: {shown}{more}. Unter Regeln steht, was zu tun ist.", vital=False)


@metrics.register("regeln")
def rules_at_work() -> Iterator[Figure]:
    """How many rules in force decided nothing for a year, or nothing that lasted."""
    today = timezone.localdate()
    rules = Rule.objects.filter(is_active=True)
    yield Figure("rules", "Regeln", rules.count())
    yield Figure("rules_never_hit", "Regeln, die nie treffen", rules.filter(hits.never(today)).count())
    corrected = rules.filter(hits.always_corrected(today)).count()
    yield Figure("rules_always_corrected", "Regeln, die immer berichtigt werden", corrected)


@fit_check.register("routing")
def routed_and_staffed(version: ServiceVersion) -> Iterator[FitResult]:
    """Is there a rule, and a team with people?"""
    service = version.service
    has_rule = Rule.objects.filter(service=service, is_active=True).exists()
    yield FitResult("Führt eine Regel zu dieser Leistung?", has_rule, "Bitte unter Regeln eine anlegen.")
    staffed = Membership.objects.filter(unit=service.unit, unit__isnull=False, user__is_active=True).exists()
    yield FitResult("Ist das zuständige Team besetzt?", staffed, "Bitte dem Team Personen zuordnen.")
