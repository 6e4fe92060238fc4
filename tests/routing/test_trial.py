"""The trial run says what other rules would do with what has come so far, exactly as they then do it."""

from __future__ import annotations

from datetime import timedelta
from itertools import count
from typing import Any

import pytest
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from audit.acting import SYSTEM, acting
from cases.conditions import Condition
from cases.models import Case, Service
from intake.models import Submission
from routing import pipeline, trial
from routing.actions import rules as rule_actions
from routing.models import CONTENT, ExceptionEntry, Rule, RuleChange, RuleDraft
from tests import factories as make

pytestmark = pytest.mark.django_db
WORDS = ("Gewerbe", "Klage", "Bauantrag", "Lärm")
_number = count(1)


def a_draft() -> RuleDraft:
    """An open draft without changes."""
    with acting(SYSTEM, "draft_rules"):
        return RuleDraft.objects.create(name="Neue Zuständigkeiten", created_by=make.user())


def change(draft: RuleDraft, rule: Rule | None = None, **values: Any) -> RuleChange:
    """A change in the draft: of ``rule`` or a new one."""
    if rule is None:
        start = {"rank": 10, "name": f"neu {next(_number)}", "service": make.service(), "kind": RuleChange.Kind.NEW}
    else:
        start = {name: getattr(rule, name) for name in CONTENT} | {"kind": RuleChange.Kind.CHANGE, "rule": rule}
        start["base_version"] = rule.version
    if words := values.pop("words", ""):
        values["conditions"] = [Condition("subject", "contains_one_of", words).as_json()]
    with acting(SYSTEM, "draft_rules"):
        return RuleChange.objects.create(draft=draft, author=draft.created_by, **(start | values))


def publish(draft: RuleDraft) -> None:
    """Put the changes in force."""
    with acting(SYSTEM, "publish_rules"):
        for each in draft.changes.all():
            content = {name: getattr(each, name) for name in CONTENT}
            if each.kind == RuleChange.Kind.RETIRE:
                rule_actions.retire_rule(each.rule)
            elif each.rule:
                rule_actions.change_rule(each.rule, content)
            else:
                Rule.objects.create(**content)


def letters(*subjects: str) -> list[Submission]:
    """Messages without documents that have nothing to do with each other, taken through the pipeline."""
    ids = []
    for subject in subjects:
        files = {"attachments/xjustiz_nachricht.xml": make.basic(subject=subject, foreign=f"{next(_number)} K 9/26")}
        ids.append(make.submission(make.envelope(files)).pk)
    pipeline.process_batch(ids)
    return list(Submission.objects.filter(pk__in=ids).select_related("case__unit", "case__service").order_by("pk"))


def where(submission: Submission) -> str:
    """Where a message is, in the words of the trial run."""
    if submission.state == Submission.State.FILED:
        return f"{submission.case.service.name}, {submission.case.unit.name}"
    reason = ExceptionEntry.objects.get(submission=submission).reason
    return f"Klärung: {trial.exceptions.label_of(reason)}"


def test_who_changes_team_who_leaves_the_queue_and_who_enters_it() -> None:
    court, trade = make.team("rechtsamt"), make.team("gewerbe")
    old = make.rule("Gewerbe|Klage", unit=court)
    letters("Gewerbe", "Klage", "Lärm", "Bauantrag")
    draft = a_draft()
    change(draft, old, words="Klage")
    gained = change(draft, words="Lärm|Gewerbe", unit=trade, rank=5)
    change(draft, words="Bauantrag", unit=trade, rank=7)
    change(draft, words="Bauantrag|Bau", unit=court, rank=7)
    found = trial.of_draft(draft)
    assert (found.considered, found.asked) == (4, 4)
    assert (found.moved, found.left_queue, found.into_queue, found.ties) == (1, 1, 0, 1)
    assert [(d.before, d.after) for d in found.differences] == [
        ("Klärung: Keine Regel passt", "Klärung: Mehrere gleichrangige Regeln passen"),
        ("Klärung: Keine Regel passt", f"{make.service()}, {trade}"),
        (f"{make.service()}, {court}", f"{make.service()}, {trade}"),
    ]
    assert found.hits[gained.pk] == 2
    assert sorted(n for *_, n in found.pairs) == [1, 1, 1]


