"""A file of a message in the queue as text in the browser, beside the forms or on a page of its own."""

from __future__ import annotations

from csp.constants import SELF
from csp.decorators import csp_replace
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.decorators import method_decorator
from django.views.decorators.clickjacking import xframe_options_sameorigin

from audit.acting import Actor
from audit.actions import log_access
from cases import marks
from intake import originals
from intake.models import SubmissionFile
from intake.presenting import findings
from intake.selectors import message_file
from routing import reading, selectors
from routing.views import LeadView


@method_decorator(csp_replace({"frame-ancestors": [SELF]}), name="dispatch")
@method_decorator(xframe_options_sameorigin, name="dispatch")
class EntryOriginalView(LeadView):
    """The file with numbered lines and the places of the findings. Seeing it is logged like taking it.

    PDF and pictures are shown by the browser itself (``clearing-file``); what is neither can only be downloaded.
    """

    def get(self, request: HttpRequest, entry_id: int, file_id: int) -> HttpResponse:
        """Show it, or say why not."""
        try:
            file = selectors.file_of_entry(request.user, entry_id, file_id)
        except SubmissionFile.DoesNotExist as error:
            raise Http404("Diese Datei gibt es nicht, oder Sie dürfen sie nicht sehen.") from error
        known = file.blob.known
        kind = originals.kind_of(file.name)
        if kind == originals.MEDIA or (known and known.is_infected) or marks.is_held_back(file.blob, file.name):
            return redirect("clearing-file", entry_id=entry_id, file_id=file_id)  # it says what is to be said
        context = {"entry_id": entry_id, "file": file}
        if kind == originals.NONE:
            return render(request, "routing/original.html", context)
        log_access(by=Actor.of(request.user), what="file_taken", subject=file.submission.number.public_id)
        own = reading.places_in(file, findings(file.submission.findings))
        try:
            context["original"] = originals.read(message_file(file), own)
        except FileNotFoundError:
            context["is_missing"] = True
            return render(request, "routing/original.html", context, status=500)
        return render(request, "routing/original.html", context)
