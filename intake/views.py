"""The stored bytes of an Eingang."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponseBase
from django.views import View

from audit.acting import Actor
from audit.actions import log_access
from cases import numbers
from cases.files import file_answer
from intake.models import SubmissionFile
from intake.selectors import visible_file


class SubmissionFileView(View):
    """A file of an Eingang of a Vorgang, exactly as received. Taking it is logged."""

    def get(self, request: HttpRequest, case_id: str, file_id: int) -> HttpResponseBase:
        """Stream it under its own name."""
        public_id = numbers.normalise(case_id) or ""
        try:
            file = visible_file(request.user, public_id, file_id)
        except SubmissionFile.DoesNotExist as error:
            raise Http404("Diese Datei gibt es nicht, oder Sie dürfen sie nicht sehen.") from error
        log_access(by=Actor.of(request.user), what="file_taken", subject=public_id)
        return file_answer(request, file.blob_id, file.name)
