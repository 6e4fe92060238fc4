"""The page of a Vorgang in its three parts, and its stored files. The worklist is in ``cases.worklist``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.views import View
from django.views.decorators.cache import never_cache

from audit.acting import Actor
from audit.actions import log_access
from audit.registries import timeline_of
from cases import deadline_presenting, numbers, panels, presenting, selectors
from cases.casework import overview
from cases.files import StoredFileView
from cases.models import Blob, Case, DocumentFile, Note
from cases.monitoring import NO_SCANNER
from cases.selectors import Scope
from cases.worklist import casepage


@dataclass(frozen=True)
class Part:
    """A part of the page of a Vorgang, as a tab."""

    label: str
    url: str
    is_current: bool


@method_decorator(never_cache, name="dispatch")
class CasePage(View):
    """A part of the page of a Vorgang. Seeing it is logged; at most 15 queries, however much there is."""

    name: ClassVar[str]
    label: ClassVar[str]
    template: ClassVar[str]

    def get(self, request: HttpRequest, case_id: str) -> HttpResponse:
        """Show it; other ways of writing its id lead to the right one."""
        canonical = numbers.normalise(case_id)
        if canonical is None:
            raise Http404("Das ist keine Vorgangs-ID.")
        scope = Scope.of_request(request)
        try:
            case = selectors.case_with_marks(request.user, canonical, scope)
        except Case.DoesNotExist as error:
            raise Http404("Diesen Vorgang gibt es nicht, oder Sie dürfen ihn nicht sehen.") from error
        if case_id != case.public_id:
            return redirect(self.name, case_id=case.public_id)
        log_access(by=Actor.of(request.user), what="case_seen", subject=case.public_id)
        return render(request, self.template, self._head(request, case, scope) | self.context(case, scope))

    def _head(self, request: HttpRequest, case: Case, scope: Scope) -> dict[str, Any]:
        context = casepage.context_of(request, case)
        query = f"?liste={context['trail'].token}" if context["trail"].token else ""
        return context | {
            "case": case,
            "allowed": scope.allowed_with(case),
            "steps": presenting.steps(case),
            "aliases": case.aliases,
            "foreign_references": presenting.foreign_references(case.held_references),
            "parts": [
                Part(each.label, reverse(each.name, args=[case.public_id]) + query, each is type(self))
                for each in (CaseView, CaseApplicationView, CaseHistoryView)
            ],
        }

    def context(self, case: Case, scope: Scope) -> dict[str, Any]:
        """What this part shows below the head."""
        raise NotImplementedError


class CaseView(CasePage):
    """The Vorgang as it is worked on: what is to be done, Fristen, letters, documents, Vermerke."""

    name, label, template = "case", "Bearbeitung", "cases/case.html"

    def context(self, case: Case, scope: Scope) -> dict[str, Any]:
        """All that casework needs at a glance."""
        documents = presenting.document_rows(case)
        return overview.context(case, scope, documents) | {
            "deadlines": deadline_presenting.panel_of(case, presenting.pauses(case.pause_spans)),
            "documents": documents,
            "follow_ups": casepage.follow_ups_of(scope, case),
            "notes": list(Note.objects.filter(case=case).select_related("author")),
            "has_scanner": bool(settings.CLAMAV_SOCKET),
            "no_scanner": NO_SCANNER,
            "panels": panels.panels_of(case, scope.user, "work"),
        }


class CaseApplicationView(CasePage):
    """What was applied for and by whom, and the Eingänge that it came with."""

    name, label, template = "case-application", "Antrag und Beteiligte", "cases/case_application.html"

    def context(self, case: Case, scope: Scope) -> dict[str, Any]:
        """Data, Beteiligte, and what the upper rooms know."""
        application = getattr(case, "application", None)
        schema = case.service_version.sections.get("schema")
        rows = presenting.data_rows(application.data, schema) if application else ()
        return {
            "parties": list(case.parties.select_related("represented_by")),
            "data": presenting.remarked(rows, panels.remarks_of(case)),
            "panels": panels.panels_of(case, scope.user),
        }


class CaseHistoryView(CasePage):
    """All that happened to the Vorgang, to be narrowed by who did it."""

    name, label, template = "case-history", "Verlauf", "cases/case_history.html"

    def context(self, case: Case, scope: Scope) -> dict[str, Any]:
        """The timeline, newest first."""
        entries = presenting.actor_names(timeline_of(case))
        wanted = self.request.GET.get("von", "")
        sources = presenting.sources_of(entries)
        if wanted in dict(sources):
            entries = [entry for entry in entries if entry.source == wanted]
        return {"timeline": entries, "sources": sources, "source": wanted}


class CaseFileView(StoredFileView):
    """A file of a Vorgang, as stored, under the name that it is filed by. Taking it is logged."""

    def find(self, request: HttpRequest, *, case_id: str, file_id: int) -> tuple[Blob, str, str]:
        """The file, if it belongs to a Vorgang that the person may see."""
        try:
            file = selectors.visible_file(request.user, numbers.normalise(case_id) or "", file_id)
        except DocumentFile.DoesNotExist as error:
            raise Http404("Diese Datei gibt es nicht, oder Sie dürfen sie nicht sehen.") from error
        return file.blob, file.file_name, file.document.case.public_id
