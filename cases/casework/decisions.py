"""Pages of the Bescheid: draft, look at, release, correct, withdraw; and the Rechtsbehelfe against it."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.utils import timezone

from audit.actions import log_access
from cases import composing, gates, presenting, standard_texts
from cases.actions import decisions as actions
from cases.actions import remedies, sending
from cases.actions.base import NotPossible
from cases.casework.base import ActionForm, CaseActionView, CaseStepView, DateInput, preview_of, text_area
from cases.casework.requests import ReasonForm
from cases.letters import Letter
from cases.models import Decision, Dispatch, Remedy
from cases.standard_texts import TextBlock

CHOOSE = ("", "bitte wählen")
OUTCOMES = [CHOOSE, *((outcome.value, outcome.label) for outcome in Decision.OUTCOMES)]


class DecisionForm(ActionForm):
    """What is decided, why, and how it is sent."""

    outcome = forms.ChoiceField(label="Ergebnis", choices=OUTCOMES)
    operative_part = forms.CharField(
        label="Entscheidung", widget=text_area(8), max_length=20000, help_text="Der verfügende Teil des Bescheids."
    )
    reasoning = forms.CharField(label="Begründung", required=False, widget=text_area(8), max_length=50000)
    remedy_notice = forms.CharField(
        label="Rechtsbehelfsbelehrung", required=False, widget=text_area(4), max_length=5000
    )
    method = forms.ChoiceField(label="Zustellungsart", choices=Dispatch.CHOICES, help_text=sending.WHERE_LETTERS_GO)
    revision = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def prepare(self) -> None:
        """Start with the draft, or with what the Leistung says."""
        draft = self.view.decision
        if draft is not None and draft.state == Decision.State.DRAFT:
            self.initial |= {name: getattr(draft, name) for name in (*actions.EDITABLE, "revision")}
        elif draft is not None:
            self.initial |= {name: getattr(draft, name) for name in actions.EDITABLE}
        else:
            notice = standard_texts.remedy_notice(self.case.service_version)
            self.initial |= {"remedy_notice": notice, "method": Dispatch.Method.LETTER}
        values = standard_texts.values_for(self.case, settings.AUTHORITY_NAME)
        self.initial["remedy_notice"] = standard_texts.fill(self.initial["remedy_notice"], values)

    def values(self) -> dict[str, Any]:
        """The values for the action."""
        return {name: self.cleaned_data[name] for name in actions.EDITABLE}

    def with_block(self, block: TextBlock) -> dict[str, Any]:
        """What was typed so far, and the block behind it."""
        data = self.data.dict()
        values = standard_texts.values_for(self.case, settings.AUTHORITY_NAME)
        text = standard_texts.fill(block.text, values)
        data[block.part] = "\n\n".join(part for part in (data.get(block.part, "").strip(), text) if part)
        if not data.get("outcome") and len(block.fits) == 1:
            data["outcome"] = block.fits[0]
        return data


class DraftView(CaseActionView):
    """Write the draft of a Bescheid; text blocks are put in on request."""

    permission = "draft_decision"
    title = "Bescheid entwerfen"
    button = "Entwurf speichern"
    shows_documents = True
    form_class = DecisionForm
    template = "cases/decision.html"
    anchor = "bescheid"
    decision: Decision | None = None
    corrects: Decision | None = None  # that a new draft begins from
    corrected: Decision | None = None  # that the new or the stored draft takes the place of
    is_saved = False

    def find(self, **kwargs: Any) -> None:
        """The draft that there is; with ``?berichtigt=n`` the released Bescheid that is corrected."""
        if not standard_texts.has_decision(self.case.service_version):
            raise Http404("Für diese Leistung wird hier kein Bescheid geschrieben.")
        draft = self.case.decisions.filter(state=Decision.State.DRAFT).select_related("corrects").first()
        number = self.request.GET.get("berichtigt", "")
        if draft is None and number.isdecimal():
            self.corrects = self.case.decisions.filter(number=number, state=Decision.State.RELEASED).first()
            if self.corrects is None:
                raise Http404("Diesen Bescheid gibt es nicht.")
        self.decision = draft or self.corrects
        self.corrected = self.corrects or (draft.corrects if draft else None)
        if self.corrected is not None:
            self.title = "Bescheid berichtigen"
            self.lead = f"Die neue Fassung ersetzt mit ihrer Freigabe den Bescheid {self.corrected.number}."

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Save; or put a text block in; or save and go on to the release."""
        if "insert" in request.POST:
            blocks = {block.key: block for block in standard_texts.decision_blocks(self.case.service_version)}
            block = blocks.get(request.POST["insert"])
            if block is None:
                raise Http404("Diesen Textbaustein gibt es nicht.")
            form = self.form_class(view=self)
            form.initial |= self.make_form(request.POST).with_block(block)
            return self.show(form)
        return super().post(request, **kwargs)

    def perform(self, form: DecisionForm) -> str:
        """Begin the draft, or change it."""
        if self.decision is None or self.corrects is not None:
            self.decision = actions.draft_decision(
                case=self.case, values=form.values(), by=self.by, corrects=self.corrects
            )
        else:
            self.decision = actions.change_draft(
                decision=self.decision, values=form.values(), revision=form.cleaned_data["revision"] or 0, by=self.by
            )
        self.is_saved = True
        return "Der Entwurf ist gespeichert."

    def letter(self, form: DecisionForm) -> Letter:
        """The Bescheid as it would be, marked as a draft."""
        draft = Decision(
            case=self.case, number=1, corrects=self.corrected, drafted_by=self.request.user, **form.values()
        )
        party = sending.post_recipients(self.case, Dispatch.Method(draft.method))[0]
        return composing.decision(draft, party, on=timezone.localdate(), by=self.request.user, draft=True)

    def show_conflict(self, form: DecisionForm, current: Decision) -> HttpResponse:
        """Both versions: what was typed stays in the fields, what is stored stands beside."""
        stored = [
            (form.fields[name].label, _shown(current, name))
            for name in actions.EDITABLE
            if _differs(form, current, name)
        ]
        data = form.data.dict() | {"revision": current.revision}
        return self.show(self.form_class(data, view=self), status=409, stored=stored, other=current.drafted_by)

    def context(self, form: DecisionForm) -> dict[str, Any]:
        """The text blocks that fit the outcome, and what is still missing."""
        outcome = form["outcome"].value() or ""
        blocks = standard_texts.decision_blocks(self.case.service_version)
        return {
            "blocks": [block for block in blocks if not outcome or not block.fits or outcome in block.fits],
            "four_eyes": gates.needs_four_eyes(self.case),
            "draft": self.decision if self.corrects is None else None,
        }

    def done_url(self) -> str:
        """To the release when that was wanted, else to the Vorgang."""
        if self.is_saved and "release" in self.request.POST:
            return f"{self.request.path}freigeben/"
        return super().done_url()


