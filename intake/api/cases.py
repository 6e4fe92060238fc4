"""``GET /api/v1/cases/{case_id}``: what a portal may tell about an application that it handed over."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.http import HttpResponse
from django.utils.http import parse_etags
from rest_framework.request import Request

from cases import numbers
from cases.models import Case
from intake import selectors
from intake.api.base import ApiView, json_answer, moment, without_body
from intake.api.problems import Problem
from intake.models import ApiClient, Submission

ZBP = {
    Case.Status.RECEIVED: "RECEIVED",
    Case.Status.EXAMINING: "PROCESSING",
    Case.Status.INFORMATION_REQUESTED: "ACTION_REQUIRED",
    Case.Status.DECIDED: "COMPLETED",
}


class CaseStatus(ApiView):
    """The status of what this client submitted. Unknown, malformed and others' ids are the same 404."""

    kind = ApiClient.Kind.PORTAL

    def get(self, request: Request, case_id: str) -> HttpResponse:
        """The status, or 304 when the caller has this version."""
        public_id = numbers.normalise(case_id)
        submission = selectors.receipt_of(request.auth, public_id) if public_id else None
        if submission is None:
            raise Problem("not_found")
        body = status_of(submission)
        headers = {"ETag": f'"v{body["version"]}"', "Cache-Control": "private, no-cache"}
        known = parse_etags(request.headers.get("If-None-Match", ""))
        if "*" in known or headers["ETag"] in {tag.removeprefix("W/") for tag in known}:
            return HttpResponse(status=304, headers=headers)
        return without_body(request, json_answer(body, headers=headers))


def status_of(submission: Submission) -> dict[str, Any]:
    """What may be told: the Vorgang that it became, else (waiting, in Klärung, part of another) its own receipt.

    ``submission`` comes from ``selectors.receipt_of``. Nobody's name and nothing of another Vorgang is in it.
    """
    case, own_id = submission.case, submission.number.public_id
    is_own = case is not None and case.public_id == own_id
    steps = _steps(submission, submission.states if is_own else [])
    status, since = steps[-1]
    version = case.version if is_own else int(submission.number.case_id is not None)
    body = {
        "case_id": own_id,
        "file_reference": case.file_reference if is_own else None,
        "service": case.service.slug if is_own else submission.service,
        "status": status,
        "status_since": moment(since),
        "version": version,
        "public_note": None,
        "open_information_request": None,
        "expected_by": None,
        "outcome": None,
        "external": {"zbp": ZBP[Case.Status(status)]},
        "history": [{"status": status, "at": moment(at)} for status, at in steps],
    }
    return body if submission.number.case_id is None or is_own else body | {"alias": True}


def _steps(submission: Submission, states: list[dict[str, Any]]) -> list[tuple[str, datetime]]:
    """The states in order, each with its beginning; the first is the receipt."""
    steps = [(str(Case.Status.RECEIVED), submission.received_at)]
    for state in states:
        if state["status"] != steps[-1][0]:
            steps.append((state["status"], datetime.fromisoformat(state["since"])))
    return steps
