"""The pages of the Vorgänge: Vorgang, stored files. The worklist is in ``cases.worklist``."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.decorators import method_decorator
from django.views import View
from django.views.decorators.cache import never_cache

from audit.acting import Actor
from audit.actions import log_access
from audit.registries import timeline_of
from cases import deadline_presenting, numbers, panels, presenting, selectors
from cases.casework import overview
from cases.files import StoredFileView
from cases.models import Blob, Case, DocumentFile
from cases.monitoring import NO_SCANNER
from cases.selectors import Scope
from cases.worklist import casepage


@method_decorator(never_cache, name="dispatch")
class CaseView(View):
    """One Vorgang with all that belongs to it. Seeing it is logged."""

    def get(self, request: HttpRequest, case_id: str) -> HttpResponse:
        """Show it; other ways of writing its id lead to the right one."""
        canonical = numbers.normalise(case_id)
        if canonical is None:
            raise Http404("Das ist keine Vorgangs-ID.")
        try:
            case = selectors.case_by_public_id(request.user, canonical, Scope.of_request(request))
        except Case.DoesNotExist as error:
            raise Http404("Diesen Vorgang gibt es nicht, oder Sie dürfen ihn nicht sehen.") from error
        if case_id != case.public_id:
            return redirect("case", case_id=case.public_id)
        log_access(by=Actor.of(request.user), what="case_seen", subject=case.public_id)
        return render(request, "cases/case.html", self._context(request, case))

    def _context(self, request: HttpRequest, case: Case) -> dict[str, Any]:
        application = getattr(case, "application", None)
        schema = case.service_version.sections.get("schema")
        return casepage.context_of(request, case) | {
            "case": case,
            "steps": presenting.steps(case),
            "aliases": [n.public_id for n in case.numbers.order_by("id") if n.public_id != case.public_id],
            "parties": list(case.parties.select_related("represented_by")),
            "data": list(presenting.data_rows(application.data, schema)) if application else [],
            "deadlines": deadline_presenting.panel_of(case),
            "documents": presenting.document_rows(case),
            "foreign_references": presenting.foreign_references(case),
            "has_scanner": bool(settings.CLAMAV_SOCKET),
            "no_scanner": NO_SCANNER,
            "panels": panels.panels_of(case, request.user),
            **overview.context(case, Scope.of_request(request)),
            "timeline": presenting.actor_names(timeline_of(case)),
        }


class CaseFileView(StoredFileView):
    """A file of a Vorgang, as stored, under the name that it is filed by. Taking it is logged."""

    def find(self, request: HttpRequest, *, case_id: str, file_id: int) -> tuple[Blob, str, str]:
        """The file, if it belongs to a Vorgang that the person may see."""
        try:
            file = selectors.visible_file(request.user, numbers.normalise(case_id) or "", file_id)
        except DocumentFile.DoesNotExist as error:
            raise Http404("Diese Datei gibt es nicht, oder Sie dürfen sie nicht sehen.") from error
        return file.blob, file.file_name, file.document.case.public_id