def test_it_changes_nothing() -> None:
    make.rule("Gewerbe")
    letters("Gewerbe", "Lärm")
    draft = a_draft()
    change(draft, words="Lärm")
    before = [list(model.objects.order_by("pk").values()) for model in (Rule, Case, Submission, ExceptionEntry)]
    assert trial.of_draft(draft).left_queue == 1
    assert before == [list(model.objects.order_by("pk").values()) for model in (Rule, Case, Submission, ExceptionEntry)]


def test_only_the_last_ones_are_looked_at() -> None:
    letters("Lärm", "Lärm", "Gewerbe")
    draft = a_draft()
    change(draft, words="Lärm")
    assert trial.of_draft(draft, limit=2).left_queue == 1


def test_what_the_rules_do_not_decide_does_not_count() -> None:
    make.rule("Gewerbe")
    case = make.processed(subject="Gewerbe", foreign="1 K 1/26").case
    make.processed(subject="Gewerbe, Nachtrag", foreign="1 K 1/26")  # an answer
    make.processed(make.envelope({"kaputt.xml": b"<a"}))
    draft = a_draft()
    change(draft, words="Gewerbe", rank=1, unit=make.team("anderswo"))
    found = trial.of_draft(draft)
    assert (found.considered, found.asked, found.moved) == (3, 1, 1)
    assert found.differences[0].public_id == case.public_id


def test_a_rule_that_begins_later_is_tried_as_of_its_first_day() -> None:
    letters("Lärm")
    draft = a_draft()
    change(draft, words="Lärm", valid_from=timezone.localdate() + timedelta(days=40))
    assert trial.of_draft(draft).left_queue == 1


def test_a_leistung_that_has_closed_leads_to_a_person() -> None:
    service = make.service("wohngeld", make.team("wohngeld"))
    letters("Lärm")
    draft = a_draft()
    change(draft, words="Lärm", service=service)
    Service.objects.filter(pk=service.pk).update(is_open=False)
    found = trial.of_draft(draft)
    assert [d.after for d in found.differences] == ["Klärung: Leistung nimmt nichts an"]


contents = st.fixed_dictionaries(
    {"words": st.lists(st.sampled_from(WORDS), min_size=1, max_size=2).map("|".join)}
    | {"rank": st.integers(1, 3), "team": st.sampled_from(["rechtsamt", "gewerbe", "bauaufsicht"])}
)
subjects = st.lists(st.lists(st.sampled_from(WORDS), min_size=1, max_size=2).map(" und ".join), min_size=1, max_size=6)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(contents, max_size=3), st.lists(st.none() | contents, max_size=3), st.lists(contents, max_size=2), subjects
)
def test_the_trial_run_is_what_the_rules_then_do(
    before: list[dict[str, Any]],
    changed: list[dict[str, Any] | None],
    new: list[dict[str, Any]],
    said: list[str],
) -> None:
    """``changed``: what becomes of the rules before, in order; None: switched off."""
    Rule.objects.update(is_active=False)
    old = [make.rule(each["words"], unit=make.team(each["team"]), rank=each["rank"]) for each in before]
    first = letters(*said)
    draft = a_draft()
    for rule, each in zip(old, changed, strict=False):
        if each is None:
            change(draft, rule, kind=RuleChange.Kind.RETIRE)
        else:
            change(draft, rule, words=each["words"], unit=make.team(each["team"]), rank=each["rank"])
    for each in new:
        change(draft, words=each["words"], unit=make.team(each["team"]), rank=each["rank"])
    found = trial.of_draft(draft, limit=len(said))
    would_be = {d.submission_id: d.after for d in found.differences}
    expected = [would_be.get(each.pk, where(each)) for each in first]
    publish(draft)
    assert [where(each) for each in letters(*said)] == expected
