"""The page of the exception queue: the list, several Klärfälle at once, and answers to the questions of others."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.html import format_html
from django.views import View
from django.views.decorators.cache import never_cache

from audit.acting import Actor
from cases.files import StoredFileView
from cases.models import Blob
from cases.selectors import Scope
from intake.models import SubmissionFile
from routing import bulk, queue, queue_page, selectors
from routing.actions import handling
from routing.actions.locking import NotClearable
from routing.forms import NewCaseForm
from routing.handling_forms import AnswerForm
from routing.models import ClearingQuestion
from routing.views import LeadView


@method_decorator(never_cache, name="dispatch")
class TeamView(View):
    """A page for who works in a team or leads one: their team may be asked."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Refuse everybody else."""
        if not Scope.of_request(request).units:
            raise PermissionDenied("Klärfälle bearbeitet die Teamleitung.")
        return super().dispatch(request, *args, **kwargs)


class ClearingView(TeamView):
    """Questions to one's team; for the Teamleitung also what the machine could not place, by cause."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show it."""
        return render(request, "routing/clearing.html", queue_page.context(request))


class BulkView(LeadView):
    """Something is done with the chosen Klärfälle."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """The address of a form is no page: back to the list."""
        return redirect("clearing")

    def post(self, request: HttpRequest) -> HttpResponse:
        """Do it, and say what became of each; or show the list again and say what is wrong."""
        filters = QueryDict(request.POST.get("liste", ""))
        ticked = queue_page.Ticked.of(request.POST)
        form = bulk.form_for(request.POST.get("weg", ""), Scope.of_request(request), request.POST)
        if form is None:
            raise Http404("Diesen Weg gibt es nicht.")
        shown = queue_page.Queue.of(request, filters)
        entries = queue.chosen(shown.entries(), ticked.ids, ticked.groups)
        trouble = _trouble(len(entries), bool(ticked))
        if trouble:
            messages.error(request, trouble)
        if trouble or not form.is_valid():
            bound = None if form.is_valid() else form
            context = queue_page.context(request, data=filters, ticked=ticked, bound=bound)
            return render(request, "routing/clearing.html", context, status=422)
        outcome = bulk.carry_out(form, entries, by=Actor.of(request.user))
        gone = len(ticked.ids - {entry.pk for entry in entries})
        self._tell(request, outcome, gone)
        query = shown.form.query()
        return redirect(f"{reverse('clearing')}?{query}" if query else "clearing")

    def _tell(self, request: HttpRequest, outcome: bulk.Outcome, gone: int) -> None:
        tell = messages.warning if outcome.left or gone else messages.success
        tell(request, outcome.summary)
        if outcome.done and outcome.title == NewCaseForm.title:
            link = '<a class="kern-link" href="{}">Eine Regel daraus machen</a>'
            messages.info(
                request, format_html(f"Damit Gleiches künftig von selbst ankommt: {link}", reverse("clearing-solved"))
            )
        for reason in outcome.reasons:
            messages.warning(request, reason)
        if gone:
            named = "1 ausgewählter ist" if gone == 1 else f"{gone} ausgewählte sind"
            messages.warning(
                request, f"{named} nicht mehr in der Liste: inzwischen gelöst, oder bei einem anderen Team."
            )


def _trouble(count: int, has_ticked: bool) -> str:
    if not has_ticked:
        return "Bitte mindestens einen Klärfall ankreuzen."
    if count > bulk.MOST:
        return f"Auf einmal lassen sich höchstens {bulk.MOST} Klärfälle bearbeiten; bitte weniger ankreuzen."
    return "" if count else "Die ausgewählten Klärfälle sind inzwischen gelöst, oder bei einem anderen Team."


class AnswerView(TeamView):
    """A question to one's team is answered."""

    def get(self, request: HttpRequest, question_id: int) -> HttpResponse:
        """The address of a form is no page: back to the list."""
        return redirect("clearing")

    def post(self, request: HttpRequest, question_id: int) -> HttpResponse:
        """Answer it, or show the page again and say what is wrong."""
        try:
            question = selectors.question_for(request.user, question_id)
        except ClearingQuestion.DoesNotExist as error:
            raise Http404("Diese Frage gibt es nicht, oder sie ist schon beantwortet.") from error
        form = AnswerForm(request.POST, question_id=question_id)
        if form.is_valid():
            try:
                handling.answer(question=question, text=form.cleaned_data["text"], by=Actor.of(request.user))
            except (NotClearable, PermissionDenied) as error:
                form.add_error(None, str(error))
            else:
                messages.success(request, "Danke, die Antwort steht jetzt am Klärfall.")
                return redirect("clearing")
        context = queue_page.context(request, data=QueryDict(), answer=(question_id, form))
        return render(request, "routing/clearing.html", context, status=422)


class QuestionFileView(StoredFileView, TeamView):
    """A file of the message that one's team is asked about, as stored. Taking it is logged."""

    def find(self, request: HttpRequest, *, question_id: int, file_id: int) -> tuple[Blob, str, str]:
        """The file, as long as the question is open."""
        try:
            file = selectors.file_of_question(request.user, question_id, file_id)
        except SubmissionFile.DoesNotExist as error:
            raise Http404("Diese Datei gibt es nicht, oder Sie dürfen sie nicht sehen.") from error
        return file.blob, file.name, file.submission.number.public_id