def _differs(form: DecisionForm, current: Decision, name: str) -> bool:
    return str(form.data.get(name, "")).split() != str(getattr(current, name)).split()


def _shown(current: Decision, name: str) -> str:
    display = getattr(current, f"get_{name}_display", None)
    return display() if display else getattr(current, name)


class OneDecisionView(CaseActionView):
    """A page about one Bescheid."""

    permission = "draft_decision"
    anchor = "bescheid"
    decision: Decision
    states: tuple[str, ...] = ()

    def find(self, *, number: int | None = None, **kwargs: Any) -> None:
        """The Bescheid with this number, or the draft."""
        wanted = {"number": number} if number is not None else {"state": Decision.State.DRAFT}
        found = self.case.decisions.filter(**wanted).select_related("drafted_by", "released_by", "corrects").first()
        if found is None:
            raise Http404("Diesen Bescheid gibt es nicht.")
        found.case = self.case
        self.decision = found


class ReleaseForm(ActionForm):
    """The last look before it is decided."""

    revision = forms.IntegerField(widget=forms.HiddenInput)
    confirmed = forms.BooleanField(
        label="Ich habe den Bescheid gelesen und entscheide so.",
        error_messages={"required": "Bitte bestätigen, dass Sie den Bescheid gelesen haben."},
    )

    def prepare(self) -> None:
        """The revision that is looked at."""
        self.initial["revision"] = self.view.decision.revision


class ReleaseView(OneDecisionView):
    """Look at the Bescheid and release it: the decision of a person."""

    permission = "release_decision"
    title = "Bescheid freigeben"
    button = "Freigeben"
    shows_documents = True
    form_class = ReleaseForm
    template = "cases/release.html"
    confirm = "Den Bescheid freigeben? Damit ist entschieden; das lässt sich nicht rückgängig machen."

    def perform(self, form: ReleaseForm) -> str:
        """Decide."""
        made = actions.release_decision(decision=self.decision, revision=form.cleaned_data["revision"], by=self.by)
        way = presenting.way_of(made.dispatches.all())
        return f"Der Bescheid ist freigegeben und {way}. Der Vorgang ist entschieden."

    def show_conflict(self, form: ReleaseForm, current: Decision) -> HttpResponse:
        """The draft has changed since it was looked at: look again."""
        self.decision = current
        current.case = self.case
        fresh = self.form_class(view=self)
        return self.show(fresh, status=409, changed_by=current.drafted_by)

    def context(self, form: ReleaseForm) -> dict[str, Any]:
        """The draft, what is missing, and whether this person may release it."""
        missing = [*gates.what_is_missing(self.decision), *self._undeliverable()]
        mine = self.request.user.pk in actions.drafters(self.decision)
        return {
            "decision": self.decision,
            "missing": missing,
            "needs_other": gates.needs_four_eyes(self.case) and mine,
            "recipients": [party for party in self.case.parties.all() if party.receives_post],
        }

    def _undeliverable(self) -> list[str]:
        """What stands in the way of the letters."""
        try:
            sending.post_recipients(self.case, Dispatch.Method(self.decision.method))
        except NotPossible as error:
            return [str(error)]
        return []


