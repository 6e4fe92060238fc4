"""Two people at one draft, or two drafts of one rule, in the same moment: nothing is published twice or half."""

from __future__ import annotations

import pytest

from routing.actions import drafts
from routing.models import Rule, RuleChange, RuleDraft
from tests import factories as make
from tests.cases.test_casework_at_once import at_once
from tests.routing.office import Office, by

pytestmark = pytest.mark.django_db(transaction=True)


def publishing(draft: RuleDraft, office: Office):
    return lambda: drafts.publish(draft=draft, by=by(office.admin), trial={})


def test_a_draft_is_published_once(office: Office) -> None:
    draft = office.draft(make.rule_values("Hund", unit=office.law, name="Hunde"))
    became = at_once(publishing(draft, office), publishing(draft, office))
    assert sorted(became) == ["NotPossible", "done"]
    assert Rule.objects.get(name="Hunde").version == 1


def test_of_two_drafts_with_a_rule_of_one_name_the_second_is_told(office: Office) -> None:
    first, second = (office.draft(make.rule_values("Hund", unit=office.law, name="Hunde")) for _ in range(2))
    became = at_once(publishing(first, office), publishing(second, office))
    assert sorted(became) == ["Unsound", "done"]
    assert Rule.objects.filter(name="Hunde").count() == 1


def test_of_two_drafts_of_one_rule_the_second_must_look_again(office: Office) -> None:
    both = []
    for note in ("eins", "zwei"):
        draft = drafts.begin_draft(name=note, by=by(office.anna))
        values = drafts.content_of(office.rule) | {"note": note}
        drafts.change_rule(draft=draft, rule=office.rule, values=values, by=by(office.anna))
        both.append(draft)
    became = at_once(*(publishing(draft, office) for draft in both))
    assert sorted(became) == ["NotPossible", "done"]
    assert Rule.objects.get(pk=office.rule.pk).version == 2


def test_of_two_who_save_at_once_one_is_told(office: Office) -> None:
    change = office.draft(make.rule_values(unit=office.law)).changes.get()
    values = drafts.content_of(change)

    def edit(user, note: str):
        return lambda: drafts.edit_change(change=change, values=values | {"note": note}, revision=1, by=by(user))

    became = at_once(edit(office.anna, "Anna"), edit(office.bert, "Bert"))
    assert sorted(became) == ["Outdated", "done"]
    assert RuleChange.objects.get().revision == 2
