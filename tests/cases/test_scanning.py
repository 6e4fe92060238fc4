"""The virus scanner: what it says is kept, what it does not say is asked again, and nothing waits for it."""

from __future__ import annotations

import io
from datetime import timedelta

import pytest
from django.utils import timezone

from audit.registries import health, timeline_of
from cases import scanner, tasks
from cases.actions.checking import record_scan
from cases.models import BlobCheck, Case
from cases.scanner import Refused, Scanner, TooLarge, Unreachable
from routing.models import ExceptionEntry
from tests import factories as make
from tests.fakeclamd import FakeClamd
from tests.pages import logged_in, text_of
from tests.sample_files import EICAR, PDF

INFECTED = PDF + EICAR


@pytest.fixture
def clamd(settings):
    """A running scanner, configured."""
    with FakeClamd() as server:
        settings.CLAMAV_SOCKET = server.address
        yield server


def scan(server: FakeClamd, data: bytes, **limits: float) -> str:
    return Scanner(server.address, **({"timeout": 5.0} | limits)).scan(io.BytesIO(data), len(data))


def state_of(case: Case) -> str:
    return case.documents.get().files.get().blob.result.scan_state


# --- the client ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("data", "name"), [(PDF, ""), (EICAR, "Eicar-Test-Signature"), (b"x" * 300_000, "")])
def test_the_scanner_is_sent_all_bytes_and_believed(clamd: FakeClamd, data: bytes, name: str) -> None:
    assert scan(clamd, data) == name
    assert clamd.scanned == [data]


@pytest.mark.parametrize(
    ("mode", "error"),
    [("error", Refused), ("garbage", Refused), ("limit", TooLarge), ("hangup", Unreachable), ("hang", Unreachable)],
)
def test_what_goes_wrong_has_a_name(clamd: FakeClamd, mode: str, error: type[Exception]) -> None:
    clamd.mode = mode
    with pytest.raises(error):
        scan(clamd, b"x" * 500_000, timeout=0.3)


def test_a_scan_has_an_end(clamd: FakeClamd) -> None:
    with pytest.raises(Unreachable):
        scan(clamd, PDF, deadline=-1.0)


@pytest.mark.parametrize("address", ["/nirgends/clamd.sock", "127.0.0.1:9", "[::1]:9"])
def test_nobody_there(address: str) -> None:
    client = Scanner(address, timeout=0.5)
    assert client.ping() is False
    with pytest.raises(Unreachable):
        client.scan(io.BytesIO(PDF), len(PDF))


def test_a_file_larger_than_the_scanner_takes_is_not_sent(clamd: FakeClamd, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scanner, "MAX_SCANNED", 10)
    with pytest.raises(TooLarge):
        scan(clamd, PDF)
    assert clamd.scanned == []


# --- in the background ---------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_files_are_filed_first_and_scanned_later(clamd: FakeClamd) -> None:
    case, other = make.case(), make.case()
    make.document(case)
    make.document(other, INFECTED)
    assert (state_of(case), state_of(other)) == ("ungeprueft", "ungeprueft")
    assert tasks.scan_due() is True
    assert (state_of(case), state_of(other)) == ("sauber", "befallen")
    assert tasks.scan_due() is True and len(clamd.scanned) == 2, "each file is scanned once"


@pytest.mark.django_db
@pytest.mark.parametrize("verdicts", [("", "Eicar"), ("Eicar", "")])
def test_of_two_who_scanned_it_the_one_who_found_something_is_believed(verdicts: tuple[str, str]) -> None:
    """The first took longer than its lease; it may still know less than the second."""
    make.document(make.case())
    check = BlobCheck.objects.get()
    for signature in verdicts:
        record_scan(check, signature=signature)
    check.refresh_from_db()
    assert (check.scan_state, check.signature) == (BlobCheck.Scan.INFECTED, "Eicar")


@pytest.mark.django_db
def test_a_message_is_filed_while_the_scanner_is_down(settings) -> None:
    settings.CLAMAV_SOCKET = "/nirgends/clamd.sock"
    make.rule("Gewerbe")
    submission = make.processed()
    assert submission.state == "filed"
    assert tasks.scan_due() is False
    waiting = BlobCheck.objects.filter(trouble="unreachable").get()
    assert (waiting.scan_state, waiting.attempts) == ("ungeprueft", 1)
    assert waiting.next_scan_at > timezone.now(), "tried again, later"


