"""Recording by hand what came by post, at the counter or by telephone."""

from __future__ import annotations

import io
import uuid
from datetime import datetime, time
from pathlib import Path
from typing import Any, ClassVar

from django import forms
from django.conf import settings
from django.core.files.uploadedfile import TemporaryUploadedFile, UploadedFile
from django.utils import timezone

from cases import numbers
from cases.models import Document, Service
from intake.channels.manual import Record
from intake.envelope import MessageFile

WAYS = [("post", "Post"), ("schalter", "Schalter"), ("telefon", "Telefon"), ("fax", "Fax"), ("boten", "Bote")]


class Files(forms.ClearableFileInput):
    """Several files at once."""

    allow_multiple_selected: ClassVar[bool] = True


class FilesField(forms.FileField):
    """A list of uploaded files."""

    widget = Files

    def clean(self, data: Any, initial: Any = None) -> list[Any]:
        """Each of them (an empty choice gives none; a file of 0 bytes is kept)."""
        return [super(FilesField, self).clean(item, initial) for item in data or []]


class RecordForm(forms.Form):
    """What is recorded: it belongs to a Vorgang or, as a new matter, to a Leistung."""

    key = forms.UUIDField(widget=forms.HiddenInput)
    shown_at = forms.DateTimeField(widget=forms.HiddenInput, required=False)
    way = forms.ChoiceField(label="Weg", choices=WAYS)
    received_on = forms.DateField(
        label="Eingang am", widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"), localize=False
    )
    sender = forms.CharField(label="Von wem", max_length=300)
    subject = forms.CharField(label="Betreff", max_length=300)
    case_id = forms.CharField(
        label="Vorgangs-ID", required=False, max_length=40, help_text="Wenn es zu einem Vorgang gehört."
    )
    service = forms.ChoiceField(label="Leistung", required=False, help_text="Wenn es eine neue Sache ist.")
    role = forms.ChoiceField(label="Art der Dokumente", choices=Document.Role.choices, initial="schreiben")
    files = FilesField(label="Dateien", required=False, allow_empty_file=True)
    note = forms.CharField(label="Inhalt", required=False, max_length=10000, widget=forms.Textarea(attrs={"rows": 5}))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """A new one is for today and has a key of its own."""
        super().__init__(*args, **kwargs)
        self.fields["service"].choices = [("", "keine Angabe"), *Service.objects.values_list("slug", "name")]
        self.initial.setdefault("received_on", timezone.localdate())
        self.initial.setdefault("key", uuid.uuid4())
        self.initial.setdefault("shown_at", timezone.localtime().replace(microsecond=0).isoformat())

    def clean_received_on(self) -> Any:
        """Not in the future."""
        day = self.cleaned_data["received_on"]
        if day > timezone.localdate():
            raise forms.ValidationError("Der Eingang liegt in der Zukunft; bitte das Datum prüfen.")
        return day

    def clean_case_id(self) -> str:
        """In its canonical form."""
        text = self.cleaned_data["case_id"].strip()
        public_id = numbers.normalise(text) if text else ""
        if public_id is None:
            raise forms.ValidationError("Das ist keine gültige Vorgangs-ID; bitte auf Tippfehler prüfen.")
        return public_id

    def clean_files(self) -> list[Any]:
        """Within the limits of a message."""
        files = self.cleaned_data["files"]
        if len(files) > settings.MAX_MESSAGE_FILES:
            raise forms.ValidationError(f"Höchstens {settings.MAX_MESSAGE_FILES} Dateien; bitte aufteilen.")
        if sum(f.size for f in files) > settings.MAX_MESSAGE_MB << 20:
            raise forms.ValidationError(f"Zusammen höchstens {settings.MAX_MESSAGE_MB} MB; bitte aufteilen.")
        return files

    def clean(self) -> dict[str, Any]:
        """Something must have come, and belong somewhere or be for a person to place."""
        cleaned = super().clean()
        if not self.errors and not cleaned["files"] and not cleaned["note"].strip():
            raise forms.ValidationError("Bitte eine Datei beifügen oder den Inhalt beschreiben.")
        if cleaned.get("case_id") and cleaned.get("service"):
            raise forms.ValidationError("Bitte entweder die Vorgangs-ID oder die Leistung angeben, nicht beides.")
        return cleaned

    def record(self) -> Record:
        """What was recorded. Of the arrival only the day is known; today's is when the form was opened.

        The same form sent again is the same record, to the byte.
        """
        said = self.cleaned_data
        day, shown = said["received_on"], said["shown_at"]
        noon = timezone.make_aware(datetime.combine(day, time(12)))
        arrival = timezone.localtime(shown) if shown and timezone.localdate(shown) == day else noon
        names = ("way", "sender", "subject", "note", "service", "case_id", "role")
        return Record(key=str(said["key"]), received_at=arrival, **{name: said[name] for name in names})

    def message_files(self) -> list[MessageFile]:
        """The uploaded files, each to be read where it lies."""
        return [_message_file(upload) for upload in self.cleaned_data["files"]]


def _message_file(upload: UploadedFile) -> MessageFile:
    """Large uploads lie on disk, small ones in memory; both are read as often as needed."""
    if isinstance(upload, TemporaryUploadedFile):
        return MessageFile.from_path(Path(upload.temporary_file_path()), upload.name)
    content = upload.read()
    return MessageFile(name=upload.name, size=len(content), open=lambda: io.BytesIO(content))
