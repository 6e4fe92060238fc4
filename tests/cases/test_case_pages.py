"""The worklist, the page of a Vorgang and its files, as a browser without JavaScript gets them."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from audit.acting import SYSTEM, Actor
from audit.models import AccessLog
from cases import actions, blobs, presenting
from cases.models import Case, DocumentFile
from cases.templatetags import laufmappe
from tests import factories
from tests.pages import logged_in, text_of

pytestmark = pytest.mark.django_db


def page_of(user, path: str = "/", status: int = 200) -> str:
    response = logged_in(user).get(path)
    assert response.status_code == status
    return text_of(response)


def test_nobody_sees_a_page_without_logging_in(client) -> None:
    case = factories.case()
    for path in ("/", f"/vorgaenge/{case.public_id}/", f"/vorgaenge/{case.public_id}/dateien/1/", "/klaerung/"):
        response = client.get(path)
        assert response.status_code == 302
        assert response.url.startswith("/anmelden/?next=")


def test_logging_in_and_out(client) -> None:
    user = factories.user(factories.team())
    assert "Kennwort" in text_of(client.get("/anmelden/")) or "Passwort" in text_of(client.get("/anmelden/"))
    wrong = client.post("/anmelden/", {"username": user.username, "password": "falsch"})
    assert 'role="alert"' in text_of(wrong)
    right = client.post("/anmelden/", {"username": user.username, "password": factories.PASSWORD})
    assert right.url == "/"
    assert client.get("/anmelden/").url == "/"
    assert "Möchten Sie sich abmelden?" in text_of(client.get("/abmelden/"))
    assert client.post("/abmelden/").url == "/anmelden/"


def test_guessing_is_locked_out_in_german(client) -> None:
    for _ in range(5):
        answer = client.post("/anmelden/", {"username": "jemand", "password": "geraten"})
    assert answer.status_code == 429
    assert "Bitte warten Sie 15 Minuten" in text_of(answer)


def test_the_worklist_shows_the_open_cases_of_ones_teams() -> None:
    mine, other = factories.team("rechtsamt"), factories.team("wohngeld")
    factories.case(mine, subject="Klage gegen Gebühren")
    factories.case(other, subject="Anderes Amt")
    closed = factories.case(mine, subject="Längst erledigt")
    actions.close(case=closed, outcome=Case.Outcome.DONE, by=Actor.of(factories.user(mine)), reason="erledigt")
    user = factories.user(mine)
    page = page_of(user)
    assert "Klage gegen Gebühren" in page and "1 Vorgang" in page
    assert "Anderes Amt" not in page and "Längst erledigt" not in page
    assert "Längst erledigt" in page_of(user, "/?decided=on")
    assert "Längst erledigt" in page_of(user, "/?status=entschieden")


def test_the_worklist_is_searched_by_reference_id_and_subject() -> None:
    unit = factories.team()
    case = factories.case(unit, subject="Streit um einen Gartenzaun")
    factories.case(unit, subject="Etwas anderes")
    alias = actions.reserve_number()
    type(alias).objects.filter(pk=alias.pk).update(case=case)
    user = factories.user(unit)
    for text in (case.public_id, case.public_id.lower().replace("-", ""), alias.public_id, case.file_reference, "ZAUN"):
        page = logged_in(user).get("/", {"text": text}).content.decode()
        assert "Gartenzaun" in page and "Etwas anderes" not in page, text
    assert "Kein Vorgang passt" in page_of(user, "/?text=gibtesnicht")


@pytest.mark.parametrize(
    "query", ["?team=gibtesnicht", "?status=quatsch", "?nach=1.x.y", "?vor=" + "9" * 40, "?text=%00"]
)
def test_senseless_filters_filter_nothing(query: str) -> None:
    unit = factories.team()
    factories.case(unit, subject="Bleibt sichtbar")
    assert "Bleibt sichtbar" in page_of(factories.user(unit), f"/{query}")


def test_empty_worklists_say_what_to_do() -> None:
    assert "Sie gehören zu keinem Team" in page_of(factories.user())
    assert "Nichts offen" in page_of(factories.user(factories.team()))


def test_the_page_of_a_case_shows_what_is_in_it() -> None:
    unit = factories.team()
    factories.rule("Gewerbe", unit=unit)
    case = factories.processed(subject="Klage wegen Gewerbeuntersagung").case
    user = factories.user(unit)
    actions.take_up(case=case, by=Actor.of(user))
    parts = [page_of(user, f"/vorgaenge/{case.public_id}/{part}") for part in ("", "antrag/", "verlauf/")]
    page = "".join(parts)
    for part in (
        case.file_reference,
        case.public_id,
        "Klageschrift",
        "12 K 345/26",
        "Eingänge",
        "Zuordnung",
        "XJustiz 3.6.2",
        "Verlauf",
        "Vorgang eröffnet",
        "Prüfung begonnen",
        "nach Regel",
        "aria-current",
    ):
        assert part in page, part
    assert list(AccessLog.objects.values_list("actor", "what", "subject")) == [
        (user.username, "case_seen", case.public_id)
    ] * len(parts)


def test_a_signature_stands_below_its_document() -> None:
    case = factories.case()
    files = [
        actions.NewFile(factories.document(case).files.get().blob_id, "Bescheid.pdf"),
        actions.NewFile(factories.document(case).files.get().blob_id, "Bescheid.pdf.p7s", DocumentFile.Part.SIGNATURE),
    ]
    new = actions.NewDocument(files=files, title="Bescheid vom Oktober", eeb_required=True)
    actions.add_documents(case=case, documents=[new], received_at=factories.ARRIVAL, by=SYSTEM)
    page = page_of(factories.user(case.unit), f"/vorgaenge/{case.public_id}/")
    assert "Signatur: <a" in page and "gegen Empfangsbekenntnis" in page
    assert page.index("Bescheid vom Oktober") < page.index("Signatur: <a")


def test_other_ways_of_writing_the_id_lead_to_the_case() -> None:
    case = factories.case()
    client = logged_in(factories.user(case.unit))
    target = reverse("case", args=[case.public_id])
    alias = actions.reserve_number()
    type(alias).objects.filter(pk=alias.pk).update(case=case)
    for text in (case.public_id.lower(), case.public_id.replace("-", ""), alias.public_id):
        assert client.get(f"/vorgaenge/{text}/").url == target


def test_invisible_and_unknown_cases_are_the_same_404() -> None:
    case = factories.case(factories.team("rechtsamt"))
    factories.document(case)
    user = factories.user(factories.team("wohngeld"))
    free = actions.reserve_number()
    pages = [page_of(user, f"/vorgaenge/{text}/", 404) for text in (case.public_id, free.public_id, "quatsch")]
    assert all("Nicht gefunden" in page for page in pages)
    file = DocumentFile.objects.get()
    page_of(user, f"/vorgaenge/{case.public_id}/dateien/{file.pk}/", 404)
    other = factories.case(factories.team("wohngeld"))
    page_of(user, f"/vorgaenge/{other.public_id}/dateien/{file.pk}/", 404)
    assert not AccessLog.objects.exists()


def test_the_page_of_a_case_costs_the_same_with_many_documents(django_assert_max_num_queries) -> None:
    case = factories.case()
    client = logged_in(factories.user(case.unit))
    for _ in range(6):
        factories.document(case)
    with django_assert_max_num_queries(15):
        client.get(f"/vorgaenge/{case.public_id}/")


@pytest.mark.parametrize(
    ("content", "name", "kind", "how"),
    [
        (factories.PDF, "Klage.pdf", "application/pdf", "inline"),
        (b"\x89PNG\r\n\x1a\n", "Bild.png", "image/png", "inline"),
        (b"\xff\xd8\xff\xe0", "Bild.jpg", "image/jpeg", "inline"),
        (b"<html><script>alert(1)</script>", "Klage.pdf", "application/octet-stream", "attachment"),
        (b"<svg onload='alert(1)'/>", "bild.svg", "application/octet-stream", "attachment"),
        (b"", "leer.pdf", "application/octet-stream", "attachment"),
    ],
)
def test_files_are_what_their_bytes_say(content: bytes, name: str, kind: str, how: str) -> None:
    case = factories.case()
    file = factories.document(case, content, name).files.get()
    user = factories.user(case.unit)
    answer = logged_in(user).get(f"/vorgaenge/{case.public_id}/dateien/{file.pk}/")
    assert b"".join(answer.streaming_content) == content
    assert answer.headers["Content-Type"] == kind
    assert answer.headers["Content-Disposition"] == f'{how}; filename="{file.file_name}"'
    assert answer.headers["Content-Security-Policy"] == "default-src 'none'; frame-ancestors 'self'"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["X-Frame-Options"] == "SAMEORIGIN"
    assert answer.headers["Cache-Control"] == "private, no-store"
    assert AccessLog.objects.get().what == "file_taken"


def test_a_vanished_file_is_said_so() -> None:
    case = factories.case()
    file = factories.document(case).files.get()
    blobs.path_of(file.blob_id).unlink()
    page = page_of(factories.user(case.unit), f"/vorgaenge/{case.public_id}/dateien/{file.pk}/", 500)
    assert "Die gespeicherte Datei fehlt" in page and file.blob_id in page


def test_who_may_not_enter_the_verwaltung_is_told_so() -> None:
    client = logged_in(factories.user(factories.team()))
    answer = client.get("/verwaltung/", follow=True)
    assert answer.status_code == 403
    assert "Die Verwaltung steht Ihnen nicht offen" in text_of(answer)


def test_a_form_without_its_token_is_refused_in_german() -> None:
    answer = Client(enforce_csrf_checks=True).post("/anmelden/", {"username": "a", "password": "b"})
    assert answer.status_code == 403
    assert "Das Formular ist abgelaufen" in text_of(answer)


def test_the_data_of_an_application_are_shown_in_the_order_of_the_schema() -> None:
    schema = {"properties": {"wohnung": {"title": "Wohnung", "properties": {"miete": {"title": "Miete"}}}, "aktiv": {}}}
    data = {"aktiv": True, "wohnung": {"miete": 780.5, "leer": None}, "personen": [{"name": "Ayşe"}, {"name": "Can"}]}
    assert [row[:2] for row in presenting.data_rows(data, schema)] == [
        ("Wohnung › Miete", "780,5"),
        ("aktiv", "ja"),
        ("personen 1 › name", "Ayşe"),
        ("personen 2 › name", "Can"),
    ]


def test_dates_and_codes_of_an_application_are_shown_as_people_write_them() -> None:
    day = {"title": "Geboren", "format": "date"}
    schema = {
        "properties": {"born": day, "moved": day, "kind": {"title": "Art", "x-titles": {"miete": "Mietzuschuss"}}}
    }
    data = {"born": "2003-04-11", "moved": "im Mai", "kind": "miete"}
    assert [row.value for row in presenting.data_rows(data, schema)] == ["11.04.2003", "im Mai", "Mietzuschuss"]


def test_our_own_style_sheet_uses_tokens_only() -> None:
    sheet = (settings.BASE_DIR / "static" / "app.css").read_text()
    values = re.findall(r"(?:color|background|border[a-z-]*|outline|box-shadow)\s*:\s*([^;]+);", sheet)
    assert not [value for value in values if re.search(r"#[0-9a-f]{3,8}\b|rgb|hsl|oklch", value)]
    kern = (settings.KERN / "kern.css").read_text()
    used = set(re.findall(r"var\((--kern-[a-z0-9-]+)", sheet))
    assert {token for token in used if f"{token}:" not in kern} == set()


@pytest.mark.parametrize(
    ("size", "words"),
    [
        (0, "0 Byte"),
        (999, "999 Byte"),
        (1000, "1,0 KB"),
        (15_500, "16 KB"),
        (1_400_000, "1,4 MB"),
        (5 * 10**12, "5000 GB"),
    ],
)
def test_sizes_are_written_in_german(size: int, words: str) -> None:
    assert laufmappe.filesize(size) == words


@pytest.mark.parametrize(
    ("passed", "words"),
    [
        (timedelta(seconds=5), "gerade eben"),
        (timedelta(seconds=-90), "gerade eben"),
        (timedelta(minutes=1), "vor 1 Minute"),
        (timedelta(days=3, hours=2), "vor 3 Tagen"),
        (timedelta(days=400), "vor 1 Jahr"),
    ],
)
def test_ages_are_written_in_german(passed: timedelta, words: str) -> None:
    assert laufmappe.age_in_words(timezone.now() - passed) == words


def test_what_a_message_says_without_documents_is_shown_with_its_files() -> None:
    make = factories
    make.rule("Gewerbe")
    props = b"<MsgProps><MsgSubject>Gewerbe</MsgSubject></MsgProps>"
    note = b"<Nachricht><Freitext>Wir nehmen den Termin wahr.</Freitext></Nachricht>"
    submission = make.processed(make.envelope({"MsgProps.xml": props, "additionals/nachricht.xml": note}))
    case = submission.case
    client = logged_in(make.user(case.unit))
    page = text_of(client.get(f"/vorgaenge/{case.public_id}/antrag/"))
    assert "Wir nehmen den Termin wahr." in page
    file = submission.files.get(name="additionals/nachricht.xml")
    address = f"/vorgaenge/{case.public_id}/eingang/{file.pk}/"
    assert address in page
    answer = client.get(address)
    assert b"".join(answer.streaming_content) == note
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert logged_in(make.user(make.team("fremd"))).get(address).status_code == 404


def test_what_a_sender_writes_stays_text() -> None:
    case = factories.case(subject="<script>alert('x')</script>")
    user = factories.user(case.unit)
    assert "&lt;script&gt;" in page_of(user)
    assert "&lt;script&gt;" in page_of(user, f"/vorgaenge/{case.public_id}/")