@pytest.mark.django_db
def test_pauses_grow_and_end(settings, clamd: FakeClamd) -> None:
    make.document(make.case())
    clamd.mode = "hangup"
    pauses = []
    for _ in range(14):
        BlobCheck.objects.update(next_scan_at=timezone.now() - timedelta(seconds=1))
        started = timezone.now()
        assert tasks.scan_due() is False
        pauses.append(round((BlobCheck.objects.get().next_scan_at - started).total_seconds()))
    assert pauses[:3] == [2, 4, 8] and pauses[-1] == 3600
    clamd.mode = "scan"
    BlobCheck.objects.update(next_scan_at=timezone.now() - timedelta(seconds=1))
    assert tasks.scan_due() is True and BlobCheck.objects.get().scan_state == "sauber"


@pytest.mark.django_db
@pytest.mark.parametrize(("mode", "trouble", "again"), [("error", "refused", True), ("limit", "too_large", False)])
def test_a_file_that_cannot_be_scanned_does_not_stop_the_others(
    clamd: FakeClamd, mode: str, trouble: str, again: bool
) -> None:
    case = make.case()
    make.document(case, PDF + b"eins" * 50_000)
    make.document(case, PDF + b"zwei" * 50_000)
    clamd.mode = mode
    assert tasks.scan_due() is True
    for check in BlobCheck.objects.all():
        assert (check.scan_state, check.trouble) == ("ungeprueft", trouble)
        assert (check.next_scan_at is not None) is again


@pytest.mark.django_db
def test_without_a_scanner_nothing_is_done_and_the_page_says_so_once() -> None:
    case = make.case()
    make.document(case)
    make.document(case, PDF + b"2")
    assert tasks.scan_due() is True
    page = text_of(logged_in(make.user(case.unit)).get(f"/vorgaenge/{case.public_id}/"))
    assert page.count("Es ist kein Virenscanner eingerichtet; Dateien sind ungeprüft.") == 1
    assert "Virenprüfung ausstehend" not in page


@pytest.mark.django_db
def test_health_says_it_in_german_and_turns_nobody_away(client, settings, clamd: FakeClamd) -> None:
    check = dict(health)["virenscanner"]
    assert check().ok and "antwortet" in check().message
    settings.CLAMAV_SOCKET = "/nirgends/clamd.sock"
    assert not check().ok and "clamd" in check().message
    answer = client.get("/health/ready")
    assert answer.status_code == 200 and answer.json()["parts"]["virenscanner"]["ok"] is False
    settings.CLAMAV_SOCKET = ""
    assert check().ok and "kein Virenscanner eingerichtet" in check().message


# --- on the pages --------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_an_infected_file_is_marked_told_and_not_given_out(clamd: FakeClamd) -> None:
    case = make.case()
    make.document(case, INFECTED)
    make.document(case, PDF)
    client = logged_in(make.user(case.unit))
    address = f"/vorgaenge/{case.public_id}/"
    assert text_of(client.get(address)).count("Virenprüfung ausstehend") == 2
    tasks.scan_due()

    page = text_of(client.get(address))
    assert "befallen" in page and "Virenprüfung ausstehend" not in page
    (entry,) = [each for each in timeline_of(case) if each.action == "infected"]
    assert "Schadsoftware" in entry.text and "Eicar-Test-Signature" in entry.text and entry.actor == "Virenscanner"
    file = case.documents.first().files.get()
    for answer in (client.get(f"{address}dateien/{file.pk}/"), client.post(f"{address}dateien/{file.pk}/")):
        assert answer.status_code == 403
        assert "Diese Datei enthält Schadsoftware" in text_of(answer) and EICAR.decode() not in text_of(answer)


@pytest.mark.django_db
def test_an_infected_file_in_the_queue_is_marked_and_not_given_out(clamd: FakeClamd) -> None:
    unit = make.team("poststelle")
    entry = make.entry(unit, pdf=INFECTED)
    tasks.scan_due()
    client = logged_in(make.lead(unit))
    assert "befallen" in text_of(client.get(f"/klaerung/{entry.pk}/"))
    file = ExceptionEntry.objects.get(pk=entry.pk).submission.files.get(name__endswith=".pdf")
    answer = client.get(f"/klaerung/{entry.pk}/dateien/{file.pk}/")
    assert answer.status_code == 403 and "Eicar-Test-Signature" in text_of(answer)
