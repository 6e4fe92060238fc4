"""``POST /api/v1/cases/{case_id}/status-reports``: what has happened to a Vorgang in its Fachverfahren."""

from __future__ import annotations

from django.http import HttpResponse
from rest_framework.request import Request

from audit.acting import Actor, Source
from cases import actions as cases
from cases import blobs, numbers
from cases.models import Case, Document
from intake.actions import Answer
from intake.api.handing import HandingOver, as_answer, idempotency_key
from intake.api.problems import Problem
from intake.channels import portal
from intake.findings import Finding
from intake.models import ApiClient, Submission
from returnchannel import case_status, selectors
from returnchannel.api import report_body
from returnchannel.api.cases import told
from returnchannel.api.report_body import Report

PDF = b"%PDF-"
HEAD = 1024  # bytes within which a PDF says that it is one


class StatusReports(HandingOver):
    """Reports of a Fachverfahren about Vorgänge of its Leistungen. Others' and unknown ids are the same 404."""

    kind = ApiClient.Kind.FACHVERFAHREN
    form = report_body.FORM

    def post(self, request: Request, case_id: str) -> HttpResponse:
        """201 with the status where something has changed, 200 where it was so already, 409 where it cannot be."""
        key = idempotency_key(request)
        public_id = _found(request.auth, case_id).number.public_id
        by = Actor(Source.CHANNEL, request.auth.name)

        def take(message: portal.Message) -> Answer:
            case = _found(request.auth, public_id).case
            try:
                has_changed = _report(case, message, by)
            except NotAPdf as error:
                return as_answer(Problem("invalid_body", errors=[error.finding], detail=error.finding.message))
            except cases.NotAllowed as error:
                raise Problem("status_not_allowed", detail=str(error), more={"allowed": error.allowed}) from error
            except cases.NotPossible as error:
                raise Problem("status_not_allowed", detail=str(error), more={"allowed": []}) from error
            status = case_status.of_reported(request.auth.token_hash, public_id)
            return Answer(201 if has_changed else 200, told(status))

        with self.body_of(request) as upload:
            return self.once(request, key, upload, take)


class NotAPdf(Exception):
    """What was reported as the Bescheid is no PDF."""

    finding = Finding(
        "not_a_pdf", "„document“ ist kein PDF; abgelegt und gezeigt wird ein PDF.", path="/document/content"
    )


def _found(client: ApiClient, case_id: str) -> Submission:
    public_id = numbers.normalise(case_id)
    submission = selectors.reported_submission(client, public_id) if public_id else None
    if submission is None:
        raise Problem("not_found")
    return submission


def _report(case: Case, message: portal.Message, by: Actor) -> bool:
    report: Report = message.said
    match report.status:
        case Case.Status.EXAMINING:
            return cases.report_examination(case=case, by=by)
        case Case.Status.INFORMATION_REQUESTED:
            return cases.report_request(case=case, items=report.items, due_on=report.due, text=report.text, by=by)
        case Case.Status.DECIDED:
            return cases.report_decision(
                case=case,
                outcome=report.outcome,
                decided_by=report.decided_by,
                decided_at=report.decided_at,
                document=_document(message),
                by=by,
            )
    return cases.report_receipt(case=case, by=by)


def _document(message: portal.Message) -> cases.NewDocument | None:
    """The Bescheid, stored."""
    if len(message.files) < 2:
        return None
    file = message.files[1]
    with file.open() as stream:
        if PDF not in stream.read(HEAD):
            raise NotAPdf
    with file.open() as stream:
        sha256, size = blobs.write(stream)
    cases.register_blobs([(sha256, size)])
    name = file.name.rsplit("/", 1)[-1]
    return cases.NewDocument(files=[cases.NewFile(sha256, name)], role=Document.Role.DECISION, title="Bescheid")
