"""What every call of the REST interface has in common: token, kind of client, rate limit, problems."""

from __future__ import annotations

import hashlib
import hmac
import json
from datetime import datetime
from typing import Any, ClassVar

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed, NotAuthenticated
from rest_framework.permissions import BasePermission
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle
from rest_framework.views import APIView

from intake import actions
from intake.api import limits, problems
from intake.api.problems import Problem
from intake.models import ApiClient

LONGEST_TOKEN = 200  # characters; ours have 43


class BearerToken(BaseAuthentication):
    """``Authorization: Bearer <token>`` (RFC 6750). Only hashes of tokens are stored."""

    def authenticate(self, request: Request) -> tuple[None, ApiClient]:
        """The client of the token, as ``request.auth`` (one query); no or a wrong one is 401."""
        scheme, _, token = request.headers.get("Authorization", "").strip().partition(" ")
        if scheme.lower() != "bearer" or not 0 < len(token) <= LONGEST_TOKEN:
            raise NotAuthenticated
        sha256 = hashlib.sha256(token.strip().encode("utf-8", "replace")).hexdigest()
        client = ApiClient.objects.filter(token_hash=sha256, is_active=True).first()
        if client is None or not hmac.compare_digest(client.token_hash, sha256):
            raise AuthenticationFailed
        return None, client

    def authenticate_header(self, request: Request) -> str:
        """What 401 says in ``WWW-Authenticate``."""
        return "Bearer"


class RightKind(BasePermission):
    """A view is for clients of its ``kind``."""

    def has_permission(self, request: Request, view: ApiView) -> bool:
        """True for the view's kind of client; raises 403 otherwise."""
        if view.kind and request.auth.kind != view.kind:
            raise Problem("wrong_client")
        return True


class PerClient(BaseThrottle):
    """So many requests per client and minute, and fewer that write (one statement, true across processes)."""

    def __init__(self) -> None:
        self._wait = 0

    def allow_request(self, request: Request, view: ApiView) -> bool:
        """Count the request; False when there were too many."""
        allowed = limits.of(is_write=request.method not in ("GET", "HEAD", "OPTIONS"))
        if allowed:
            self._wait = actions.count_request(client=request.auth, limits=allowed)
        return self._wait == 0

    def wait(self) -> int:
        """Seconds until the next one is allowed."""
        return self._wait


class ProblemRenderer(JSONRenderer):
    """Who asks for problem+json alone gets it, and JSON where all went well."""

    media_type = "application/problem+json"


class ApiView(APIView):
    """A call of the REST interface for clients of one ``kind`` (None: of any)."""

    kind: ClassVar[ApiClient.Kind | None] = None
    authentication_classes = (BearerToken,)
    permission_classes = (RightKind,)
    throttle_classes = (PerClient,)
    renderer_classes = (JSONRenderer, ProblemRenderer)
    parser_classes = ()

    def get_exception_handler(self) -> Any:
        """Everything becomes problem+json."""
        return problems.handle

    def options(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
        """Which methods there are; nothing else is told."""
        return HttpResponse(status=204, headers={"Allow": ", ".join(self.allowed_methods)})


class UnknownAddress(ApiView):
    """Any address of the interface that does not exist: 404 as a problem, for clients only."""

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Ask for the token first, then say that there is nothing."""
        super().initial(request, *args, **kwargs)
        raise Problem("not_found")


def moment(at: datetime) -> str:
    """A time by RFC 3339, in German time with its offset, to the millisecond."""
    return timezone.localtime(at).isoformat(timespec="milliseconds")


def json_answer(body: dict[str, Any], *, status: int = 200, headers: dict[str, str] | None = None) -> HttpResponse:
    """An answer in JSON."""
    return as_json(json.dumps(body, ensure_ascii=False), status=status, headers=headers)


def as_json(text: str, *, status: int, headers: dict[str, str] | None = None) -> HttpResponse:
    """An answer whose JSON is written already."""
    return HttpResponse(text, status=status, content_type="application/json", headers=headers or {})


def without_body(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """For HEAD the same headers, with the length that GET would have, and no body."""
    if request.method == "HEAD":
        response["Content-Length"] = str(len(response.content))
        response.content = b""
    return response
