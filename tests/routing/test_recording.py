"""Recording by hand: what came by post or at the counter goes the same way as everything else."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from cases import blobs
from cases.models import Case
from intake.models import Submission
from tests import factories as make
from tests.pages import logged_in, text_of

pytestmark = pytest.mark.django_db
KEY = "6b0f19f8-0cbb-415b-8807-9bd4729a452f"


def form(**values) -> dict:
    today = timezone.localdate().isoformat()
    defaults = {"key": KEY, "way": "post", "received_on": today, "sender": "Eva Klug", "subject": "Antrag"}
    now = timezone.localtime().replace(microsecond=0).isoformat()
    return defaults | {"role": "antrag", "note": "", "shown_at": now} | values


def letter(name: str = "Brief.pdf", content: bytes = make.PDF) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content, "application/pdf")


def test_a_letter_for_a_leistung_opens_a_vorgang() -> None:
    unit = make.team("wohngeld")
    make.service("wohngeld", unit)
    client = logged_in(make.user(unit))
    assert "Eingang erfassen" in text_of(client.get("/eingaenge/neu/"))
    day = timezone.localdate() - timedelta(days=2)
    answer = client.post("/eingaenge/neu/", form(service="wohngeld", received_on=day.isoformat(), files=[letter()]))
    case = Case.objects.get()
    assert answer.url == f"/vorgaenge/{case.public_id}/"
    assert (case.service.slug, timezone.localdate(case.received_at)) == ("wohngeld", day)
    assert case.documents.get().files.get().original_name == "Brief.pdf"
    submission = Submission.objects.get()
    assert (submission.channel, submission.is_side_channel) == ("manual", True)
    stored = submission.files.get(name="erfassung/1/Brief.pdf")
    assert blobs.path_of(stored.blob_id).read_bytes() == make.PDF


def test_a_call_belongs_to_a_vorgang_however_its_id_is_written() -> None:
    case = make.case()
    client = logged_in(make.user(case.unit))
    spoken = case.public_id.replace("-", "").lower()
    client.post("/eingaenge/neu/", form(way="telefon", case_id=spoken, note="Bittet um Rückruf."))
    assert Submission.objects.get().case == case
    assert "Bittet um Rückruf." in text_of(client.get(f"/vorgaenge/{case.public_id}/antrag/"))


def test_what_belongs_nowhere_is_a_matter_for_a_person() -> None:
    client = logged_in(make.user(make.team()))
    answer = client.post("/eingaenge/neu/", form(files=[letter()]), follow=True)
    assert "steht jetzt so: in Klärung" in text_of(answer)


def test_a_form_sent_twice_is_one_eingang() -> None:
    client = logged_in(make.user(make.team()))
    sent = form(note="Einmal gesagt.")
    for _ in range(2):
        client.post("/eingaenge/neu/", sent)
    assert Submission.objects.count() == 1
    client.post("/eingaenge/neu/", sent | {"note": "Und etwas anderes."})
    assert Submission.objects.count() == 2, "another content under the same key is not lost"


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({}, "Bitte eine Datei beifügen oder den Inhalt beschreiben."),
        ({"note": "x", "received_on": "2999-01-01"}, "liegt in der Zukunft"),
        ({"note": "x", "received_on": "31.02.2026"}, "gültiges Datum"),
        ({"note": "x", "case_id": "V-7K3M-9QTR-A"}, "keine gültige Vorgangs-ID"),
        ({"note": "x", "case_id": "V-7K3M-9QTR-G"}, "Diesen Vorgang gibt es nicht"),
        ({"note": "x", "subject": ""}, "Dieses Feld ist zwingend erforderlich"),
        ({"note": "x", "service": "gibt-es-nicht"}, "gibt-es-nicht"),
    ],
)
def test_what_is_wrong_is_said_at_its_field(values: dict, sentence: str) -> None:
    answer = logged_in(make.user(make.team())).post("/eingaenge/neu/", form(**values))
    assert answer.status_code == 422
    assert sentence in text_of(answer)
    assert not Submission.objects.exists()


def test_somebody_elses_vorgang_is_out_of_reach() -> None:
    foreign = make.case(make.team("fremd"))
    client = logged_in(make.user(make.team("meins")))
    answer = client.post("/eingaenge/neu/", form(case_id=foreign.public_id, note="x"))
    assert answer.status_code == 422
    assert "Sie dürfen nichts in ihn legen" in text_of(answer)
    assert foreign.submissions.count() == 0


def test_a_vorgang_of_another_team_is_not_named() -> None:
    """What names it in its text is filed there, as any letter would be; who recorded it learns no more than before."""
    foreign = make.case(make.team("fremd"))
    client = logged_in(make.user(make.team("meins")))
    answer = client.post("/eingaenge/neu/", form(subject=f"Zu {foreign.public_id}", note="x"), follow=True)
    filed = Submission.objects.get()
    assert filed.case == foreign
    assert foreign.file_reference not in text_of(answer)
    assert f"unter der Vorgangs-ID {filed.number.public_id}" in text_of(answer)


def test_as_many_files_as_a_message_may_have(settings) -> None:
    assert settings.DATA_UPLOAD_MAX_NUMBER_FILES > settings.MAX_MESSAGE_FILES
    client = logged_in(make.user(make.team()))
    letters = [letter(f"{number}.txt", b"%d" % number) for number in range(150)]
    assert client.post("/eingaenge/neu/", form(files=letters)).status_code == 302
    assert Submission.objects.get().files.count() == 151
    settings.MAX_MESSAGE_FILES = 2
    answer = client.post("/eingaenge/neu/", form(files=letters[:3]))
    assert answer.status_code == 422
    assert "Höchstens 2 Dateien" in text_of(answer)


def test_it_is_for_people_who_work_in_a_team() -> None:
    assert logged_in(make.user()).get("/eingaenge/neu/").status_code == 403


def test_a_record_from_outside_is_none() -> None:
    """What only our own page writes is not believed when it comes by mail."""
    record = b'{"key": "x", "case_id": "V-7K3M-9QTR-G"}'
    submission = make.processed(make.envelope({"erfassung.json": record, "erfassung/1/a.pdf": make.PDF}))
    assert submission.facts["standard"] != "manual"
    assert submission.state == "exception"
