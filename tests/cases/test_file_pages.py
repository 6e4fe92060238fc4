"""Files on the pages: what stands beside them, and how dangerous ones are given out."""

from __future__ import annotations

import pytest

from audit.models import AccessLog
from cases.models import BlobCheck
from tests import factories as make
from tests import sample_files as sample
from tests.pages import logged_in, text_of

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("content", "name", "words"),
    [
        (sample.pdf(3), "Klage.pdf", ["3 Seiten"]),
        (sample.pdf(1), "Klage.pdf", ["1 Seite"]),
        (sample.pdf(password="geheim"), "Klage.pdf", ["verschlüsselt"]),
        (sample.pdf_with_attachment(), "Klage.pdf", ["aktiver Inhalt: eingebettete Dateien", "1 Seite"]),
        (b"%PDF-1.7 kaputt", "Klage.pdf", ["beschädigt"]),
        (sample.EXE, "Klage.pdf", ["Programm"]),
        (b"dir", "los.bat", ["Programm"]),
        (sample.DOCM, "Brief.docx", ["Makros"]),
        (b"", "leer.pdf", ["leer"]),
    ],
)
def test_words_stand_beside_a_file(content: bytes, name: str, words: list[str]) -> None:
    case = make.case()
    make.document(case, content, name)
    page = text_of(logged_in(make.user(case.unit)).get(f"/vorgaenge/{case.public_id}/"))
    for word in words:
        assert word in page


@pytest.mark.parametrize(
    ("content", "name"), [(sample.EXE, "Klage.pdf"), (b"dir", "los.bat"), (sample.DOCM, "Brief.docx")]
)
def test_dangerous_files_are_given_out_to_who_confirms_it(content: bytes, name: str) -> None:
    case = make.case()
    file = make.document(case, content, name).files.get()
    client = logged_in(make.user(case.unit))
    address = f"/vorgaenge/{case.public_id}/dateien/{file.pk}/"
    asked = client.get(address)
    assert asked.status_code == 200 and "trotzdem herunterladen" in text_of(asked)
    assert not AccessLog.objects.filter(what="file_taken").exists()
    given = client.post(address)
    assert b"".join(given.streaming_content) == content
    assert given.headers["Content-Type"] == "application/octet-stream"
    assert given.headers["Content-Disposition"].startswith("attachment")
    assert AccessLog.objects.filter(what="file_taken").count() == 1


def test_confirming_needs_the_token_of_the_page() -> None:
    case = make.case()
    file = make.document(case, sample.EXE).files.get()
    client = logged_in(make.user(case.unit))
    client.handler.enforce_csrf_checks = True
    assert client.post(f"/vorgaenge/{case.public_id}/dateien/{file.pk}/").status_code == 403


def test_a_file_that_nobody_has_looked_into_says_so() -> None:
    case = make.case()
    make.document(case)
    BlobCheck.objects.all().delete()
    page = text_of(logged_in(make.user(case.unit)).get(f"/vorgaenge/{case.public_id}/"))
    assert "noch nicht untersucht" in page


def test_the_same_bytes_are_looked_into_once() -> None:
    case = make.case()
    make.document(case, sample.PDF, "eins.pdf")
    before = BlobCheck.objects.get().checked_at
    make.document(case, sample.PDF, "zwei.pdf")
    assert BlobCheck.objects.get().checked_at == before


def test_marks_cost_no_queries_of_their_own(settings, django_assert_max_num_queries) -> None:
    settings.CLAMAV_SOCKET = "/nirgends"
    unit = make.team("poststelle")
    entry = make.entry(unit)
    client = logged_in(make.lead(unit))
    with django_assert_max_num_queries(40) as few:
        client.get(f"/klaerung/{entry.pk}/")
    names = {f"attachments/{n}.pdf": sample.pdf(n % 3 + 1) for n in range(20)}
    many = make.entry(unit, of=make.envelope(make.container(subject="Grundsteuer") | names))
    with django_assert_max_num_queries(len(few)):
        assert text_of(client.get(f"/klaerung/{many.pk}/")).count("Seite") >= 20
