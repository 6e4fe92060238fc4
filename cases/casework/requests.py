"""Pages of the Nachforderung: ask, extend, remind, tick off, withdraw."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from audit.actions import log_access
from cases import authority, composing, presenting, standard_texts
from cases.actions import requests as actions
from cases.actions import sending
from cases.actions.deadline_rows import regime_of
from cases.casework.base import ActionForm, CaseActionView, CaseStepView, DateInput, text_area
from cases.deadlines import request_due
from cases.letters import Letter
from cases.models import Dispatch, InformationRequest, InformationRequestItem
from cases.standard_texts import RequestedItem, RequestTemplate

DAYS = 14  # where no standard Nachforderung says otherwise


class RequestForm(ActionForm):
    """What is asked for, until when, and how it is sent."""

    title = forms.CharField(label="Gegenstand", max_length=200, help_text="Steht im Betreff des Schreibens.")
    items = forms.MultipleChoiceField(label="Was fehlt", required=False, widget=forms.CheckboxSelectMultiple)
    more = forms.CharField(
        label="Weitere Punkte", required=False, widget=text_area(2), help_text="Je Zeile ein Punkt.", max_length=3000
    )
    text = forms.CharField(label="Text", widget=text_area(6), max_length=8000)
    days = forms.IntegerField(label="Frist in Tagen", min_value=1, max_value=actions.LONGEST_DAYS)
    consequence = forms.CharField(
        label="Folgen fehlender Mitwirkung",
        required=False,
        widget=text_area(3),
        max_length=2000,
        help_text="Ohne diesen Hinweis ist eine spätere Versagung nach § 66 SGB I nicht möglich.",
    )
    legal_basis = forms.CharField(label="Rechtsgrundlage", required=False, max_length=200)
    method = forms.ChoiceField(label="Zustellungsart", choices=Dispatch.CHOICES, help_text=sending.WHERE_LETTERS_GO)

    def prepare(self) -> None:
        """Start with the chosen standard Nachforderung, its placeholders filled."""
        template: RequestTemplate | None = self.view.template_chosen
        self.fields["items"].choices = [(item.key, _label(item)) for item in template.items] if template else []
        if template is None:
            del self.fields["items"]
            self.initial |= {"days": DAYS, "method": Dispatch.Method.LETTER}
            return
        values = standard_texts.values_for(self.case, settings.AUTHORITY_NAME)
        self.initial |= {
            "title": template.title,
            "text": standard_texts.fill(_flowing(template.text), values),
            "days": template.days,
            "consequence": standard_texts.fill(template.consequence.strip(), values),
            "legal_basis": template.legal_basis,
            "method": Dispatch.Method.LETTER,
        }

    def wanted(self) -> dict[str, Any]:
        """The arguments of the action."""
        data = self.cleaned_data
        template: RequestTemplate | None = self.view.template_chosen
        ticked = [item for item in template.items if item.key in data["items"]] if template else []
        lines = [line.strip() for line in data["more"].splitlines() if line.strip()]
        extra = [RequestedItem(f"punkt-{number}", line) for number, line in enumerate(lines, 1)]
        return {
            "title": data["title"],
            "text": data["text"],
            "items": [*ticked, *extra],
            "days": data["days"],
            "template_key": template.key if template else "",
            "legal_basis": data["legal_basis"],
            "consequence": data["consequence"],
        }


def _label(item: RequestedItem) -> str:
    return f"{item.title} ({item.note})" if item.note else item.title


def _flowing(text: str) -> str:
    """Lines of a paragraph as one, as a text field wants it."""
    return "\n\n".join(" ".join(paragraph.split()) for paragraph in text.split("\n\n"))


class RequestView(CaseActionView):
    """Ask for what is missing: first the standard Nachforderung is chosen, then it is adapted, looked at and sent."""

    permission = "request_information"
    title = "Nachforderung"
    button = "Nachforderung erstellen"
    shows_documents = True
    form_class = RequestForm
    template = "cases/request.html"
    anchor = "nachforderungen"
    template_chosen: RequestTemplate | None = None

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """The choice of standard Nachforderungen, or the form of the one that was chosen."""
        templates = standard_texts.request_templates(self.case.service_version)
        if templates and "vorlage" not in request.GET:
            log_access(by=self.by, what="case_seen", subject=self.case.public_id)
            return render(
                request, "cases/request_choice.html", {"case": self.case, "templates": templates, "view": self}
            )
        return super().get(request, **kwargs)

    def find(self, **kwargs: Any) -> None:
        """The standard Nachforderung that the address names; empty: a free one."""
        key = self.request.GET.get("vorlage", "")
        if key:
            found = standard_texts.request_templates(self.case.service_version)
            self.template_chosen = next((template for template in found if template.key == key), None)
            if self.template_chosen is None:
                raise Http404("Diese Standardnachforderung gibt es nicht.")

    def perform(self, form: RequestForm) -> str:
        """Ask."""
        method = Dispatch.Method(form.cleaned_data["method"])
        made = actions.request_information(case=self.case, by=self.by, method=method, **form.wanted())
        way = presenting.way_of(made.dispatches.all())
        return f"Die Nachforderung {way}. Ihre Frist ist der {made.due_on:%d.%m.%Y}; so steht sie im Schreiben."

    def letter(self, form: RequestForm) -> Letter:
        """The letter to the first who receives the post."""
        request, items = actions.new_request(self.case, **form.wanted())
        party = sending.post_recipients(self.case, Dispatch.Method(form.cleaned_data["method"]))[0]
        consequence = form.cleaned_data["consequence"]
        return composing.information_request(
            request, items, party, by=self.request.user, consequence=consequence, draft=True
        )

    def context(self, form: RequestForm) -> dict[str, Any]:
        """Until when it would be, and why."""
        days = form["days"].value()
        if not str(days).isdecimal() or not 1 <= int(days) <= actions.LONGEST_DAYS:
            return {}
        due = request_due(timezone.localdate(), int(days), regime=regime_of(self.case), calendar=authority.calendar())
        return {"due": due}


class OneRequestView(CaseActionView):
    """A page about one Nachforderung of the Vorgang."""

    permission = "request_information"
    anchor = "nachforderungen"
    information_request: InformationRequest

    def find(self, *, number: int, **kwargs: Any) -> None:
        """The Nachforderung with this number."""
        found = self.case.information_requests.filter(number=number).prefetch_related("items").first()
        if found is None:
            raise Http404("Diese Nachforderung gibt es nicht.")
        self.information_request = found


class ExtendForm(ActionForm):
    """A new end of the Frist."""

    until = forms.DateField(label="Neue Frist", widget=DateInput())
    reason = forms.CharField(label="Grund", required=False, max_length=1000, widget=text_area(2))


class ExtendRequestView(OneRequestView):
    """Give more time, also after the Frist ended."""

    title = "Frist verlängern"
    button = "Frist verlängern"
    form_class = ExtendForm
    hint = "Danach bitte auch mitteilen, bis wann noch Zeit ist."

    def find(self, *, number: int, **kwargs: Any) -> None:
        """The Nachforderung, and how long there was time."""
        super().find(number=number, **kwargs)
        asked = self.information_request
        self.lead = f"Nachforderung {asked.number}, {asked.title}: bisherige Frist {asked.due_on:%d.%m.%Y}."

    def perform(self, form: ExtendForm) -> str:
        """Extend it."""
        until = form.cleaned_data["until"]
        actions.extend_request(
            request=self.information_request, until=until, by=self.by, reason=form.cleaned_data["reason"]
        )
        return f"Die Frist ist bis zum {until:%d.%m.%Y} verlängert. Bitte schreiben Sie dazu eine Mitteilung."


class ReasonForm(ActionForm):
    """Why."""

    reason = forms.CharField(label="Grund", max_length=1000, widget=text_area(2), help_text="Steht in der Historie.")


class WithdrawRequestView(OneRequestView):
    """It is no longer needed."""

    title = "Nachforderung zurücknehmen"
    button = "Zurücknehmen"
    form_class = ReasonForm

    def perform(self, form: ReasonForm) -> str:
        """Withdraw it."""
        actions.withdraw_request(request=self.information_request, by=self.by, reason=form.cleaned_data["reason"])
        return "Die Nachforderung ist zurückgenommen."


class RemindView(OneRequestView, CaseStepView):
    """Remind of what is missing."""

    def step(self) -> str:
        """A letter of its own."""
        made = actions.remind_request(request=self.information_request, by=self.by)
        newest = made.dispatches.filter(is_reminder=True).order_by("-pk")[:1]
        return f"Die Erinnerung {presenting.way_of(newest)}."


class ItemsView(OneRequestView, CaseStepView):
    """Tick off what is there, from the page of the Vorgang."""

    def step(self) -> str:
        """Say which items are there."""
        accepted = self.request.POST.getlist("items")
        request = actions.set_items(request=self.information_request, accepted=accepted, by=self.by)
        missing = request.items.filter(state=InformationRequestItem.State.OPEN).count()
        return (
            f"Gespeichert: {missing} von {request.items.count()} Punkten fehlen noch."
            if missing
            else "Alles liegt vor."
        )


class ExpireView(OneRequestView, CaseStepView):
    """The Frist has ended: go on."""

    permission = "expire_request"

    def step(self) -> str:
        """Note it."""
        actions.expire_request(request=self.information_request, by=self.by)
        return "Die Frist ist abgelaufen; der Vorgang ist wieder in Prüfung."


class ArrivedView(CaseStepView):
    """An answer has come that the machine did not see, e.g. at the counter."""

    permission = "add_documents"
    anchor = "nachforderungen"

    def step(self) -> str:
        """Note it as of today."""
        answered = actions.note_arrival(case=self.case, on=timezone.localdate(), by=self.by)
        return "Die Antwort ist vermerkt; der Vorgang ist wieder in Prüfung." if answered else "Es war nichts offen."
