"""A call of the REST interface as a plain view, for what is asked for most: the same rules, less on the way."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt

from intake.api import problems
from intake.api.base import ApiView

Handler = Callable[..., HttpResponse]
OUR_TYPES = ("*/*", "application/json", "application/problem+json")


def reading(view: type[ApiView]) -> Callable[[Handler], Handler]:
    """Decorate what answers GET and HEAD; every other method goes to ``view``, which has no such method or answers it.

    The handler itself asks for the token and counts the request. Whatever it raises becomes a problem.
    """
    other = view.as_view()

    def decorate(handler: Handler) -> Handler:
        @csrf_exempt
        @login_not_required
        def call(request: HttpRequest, **where: str) -> HttpResponse:
            accept = request.META.get("HTTP_ACCEPT", "*/*")
            if request.method not in ("GET", "HEAD") or not (
                accept in OUR_TYPES or any(map(request.accepts, OUR_TYPES[1:]))
            ):
                return other(request, **where)
            try:
                return handler(request, **where)
            except Exception as error:  # noqa: BLE001 - told as a problem, and logged
                return problems.handle(error, {"request": request})

        return call

    return decorate
