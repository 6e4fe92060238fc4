"""The page ``/betrieb/zustellungen/``: what waits, what has failed, and what a person does with it."""

from __future__ import annotations

from typing import ClassVar

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views import View

from audit.acting import Actor
from cases.selectors import Scope
from returnchannel import presenting, selectors
from returnchannel.actions import failures, webhooks

MOST = 200  # of each kind: who has more looks at the cause first


class DeliveriesView(View):
    """For who runs the house all of them; for a team those of the Vorgänge that it sees."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """The list."""
        scope = Scope.of_request(request)
        all_of_them = scope.runs_the_house  # without their content
        if not all_of_them and not scope.units:
            raise PermissionDenied("Zustellungen sehen die Teams und der IT-Betrieb.")
        found = selectors.open_deliveries(request.user, all_of_them=all_of_them)
        parked = selectors.parked_webhooks()[:MOST] if all_of_them else []
        rows = [presenting.listed(row) for row in found[:MOST]]
        return render(request, "returnchannel/deliveries.html", {"rows": rows, "parked": parked, "most": MOST})


class DeliveryStepView(View):
    """Send one that has failed again, or give it up."""

    http_method_names: ClassVar[list[str]] = ["post", "options"]

    def post(self, request: HttpRequest, delivery_id: int, step: str) -> HttpResponse:
        """Do it, and say what became of it."""
        rows = selectors.open_deliveries(request.user, all_of_them=Scope.of_request(request).runs_the_house)
        delivery = rows.filter(pk=delivery_id).first()
        if delivery is None:
            raise Http404("Diese Zustellung gibt es nicht mehr, oder Sie dürfen sie nicht sehen.")
        act, said = {
            failures.RESEND: (failures.resend, "Die Zustellung ist gleich an der Reihe."),
            failures.BY_HAND: (
                failures.take_over,
                "Die Zustellung ist aufgegeben; ein Brief ist von Hand zu versenden.",
            ),
        }[step]
        try:
            act(delivery=delivery, by=Actor.of(request.user))
        except failures.NotPossible as refusal:
            messages.error(request, str(refusal))
        else:
            messages.success(request, said)
        return redirect("deliveries")


class WebhookStepView(View):
    """Send a parked delivery to a webhook again, or give it up."""

    http_method_names: ClassVar[list[str]] = ["post", "options"]

    def post(self, request: HttpRequest, delivery_id: int, step: str) -> HttpResponse:
        """Do it, and say what became of it; PermissionDenied for who does not run the house."""
        act = webhooks.resend if step == failures.RESEND else webhooks.give_up
        chosen = selectors.parked_webhooks().filter(pk=delivery_id)
        if act(deliveries=list(chosen), by=Actor.of(request.user)):
            messages.success(request, "Erledigt.")
        else:
            messages.error(request, "Diese Zustellung ist nicht mehr zurückgestellt, oder ihr Webhook gilt nicht mehr.")
        return redirect("deliveries")
