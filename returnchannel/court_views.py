"""Pages of what goes to courts and lawyers: the Empfangsbekenntnis, documents, and what was not accepted."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import Http404

from cases.actions.base import NotPossible
from cases.casework.base import ActionForm, CaseActionView, CaseStepView, DateInput, text_area
from intake.facts import Facts
from intake.models import Submission
from returnchannel import court, court_folder
from returnchannel.actions import court as actions
from returnchannel.models import CourtMessage
from returnchannel.xjustiz.letters import FAILURES

RECEIVED, FAILURE, BY_HAND = "received", "failure", "by_hand"
ANCHOR = "gericht"


class ReceiptForm(ActionForm):
    """The day of knowledge, or why there is none. Nothing is filled in: the person states it."""

    answer = forms.ChoiceField(label="Was möchten Sie abgeben?")
    on = forms.DateField(
        label="Kenntnis genommen am",
        required=False,
        widget=DateInput(),
        help_text="Der Tag, an dem Sie von den Schriftstücken Kenntnis genommen haben; nur beim Empfangsbekenntnis.",
    )
    code = forms.ChoiceField(
        label="Grund der Störung", required=False, choices=[("", "kein Grund gewählt"), *FAILURES.items()]
    )
    text = forms.CharField(
        label="Erläuterung der Störung",
        required=False,
        max_length=1000,
        widget=text_area(3),
        help_text="Geht an das Gericht, zum Beispiel: Die Anlage K3 fehlt.",
    )

    def prepare(self) -> None:
        """Without the channel, or without a mailbox to write to, only what was done by hand can be noted."""
        ways = [(BY_HAND, "Im EGVP-Client von Hand abgegeben; hier nur vermerken")]
        if self.view.can_send:
            ways = [
                (RECEIVED, "Empfangsbekenntnis: Ich bestätige den Empfang"),
                (FAILURE, "Störungsmeldung: Ich gebe kein Empfangsbekenntnis ab"),
                *ways,
            ]
        self.fields["answer"].choices = [("", "Bitte wählen"), *ways]

    def clean(self) -> dict[str, Any]:
        """A day, or a reason; not both."""
        given = super().clean()
        answer, on, code = given.get("answer"), given.get("on"), given.get("code")
        if not answer or self.errors:
            return given
        if answer == FAILURE:
            if not code:
                self.add_error("code", "Bitte den Grund wählen.")
            if on:
                self.add_error("on", "Zu einer Störungsmeldung gehört kein Datum; bitte leer lassen.")
            return given
        if not on:
            self.add_error("on", "Bitte den Tag angeben, an dem Sie Kenntnis genommen haben.")
        if code or given.get("text", "").strip():
            self.add_error("code", "Grund und Erläuterung gehören zu einer Störungsmeldung; bitte leer lassen.")
        return given


class ReceiptView(CaseActionView):
    """Give the Empfangsbekenntnis that a message asks for, or report a Störung."""

    permission = "give_receipt"
    title = "Empfangsbekenntnis abgeben"
    button = "Abgeben"
    form_class = ReceiptForm
    anchor = ANCHOR
    is_final = True
    shows_documents = True
    confirm = "Das Empfangsbekenntnis mit Ihrem Namen abgeben? Es lässt sich nicht zurücknehmen."
    submission: Submission

    def find(self, *, submission_id: int, **kwargs: Any) -> None:
        """The message, if it lies in the Vorgang and asks for one."""
        found = Submission.objects.filter(pk=submission_id, case=self.case).first()
        if found is None or not court.is_demanding(found):
            raise Http404("Diese Nachricht verlangt kein Empfangsbekenntnis.")
        self.submission = found
        self.can_send = court_folder.outbox() is not None and court.can_be_answered(found)
        demand = court.demand_of(found)
        self.lead = f"{demand.sender}, {demand.reference or 'ohne Aktenzeichen'}: {', '.join(demand.documents)}."
        if court_folder.outbox() is None:
            self.hint = court_folder.OFF
        elif not self.can_send:
            self.hint = "Das Postfach des Absenders ist nicht bekannt; hier lässt sich nur vermerken, was geschah."

    def perform(self, form: ReceiptForm) -> str:
        """Give it."""
        data = form.cleaned_data
        match data["answer"]:
            case "received":
                actions.give_receipt(submission=self.submission, on=data["on"], by=self.by)
                return f"Das Empfangsbekenntnis mit Datum {data['on']:%d.%m.%Y} wird jetzt übermittelt."
            case "failure":
                actions.refuse_receipt(submission=self.submission, code=data["code"], text=data["text"], by=self.by)
                return "Die Störungsmeldung wird jetzt übermittelt."
        actions.note_receipt(submission=self.submission, on=data["on"], by=self.by)
        return f"Vermerkt: von Hand abgegeben mit Datum {data['on']:%d.%m.%Y}."


class SendForm(ActionForm):
    """To whom, about what, which documents."""

    to = forms.ChoiceField(label="An")
    subject = forms.CharField(label="Betreff", max_length=200)
    documents = forms.MultipleChoiceField(
        label="Dokumente",
        widget=forms.CheckboxSelectMultiple(),
        help_text="Nur PDF-Dateien; nicht geprüfte und gesperrte stehen nicht zur Wahl.",
    )

    def prepare(self) -> None:
        """Who has written, newest first, and what of the Vorgang can be sent."""
        self.fields["to"].choices = [(str(row.pk), _written(row)) for row in self.view.reachable]
        found = court.sendable(self.case)
        self.fields["documents"].choices = [(str(each.number), f"{each.number}: {each}") for each, _ in found]
        self.initial |= {"subject": self.case.subject[:200]}


class SendView(CaseActionView):
    """Send documents of the Vorgang to a court or lawyer who has written."""

    permission = "send_to_court"
    title = "An das Gericht senden"
    button = "Senden"
    form_class = SendForm
    anchor = ANCHOR
    is_final = True
    confirm = "Die gewählten Dokumente jetzt über EGVP senden?"
    hint = "Was gegen Empfangsbekenntnis zuzustellen ist, verlangt eines und gilt damit als heute versandt."

    def find(self, **kwargs: Any) -> None:
        """To whom it can go."""
        if court_folder.outbox() is None:
            raise NotPossible(court_folder.OFF)
        overview = court.overview(self.case)
        self.reachable = overview.reachable if overview else []
        if not self.reachable:
            raise NotPossible("In diesem Vorgang hat niemand geschrieben, dessen Postfach (SAFE-ID) bekannt ist.")

    def perform(self, form: SendForm) -> str:
        """Send them."""
        data = form.cleaned_data
        to = next(row for row in self.reachable if str(row.pk) == data["to"])
        numbers = [int(each) for each in data["documents"]]
        actions.send_documents(case=self.case, submission=to, numbers=numbers, subject=data["subject"], by=self.by)
        return "Die Dokumente werden jetzt übermittelt."


class OneMessageMixin:
    """About one message that was not accepted."""

    message: CourtMessage

    def find(self, *, message_id: int, **kwargs: Any) -> None:
        """The message, if it belongs to the Vorgang and the person may do with it what is done here."""
        found = self.case.court_messages.filter(pk=message_id).select_related("case").first()
        if found is None:
            raise Http404("Diese Nachricht gibt es nicht.")
        self.message = found
        self.lead = f"{found.get_kind_display()} an {found.recipient_name}. {found.error}"


class AgainView(OneMessageMixin, CaseStepView):
    """Hand it over once more."""

    permission = "give_receipt"
    anchor = ANCHOR

    def step(self) -> str:
        """The same message again."""
        actions.send_again(message=self.message, by=self.by)
        return "Die Nachricht wird noch einmal übermittelt."


class ReasonedForm(ActionForm):
    """How it was done."""

    reason = forms.CharField(
        label="Wie und wann?",
        max_length=1000,
        widget=text_area(3),
        help_text="Zum Beispiel: am 24.11.2026 per Fax, Sendebericht in der Akte.",
    )


class ByHandView(OneMessageMixin, CaseActionView):
    """Say that it was done by hand."""

    permission = "give_receipt"
    title = "Von Hand erledigt"
    button = "Vermerken"
    form_class = ReasonedForm
    anchor = ANCHOR

    def perform(self, form: ReasonedForm) -> str:
        """Note it."""
        actions.settle_by_hand(message=self.message, reason=form.cleaned_data["reason"], by=self.by)
        return "Vermerkt: von Hand erledigt."


def _written(row: Submission) -> str:
    facts = Facts.from_json(row.facts)
    return f"{court.name_of(facts)}, {facts.foreign_reference or 'ohne Aktenzeichen'}"
