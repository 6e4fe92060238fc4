"""One's own page: who one is here, how the pages look, one's password, and when one logged in."""

from __future__ import annotations

from typing import Any

from axes.models import AccessLog as LogIn
from django import forms
from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.contrib.auth.forms import PasswordChangeForm
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.decorators import method_decorator
from django.views import View
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters

from audit.acting import Actor
from cases import actions
from cases.models import Membership, User

LOG_INS_SHOWN = 5


class PreferencesForm(forms.Form):
    """How the pages look and behave."""

    theme = forms.ChoiceField(label="Farben", choices=User.Theme.choices)
    shortcuts = forms.BooleanField(label="Tastenkürzel mit einzelnen Tasten (Übersicht mit „?“)", required=False)


def context(request: HttpRequest) -> dict[str, Any]:
    """The person, their roles, settings and last log-ins."""
    user = request.user
    memberships = Membership.objects.filter(user=user).select_related("unit")
    return {
        "memberships": memberships.order_by("unit__name", "role"),
        "preferences": PreferencesForm(initial={"theme": user.theme, "shortcuts": user.shortcuts}),
        "log_ins": LogIn.objects.filter(username=user.get_username()).order_by("-attempt_time")[:LOG_INS_SHOWN],
        "has_password": user.has_usable_password(),
    }


class PreferencesView(View):
    """The settings are saved."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """The address of a form is no page: back to one's own."""
        return redirect("account")

    def post(self, request: HttpRequest) -> HttpResponse:
        """Save them."""
        form = PreferencesForm(request.POST)
        if form.is_valid():
            actions.set_preferences(user=request.user, by=Actor.of(request.user), **form.cleaned_data)
            messages.success(request, "Ihre Einstellungen sind gespeichert.")
        else:
            messages.error(request, "Diese Einstellungen gibt es nicht; bitte noch einmal wählen.")
        return redirect("account")


@method_decorator([never_cache, sensitive_post_parameters()], name="dispatch")
class PasswordView(View):
    """A new password. Who comes in by the log-in service has none here."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Refuse who has no password."""
        if not request.user.has_usable_password():
            raise PermissionDenied("Ihr Passwort verwaltet der Anmeldedienst Ihrer Behörde; bitte ändern Sie es dort.")
        return super().dispatch(request, *args, **kwargs)

    def get(self, request: HttpRequest) -> HttpResponse:
        """Ask for the old one and the new one, twice."""
        return self._show(request, PasswordChangeForm(request.user))

    def post(self, request: HttpRequest) -> HttpResponse:
        """Change it; one stays logged in here, and other sessions end."""
        form = PasswordChangeForm(request.user, request.POST)
        if not form.is_valid():
            return self._show(request, form, status=422)
        by = Actor.of(request.user)
        user = actions.change_password(user=request.user, password=form.cleaned_data["new_password1"], by=by)
        update_session_auth_hash(request, user)
        messages.success(request, "Ihr Passwort ist geändert. Andere Sitzungen von Ihnen sind beendet.")
        return redirect("account")

    def _show(self, request: HttpRequest, form: PasswordChangeForm, status: int = 200) -> HttpResponse:
        return render(request, "cases/password.html", {"form": form}, status=status)
