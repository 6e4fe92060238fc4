"""A process knows at once when the rules, or what they lead to, have changed; whatever changed them, and however."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

import pytest
from django.db import connection, transaction

from cases.models import OrgUnit, Service
from routing.models import Rule, Rulebook
from routing.rulebook import in_force
from tests import factories as make

pytestmark = pytest.mark.django_db


def stamp() -> UUID:
    return Rulebook.objects.get().stamp


def names() -> list[str]:
    return [rule.name for rule in in_force().rules if not rule.package]


def by_hand(sql: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql)


@pytest.mark.parametrize(
    "change",
    [
        lambda: by_hand("UPDATE routing_rule SET rank = rank + 1"),
        lambda: by_hand("DELETE FROM routing_rule"),
        lambda: by_hand("SET CONSTRAINTS ALL IMMEDIATE; TRUNCATE routing_rule CASCADE"),
        lambda: Service.objects.update(is_open=False),
        lambda: OrgUnit.objects.update(is_open=False),
    ],
)
def test_whatever_changes_them_changes_the_stamp(change: Callable[[], object]) -> None:
    make.rule(name="Erste")
    before = stamp()
    change()
    assert stamp() != before


def test_what_was_taken_back_is_not_asked() -> None:
    make.rule(name="Erste")
    assert names() == ["Erste"]
    with pytest.raises(RuntimeError), transaction.atomic():
        make.rule(name="Zweite")
        assert names() == ["Erste", "Zweite"]
        raise RuntimeError("taken back")
    assert names() == ["Erste"]
    Rule.objects.all()._raw_delete("default")
    assert names() == []
