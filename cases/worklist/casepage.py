"""What the worklist brings to the page of a Vorgang: back, previous and next, Wiedervorlagen, who else has it open."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.views import View
from django.views.decorators.cache import never_cache

from audit.acting import Actor
from cases import actions, numbers, policy, selectors
from cases.actions.base import NotPossible, require
from cases.models import Case, FollowUp, Membership, Presence, User
from cases.selectors import Scope
from cases.worklist import selection, trail
from cases.worklist.forms import FollowUpForm
from cases.worklist.listing import Listing
from cases.worklist.presenting import present_from, present_people


@dataclass(frozen=True)
class Trail:
    """The list that one came from: its address, and the token that it travels by (empty: from no list)."""

    back: str
    token: str = ""


@dataclass(frozen=True)
class FollowUps:
    """The Wiedervorlagen of a Vorgang, open ones first, and whether this person may set one."""

    open: list[FollowUp] = field(default_factory=list)
    done: list[FollowUp] = field(default_factory=list)
    may_set: bool = False


def context_of(request: HttpRequest, case: Case) -> dict[str, Any]:
    """What the head of the page of a visible Vorgang has from the worklist. Notes that it is open here."""
    scope = Scope.of_request(request)
    actions.note_presence(case=case, by=Actor.of(request.user))
    return {
        "trail": trail_of(request, case),
        "present": present_from(case.others_present),
        "covers": scope.covered.get(case.handler_id) and case.handler,
    }


def trail_of(request: HttpRequest, case: Case) -> Trail:
    """Where one came from; without a list only the way back to all."""
    token = request.GET.get("liste", "")
    query = trail.read(token)
    return Trail(trail.address(query), token) if query is not None else Trail(back=reverse("worklist"))


def follow_ups_of(scope: Scope, case: Case) -> FollowUps:
    """The Wiedervorlagen of a Vorgang (one query)."""
    rows = list(case.follow_ups.select_related("user").order_by("due_on", "id"))
    return FollowUps(
        open=[each for each in rows if each.done_at is None],
        done=[each for each in rows if each.done_at is not None],
        may_set="set_follow_up" in scope.allowed_with(case),
    )


def follow_up_form(scope: Scope, case: Case, data: Any = None) -> FollowUpForm:
    """The form for a new Wiedervorlage: for the people of the team, the person who looks, and whoever handles it."""
    members = Membership.objects.filter(unit=case.unit_id, role__in=policy.CASEWORK, user__is_active=True)
    people = [each.user for each in members.select_related("user").order_by("user__last_name", "user__username")]
    known: list[User] = list(dict.fromkeys([*people, scope.user, *([case.handler] if case.handler else [])]))
    return FollowUpForm(data, people=known, handler=case.handler or scope.user)


def visible_case(request: HttpRequest, case_id: str) -> Case:
    """The Vorgang with this id, or 404."""
    scope = Scope.of_request(request)
    try:
        return selectors.case_by_public_id(request.user, numbers.normalise(case_id) or "", scope)
    except Case.DoesNotExist as error:
        raise Http404("Diesen Vorgang gibt es nicht, oder Sie dürfen ihn nicht sehen.") from error


def address_of(request: HttpRequest, case: Case, anchor: str = "") -> str:
    """The page of a Vorgang, in the list that one came from."""
    token = request.POST.get("liste", "")
    query = f"?liste={token}" if trail.read(token) is not None else ""
    return f"{reverse('case', args=[case.public_id])}{query}{anchor}"


class NeighbourView(View):
    """The Vorgang before or after this one, in the list that one came from."""

    def get(self, request: HttpRequest, case_id: str, way: str) -> HttpResponse:
        """Lead there; at the end of the list, back to it."""
        case = visible_case(request, case_id)
        token = request.GET.get("liste", "")
        query = trail.read(token)
        if way not in ("vor", "zurueck") or query is None:
            raise Http404("Diese Liste gibt es nicht mehr; bitte neu vom Arbeitsvorrat ausgehen.")
        scope = Scope.of_request(request)
        form = selection.Choices(scope).form(trail.filters(query))
        previous, following = Listing(scope, form.wanted()).neighbours(case)
        found = following if way == "vor" else previous
        if found is None:
            messages.info(request, f"Das war der {'letzte' if way == 'vor' else 'erste'} Vorgang dieser Liste.")
            return redirect(trail.address(query))
        return redirect(f"{reverse('case', args=[found.public_id])}?{urlencode({'liste': token})}")


class FollowUpView(View):
    """A Wiedervorlage is set."""

    def get(self, request: HttpRequest, case_id: str) -> HttpResponse:
        """The form."""
        case = visible_case(request, case_id)
        require(Actor.of(request.user), "set_follow_up", case)
        form = follow_up_form(Scope.of_request(request), case)
        context = {"case": case, "form": form, "token": request.GET.get("liste", "")}
        return render(request, "cases/follow_up.html", context)

    def post(self, request: HttpRequest, case_id: str) -> HttpResponse:
        """Set it, or say what is wrong."""
        case = visible_case(request, case_id)
        form = follow_up_form(Scope.of_request(request), case, request.POST)
        if not form.is_valid():
            context = {"case": case, "form": form, "token": request.POST.get("liste", "")}
            return render(request, "cases/follow_up.html", context, status=422)
        given = form.cleaned_data
        try:
            follow_up = actions.set_follow_up(
                case=case,
                due_on=given["due_on"],
                user=User.objects.get(pk=int(given["user"])),
                note=given["note"],
                by=Actor.of(request.user),
            )
        except (NotPossible, PermissionDenied) as error:
            messages.error(request, str(error))
        else:
            messages.success(request, f"{follow_up} für {follow_up.user} gesetzt.")
        return redirect(address_of(request, case, "#wiedervorlage"))


class FollowUpDoneView(View):
    """A Wiedervorlage is ticked off."""

    def get(self, request: HttpRequest, case_id: str, follow_up_id: int) -> HttpResponse:
        """The address of a button is no page: back to the Vorgang."""
        return redirect("case", case_id=case_id)

    def post(self, request: HttpRequest, case_id: str, follow_up_id: int) -> HttpResponse:
        """Tick it off."""
        case = visible_case(request, case_id)
        follow_up = case.follow_ups.select_related("case").filter(pk=follow_up_id).first()
        if follow_up is None:
            raise Http404("Diese Wiedervorlage gibt es nicht.")
        try:
            actions.finish_follow_up(follow_up=follow_up, by=Actor.of(request.user))
        except (NotPossible, PermissionDenied) as error:
            messages.error(request, str(error))
        else:
            messages.success(request, f"{follow_up} erledigt.")
        return redirect(address_of(request, case, "#wiedervorlage"))


@method_decorator(never_cache, name="dispatch")
class PresenceView(View):
    """Who else has a Vorgang open: a part of its page, asked for again while it is open."""

    def get(self, request: HttpRequest, case_id: str) -> HttpResponse:
        """Note that it is still open here, and name the others."""
        case = visible_case(request, case_id)
        actions.note_presence(case=case, by=Actor.of(request.user))
        present: list[Presence] = present_people([case.pk], request.user).get(case.pk, [])
        return render(request, "cases/presence.html", {"present": present})
