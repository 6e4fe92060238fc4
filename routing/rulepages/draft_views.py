"""The pages of drafts: begin one, add and change rules in it, take back, discard."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from cases.actions.base import NotPossible, Outdated
from routing.actions import drafts
from routing.fields import LABELS
from routing.models import RuleChange, RuleDraft
from routing.rulepages import presenting
from routing.rulepages.base import RulesView, StepView, change_or_404, draft_or_404
from routing.rulepages.forms import MAX_ROWS, DraftForm, RuleForm, with_row, without_row
from routing.rulepages.words import Words, fixed_values

CLOSED = 30  # of the closed drafts the last


class DraftsView(RulesView):
    """All drafts; a new one is begun here."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show them."""
        return self.show(request, DraftForm())

    def post(self, request: HttpRequest) -> HttpResponse:
        """Begin one."""
        form = DraftForm(request.POST)
        if not form.is_valid():
            return self.show(request, form, status=422)
        draft = drafts.begin_draft(name=form.cleaned_data["name"], by=self.by)
        messages.success(request, "Der Entwurf ist begonnen. Es ändert sich nichts, bevor er veröffentlicht wird.")
        return redirect("draft", draft_id=draft.pk)

    def show(self, request: HttpRequest, form: DraftForm, *, status: int = 200) -> HttpResponse:
        """The page."""
        rows = RuleDraft.objects.select_related("created_by", "closed_by").annotate(size=Count("changes"))
        open_ones = rows.filter(state=RuleDraft.State.OPEN)
        closed = rows.exclude(state=RuleDraft.State.OPEN).order_by("-closed_at")[:CLOSED]
        context = {"open_drafts": open_ones, "closed_drafts": closed, "form": form}
        return render(request, "routing/rules/drafts.html", context, status=status)


class DraftView(RulesView):
    """One draft with its changes."""

    def get(self, request: HttpRequest, draft_id: int) -> HttpResponse:
        """Show it."""
        context = presenting.draft_context(draft_or_404(draft_id), self.scope)
        return render(request, "routing/rules/draft.html", context)


class ChangeView(RulesView):
    """A rule in a draft: a new one, or one as it shall be."""

    def get(self, request: HttpRequest, draft_id: int, change_id: int | None = None) -> HttpResponse:
        """Show the form."""
        draft, change = self.find(draft_id, change_id)
        if draft.state != RuleDraft.State.OPEN or (change and change.kind == RuleChange.Kind.RETIRE):
            return redirect("draft", draft_id=draft.pk)
        return self.show(draft, change, RuleForm(user=request.user, change=change))

    def post(self, request: HttpRequest, draft_id: int, change_id: int | None = None) -> HttpResponse:
        """Save; or show one more row, or one less."""
        draft, change = self.find(draft_id, change_id)
        drop = request.POST.get("drop", "")
        if "more" in request.POST or drop.isdecimal():
            typed = with_row(request.POST) if "more" in request.POST else without_row(request.POST, int(drop))
            return self.show(draft, change, RuleForm(user=request.user, change=change, typed=typed))
        form = RuleForm(request.POST, user=request.user, change=change)
        if form.is_valid():
            try:
                self.perform(draft, change, form)
            except drafts.Unsound as error:
                for sentence in error.sentences:
                    form.add_error(None, sentence)
            except Outdated as error:
                return self.show_conflict(draft, change, form, error.current)
            except (NotPossible, PermissionDenied) as error:
                form.add_error(None, str(error))
            else:
                messages.success(request, "Die Regel steht im Entwurf.")
                return redirect("draft", draft_id=draft.pk)
        return self.show(draft, change, form, status=422)

    def find(self, draft_id: int, change_id: int | None) -> tuple[RuleDraft, RuleChange | None]:
        """What the address names."""
        draft = draft_or_404(draft_id)
        return draft, change_or_404(draft, change_id) if change_id is not None else None

    def perform(self, draft: RuleDraft, change: RuleChange | None, form: RuleForm) -> None:
        """Call the action."""
        if change is None:
            drafts.add_rule(draft=draft, values=form.values(), by=self.by)
            return
        given = form.cleaned_data
        drafts.edit_change(
            change=change,
            values=form.values(),
            revision=given["revision"] or 0,
            base_version=given["base_version"],
            by=self.by,
        )

    def show_conflict(self, draft: RuleDraft, change: RuleChange, form: RuleForm, current: RuleChange) -> HttpResponse:
        """Both versions: what was typed stays in the fields, what is stored stands beside."""
        typed = RuleChange(**form.values())
        rows = Words([typed, current], self.scope.all_units).differences(typed, current)
        data = form.data.dict() | {"revision": current.revision}
        fresh = RuleForm(user=self.request.user, change=change, typed=data)
        context = {"stored": [(label, stored) for label, _, stored in rows], "other": current.author}
        return self.show(draft, change, fresh, status=409, **context)

    def show(
        self,
        draft: RuleDraft,
        change: RuleChange | None,
        form: RuleForm,
        *,
        status: int = 200,
        **more: Any,
    ) -> HttpResponse:
        """The page."""
        rank = form["rank"].value()
        at = int(rank) if str(rank).isdecimal() and len(str(rank)) < 8 else 0
        context = {
            "draft": draft,
            "change": change,
            "form": form,
            "may_add": form.conditions_shown < MAX_ROWS,
            "since": presenting.since(change, self.scope.all_units) if change else [],
            "neighbours": presenting.neighbours(at, without=change.rule_id if change else None),
            "fixed": [(label, sorted(names.values())) for label, names in _fixed_by_label()],
            **more,
        }
        return render(self.request, "routing/rules/change.html", context, status=status)


def _fixed_by_label() -> list[tuple[str, dict[str, str]]]:
    return [(LABELS[name], names) for name, names in fixed_values().items()]


class TakeBackView(StepView):
    """A change is taken out of its draft."""

    def step(self, *, draft_id: int, change_id: int) -> str:
        """Take it back."""
        change = change_or_404(draft_or_404(draft_id), change_id)
        drafts.take_back(change=change, by=self.by)
        return f"„{change}“ ist aus dem Entwurf genommen."

    def back(self, *, draft_id: int, **kwargs: Any) -> str:
        """To the draft."""
        return reverse("draft", args=[draft_id])


class SeenView(TakeBackView):
    """The rule has changed meanwhile, and the change shall stay as it is."""

    def step(self, *, draft_id: int, change_id: int) -> str:
        """Note it."""
        change = change_or_404(draft_or_404(draft_id), change_id)
        version = self.request.POST.get("version", "")
        drafts.look_again(change=change, version=int(version) if version.isdecimal() else 0, by=self.by)
        return f"Vermerkt: „{change}“ bleibt, wie es im Entwurf steht."


class DiscardView(StepView):
    """A draft is closed without being published."""

    def step(self, *, draft_id: int) -> str:
        """Discard it."""
        draft = drafts.discard_draft(draft=draft_or_404(draft_id), by=self.by)
        return f"Der Entwurf „{draft}“ ist verworfen; die Regeln sind unverändert."

    def back(self, **kwargs: Any) -> str:
        """To the other drafts."""
        return reverse("drafts")