class PreviewView(OneDecisionView):
    """The draft as PDF, as it would be sent to the first who receives the post."""

    http_method_names = ["get", "head", "options"]

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponseBase:
        """Typeset it."""
        log_access(by=self.by, what="case_seen", subject=self.case.public_id)
        party = sending.post_recipients(self.case, Dispatch.Method(self.decision.method))[0]
        on = timezone.localdate()
        return preview_of(lambda: composing.decision(self.decision, party, on=on, by=request.user, draft=True))


class DiscardView(OneDecisionView):
    """Drop the draft, after a question."""

    title = "Entwurf verwerfen"
    button = "Entwurf verwerfen"
    hint = "Der Entwurf lässt sich danach nicht mehr weiterschreiben; sein Text bleibt in der Historie."
    confirm = "Den Entwurf verwerfen?"
    is_final = True

    def perform(self, form: ActionForm) -> str:
        """Discard it."""
        actions.discard_draft(decision=self.decision, by=self.by)
        return "Der Entwurf ist verworfen."


class WithdrawDecisionView(OneDecisionView):
    """Take a released Bescheid back."""

    permission = "withdraw_decision"
    title = "Bescheid zurücknehmen"
    button = "Bescheid zurücknehmen"
    hint = (
        "Der Vorgang wird wieder geprüft. Ist der Bescheid schon bekannt gegeben, braucht es einen Aufhebungsbescheid."
    )
    form_class = ReasonForm
    confirm = "Den Bescheid zurücknehmen? Der Vorgang wird dann wieder geprüft."
    is_final = True

    def perform(self, form: ReasonForm) -> str:
        """Withdraw it."""
        actions.withdraw_decision(decision=self.decision, by=self.by, reason=form.cleaned_data["reason"])
        return "Der Bescheid ist zurückgenommen, der Vorgang wieder in Prüfung."


class FinalView(OneDecisionView, CaseStepView):
    """Note that the Bescheid can no longer be challenged."""

    permission = "mark_final"

    def step(self) -> str:
        """Mark it."""
        decision = actions.mark_final(decision=self.decision, by=self.by)
        return f"Bestandskräftig seit dem {decision.final_since:%d.%m.%Y}."


class RemedyForm(ActionForm):
    """What was lodged, and when it arrived."""

    kind = forms.ChoiceField(label="Art", choices=Remedy.Kind.choices)
    filed_on = forms.DateField(label="Eingegangen am", widget=DateInput())
    reason = forms.CharField(label="Bemerkung", required=False, max_length=1000, widget=text_area(2))


class RemedyView(OneDecisionView):
    """Register a Rechtsbehelf."""

    permission = "register_remedy"
    title = "Rechtsbehelf erfassen"
    button = "Erfassen"
    form_class = RemedyForm

    def perform(self, form: RemedyForm) -> str:
        """Register it."""
        data = form.cleaned_data
        remedy = remedies.register_remedy(
            decision=self.decision,
            kind=Remedy.Kind(data["kind"]),
            filed_on=data["filed_on"],
            by=self.by,
            reason=data["reason"],
        )
        judged = {True: "fristgerecht", False: "verspätet", None: "ob fristgerecht, steht noch nicht fest"}
        return f"Der Rechtsbehelf ist erfasst ({judged[remedy.in_time]})."


class SettleForm(ActionForm):
    """What became of it."""

    state = forms.ChoiceField(
        label="Ergebnis",
        choices=[CHOOSE, *(choice for choice in Remedy.State.choices if choice[0] != Remedy.State.OPEN)],
    )
    reason = forms.CharField(label="Bemerkung", required=False, max_length=1000, widget=text_area(2))


class SettleView(CaseActionView):
    """Say what became of a Rechtsbehelf: Abhilfe, hand-over, withdrawn, rejected."""

    permission = "settle_remedy"
    title = "Rechtsbehelf: Ergebnis"
    button = "Speichern"
    hint = "Mit der Abhilfe wird der Vorgang wieder aufgenommen."
    form_class = SettleForm
    anchor = "bescheid"
    remedy: Remedy

    def find(self, *, remedy_id: int, **kwargs: Any) -> None:
        """The Rechtsbehelf, if it belongs to the Vorgang."""
        found = Remedy.objects.filter(pk=remedy_id, decision__case=self.case).select_related("decision__case").first()
        if found is None:
            raise Http404("Diesen Rechtsbehelf gibt es nicht.")
        self.remedy = found
        self.lead = f"{found} gegen Bescheid {found.decision.number}."

    def perform(self, form: SettleForm) -> str:
        """Settle it."""
        data = form.cleaned_data
        state = Remedy.State(data["state"])
        remedies.settle_remedy(remedy=self.remedy, state=state, by=self.by, reason=data["reason"])
        return f"Rechtsbehelf: {state.label}."
