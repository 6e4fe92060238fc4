"""The way of a request to the REST interface: past everything that only serves people in a browser."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import resolve

PREFIX = "/api/v1/"
HEADERS = {"Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'", "X-Frame-Options": "DENY"}


class ApiLane:
    """Middleware: calls of ``/api/v1/`` go straight to their view, without session, log-in, messages and CSRF.

    They know a token and no cookie, and answer every mistake themselves as problem+json. A page that got lost
    below that address has no ``request.user`` and fails. Stands behind what holds for all: HTTPS, HSTS, ``nosniff``.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """The answer of the call, with what every answer of the interface says."""
        if not request.path_info.startswith(PREFIX):
            return self._get_response(request)
        request.get_host()  # refuses names that are not ours
        match = request.resolver_match = resolve(request.path_info)
        response = match.func(request, *match.args, **match.kwargs)
        for name, value in HEADERS.items():
            response.headers.setdefault(name, value)
        if not response.streaming and "Content-Length" not in response.headers:
            response.headers["Content-Length"] = str(len(response.content))
        return response
