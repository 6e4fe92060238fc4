"""``GET /api/v1/cases/{case_id}/messages`` and the PDF of each: what the authority has written."""

from __future__ import annotations

from django.http import FileResponse, HttpResponse
from django.http.response import HttpResponseBase
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request

from cases import blobs, numbers
from intake import selectors as intake
from intake.api.base import ApiView, json_answer, moment, without_body
from intake.api.problems import Problem
from intake.models import ApiClient, Submission
from returnchannel import receipts, selectors
from returnchannel.actions import sending
from returnchannel.models import OutboundMessage


class Messages(ApiView):
    """The messages of what this client submitted. Unknown, malformed and others' ids are the same 404."""

    kind = ApiClient.Kind.PORTAL

    def get(self, request: Request, case_id: str) -> HttpResponse:
        """All of them, in order."""
        submission = submission_or_404(request, case_id)
        found = selectors.messages_of(request.auth, submission.number.public_id)
        body = {"messages": [_shown(message, submission) for message in found]}
        return without_body(request, json_answer(body, headers={"Cache-Control": "private, no-cache"}))


class Pdf(BaseRenderer):
    """Who asks for PDF alone gets it."""

    media_type, format = "application/pdf", "pdf"


class MessageDocument(ApiView):
    """The PDF of a message."""

    kind = ApiClient.Kind.PORTAL
    renderer_classes = (Pdf, *ApiView.renderer_classes)

    def get(self, request: Request, case_id: str, n: int) -> HttpResponseBase:
        """As it was written; a receipt is set when it is asked for, always to the same bytes.

        The first time that a portal fetches what was provided for it is kept, as the proof.
        """
        submission = submission_or_404(request, case_id)
        found = selectors.messages_of(request.auth, submission.number.public_id).filter(n=n)
        message = selectors.with_provision(found).first()
        if message is None:
            raise Problem("not_found")
        name = f"{submission.number.public_id}-{message.n}.pdf"
        headers = {"Cache-Control": "private, no-cache", "X-Content-Type-Options": "nosniff"}
        if message.document is None and message.kind != OutboundMessage.Kind.RECEIPT:
            raise Problem("not_found")
        if message.document is None:
            content = receipts.pdf_of(submission)
            answer: HttpResponseBase = HttpResponse(content, content_type="application/pdf", headers=headers)
            answer["Content-Disposition"] = f'attachment; filename="{name}"'
            return without_body(request, answer)
        file = message.document.files.select_related("blob").order_by("pk")[0]
        stream = blobs.open_blob(file.blob_id)  # what cannot be given was not fetched
        if message.provision is not None and request.method == "GET":
            sending.note_retrieved(delivery_id=message.provision)
        answer = FileResponse(stream, as_attachment=True, filename=name, content_type="application/pdf")
        for key, value in headers.items():
            answer[key] = value
        return answer


def submission_or_404(request: Request, case_id: str) -> Submission:
    """What this client submitted and got this Vorgangs-ID for."""
    public_id = numbers.normalise(case_id)
    submission = intake.receipt_of(request.auth, public_id) if public_id else None
    if submission is None:
        raise Problem("not_found")
    return submission


def _shown(message: OutboundMessage, submission: Submission) -> dict[str, object]:
    is_receipt = message.kind == OutboundMessage.Kind.RECEIPT
    return {
        "n": message.n,
        "kind": message.kind,
        "at": moment(message.at),
        "title": message.title,
        "text": receipts.text_of(submission) if is_receipt else message.text,
        "has_document": is_receipt or message.document_id is not None,
    }
