"""How long one stays logged in: work renews the session, looking at an open page does not, and its end is announced."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib.auth import authenticate, login
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.middleware.csrf import get_token
from django.utils.decorators import method_decorator
from django.views import View
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters

RENEWED = "renewed"  # when the session was last stored, in seconds since the epoch
AT_MOST_EVERY = 600  # seconds between two renewals by work


class RenewedByWork:
    """Opening a page or sending a form renews the session; what a page asks for by itself does not."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Renew it before the page is made, so that the page knows its end."""
        is_work = request.headers.get("Sec-Fetch-Mode", "navigate") == "navigate"
        logged_in = settings.SESSION_COOKIE_NAME in request.COOKIES and request.user.is_authenticated
        if is_work and logged_in and time.time() - request.session.get(RENEWED, 0) > AT_MOST_EVERY:
            renew(request)
        return self.get_response(request)


def renew(request: HttpRequest) -> None:
    """Let the session begin anew, with all that it holds."""
    request.session[RENEWED] = int(time.time())


def remember_start(sender: Any, request: HttpRequest, **kwargs: Any) -> None:
    """Receiver of a log-in: the session begins."""
    renew(request)


def seconds_left(request: HttpRequest) -> int:
    """Until the session ends by itself."""
    return max(0, int(request.session.get(RENEWED, 0) + settings.SESSION_COOKIE_AGE - time.time()))


def session_end(request: HttpRequest) -> dict[str, int]:
    """For the pages: the seconds until the session ends; nothing for who is not logged in."""
    user = getattr(request, "user", None)
    return {"session_seconds": seconds_left(request)} if user is not None and user.is_authenticated else {}


@method_decorator([login_not_required, never_cache, sensitive_post_parameters("password")], name="dispatch")
class SessionView(View):
    """``POST /konto/sitzung/``: stay logged in, or log in again without leaving the page.

    ``username`` says whose page it is: it is never continued by somebody else. Answers ``{"seconds", "csrf"}``, the
    second for the forms that stand on the page; 401 with ``{"error"}`` when a password is asked for or was wrong.
    """

    http_method_names = ["post", "options"]

    def post(self, request: HttpRequest) -> JsonResponse:
        """Renew the session, or begin one with the password."""
        username, password = request.POST.get("username", ""), request.POST.get("password", "")
        if request.user.is_authenticated and request.user.get_username() != username:
            return JsonResponse({"error": "In diesem Browser ist jetzt jemand anderes angemeldet."}, status=401)
        if not request.user.is_authenticated:
            user = authenticate(request, username=username, password=password) if password else None
            if user is None:
                error = "Die Anmeldung ist fehlgeschlagen; bitte das Passwort prüfen." if password else ""
                return JsonResponse({"error": error}, status=401)
            login(request, user)
        renew(request)
        return JsonResponse({"seconds": seconds_left(request), "csrf": get_token(request)})
