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
from intake.actions import Allowance
from intake.api import limits, problems
from intake.api.problems import Problem
from intake.models import ApiClient

LONGEST_TOKEN = 200  # characters; ours have 43


def token_hash(header: str) -> str | None:
    """The SHA-256 of the token in an ``Authorization`` header; None when that has none."""
    scheme, _, token = header.strip().partition(" ")
    if scheme.lower() != "bearer" or not 0 < len(token) <= LONGEST_TOKEN:
        return None
    return hashlib.sha256(token.strip().encode("utf-8", "replace")).hexdigest()


class BearerToken(BaseAuthentication):
    """``Authorization: Bearer <token>`` (RFC 6750). Only hashes of tokens are stored."""

    def authenticate(self, request: Request) -> tuple[None, ApiClient]:
        """The client of the token, as ``request.auth`` (one query); no or a wrong one is 401."""
        sha256 = token_hash(request.headers.get("Authorization", ""))
        if sha256 is None:
            raise NotAuthenticated
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

    def allow_request(self, request: Request, view: ApiView) -> bool:
        """Count the request; False when there were too many."""
        is_write = request.method not in ("GET", "HEAD", "OPTIONS")
        view.allowance = actions.count_request(client_id=request.auth.pk, limits=limits.of(is_write=is_write))
        self._allowance = view.allowance
        return not (self._allowance and self._allowance.is_exceeded)

    def wait(self) -> int:
        """Seconds until the next one is allowed."""
        return self._allowance.reset


class ProblemRenderer(JSONRenderer):
    """Who asks for problem+json alone gets it, and JSON where all went well."""

    media_type = "application/problem+json"


class ApiView(APIView):
    """A call of the REST interface for clients of one ``kind`` (None: of any)."""

    kind: ClassVar[ApiClient.Kind | None] = None
    allowance: Allowance | None = None
    authentication_classes = (BearerToken,)
    permission_classes = (RightKind,)
    throttle_classes = (PerClient,)
    renderer_classes = (JSONRenderer, ProblemRenderer)
    parser_classes = ()

    def get_exception_handler(self) -> Any:
        """Everything becomes problem+json."""
        return problems.handle

    def finalize_response(self, request: Request, response: HttpResponse, *args: Any, **kwargs: Any) -> HttpResponse:
        """Every answer says what the rate limit leaves."""
        return limits.told(super().finalize_response(request, response, *args, **kwargs), self.allowance)

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
