"""The trial run of a draft, and below it publishing: so that nobody publishes what they have not seen."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import messages
from django.core import signing
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.formats import date_format

from cases.actions.base import NotPossible
from cases.models import Case
from cases.selectors import Scope, visible_cases
from routing import drafting, trial
from routing.actions import drafts
from routing.models import Rulebook, RuleChange, RuleDraft
from routing.rulepages.base import RulesView, draft_or_404

LIMITS = (100, 1000, 5000, 20000)
SHOWN = 100  # differences on the page; all of them are in the CSV
KEPT_PAIRS = 50
HALF, NEARLY_ALL = 0.5, 0.9  # a rule that catches more than this share is warned of
SALT = "routing.rulepages.trial"
SEEN_FOR = 24 * 3600  # seconds after which a trial run must be looked at again
FORMULA = ("=", "+", "-", "@", "\t", "\r")


class LimitForm(forms.Form):
    """Against how many of the last Eingänge."""

    limit = forms.TypedChoiceField(
        label="Letzte Eingänge", coerce=int, choices=[(n, f"{n:,}".replace(",", ".")) for n in LIMITS]
    )


@dataclass(frozen=True)
class Catch:
    """What a changed rule would catch, of all that the rules were asked about."""

    name: str
    count: int
    asked: int

    @property
    def warning(self) -> str:
        """What is to be said of a rule that catches much; "" of the others."""
        share = self.count / self.asked if self.asked else 0
        return "fast alles!" if share > NEARLY_ALL else "mehr als die Hälfte" if share > HALF else ""


class TrialView(RulesView):
    """GET shows the trial run, POST publishes after it was seen."""

    def get(self, request: HttpRequest, draft_id: int) -> HttpResponse:
        """Run it and show what would become of the last Eingänge. It changes nothing."""
        return self.show(draft_or_404(draft_id))

    def post(self, request: HttpRequest, draft_id: int) -> HttpResponse:
        """Publish, if the draft and the rules are still those of the trial run that the person has seen."""
        draft = draft_or_404(draft_id)
        try:
            figures = figures_seen(request.POST.get("seen", ""), draft)
            drafts.publish(draft=draft, by=self.by, trial=figures)
        except (NotPossible, PermissionDenied) as error:
            return self.show(draft, error=str(error), status=422)
        messages.success(request, f"„{draft}“ ist veröffentlicht; die Regeln gelten ab sofort.")
        return redirect("draft", draft_id=draft.pk)

    def show(self, draft: RuleDraft, *, error: str = "", status: int = 200) -> HttpResponse:
        """The page."""
        if draft.state != RuleDraft.State.OPEN:
            return redirect("draft", draft_id=draft.pk)
        limit = chosen_limit(self.request)
        review = drafting.Review(draft)
        stamp = stamp_of(draft, review.changes)
        run = trial.of_draft(draft, limit=limit, changes=review.changes)
        shown = run.differences[:SHOWN]
        context = {
            "draft": draft,
            "run": run,
            "limit": limit,
            "form": LimitForm(initial={"limit": limit}),
            "pairs": run.pairs,
            "shown": shown,
            "visible": _visible([each.public_id for each in shown], self.scope),
            "catches": [
                Catch(change.name, run.hits[change.pk], run.asked) for change in review.changes if change.pk in run.hits
            ],
            "refusal": review.refusal(self.request.user),
            "faults": [f"„{change}“: {fault}" for change in review.changes for fault in review.faults_of(change)],
            "outdated": review.outdated,
            "is_empty": not review.changes,
            "seen": signing.dumps({"draft": stamp, "figures": figures_of(run, limit)}, salt=SALT),
            "error": error,
        }
        return render(self.request, "routing/rules/trial.html", context, status=status)


class TrialFileView(RulesView):
    """All differences of a trial run, for a spreadsheet."""

    def get(self, request: HttpRequest, draft_id: int) -> HttpResponse:
        """Run it again and write them down."""
        draft = draft_or_404(draft_id)
        answer = HttpResponse(content_type="text/csv; charset=utf-8")
        answer["Content-Disposition"] = f'attachment; filename="probelauf-{draft.pk}.csv"'
        answer.write("\ufeff")  # by this Excel knows the encoding
        rows = csv.writer(answer, delimiter=";")
        rows.writerow(["Vorgangs-ID des Eingangs", "Eingang", "bisher", "künftig"])
        for each in trial.of_draft(draft, limit=chosen_limit(request)).differences:
            at = date_format(timezone.localtime(each.received_at), "d.m.Y H:i")
            rows.writerow([harmless(cell) for cell in (each.public_id, at, each.before, each.after)])
        return answer


def harmless(cell: str) -> str:
    """A cell that no spreadsheet takes for a formula (OWASP, CSV injection)."""
    return f"'{cell}" if cell.startswith(FORMULA) else cell


def chosen_limit(request: HttpRequest) -> int:
    """The number of Eingänge that the address asks for."""
    form = LimitForm(request.GET)
    return form.cleaned_data["limit"] if form.is_valid() else trial.LAST


def figures_of(run: trial.Trial, limit: int) -> dict[str, Any]:
    """What is kept of a trial run with the draft."""
    hits = {str(pk): count for pk, count in run.hits.items()}
    return run.as_json() | {
        "differences": len(run.differences),
        "limit": limit,
        "pairs": run.pairs[:KEPT_PAIRS],
        "hits": hits,
    }


def stamp_of(draft: RuleDraft, changes: Iterable[RuleChange]) -> list[Any]:
    """Another value when the draft, the rules or what they lead to have changed."""
    versions = sorted([change.pk, change.revision] for change in changes)
    return [draft.pk, versions, str(Rulebook.objects.values_list("stamp", flat=True).first())]


def figures_seen(signed: str, draft: RuleDraft) -> dict[str, Any]:
    """The figures of the trial run that somebody has seen. NotPossible when it was of something else."""
    try:
        seen = signing.loads(signed, salt=SALT, max_age=SEEN_FOR)
    except signing.BadSignature as error:
        raise NotPossible("Bitte zuerst den Probelauf ansehen.") from error
    if seen["draft"] != stamp_of(draft, draft.changes.all()):
        raise NotPossible(
            "Seit Ihrem Probelauf hat sich der Entwurf oder eine Regel geändert. Hier steht der neue Probelauf; "
            "bitte ansehen und dann veröffentlichen."
        )
    return seen["figures"]


def _visible(public_ids: list[str], scope: Scope) -> dict[str, Case]:
    """Which of these Eingänge opened a Vorgang that the person may see."""
    if not public_ids:
        return {}
    return {case.public_id: case for case in visible_cases(scope.user, scope).filter(public_id__in=public_ids)}
