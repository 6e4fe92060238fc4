"""``GET /api/v1/cases/{case_id}``: what a portal may tell about an application that it handed over."""

from __future__ import annotations

import hmac
import json
import re

from django.http import HttpRequest, HttpResponse

from cases import numbers
from cases.models import Case
from intake.api import limits
from intake.api.base import ApiView, as_json, moment, token_hash, without_body
from intake.api.plain import reading
from intake.api.problems import Problem, answer
from intake.models import ApiClient
from returnchannel import case_status as statuses
from returnchannel.case_status import Asked, CaseStatus

ZBP = {
    Case.Status.RECEIVED.value: "RECEIVED",
    Case.Status.EXAMINING.value: "PROCESSING",
    Case.Status.INFORMATION_REQUESTED.value: "ACTION_REQUIRED",
    Case.Status.DECIDED.value: "COMPLETED",
}
"""Our states as those of the Zentrales Bürgerpostfach."""
_TAG = re.compile(r'(?:W/)?"v(\d{1,9})"')


class OtherMethods(ApiView):
    """What is neither GET nor HEAD, and what asks for another format."""

    kind = ApiClient.Kind.PORTAL

    def get(self, request: HttpRequest, case_id: str) -> HttpResponse:
        """Only ever asked for a format that there is not; then it is not called at all."""
        raise Problem("not_acceptable")


@reading(OtherMethods)
def case_status(request: HttpRequest, case_id: str) -> HttpResponse:
    """The status, or 304 when the caller has this version. Unknown, malformed and others' ids are the same 404."""
    sha256 = token_hash(request.META.get("HTTP_AUTHORIZATION", ""))
    if sha256 is None:
        raise Problem("unauthorized")
    known, any_is_known = versions_of(request.META.get("HTTP_IF_NONE_MATCH", ""))
    public_id, allowed = numbers.normalise(case_id), limits.of(is_write=False)
    asked = statuses.ask(sha256, public_id, known=known, any_is_known=any_is_known, limits=allowed)
    if asked is None or not hmac.compare_digest(asked.token_hash, sha256):
        raise Problem("unauthorized")
    if asked.kind != ApiClient.Kind.PORTAL:
        raise Problem("wrong_client")
    return limits.told(_answer(request, asked), asked.allowance)


def versions_of(if_none_match: str) -> tuple[list[int], bool]:
    """The versions that ``If-None-Match`` names (weak comparison), and whether any will do (``*``)."""
    if not if_none_match:
        return [], False
    return [int(number) for number in _TAG.findall(if_none_match)], if_none_match.strip() == "*"


def _answer(request: HttpRequest, asked: Asked) -> HttpResponse:
    if asked.allowance and asked.allowance.is_exceeded:
        return answer(Problem("too_many_requests", retry_after=asked.allowance.reset))
    status = asked.status
    if status is None:
        return answer(Problem("not_found"))
    headers = {"ETag": f'"v{status.version}"', "Cache-Control": "private, no-cache"}
    if status.is_known:
        return HttpResponse(status=304, headers=headers)
    return without_body(request, as_json(told(status), status=200, headers=headers))


def told(status: CaseStatus) -> str:
    """The answer of the contract. Nobody's name and nothing of another Vorgang is in it."""
    now, since = status.steps[-1]
    body = {
        "case_id": status.case_id,
        "file_reference": status.file_reference,
        "service": status.service,
        "status": now,
        "status_since": moment(since),
        "version": status.version,
        "public_note": status.public_note,
        "open_information_request": status.open_request,
        "expected_by": status.expected_by and status.expected_by.isoformat(),
        "outcome": status.outcome,
        "external": {"zbp": ZBP[now]},
        "history": [{"status": each, "at": moment(at)} for each, at in status.steps],
    }
    if status.is_alias:
        body["alias"] = True
    return json.dumps(body, ensure_ascii=False)
