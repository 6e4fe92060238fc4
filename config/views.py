"""Pages that belong to no room."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import LoginView, LogoutView
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render, resolve_url


@login_not_required
def admin_login(request: HttpRequest) -> HttpResponseRedirect:
    """The Verwaltung has no log-in of its own; who is logged in and comes here may not enter it."""
    if request.user.is_authenticated and request.user.is_staff:
        return HttpResponseRedirect(resolve_url("admin:index"))
    if request.user.is_authenticated:
        raise PermissionDenied("Die Verwaltung steht Ihnen nicht offen. Bitte wenden Sie sich an die Administration.")
    wanted = {"next": request.GET.get("next", resolve_url("admin:index"))}
    return HttpResponseRedirect(f"{resolve_url('login')}?{urlencode(wanted)}")


class Login(LoginView):
    """By name and password, and by the authority's log-in service where one is set."""

    redirect_authenticated_user = True

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """The form, and the service."""
        return super().get_context_data(**kwargs) | {"login_service": settings.OIDC}


class Logout(LogoutView):
    """Logging out is a step (POST); who comes to its address by itself is asked."""

    http_method_names = ["get", "post", "options"]

    def get(self, request: HttpRequest) -> HttpResponse:
        """Ask."""
        return render(request, "registration/logout.html")
