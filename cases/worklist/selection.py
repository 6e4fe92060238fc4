"""What can be chosen in the filters and forms of the worklist, asked for once."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from functools import cached_property
from typing import Any

from django.db.models import Q, QuerySet

from cases.models import Membership, SavedView, Service, User
from cases.policy import CASEWORK
from cases.selectors import Scope
from cases.worklist.forms import WorklistForm

MOST_VIEWS = 20


class Choices:
    """The Leistungen, people and saved views that a person can choose from."""

    def __init__(self, scope: Scope) -> None:
        self.scope = scope

    @cached_property
    def services(self) -> list[Service]:
        """All Leistungen, by name."""
        return list(Service.objects.order_by("name"))

    @cached_property
    def _members(self) -> list[Membership]:
        members = Membership.objects.filter(unit__in=self.scope.units, role__in=CASEWORK, user__is_active=True)
        return list(members.select_related("user").order_by("user__last_name", "user__username"))

    @cached_property
    def people(self) -> list[User]:
        """The colleagues in the person's teams, by name."""
        return self.people_of(self.scope.units)

    def people_of(self, units: Collection[int]) -> list[User]:
        """Those of them who work in one of these units."""
        return list(dict.fromkeys(member.user for member in self._members if member.unit_id in units))

    @cached_property
    def views(self) -> list[SavedView]:
        """The person's own saved views and those of their teams."""
        return list(visible_views(self.scope)[:MOST_VIEWS])

    def form(self, data: Mapping[str, Any]) -> WorklistForm:
        """The filters with these values, for this person."""
        return WorklistForm(
            data, user=self.scope.user, teams=self.scope.teams, services=self.services, people=self.people
        )


def visible_views(scope: Scope) -> QuerySet[SavedView]:
    """The saved views that somebody sees: their own first, then those of their teams."""
    views = SavedView.objects.filter(Q(owner=scope.user) | Q(unit__in=scope.units)).select_related("unit")
    return views.order_by("unit__name", "name", "id")
