"""The pages of the saved views."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.decorators import method_decorator
from django.views import View
from django.views.decorators.cache import never_cache

from audit.acting import Actor
from cases import actions
from cases.actions.base import NotPossible
from cases.actions.worklist import may_change_view
from cases.models import SavedView
from cases.selectors import Scope
from cases.worklist import selection, trail
from cases.worklist.forms import SaveViewForm


@method_decorator(never_cache, name="dispatch")
class SavedViewsView(View):
    """All saved views that one sees, and how a new one comes to be."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show them."""
        by = Actor.of(request.user)
        views = [(view, may_change_view(by, view)) for view in selection.visible_views(Scope.of_request(request))]
        return render(request, "cases/saved_views.html", {"views": views})

    def post(self, request: HttpRequest) -> HttpResponse:
        """Keep the filters that one looks at."""
        scope = Scope.of_request(request)
        query = trail.read(request.POST.get("liste", ""))
        form = SaveViewForm(request.POST, units=[unit for unit in scope.teams if unit.pk in scope.led])
        if query is None or not form.is_valid():
            messages.error(request, "Bitte der Ansicht einen Namen geben und sie von der Liste aus speichern.")
            return redirect(trail.address(query))
        unit = scope.all_units[int(form.cleaned_data["owner"])] if form.cleaned_data["owner"] else None
        filters = trail.filters(query).urlencode()
        view = actions.save_view(name=form.cleaned_data["name"], query=filters, unit=unit, by=Actor.of(request.user))
        messages.success(request, f"Die Ansicht „{view.name}“ ist gespeichert.")
        return redirect(trail.address(f"{filters}&ansicht={view.pk}".removeprefix("&")))


class SavedViewView(View):
    """One saved view gets another name or goes."""

    def get(self, request: HttpRequest, view_id: int) -> HttpResponse:
        """The address of a form is no page: back to the views."""
        return redirect("saved-views")

    def post(self, request: HttpRequest, view_id: int) -> HttpResponse:
        """Rename or delete it."""
        view = selection.visible_views(Scope.of_request(request)).filter(pk=view_id).first()
        if view is None:
            raise Http404("Diese Ansicht gibt es nicht.")
        try:
            self._change(request, view)
        except (NotPossible, PermissionDenied) as error:
            messages.error(request, str(error))
        return redirect("saved-views")

    def _change(self, request: HttpRequest, view: SavedView) -> None:
        by, name = Actor.of(request.user), view.name
        if "delete" in request.POST:
            actions.delete_view(view=view, by=by)
            messages.success(request, f"Die Ansicht „{name}“ ist gelöscht; die Vorgänge darin bleiben.")
            return
        form = SaveViewForm(request.POST, units=[])
        actions.rename_view(view=view, name=form.cleaned_data["name"] if form.is_valid() else "", by=by)
        messages.success(request, f"Die Ansicht heißt jetzt „{view.name}“.")
