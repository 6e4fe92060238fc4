"""Pages of what is written: Vermerke, Mitteilungen, and the Versand of every letter."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django import forms
from django.conf import settings
from django.http import Http404, HttpResponse
from django.utils import timezone

from cases import composing, presenting, standard_texts
from cases.actions import notes, notices, sending
from cases.casework.base import ActionForm, CaseActionView, DateInput, text_area
from cases.casework.requests import ReasonForm
from cases.letters import Letter
from cases.models import Dispatch, Note, Notice


class NoteForm(ActionForm):
    """What is to be remembered."""

    kind = forms.ChoiceField(label="Art", choices=Note.Kind.choices)
    with_whom = forms.CharField(label="Gespräch mit", required=False, max_length=200)
    text = forms.CharField(label="Text", widget=text_area(6), max_length=20000)
    revision = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def prepare(self) -> None:
        """The Vermerk that is changed."""
        note = self.view.note
        if note is not None:
            del self.fields["kind"]
            self.initial |= {"text": note.text, "with_whom": note.with_whom, "revision": note.revision}


class NoteView(CaseActionView):
    """Write a Vermerk, or change one's own."""

    permission = "write_note"
    title = "Vermerk"
    button = "Vermerk speichern"
    shows_documents = True
    form_class = NoteForm
    anchor = "vermerke"
    note: Note | None = None

    def find(self, *, note_id: int | None = None, **kwargs: Any) -> None:
        """The Vermerk that the address names."""
        if note_id is not None:
            self.note = self.case.notes.filter(pk=note_id, author=self.request.user).select_related("case").first()
            if self.note is None:
                raise Http404("Diesen Vermerk gibt es nicht, oder jemand anderes hat ihn geschrieben.")

    def perform(self, form: NoteForm) -> str:
        """Write or change it."""
        data = form.cleaned_data
        if self.note is None:
            kind = Note.Kind(data["kind"])
            notes.write_note(case=self.case, kind=kind, text=data["text"], with_whom=data["with_whom"], by=self.by)
        else:
            notes.change_note(
                note=self.note,
                text=data["text"],
                with_whom=data["with_whom"],
                revision=data["revision"] or 0,
                by=self.by,
            )
        return "Der Vermerk ist gespeichert."

    def show_conflict(self, form: NoteForm, current: Note) -> HttpResponse:
        """Both texts: what was typed stays in the field, what is stored stands beside."""
        fresh = self.form_class(form.data.dict() | {"revision": current.revision}, view=self)
        return self.show(fresh, status=409, stored=[("Text", current.text)], other=current.author)


class NoticeForm(ActionForm):
    """What is told, and how."""

    kind = forms.ChoiceField(label="Art", choices=Notice.Kind.choices)
    subject = forms.CharField(label="Betreff", max_length=200)
    text = forms.CharField(label="Text", widget=text_area(10), max_length=20000)
    due_on = forms.DateField(
        label="Frist",
        required=False,
        widget=DateInput(),
        help_text="Bis wann eine Äußerung möglich ist; bei einer Anhörung nötig. Steht im Schreiben.",
    )
    appointment_day = forms.DateField(
        label="Tag des Termins", required=False, widget=DateInput(), help_text="Nur bei einem Termin, mit der Uhrzeit."
    )
    appointment_time = forms.TimeField(
        label="Uhrzeit des Termins", required=False, widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M")
    )
    method = forms.ChoiceField(label="Zustellungsart", choices=Dispatch.CHOICES, help_text=sending.WHERE_LETTERS_GO)

    def prepare(self) -> None:
        """Start with the text block that was chosen."""
        block = self.view.block
        values = standard_texts.values_for(self.case, settings.AUTHORITY_NAME)
        if block is not None:
            text = standard_texts.fill(" ".join(block.text.split()), values)
            self.initial |= {"kind": block.fits[0], "subject": f"{self.case.service.name}: {block.title}", "text": text}

    def clean(self) -> dict[str, Any]:
        """Half an appointment is none."""
        data = super().clean()
        if bool(data.get("appointment_day")) != bool(data.get("appointment_time")):
            self.add_error(None, "Zu einem Termin gehören Tag und Uhrzeit.")
        return data

    def wanted(self) -> dict[str, Any]:
        """The arguments of the action."""
        data = self.cleaned_data
        day, at = data["appointment_day"], data["appointment_time"]
        return {
            "kind": Notice.Kind(data["kind"]),
            "subject": data["subject"],
            "text": data["text"],
            "due_on": data["due_on"],
            "appointment_at": timezone.make_aware(datetime.combine(day, at)) if day and at else None,
        }


