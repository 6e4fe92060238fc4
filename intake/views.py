"""The stored bytes of an Eingang."""

from __future__ import annotations

from django.http import Http404, HttpRequest

from cases import numbers
from cases.files import StoredFileView
from cases.models import Blob
from intake.models import SubmissionFile
from intake.selectors import visible_file


class SubmissionFileView(StoredFileView):
    """A file of an Eingang of a Vorgang, exactly as received, under its own name. Taking it is logged."""

    def find(self, request: HttpRequest, *, case_id: str, file_id: int) -> tuple[Blob, str, str]:
        """The file, if it is filed in a Vorgang that the person may see."""
        public_id = numbers.normalise(case_id) or ""
        try:
            file = visible_file(request.user, public_id, file_id)
        except SubmissionFile.DoesNotExist as error:
            raise Http404("Diese Datei gibt es nicht, oder Sie dürfen sie nicht sehen.") from error
        return file.blob, file.name, public_id
