"""The pages of single Klärfälle, for the Teamleitung, and of recording by hand."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.decorators import method_decorator
from django.views import View
from django.views.decorators.cache import never_cache

from audit.acting import Actor
from audit.actions import log_access
from cases import policy
from cases.files import StoredFileView
from cases.models import Blob, Role
from cases.selectors import visible_cases
from intake.actions import receive
from intake.channels.manual import Manual
from intake.forms import RecordForm
from intake.models import Submission, SubmissionFile
from routing import pipeline, presenting, selectors
from routing.actions import clearing, handling
from routing.forms import FORMS
from routing.models import ExceptionEntry


@method_decorator(never_cache, name="dispatch")
class LeadView(View):
    """A page for the Teamleitung only."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Refuse everybody else."""
        if not policy.has_role(request.user, Role.LEAD):
            raise PermissionDenied("Klärfälle bearbeitet die Teamleitung.")
        return super().dispatch(request, *args, **kwargs)


class EntryView(LeadView):
    """One Klärfall: why it is here, what arrived, and the ways out."""

    def get(self, request: HttpRequest, entry_id: int) -> HttpResponse:
        """Show it. Seeing it is logged."""
        entry = entry_or_404(request, entry_id)
        log_entry_seen(request, entry)
        handling.note_presence(entry=entry, by=Actor.of(request.user))
        return render(request, "routing/entry.html", presenting.entry_context(entry, request.user))


class EntryPresenceView(LeadView):
    """Who else has a Klärfall open: a part of its page, asked for again while it is open."""

    def get(self, request: HttpRequest, entry_id: int) -> HttpResponse:
        """Note that it is still open here, and name the others."""
        entry = entry_or_404(request, entry_id)
        handling.note_presence(entry=entry, by=Actor.of(request.user))
        return render(request, "routing/presence.html", {"present": selectors.present_at(entry, request.user)})


class ClearView(LeadView):
    """One way out of the queue, sent from the page of the Klärfall."""

    def get(self, request: HttpRequest, entry_id: int, verb: str) -> HttpResponse:
        """The address of a form is no page: back to the Klärfall (after a lost session, or from the history)."""
        return redirect("clearing-entry", entry_id=entry_id)

    def post(self, request: HttpRequest, entry_id: int, verb: str) -> HttpResponse:
        """Carry it out, or show the page again and say what is wrong."""
        entry = entry_or_404(request, entry_id)
        form_class = FORMS.get(verb)
        if form_class is None or not form_class.fits(entry):
            raise Http404("Diesen Weg gibt es für den Klärfall nicht.")
        form = form_class(request.POST, entry=entry, user=request.user)
        result = presenting.carry_out(request, form)
        if result is None:
            fresh = entry_or_404(request, entry_id)
            context = presenting.entry_context(fresh, request.user, bound=form)
            return render(request, "routing/entry.html", context, status=422)
        return redirect("clearing") if result.solved else redirect("clearing-entry", entry_id=entry_id)


class EntryFileView(StoredFileView, LeadView):
    """A file of a message that waits in the queue, as stored, under its own name. Taking it is logged."""

    def find(self, request: HttpRequest, *, entry_id: int, file_id: int) -> tuple[Blob, str, str]:
        """The file, if it belongs to a Klärfall that the person may see."""
        try:
            file = selectors.file_of_entry(request.user, entry_id, file_id)
        except SubmissionFile.DoesNotExist as error:
            raise Http404("Diese Datei gibt es nicht, oder Sie dürfen sie nicht sehen.") from error
        return file.blob, file.name, file.submission.number.public_id


@method_decorator(never_cache, name="dispatch")
class RecordView(View):
    """Recording by hand what came by post, at the counter or by telephone."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """For who works in a team."""
        if not policy.has_role(request.user, Role.CASEWORKER, Role.LEAD):
            raise PermissionDenied("Eingänge erfasst, wer in einem Team arbeitet.")
        return super().dispatch(request, *args, **kwargs)

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show the form."""
        return render(request, "routing/record.html", {"form": RecordForm()})

    def post(self, request: HttpRequest) -> HttpResponse:
        """Receive what was recorded and take it through the pipeline at once."""
        form = RecordForm(request.POST, request.FILES)
        wanted = form.data.get("case_id", "").strip()
        if form.is_valid() and wanted and selectors.case_for_assignment(request.user, wanted) is None:
            form.add_error("case_id", "Diesen Vorgang gibt es nicht, oder Sie dürfen nichts in ihn legen.")
        if not form.is_valid():
            return render(request, "routing/record.html", {"form": form}, status=422)
        envelope = Manual().envelope(form.record(), form.message_files())
        submission = receive(envelope, by=Actor.of(request.user), defer=False).submission
        pipeline.process(submission.pk)
        done = Submission.objects.select_related("case", "number").get(pk=submission.pk)
        messages.success(request, presenting.outcome_in_words(done, request.user))
        visible = done.case and visible_cases(request.user).filter(pk=done.case_id).exists()
        return redirect("case", case_id=done.case.public_id) if visible else redirect("record")


class OwnMatterView(View):
    """A repetition is none: one click lets it go through the pipeline as a matter of its own."""

    http_method_names = ["post", "options"]

    def post(self, request: HttpRequest, submission_id: int) -> HttpResponse:
        """Do it, and say what became of it."""
        submission = Submission.objects.select_related("duplicate_of__case").filter(pk=submission_id).first()
        if submission is None or not selectors.may_reconsider(request.user, submission):
            raise Http404("Diesen Eingang gibt es nicht, oder Sie dürfen ihn nicht sehen.")
        back = submission.duplicate_of.case if submission.duplicate_of else None
        try:
            done = clearing.make_own_matter(submission=submission, by=Actor.of(request.user))
        except clearing.NotClearable as error:
            messages.error(request, str(error))
        else:
            messages.success(request, presenting.outcome_in_words(done, request.user))
        return redirect("case", case_id=back.public_id) if back else redirect("worklist")


class TakeBackView(LeadView):
    """A message was rejected by mistake: it goes through the pipeline again."""

    http_method_names = ["post", "options"]

    def post(self, request: HttpRequest, entry_id: int) -> HttpResponse:
        """Do it with the reason given, and say what became of it."""
        entry = entry_or_404(request, entry_id)
        reason = request.POST.get("reason", "")
        try:
            done = clearing.take_back_rejection(submission=entry.submission, by=Actor.of(request.user), reason=reason)
        except clearing.NotClearable as error:
            messages.error(request, str(error))
            return redirect("clearing-entry", entry_id=entry_id)
        messages.success(request, presenting.outcome_in_words(done, request.user))
        return redirect("clearing")


def log_entry_seen(request: HttpRequest, entry: ExceptionEntry) -> None:
    """Keep that somebody has looked at the message of a Klärfall."""
    if entry.submission:
        log_access(by=Actor.of(request.user), what="entry_seen", subject=entry.submission.number.public_id)


def entry_or_404(request: HttpRequest, entry_id: int) -> ExceptionEntry:
    """The Klärfall, if the person may see it."""
    try:
        return selectors.entry_for(request.user, entry_id)
    except ExceptionEntry.DoesNotExist as error:
        raise Http404("Diesen Klärfall gibt es nicht, oder er gehört zu einem anderen Team.") from error
