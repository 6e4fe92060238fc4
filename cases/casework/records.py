"""Pages of documents and Beteiligte: file, describe, move, add, correct."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Any

from django import forms
from django.conf import settings
from django.core import signing
from django.db import transaction
from django.http import Http404, HttpResponse
from django.utils import timezone

from cases import actions, blobs, numbers, selectors
from cases.actions import parties as party_actions
from cases.actions.base import NotPossible
from cases.casework.base import ActionForm, CaseActionView, DateInput, text_area
from cases.models import Case, Document, Party, User


class UploadForm(ActionForm):
    """A file that came on another way, or that belongs to the Vorgang."""

    file = forms.FileField(label="Datei")
    role = forms.ChoiceField(label="Art", choices=Document.Role.choices, initial=Document.Role.PROOF)
    title = forms.CharField(label="Titel", required=False, max_length=300)
    received_on = forms.DateField(label="Eingegangen am", widget=DateInput())
    is_answer = forms.BooleanField(label="Das ist die Antwort auf die offene Nachforderung", required=False)

    def prepare(self) -> None:
        """Today, and the question for the answer only where one is awaited."""
        self.initial["received_on"] = timezone.localdate()
        if self.case.status != Case.Status.INFORMATION_REQUESTED:
            del self.fields["is_answer"]

    def clean_received_on(self) -> Any:
        """Not in the future."""
        on = self.cleaned_data["received_on"]
        if on > timezone.localdate():
            raise forms.ValidationError("Das Datum liegt in der Zukunft.")
        return on

    def clean_file(self) -> Any:
        """Within the limit for messages."""
        file = self.cleaned_data["file"]
        if file.size > settings.MAX_MESSAGE_MB * 1_000_000:
            raise forms.ValidationError(f"Die Datei ist größer als {settings.MAX_MESSAGE_MB} MB.")
        return file


class UploadView(CaseActionView):
    """File a document by hand."""

    permission = "add_documents"
    title = "Dokument ablegen"
    button = "Ablegen"
    form_class = UploadForm
    anchor = "dokumente"

    def perform(self, form: UploadForm) -> str:
        """Store and file it."""
        data, today = form.cleaned_data, timezone.localdate()
        sha256, size = blobs.write(data["file"].file)
        actions.register_blobs([(sha256, size)])
        on = data["received_on"]
        received_at = timezone.now() if on == today else timezone.make_aware(datetime.combine(on, time(12)))
        new = actions.NewDocument(
            files=[actions.NewFile(sha256, data["file"].name)],
            role=Document.Role(data["role"]),
            title=data["title"] or data["file"].name[:300],
        )
        with transaction.atomic():
            actions.add_documents(case=self.case, documents=[new], received_at=received_at, by=self.by)
            if data.get("is_answer"):
                actions.note_arrival(case=self.case, on=on, by=self.by)
        return "Das Dokument ist abgelegt."


class DocumentForm(ActionForm):
    """What a document is."""

    role = forms.ChoiceField(label="Art", choices=Document.Role.choices)
    title = forms.CharField(label="Titel", required=False, max_length=300)

    def prepare(self) -> None:
        """As it is."""
        self.initial |= {"role": self.view.document.role, "title": self.view.document.title}


class OneDocumentView(CaseActionView):
    """A page about one document."""

    anchor = "dokumente"
    permission = "edit_document"
    document: Document

    def find(self, *, number: int, **kwargs: Any) -> None:
        """The document with this number."""
        found = self.case.documents.filter(number=number).select_related("case").first()
        if found is None:
            raise Http404("Dieses Dokument gibt es nicht.")
        self.document = found


class DescribeView(OneDocumentView):
    """Say what a document is."""

    title = "Dokument beschreiben"
    button = "Speichern"
    shows_documents = True
    form_class = DocumentForm

    def perform(self, form: DocumentForm) -> str:
        """Describe it."""
        data = form.cleaned_data
        actions.describe_document(
            document=self.document, role=Document.Role(data["role"]), title=data["title"], by=self.by
        )
        return "Gespeichert."


class MoveForm(ActionForm):
    """Where it belongs."""

    case_id = forms.CharField(label="Vorgangs-ID des richtigen Vorgangs", max_length=40)
    reason = forms.CharField(label="Grund", max_length=1000, widget=text_area(2), help_text="Steht in der Historie.")


class MoveView(OneDocumentView):
    """A document was filed wrongly: it belongs to another Vorgang."""

    permission = "move_document"
    title = "Falsch abgelegt: in einen anderen Vorgang"
    button = "Verschieben"
    hint = "Zählt als Fehlzuordnung. Das Dokument bekommt dort die nächste Nummer; seine Dateien behalten ihre Namen."
    shows_documents = True
    form_class = MoveForm

    def perform(self, form: MoveForm) -> str:
        """Move it."""
        to = self._target(form.cleaned_data["case_id"])
        actions.move_document(document=self.document, to=to, by=self.by, reason=form.cleaned_data["reason"])
        return f"Das Dokument liegt jetzt im Vorgang {to}."

    def _target(self, wanted: str) -> Case:
        canonical = numbers.normalise(wanted)
        found = (
            selectors.visible_cases(self.request.user).filter(numbers__public_id=canonical).first()
            if canonical
            else None
        )
        if found is None:
            raise NotPossible(
                "Diesen Vorgang gibt es nicht, oder Sie dürfen ihn nicht sehen. Bitte die Vorgangs-ID prüfen."
            )
        return found


class PartyForm(ActionForm):
    """Somebody with a role in the matter."""

    role = forms.ChoiceField(label="Rolle", choices=Party.Role.choices)
    kind = forms.ChoiceField(label="Art", choices=Party.Kind.choices)
    first_name = forms.CharField(label="Vorname", required=False, max_length=200)
    last_name = forms.CharField(label="Nachname", required=False, max_length=200)
    organisation = forms.CharField(label="Organisation", required=False, max_length=300)
    birth_date = forms.DateField(label="Geburtsdatum", required=False, widget=DateInput())
    street = forms.CharField(label="Straße", required=False, max_length=200)
    house_number = forms.CharField(label="Hausnummer", required=False, max_length=20)
    postcode = forms.CharField(label="Postleitzahl", required=False, max_length=10)
    city = forms.CharField(label="Ort", required=False, max_length=200)
    reference = forms.CharField(label="Geschäftszeichen", required=False, max_length=200)
    receives_post = forms.BooleanField(label="bekommt die Post", required=False)
    information_block = forms.BooleanField(label="Auskunftssperre (§ 51 BMG)", required=False)
    seen = forms.CharField(widget=forms.HiddenInput, required=False)

    def prepare(self) -> None:
        """As it is, with a note of what was shown."""
        if self.view.party is not None:
            self.initial |= party_actions.editable(self.view.party)
            self.initial["seen"] = self.view.signed(self.view.party)


class PartyView(CaseActionView):
    """Add somebody, or correct their data."""

    permission = "edit_parties"
    title = "Beteiligte"
    button = "Speichern"
    shows_documents = True
    form_class = PartyForm
    template = "cases/action.html"
    anchor = "beteiligte"
    party: Party | None = None

    def find(self, *, party_id: int | None = None, **kwargs: Any) -> None:
        """Whom the address names."""
        if party_id is not None:
            self.party = self.case.parties.filter(pk=party_id).select_related("case").first()
            if self.party is None:
                raise Http404("Diese Beteiligten gibt es nicht.")

    def signed(self, party: Party) -> str:
        """What was shown, to be sent back with the change."""
        return signing.dumps(party_actions.editable(party) | {"birth_date": str(party.birth_date or "")}, salt="party")

    def perform(self, form: PartyForm) -> str:
        """Add or change it."""
        values = {name: form.cleaned_data[name] for name in party_actions.EDITABLE}
        if self.party is None:
            party_actions.add_party(case=self.case, values=values, by=self.by)
        else:
            party_actions.change_party(party=self.party, values=values, seen=self._seen(form), by=self.by)
        return "Gespeichert."

    def _seen(self, form: PartyForm) -> dict[str, Any]:
        try:
            seen = signing.loads(form.cleaned_data["seen"], salt="party")
        except signing.BadSignature:
            return {}
        return seen | {"birth_date": date.fromisoformat(seen["birth_date"]) if seen["birth_date"] else None}

    def show_conflict(self, form: PartyForm, current: Party) -> HttpResponse:
        """Both versions: what was typed stays in the fields, what is stored stands beside."""
        stored = [
            (form.fields[name].label, _in_words(current, name))
            for name in party_actions.EDITABLE
            if (form.cleaned_data.get(name) or "") != (getattr(current, name) or "")
        ]
        fresh = self.form_class(form.data.dict() | {"seen": self.signed(current)}, view=self)
        return self.show(fresh, status=409, stored=stored, other=_last_to_save(current))


def _in_words(party: Party, name: str) -> str:
    """A stored value as people read it."""
    value = getattr(party, name)
    if isinstance(value, bool):
        return "ja" if value else "nein"
    if isinstance(value, date):
        return f"{value:%d.%m.%Y}"
    return getattr(party, f"get_{name}_display", lambda: value or "")()


def _last_to_save(party: Party) -> User | None:
    """Who has changed it last; None for the machine."""
    last = party.history.order_by("-history_id").first()
    return User.objects.filter(username=last.history_user_id).first() if last else None
