"""One's own page: who steps in for whom, and when."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Exists, OuterRef, Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.views import View
from django.views.decorators.cache import never_cache

from audit.acting import Actor
from cases import account, actions
from cases.actions.base import NotPossible
from cases.actions.worklist import may_set_cover
from cases.models import Cover, Membership, Role, User
from cases.policy import CASEWORK
from cases.selectors import Scope
from cases.worklist.forms import CoverForm


def covers_context(request: HttpRequest, bound: CoverForm | None = None) -> dict[str, Any]:
    """One's own page with the Vertretungen of the person, and the form for a new one (None: works in no team)."""
    scope = Scope.of_request(request)
    concerned = Q(absent=scope.user) | Q(substitute=scope.user)
    if scope.led:
        concerned |= Q(absent__memberships__unit__in=scope.led, absent__memberships__role__in=CASEWORK)
    covers = Cover.objects.filter(concerned, ends_on__gte=timezone.localdate()).distinct()
    covers = covers.select_related("absent", "substitute").annotate(of_mine=_works_for(scope))
    rows = [(cover, cover.absent == scope.user or cover.of_mine) for cover in covers.order_by("starts_on", "id")]
    form = bound or (cover_form(scope) if scope.units else None)
    return account.context(request) | {"covers": rows, "cover_form": form}


def _works_for(scope: Scope) -> Exists:
    """Whether the absent person works in a team that this person leads, for all rows at once (``may_set_cover``)."""
    above = set(scope.led)
    for unit_id in scope.led:
        while (unit_id := scope.all_units[unit_id].parent_id) is not None and unit_id not in above:
            above.add(unit_id)
    works = Membership.objects.filter(user=OuterRef("absent"))
    return Exists(works.filter(Q(role=Role.CASEWORKER, unit__in=scope.led) | Q(role=Role.LEAD, unit__in=above)))


def cover_form(scope: Scope, data: Any = None) -> CoverForm:
    """Oneself, or the people of the teams that one leads, covered by somebody who works in a team."""
    team = User.objects.filter(
        is_active=True, memberships__unit__in=scope.led, memberships__role__in=CASEWORK
    ).distinct()
    absent = [scope.user, *(each for each in team.order_by("last_name", "username") if each != scope.user)]
    working = User.objects.filter(is_active=True, memberships__role__in=[Role.CASEWORKER, Role.LEAD]).distinct()
    return CoverForm(data, absent=absent, people=list(working.order_by("last_name", "username")))


@method_decorator(never_cache, name="dispatch")
class AccountView(View):
    """One's own page."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show it."""
        return render(request, "cases/account.html", covers_context(request))


class CoversView(View):
    """A Vertretung is set."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """The address of a form is no page: back to one's own."""
        return redirect("account")

    def post(self, request: HttpRequest) -> HttpResponse:
        """Set it, or show the page again and say what is wrong."""
        form = cover_form(Scope.of_request(request), request.POST)
        if form.is_valid():
            given = form.cleaned_data
            people = User.objects.in_bulk([int(given["absent"]), int(given["substitute"])])
            try:
                cover = actions.set_cover(
                    absent=people[int(given["absent"])],
                    substitute=people[int(given["substitute"])],
                    starts_on=given["starts_on"],
                    ends_on=given["ends_on"],
                    by=Actor.of(request.user),
                )
            except (NotPossible, PermissionDenied) as error:
                form.add_error(None, str(error))
            else:
                days = f"vom {cover.starts_on:%d.%m.%Y} bis {cover.ends_on:%d.%m.%Y}"
                messages.success(request, f"{cover} {days}.")
                return redirect("account")
        return render(request, "cases/account.html", covers_context(request, form), status=422)


class CoverEndView(View):
    """A Vertretung ends."""

    def get(self, request: HttpRequest, cover_id: int) -> HttpResponse:
        """The address of a button is no page: back to one's own."""
        return redirect("account")

    def post(self, request: HttpRequest, cover_id: int) -> HttpResponse:
        """End it at once."""
        cover = Cover.objects.select_related("absent", "substitute").filter(pk=cover_id).first()
        if cover is None or not may_set_cover(Actor.of(request.user), cover.absent):
            raise Http404("Diese Vertretung gibt es nicht.")
        actions.end_cover(cover=cover, by=Actor.of(request.user))
        messages.success(request, f"{cover}: beendet.")
        return redirect("account")
