"""What every page of casework does: find the Vorgang, ask the policy, show a form, call one action, tell the result."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.views import View
from django.views.decorators.cache import never_cache

from audit.acting import Actor
from audit.actions import log_access
from cases import numbers, presenting, selectors
from cases.actions.base import NotPossible, Outdated, require
from cases.actions.sending import refusals
from cases.files import POLICY
from cases.letters import Letter
from cases.letters import render as typeset
from cases.models import Case
from cases.selectors import Scope

UNDO = "undo:"  # a message with this tag has a button that posts to the address behind it
NOT_VISIBLE = "Diesen Vorgang gibt es nicht, oder Sie dürfen ihn nicht sehen."


def case_or_404(request: HttpRequest, case_id: str) -> Case:
    """The Vorgang with this id or alias, if the person may see it; else Http404."""
    canonical = numbers.normalise(case_id)
    if canonical is None:
        raise Http404("Das ist keine Vorgangs-ID.")
    try:
        return selectors.case_by_public_id(request.user, canonical, Scope.of_request(request))
    except Case.DoesNotExist as error:
        raise Http404(NOT_VISIBLE) from error


class DateInput(forms.DateInput):
    """The browser's own date picker; it sends and wants ISO dates."""

    input_type = "date"

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(format="%Y-%m-%d", **kwargs)


def text_area(rows: int) -> forms.Textarea:
    """A text field of so many lines."""
    return forms.Textarea(attrs={"rows": rows})


class ActionForm(forms.Form):
    """A form about a Vorgang; ``view`` is the page that shows it."""

    def __init__(self, data: Any = None, files: Any = None, *, view: CaseActionView, **kwargs: Any) -> None:
        """Bound when there is ``data``."""
        super().__init__(data, files, **kwargs)
        self.view, self.case = view, view.case
        self.prepare()

    def prepare(self) -> None:
        """Choices and initial values that depend on the Vorgang."""


@method_decorator(never_cache, name="dispatch")
class CaseActionView(View):
    """One thing to be done with a Vorgang, on a page of its own.

    ``permission`` is the entry of the policy; ``perform`` calls the action and returns what is said of it. What is
    weighty is asked once more by ``confirm``; ``is_final`` says that nothing takes it back; ``undo`` names the address
    that does.
    ``shows_documents``: the documents of the Vorgang can be read beside the form.
    """

    permission: ClassVar[str]
    title: ClassVar[str]
    button: ClassVar[str]
    hint: ClassVar[str] = ""
    form_class: ClassVar[type[ActionForm]] = ActionForm
    template: ClassVar[str] = "cases/action.html"
    confirm: ClassVar[str] = ""
    is_final: ClassVar[bool] = False
    undo: ClassVar[str] = ""
    anchor: ClassVar[str] = ""
    shows_documents: ClassVar[bool] = False
    lead: str = ""  # what of the Vorgang the page is about
    case: Case
    allowed: frozenset[str]

    def dispatch(self, request: HttpRequest, *args: Any, case_id: str, **kwargs: Any) -> HttpResponseBase:
        """Find the Vorgang and refuse who may not do this with it."""
        self.case = case_or_404(request, case_id)
        self.by = Actor.of(request.user)
        self.allowed = Scope.of_request(request).allowed_with(self.case)
        if self.permission not in self.allowed:
            require(self.by, self.permission, self.case)
        try:
            self.find(**kwargs)
            return super().dispatch(request, *args, case_id=case_id, **kwargs)
        except NotPossible as error:
            return render(request, "cases/not_possible.html", {"case": self.case, "sentence": str(error)}, status=422)

    def find(self, **kwargs: Any) -> None:
        """Find what the address names beside the Vorgang; Http404 when that is none of it."""

    def make_form(self, data: Any = None, files: Any = None) -> ActionForm:
        """The form, bound when there is ``data``."""
        return self.form_class(data, files, view=self)

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Show the form."""
        log_access(by=self.by, what="case_seen", subject=self.case.public_id)
        return self.show(self.make_form())

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Do it, or show the page again and say what is wrong. With ``preview``: the letter as it would be."""
        form = self.make_form(request.POST, request.FILES)
        if form.is_valid():
            try:
                if "preview" in request.POST:
                    return preview_of(lambda: self.letter(form))
                said = self.perform(form)
            except NotPossible as error:
                form.add_error(None, str(error))
            except Outdated as error:
                return self.show_conflict(form, error.current)
            else:
                self.tell(said)
                return redirect(self.done_url())
        return self.show(form, status=422)

    def perform(self, form: ActionForm) -> str:
        """Call the action; returns a German sentence."""
        raise NotImplementedError

    def letter(self, form: ActionForm) -> Letter:
        """The letter that would be sent; pages without one have no preview."""
        raise Http404("Hierzu gibt es keine Vorschau.")

    def show_conflict(self, form: ActionForm, current: Any) -> HttpResponse:
        """Somebody else has saved meanwhile: both versions are shown, nothing is lost."""
        raise NotImplementedError

    def tell(self, said: str) -> None:
        """Say what was done, and offer to take it back."""
        undo = reverse(self.undo, args=[self.case.public_id]) if self.undo else ""
        messages.success(self.request, said, extra_tags=f"{UNDO}{undo}" if undo else "")

    def done_url(self) -> str:
        """Where it goes on."""
        page = reverse("case", args=[self.case.public_id])
        return f"{page}#{self.anchor}" if self.anchor else page

    def show(self, form: ActionForm, status: int = 200, **more: Any) -> HttpResponse:
        """The page."""
        context = {"case": self.case, "view": self, "form": form, **self.context(form), **more}
        if self.shows_documents:
            context["documents_beside"] = presenting.shown_beside(self.case)
        return render(self.request, self.template, context, status=status)

    def context(self, form: ActionForm) -> dict[str, Any]:
        """What the page shows beside the form."""
        return {}


class CaseStepView(CaseActionView):
    """Something that needs no form: a button on the page of the Vorgang."""

    def dispatch(self, request: HttpRequest, *args: Any, case_id: str, **kwargs: Any) -> HttpResponseBase:
        """The address of a button is no page: who comes to it by itself is led back to the Vorgang."""
        if request.method in ("GET", "HEAD"):
            return redirect("case", case_id=case_or_404(request, case_id).public_id)
        return super().dispatch(request, *args, case_id=case_id, **kwargs)

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Do it, and say what came of it."""
        try:
            self.tell(self.step())
        except (NotPossible, PermissionDenied) as error:
            messages.error(request, str(error))
        return redirect(self.done_url())

    def step(self) -> str:
        """Call the action; returns a German sentence."""
        raise NotImplementedError


def preview_of(compose: Callable[[], Letter]) -> HttpResponse:
    """A letter to be looked at in the browser; it is not stored. NotPossible says what is missing."""
    with refusals():
        content = typeset(compose())
    answer = HttpResponse(content, content_type="application/pdf")
    answer["Content-Disposition"] = 'inline; filename="Vorschau.pdf"'
    answer["Content-Security-Policy"] = POLICY
    answer["X-Frame-Options"] = "SAMEORIGIN"
    return answer
