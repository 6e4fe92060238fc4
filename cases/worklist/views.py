"""The pages of the worklist: the list itself, the next Vorgang, several at once."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.html import format_html
from django.views import View
from django.views.decorators.cache import never_cache

from audit.acting import Actor
from cases import actions
from cases.casework.base import UNDO
from cases.models import Case, OrgUnit, User
from cases.selectors import Scope, visible_cases
from cases.worklist import bulk, presenting, selection, trail
from cases.worklist.forms import BulkForm, SaveViewForm, day_after
from cases.worklist.listing import NOBODY, Listing
from cases.worklist.relative import ME


@method_decorator(never_cache, name="dispatch")
class WorklistView(View):
    """The open Vorgänge that one sees, to be narrowed by filters in the address."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show one page of it."""
        return render(request, "cases/worklist.html", worklist_context(request))


def worklist_context(request: HttpRequest, bound: BulkForm | None = None) -> dict[str, Any]:
    """What the page shows; ``bound`` is a bulk form with errors."""
    scope = Scope.of_request(request)
    choices = selection.Choices(scope)
    form = choices.form(request.GET)
    listing = Listing(scope, form.wanted())
    page = listing.page(after=request.GET.get("nach", ""), before=request.GET.get("vor", ""))
    tabs, total = presenting.tabs(request, choices, form, listing)
    return {
        "form": form,
        "page": page,
        "rows": presenting.rows(scope, page.cases),
        "tabs": tabs,
        "total": total,
        "headers": presenting.headers(form),
        "teams": scope.teams,
        "scope": scope,
        "is_filtered": form.is_filtered,
        "query": form.query(),
        "reset": form.query(**dict.fromkeys(set(form.fields) - {"scope", "sort"}, "")),
        "trail": trail.sign(trail.of_request(request, form)),
        "bulk": bound or bulk_form(None, choices),
        "save_view": SaveViewForm(units=[unit for unit in scope.teams if unit.pk in scope.led]),
    }


def bulk_form(data: Any, choices: selection.Choices) -> BulkForm:
    """The form for several Vorgänge, with what this person may choose."""
    led = choices.scope.led
    people = choices.people_of(led)
    return BulkForm(data, people=people, units=list(choices.scope.all_units.values()))


class BulkView(View):
    """Something is done with the chosen Vorgänge."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """The address of a form is no page: back to the list."""
        return redirect("worklist")

    def post(self, request: HttpRequest) -> HttpResponse:
        """Do it, and say what became of each."""
        choices = selection.Choices(Scope.of_request(request))
        back = trail.address(trail.read(request.POST.get("liste", "")))
        form = bulk_form(request.POST, choices)
        chosen = list(dict.fromkeys(request.POST.getlist("case")))
        trouble = _trouble(form, chosen)
        if trouble:
            for sentence in trouble:
                messages.error(request, sentence)
            return redirect(back)
        cases = list(visible_cases(request.user, choices.scope).filter(public_id__in=chosen).order_by("pk"))
        result = bulk.carry_out(_change(form, request.user), cases, by=Actor.of(request.user))
        for missing in set(chosen) - {case.public_id for case in cases}:
            result.skip("Diesen Vorgang gibt es nicht, oder Sie dürfen ihn nicht sehen.", missing)
        (messages.warning if result.skipped else messages.success)(request, result.summary + ".")
        for reason in result.reasons:
            messages.warning(request, reason)
        return redirect(back)


def _trouble(form: BulkForm, chosen: list[str]) -> list[str]:
    if not chosen:
        return ["Bitte mindestens einen Vorgang ankreuzen."]
    if len(chosen) > bulk.MOST:
        return [f"Auf einmal lassen sich höchstens {bulk.MOST} Vorgänge ändern; bitte weniger ankreuzen."]
    return [] if form.is_valid() else [error for errors in form.errors.values() for error in errors]


def _change(form: BulkForm, user: User) -> bulk.Change:
    given = form.cleaned_data
    handler = given["handler"]
    to = user if handler == ME else None
    if handler and handler not in (ME, NOBODY):
        to = User.objects.get(pk=int(handler))
    return bulk.Change(
        assigns=bool(handler),
        handler=to,
        follow_up=day_after(given["follow_up"], timezone.localdate()) if given["follow_up"] else None,
        unit=OrgUnit.objects.get(pk=int(given["unit"])) if given["unit"] else None,
        reason=given["reason"],
    )


class NextView(View):
    """The most urgent free Vorgang is handed out."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """The address of a button is no page: back to the list. Nothing is assigned by looking."""
        return redirect("worklist")

    def post(self, request: HttpRequest) -> HttpResponse:
        """Take it and show it, or say that none is free."""
        case: Case | None = actions.take_next(by=Actor.of(request.user))
        if case is not None:
            undo = f"{UNDO}{reverse('assign-undo', args=[case.public_id])}"
            messages.success(request, f"Der Vorgang {case} ist Ihnen zugewiesen.", extra_tags=undo)
            return redirect("case", case_id=case.public_id)
        mine = format_html('<a class="kern-link" href="{}?scope=meine">Ihre Vorgänge ansehen</a>', reverse("worklist"))
        messages.info(request, format_html("In Ihren Teams ist zurzeit kein Vorgang frei. {}", mine))
        return redirect("worklist")
