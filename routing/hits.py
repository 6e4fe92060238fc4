"""What became of what rules decided: how often each hit, when last, and how often a person had to correct it.

A *Fehlzuordnung* is a message that a rule placed and that a person moved on later (``misplaced``). It is read from what
is recorded anyway; nobody has to tick anything.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.db.models import Count, Exists, F, Max, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import TruncMonth
from django.utils import timezone

from audit.acting import Source
from cases.models import Case
from intake.models import SubmissionFile
from routing.models import RoutingDecision, Rule

PERIOD = timedelta(days=365)
"""Over how long hits are counted."""


@dataclass(frozen=True)
class Hits:
    """How often a rule decided and how often that was corrected, in the period; and when it last did, ever."""

    count: int = 0
    corrected: int = 0
    last: datetime | None = None

    @property
    def is_always_corrected(self) -> bool:
        """True when nothing of what it did lasted."""
        return 0 < self.count == self.corrected


def start(today: date) -> datetime:
    """The beginning of the period, at midnight."""
    return timezone.make_aware(datetime.combine(today - PERIOD, time.min))


def misplaced() -> Q:
    """The condition on decisions that a person has corrected since. One of two things is true of them:

    - the Vorgang that the message *opened* (it has the Vorgangs-ID that was reserved for the message) was given to
      another team by a person afterwards, and is not where the rule had put it: given back, the rule was right;
    - a document of the message lies in another Vorgang now: only people move documents, as "falsch abgelegt".

    What a rule filed into a Vorgang that existed is corrected by the second only: handing that on says nothing of it.
    Where the rules were asked again later (``routing.rerouting``), it is the later decision that people correct.
    """
    histories = Case.history.model.objects.filter(id=OuterRef("case_id"))
    placed = histories.filter(history_date__lte=OuterRef("at")).order_by("-history_id").values("unit_id")[:1]
    handed_on = histories.filter(
        history_action="hand_over", history_source=Source.USER, history_date__gte=OuterRef("at")
    )
    opened_it = Q(submission__number__public_id=F("case__public_id"))
    elsewhere = opened_it & Exists(handed_on) & ~Q(case__unit=Subquery(placed))
    moved = SubmissionFile.objects.filter(submission=OuterRef("submission_id"), document__isnull=False).exclude(
        document__case=OuterRef("case_id")
    )
    asked_again = RoutingDecision.objects.filter(submission=OuterRef("submission_id"), pk__gt=OuterRef("pk"))
    return Q(case__isnull=False) & ~Exists(asked_again) & (elsewhere | Exists(moved))


def decided_by(rule_ids: Collection[int]) -> QuerySet[RoutingDecision]:
    """What these rules decided, ever."""
    return RoutingDecision.objects.filter(rule_id_then__in=rule_ids)


def of_rules(rule_ids: Collection[int], *, today: date) -> dict[int, Hits]:
    """The figures of these rules by their ids; who never decided anything is left out (one query)."""
    within = Q(at__gte=start(today))
    rows = (
        decided_by(rule_ids)
        .order_by()
        .values("rule_id_then")
        .annotate(count=Count("pk", filter=within), corrected=Count("pk", filter=within & misplaced()), last=Max("at"))
    )
    return {row["rule_id_then"]: Hits(row["count"], row["corrected"], row["last"]) for row in rows}


def by_month(rule: Rule, *, today: date) -> list[tuple[date, int, int]]:
    """Month, hits, and how many of them were corrected, newest first; months without hits are left out (one query)."""
    rows = (
        decided_by([rule.pk])
        .filter(at__gte=start(today))
        .order_by()
        .annotate(month=TruncMonth("at"))
        .values("month")
        .annotate(count=Count("pk"), corrected=Count("pk", filter=misplaced()))
        .order_by("-month")
    )
    return [(timezone.localtime(row["month"]).date(), row["count"], row["corrected"]) for row in rows]


def never(today: date) -> Q:
    """The condition on rules that did not decide anything in the period."""
    return ~Exists(_in_period(today))


def always_corrected(today: date) -> Q:
    """The condition on rules of which everything that they decided in the period was corrected."""
    return Exists(_in_period(today)) & ~Exists(_in_period(today).exclude(misplaced()))


def _in_period(today: date) -> QuerySet[RoutingDecision]:
    return RoutingDecision.objects.filter(rule_id_then=OuterRef("pk"), at__gte=start(today))
