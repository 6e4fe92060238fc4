"""Drafts of rules: drawn up by who leads or configures, published by a second person, all or nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone

from audit.acting import Actor, acting
from cases.actions.base import NotPossible, Outdated
from routing import drafting
from routing.actions import rules
from routing.models import CONTENT, Rule, Rulebook, RuleChange, RuleDraft

Kind = RuleChange.Kind
State = RuleDraft.State


class Unsound(NotPossible):
    """A rule cannot be kept or published as it is: ``sentences`` say why; nothing has been written."""

    def __init__(self, sentences: list[str]) -> None:
        super().__init__(" ".join(sentences))
        self.sentences = sentences


def begin_draft(*, name: str, by: Actor) -> RuleDraft:
    """Begin a draft; ``name`` says what it is about and stands in the history of each rule that it changes."""
    _require_drafter(by)
    name = name.strip()[:200]
    if not name:
        raise NotPossible("Bitte in ein paar Worten sagen, worum es geht.")
    with transaction.atomic(), acting(by, "begin_rule_draft"):
        draft = RuleDraft(name=name, created_by=by.user)
        draft.save()
    return draft


def add_rule(*, draft: RuleDraft, values: Mapping[str, Any], by: Actor) -> RuleChange:
    """A new rule. ``values``: by attribute name, those of ``routing.models.CONTENT``. Raises Unsound."""
    with _drafting(draft, by=by) as locked:
        return _keep(RuleChange(draft=locked, kind=Kind.NEW), values, by=by)


def change_rule(*, draft: RuleDraft, rule: Rule, values: Mapping[str, Any] | None = None, by: Actor) -> RuleChange:
    """A rule as it shall be (raises Unsound); without ``values`` as it is, faults and all, to be changed from there.

    A rule that the draft changes already is not begun again: the change that there is, is returned as it is.
    """
    return _of_rule(draft, rule, Kind.CHANGE, values, by=by)


def retire_rule(*, draft: RuleDraft, rule: Rule, by: Actor) -> RuleChange:
    """A rule shall no longer be asked. A change of it in this draft is replaced by that."""
    return _of_rule(draft, rule, Kind.RETIRE, None, by=by)


def copy_rule(*, draft: RuleDraft, rule: Rule, by: Actor) -> RuleChange:
    """An own rule like one that a Leistungspaket brings, asked just before it."""
    with _drafting(draft, by=by) as locked:
        own = {"name": _free_name(locked, rule.name), "rank": max(0, rule.rank - 1)}
        return _fill(RuleChange(draft=locked, kind=Kind.NEW), content_of(rule) | own, by=by)


def in_draft(draft: RuleDraft | None, *, name: str, by: Actor, act: Callable[[RuleDraft], RuleChange]) -> RuleChange:
    """Do something in a draft, or in one begun for it under this name: when it is refused, there is none."""
    with transaction.atomic():
        return act(draft or begin_draft(name=name, by=by))


def edit_change(
    *, change: RuleChange, values: Mapping[str, Any], revision: int, by: Actor, base_version: int | None = None
) -> RuleChange:
    """Change a change. ``revision`` is the one that was looked at: Outdated when somebody has saved since.

    ``base_version``: the version of the rule that was looked at; the change counts as drawn up for that one.
    """
    with _drafting(change.draft, by=by) as draft:
        current = _current(draft, change)
        if current.kind == Kind.RETIRE:
            raise NotPossible("Die Regel soll aufgehoben werden; bitte erst diese Änderung zurücknehmen.")
        if current.revision != revision:
            raise Outdated(current)
        if current.rule and base_version == current.rule.version:
            current.base_version = base_version
        return _keep(current, values, by=by)


def look_again(*, change: RuleChange, version: int, by: Actor) -> RuleChange:
    """The rule has changed meanwhile; this person has seen its ``version`` and stands by the change all the same."""
    with _drafting(change.draft, by=by) as draft:
        current = _current(draft, change)
        if current.rule is None or current.rule.version != version:
            raise NotPossible("Die Regel hat sich eben noch einmal geändert; bitte noch einmal ansehen.")
        current.base_version = version
        return _save(current, by=by)


def take_back(*, change: RuleChange, by: Actor) -> None:
    """Take a change out of its draft; the rule stays as it is."""
    with _drafting(change.draft, by=by) as draft:
        current = _current(draft, change)
        current.delete()


def discard_draft(*, draft: RuleDraft, by: Actor) -> RuleDraft:
    """Close a draft without publishing it; it stays to be looked at."""
    with _drafting(draft, by=by, action="discard_rule_draft") as locked:
        return _close(locked, State.DISCARDED, by=by)


def publish(*, draft: RuleDraft, by: Actor, trial: Mapping[str, Any]) -> RuleDraft:
    """Put the changes into force, all or none, in the name of a second person. ``trial``: the figures that they saw.

    Raises PermissionDenied (who drew it up; who does not lead the teams concerned), NotPossible (nothing in it; a rule
    has changed since) or Unsound, with sentences that say what to do.
    """
    with _drafting(draft, by=by, action="publish_rules", reason=draft.name) as locked:
        Rulebook.objects.select_for_update().first()  # publications wait for each other
        list(Rule.objects.select_for_update(of=("self",)).filter(changes__draft=locked).order_by("pk"))
        review = drafting.Review(locked)
        if refusal := review.refusal(by.user):
            raise PermissionDenied(refusal)
        _require_publishable(review)
        for change in review.changes:
            _carry_out(change)
        locked.trial = dict(trial)
        return _close(locked, State.PUBLISHED, by=by)


def content_of(rule: Rule | RuleChange) -> dict[str, Any]:
    """What a rule says, by attribute name."""
    return {name: getattr(rule, name) for name in CONTENT}


def _require_drafter(by: Actor) -> None:
    if by.user is None or not drafting.may_see(by.user):
        raise PermissionDenied("Regeln entwerfen die Teamleitungen und die Fachadministration.")


@contextmanager
def _drafting(
    draft: RuleDraft, *, by: Actor, action: str = "change_rule_draft", reason: str = ""
) -> Iterator[RuleDraft]:
    """Lock the draft, check the right and that it is still open, and name the actor; all or nothing."""
    _require_drafter(by)
    with transaction.atomic(), acting(by, action, reason=reason):
        locked = RuleDraft.objects.select_for_update(no_key=True).get(pk=draft.pk)
        if locked.state != State.OPEN:
            raise NotPossible(f"Der Entwurf „{locked}“ ist {locked.get_state_display()} und ändert sich nicht mehr.")
        yield locked


def _of_rule(
    draft: RuleDraft, rule: Rule, kind: RuleChange.Kind, values: Mapping[str, Any] | None, *, by: Actor
) -> RuleChange:
    with _drafting(draft, by=by) as locked:
        current = Rule.objects.get(pk=rule.pk)
        if current.package:
            raise NotPossible(
                f"Die Regel „{current}“ bringt das Leistungspaket {current.package} mit und wird nur dort geändert. "
                "Sie können eine eigene Regel daraus machen, die vor ihr gefragt wird."
            )
        if not current.is_active:
            raise NotPossible(f"Die Regel „{current}“ ist schon aufgehoben.")
        known = locked.changes.filter(rule=current).first()
        if known and kind == Kind.CHANGE:
            return known
        change = known or RuleChange(draft=locked, rule=current)
        change.kind, change.base_version = kind, current.version
        keep = _fill if values is None else _keep
        return keep(change, content_of(current) | dict(values or {}), by=by)


def _current(draft: RuleDraft, change: RuleChange) -> RuleChange:
    """The change as it is now."""
    current = RuleChange.objects.select_related("rule").filter(pk=change.pk, draft=draft).first()
    if current is None:
        raise NotPossible("Diese Änderung hat inzwischen jemand zurückgenommen.")
    return current


def _keep(change: RuleChange, values: Mapping[str, Any], *, by: Actor) -> RuleChange:
    """Give a change its values and save it; Unsound (and nothing is kept) when it cannot work."""
    saved = _fill(change, values, by=by)
    review = drafting.Review(saved.draft)
    fresh = next(each for each in review.changes if each.pk == saved.pk)
    if faults := review.faults_of(fresh):
        raise Unsound(faults)
    return saved


def _fill(change: RuleChange, values: Mapping[str, Any], *, by: Actor) -> RuleChange:
    for name in CONTENT:
        setattr(change, name, values[name])
    return _save(change, by=by)


def _save(change: RuleChange, *, by: Actor) -> RuleChange:
    change.revision = change.revision + 1 if change.pk else 1
    change.author = by.user
    change.save()
    return change


def _free_name(draft: RuleDraft, name: str) -> str:
    """``name``, or with a number behind it when a rule or another change has it."""
    taken = set(Rule.objects.filter(package="", name__startswith=name[:190]).values_list("name", flat=True))
    taken |= set(draft.changes.values_list("name", flat=True))
    number, candidate = 1, name
    while candidate in taken:
        number += 1
        candidate = f"{name[:190]} ({number})"
    return candidate


def _require_publishable(review: drafting.Review) -> None:
    if not review.changes:
        raise NotPossible("In diesem Entwurf steht noch nichts, was sich veröffentlichen ließe.")
    if review.outdated:
        names = ", ".join(f"„{change.rule}“" for change in review.outdated)
        raise NotPossible(f"Seit dem Entwurf geändert: {names}. Bitte zuerst ansehen, was davon noch gelten soll.")
    faults = [f"„{change}“: {fault}" for change in review.changes for fault in review.faults_of(change)]
    if faults:
        raise Unsound(faults)


def _carry_out(change: RuleChange) -> None:
    """One change of a published draft; its rule is locked."""
    if change.kind == Kind.NEW:
        rules.new_rule(content_of(change))
    elif change.kind == Kind.CHANGE:
        rules.change_rule(change.rule, content_of(change))
    else:
        rules.retire_rule(change.rule)


def _close(draft: RuleDraft, state: RuleDraft.State, *, by: Actor) -> RuleDraft:
    draft.state, draft.closed_by, draft.closed_at = state, by.user, timezone.now()
    draft.save()
    return draft