class NoticeView(CaseActionView):
    """Write a Mitteilung."""

    permission = "send_notice"
    title = "Mitteilung"
    button = "Mitteilung erstellen"
    shows_documents = True
    form_class = NoticeForm
    template = "cases/notice.html"
    anchor = "schreiben"
    block: standard_texts.TextBlock | None = None

    def find(self, **kwargs: Any) -> None:
        """The text block that the address names."""
        key = self.request.GET.get("baustein", "")
        self.blocks = standard_texts.notice_blocks(self.case.service_version)
        if key:
            self.block = next((block for block in self.blocks if block.key == key), None)
            if self.block is None:
                raise Http404("Diesen Textbaustein gibt es nicht.")

    def perform(self, form: NoticeForm) -> str:
        """Write it."""
        method = Dispatch.Method(form.cleaned_data["method"])
        made = notices.send_notice(case=self.case, by=self.by, method=method, **form.wanted())
        return f"Die Mitteilung {presenting.way_of(made.dispatches.all())}."

    def letter(self, form: NoticeForm) -> Letter:
        """The letter to the first who receives the post."""
        party = sending.post_recipients(self.case, Dispatch.Method(form.cleaned_data["method"]))[0]
        return composing.notice(notices.new_notice(self.case, **form.wanted()), party, by=self.request.user, draft=True)


class OneDispatchView(CaseActionView):
    """A page about one letter that is to be sent or was."""

    permission = "send"
    anchor = "schreiben"
    dispatch_row: Dispatch

    def find(self, *, dispatch_id: int, **kwargs: Any) -> None:
        """The Versand, if it belongs to the Vorgang."""
        rows = self.case.dispatches.select_related("document", "recipient", "case__service_version")
        found = rows.filter(pk=dispatch_id).first()
        if found is None:
            raise Http404("Diesen Brief gibt es nicht.")
        self.dispatch_row = found
        self.lead = f"{found.document.title} an {found.recipient}, {found.get_method_display()}."


class DayForm(ActionForm):
    """On which day."""

    on = forms.DateField(label="Datum", widget=DateInput())

    def prepare(self) -> None:
        """Today."""
        self.initial["on"] = timezone.localdate()


class SentView(OneDispatchView):
    """A letter has left the house."""

    title = "Versandt am"
    button = "Als versandt vermerken"
    form_class = DayForm

    def perform(self, form: DayForm) -> str:
        """Note it."""
        row = sending.mark_sent(dispatch=self.dispatch_row, on=form.cleaned_data["on"], by=self.by)
        if row.known_on:
            return f"Versandt am {row.sent_on:%d.%m.%Y}; gilt als bekannt gegeben am {row.known_on:%d.%m.%Y}."
        return f"Versandt am {row.sent_on:%d.%m.%Y}. Bitte die Zustellung eintragen, sobald der Nachweis da ist."


class WithholdView(OneDispatchView):
    """A letter will not leave the house."""

    title = "Nicht versenden"
    button = "Nicht versenden"
    hint = "Der Brief bleibt in der Akte und gilt als nicht versandt. Steht eine Frist darin, entfällt sie."
    is_final = True
    form_class = ReasonForm

    def perform(self, form: ReasonForm) -> str:
        """Note it, and why."""
        sending.withhold(dispatch=self.dispatch_row, by=self.by, reason=form.cleaned_data["reason"])
        return "Der Brief ist als nicht versandt vermerkt."


class DeliveredView(OneDispatchView):
    """When a letter was really delivered."""

    title = "Zugestellt am"
    button = "Zustellung vermerken"
    hint = (
        "Das Datum der Zustellungsurkunde, des Rückscheins oder des Empfangsbekenntnisses; "
        "bei einem einfachen Brief der spätere Zugang."
    )
    form_class = DayForm

    def perform(self, form: DayForm) -> str:
        """Note it."""
        row = sending.record_delivery(dispatch=self.dispatch_row, on=form.cleaned_data["on"], by=self.by)
        return f"Zugestellt am {row.delivered_on:%d.%m.%Y}; bekannt gegeben am {row.known_on:%d.%m.%Y}."
