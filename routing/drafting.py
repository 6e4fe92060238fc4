"""Drafts of rules, looked at: what is wrong with their changes, which teams they concern, and who may publish them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from functools import cached_property

from cases import policy
from cases.models import Membership, OrgUnit, Role, User
from routing import soundness
from routing.engine import Rules
from routing.models import Rule, RuleChange, RuleContent, RuleDraft
from routing.rulebook import in_force

TARGET = ("service__unit", "unit", "person", "case__unit")
CHANGED = (*TARGET, "owner", "author", "rule", *(f"rule__{path}" for path in TARGET))


def may_see(user: User) -> bool:
    """True for who sees the rules and works on drafts: Teamleitungen and the Fachadministration."""
    return user.is_active and policy.has_role(user, Role.LEAD, Role.ADMIN)


def unit_of(rule: RuleContent) -> OrgUnit | None:
    """The team that a rule leads to, as things are now."""
    return rule.case.unit if rule.case else rule.unit or rule.service.unit


class Review:
    """A draft with all its changes and what they lead to, freshly read (some queries, whatever their number)."""

    def __init__(self, draft: RuleDraft) -> None:
        """Read the changes."""
        self.draft = draft
        self.changes: list[RuleChange] = list(draft.changes.select_related(*CHANGED))
        self._works: dict[tuple[int, int], bool] = {}

    def faults_of(self, change: RuleChange) -> list[str]:
        """What keeps a change from being published, each a sentence; empty when it is sound."""
        found = self._faults_with_rule(change)
        if change.kind == RuleChange.Kind.RETIRE:
            return found
        found += soundness.faults_of_content(change)
        found += soundness.faults_of_destination(change.service, change.unit, change.person, change.case)
        return found + self._faults_of_person(change) + self._faults_of_name(change) + self._faults_of_speed(change)

    @property
    def outdated(self) -> list[RuleChange]:
        """The changes whose rule has got another version meanwhile."""
        return [change for change in self.changes if change.is_outdated]

    @cached_property
    def units(self) -> dict[int, OrgUnit]:
        """The teams concerned by id: those that the changed rules will lead to, and those that they led to before."""
        wanted = [unit_of(change) for change in self.changes if change.kind != RuleChange.Kind.RETIRE]
        before = [unit_of(change.rule) for change in self.changes if change.rule]
        return {unit.pk: unit for unit in [*wanted, *before] if unit}

    def refusal(self, user: User) -> str:
        """Why this person may not publish the draft; "" when they may. Flags such as ``is_superuser`` give nothing."""
        if user.pk in self._drafters:
            return (
                "Sie haben an diesem Entwurf mitgearbeitet; veröffentlichen muss ihn jemand anderes "
                f"(Vier-Augen-Prinzip). {self.who_may()}"
            )
        return "" if user.pk in self._publishers else f"Sie leiten nicht alle betroffenen Teams. {self.who_may()}"

    def who_may(self) -> str:
        """Who may publish the draft, as a sentence."""
        people = [str(user) for user in self._publishers.values() if user.pk not in self._drafters]
        names = ", ".join(unit.name for unit in sorted(self.units.values(), key=lambda unit: unit.name))
        if not people:
            return (
                f"Zurzeit darf das niemand: Nötig ist eine zweite Person, die {names or 'ein Team'} oder die zentrale "
                "Klärung leitet, oder die Fachadministration."
            )
        shown = ", ".join(people[:5]) + (f" und {len(people) - 5} weitere" if len(people) > 5 else "")
        return f"Veröffentlichen darf ihn: {shown}."

    @cached_property
    def _drafters(self) -> set[int]:
        """Who began it, and all who have written on one of its changes."""
        written = RuleChange.history.filter(id__in=[change.pk for change in self.changes])
        return {self.draft.created_by_id, *written.values_list("author_id", flat=True)}

    @cached_property
    def _publishers(self) -> dict[int, User]:
        """Who leads all teams concerned or the central clearing, or is of the Fachadministration (two queries)."""
        rows = Membership.objects.filter(role__in=(Role.LEAD, Role.ADMIN), user__is_active=True)
        units = list(OrgUnit.objects.values_list("id", "parent_id", "is_clearing"))
        parents = [(pk, parent) for pk, parent, _ in units]
        led: dict[int, set[int]] = {}
        found: dict[int, User] = {}
        for row in rows.select_related("user").order_by("user__last_name", "user__id"):
            found[row.user_id] = row.user
            direct = led.setdefault(row.user_id, set())
            direct |= {pk for pk, _, _ in units} if row.role == Role.ADMIN else {row.unit_id}
        clearing = {pk for pk, _, is_clearing in units if is_clearing}
        return {pk: user for pk, user in found.items() if _covers(led[pk], self.units, parents, clearing)}

    def _faults_with_rule(self, change: RuleChange) -> list[str]:
        if change.rule and change.rule.package:
            return ["Diese Regel bringt ein Leistungspaket mit; geändert wird sie nur dort."]
        if change.rule and not change.rule.is_active:
            return ["Diese Regel ist inzwischen aufgehoben; bitte die Änderung zurücknehmen."]
        return []

    def _faults_of_person(self, change: RuleChange) -> list[str]:
        unit = change.unit or change.service.unit
        if change.case or not change.person or not change.person.is_active or not unit:
            return []
        key = (change.person.pk, unit.pk)
        if key not in self._works:
            self._works[key] = policy.works_in(change.person, unit.pk)
        return [] if self._works[key] else [f"{change.person} arbeitet nicht im Team {unit}; bitte jemanden von dort."]

    @cached_property
    def _names(self) -> dict[str, Rule]:
        """The authority's own rules that have the name of a change."""
        found = Rule.objects.filter(package="", name__in=[change.name for change in self.changes])
        return {rule.name: rule for rule in found}

    @cached_property
    def _names_here(self) -> Counter[str]:
        return Counter(change.name for change in self.changes if change.kind != RuleChange.Kind.RETIRE)

    def _faults_of_name(self, change: RuleChange) -> list[str]:
        same = self._names.get(change.name)
        if same and same.pk != change.rule_id:
            gone = "" if same.is_active else " (sie ist aufgehoben)"
            return [f"Eine Regel „{change.name}“ gibt es schon{gone}; bitte einen anderen Namen wählen."]
        if self._names_here[change.name] > 1:
            return [f"In diesem Entwurf heißen zwei Regeln „{change.name}“; bitte einer einen anderen Namen geben."]
        return []

    @cached_property
    def _slow(self) -> set[int]:
        """The changes of which nothing can be looked up."""
        kept = [change for change in self.changes if change.kind != RuleChange.Kind.RETIRE and _is_readable(change)]
        return {change.pk for change in Rules(kept).slow}

    @cached_property
    def _slow_in_force(self) -> int:
        changed = {change.rule_id for change in self.changes}
        return sum(rule.pk not in changed for rule in in_force().slow)

    def _faults_of_speed(self, change: RuleChange) -> list[str]:
        if change.pk not in self._slow:
            return []
        total = self._slow_in_force + len(self._slow)
        if total <= soundness.MAX_SLOW:
            return []
        return [
            "In keiner Bedingung steht ein festes Wort oder ein fester Wert, nach dem sich suchen ließe. Solche Regeln "
            f"bremsen jede Nachricht; mehr als {soundness.MAX_SLOW} darf es nicht geben, das wären {total}. "
            "Bitte eine Bedingung mit „ist“ oder „enthält“ ergänzen."
        ]


def _covers(
    direct: set[int], concerned: Iterable[int], parents: list[tuple[int, int | None]], clearing: set[int]
) -> bool:
    """Does who leads these units lead all that are concerned, or the central clearing?"""
    led = policy.below(direct, parents)
    return bool(led & clearing) or led >= set(concerned)


def _is_readable(change: RuleContent) -> bool:
    return not soundness.faults_of_content(change)
