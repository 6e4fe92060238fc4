"""An office in which rules are made, for tests of drafts and of their pages."""

from __future__ import annotations

import re
from typing import Any

from django.urls import reverse

from audit.acting import SYSTEM, Actor, acting
from cases import actions
from cases.models import OrgUnit, Role, User
from routing.models import RuleDraft
from tests import factories as make


class Office:
    """The Rechtsamt and the Verkehrsamt with a Teamleitung each, and the Fachadministration."""

    def __init__(self) -> None:
        self.law, self.roads = make.team("rechtsamt"), make.team("verkehr")
        self.anna: User = make.lead(self.law, username="anna", first_name="Anna", last_name="Alt")
        self.bert: User = make.lead(self.roads, username="bert", first_name="Bert", last_name="Bach")
        self.admin: User = make.user(username="admin", first_name="Ada", last_name="Amt")
        actions.set_membership(user=self.admin, role=Role.ADMIN, by=SYSTEM)
        self.service = make.service(unit=self.law)
        self.rule = make.rule("Gewerbe", unit=self.law, name="Gewerbe", rank=20)

    def draft(self, *values: dict[str, Any], by: User | None = None) -> RuleDraft:
        return make.rule_draft(by or self.anna, *values)


def by(user: User) -> Actor:
    return Actor.of(user)


def closed(unit: OrgUnit) -> None:
    with acting(SYSTEM, "test"):
        unit.is_open = False
        unit.save()


def at(name: str, *arguments: Any) -> str:
    """The address of a page."""
    return reverse(name, args=arguments)


def words_of(html: str) -> str:
    """What a person reads of it."""
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())
