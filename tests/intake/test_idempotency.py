"""Idempotency-Key: however often and by how many something is sent, it is received once and answered the same."""

from __future__ import annotations

import json
import random
import sys
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from http.client import HTTPConnection
from pathlib import Path

import pytest
from django.utils import timezone

from cases.models import CaseNumber
from intake import actions
from intake.models import IdempotencyRecord, Submission
from tests import factories as make
from tests import processes
from tests.intake.portal_client import SUBMISSIONS, PortalClient, multipart

CLIENTS, SUBMITTED = 8, 500
ANSWERING = str(Path(__file__).parents[1] / "faults" / "answering.py")


def code(answer) -> tuple[int, str]:
    return answer.status_code, answer.json().get("type", "").removeprefix("/problems/")


@pytest.mark.django_db
def test_the_same_again_gets_the_same_answer() -> None:
    portal = PortalClient()
    body = make.application()
    first = portal.post(body, key="k-1")
    reordered = json.dumps(dict(reversed(body.items())), indent=7, ensure_ascii=False).encode()
    for again in (portal.post(body, key="k-1"), portal.post(reordered, key="k-1")):
        assert (again.status_code, again.content, again["Location"]) == (201, first.content, first["Location"])
    assert Submission.objects.count() == CaseNumber.objects.count() == 1


@pytest.mark.django_db
def test_other_content_under_the_same_key_is_422() -> None:
    portal = PortalClient()
    portal.post(make.application(), key="k")
    assert code(portal.post(make.application(), key="k")) == (422, "idempotency_key_reused")
    assert code(portal.post(b"{", key="k")) == (422, "idempotency_key_reused")
    assert Submission.objects.count() == 1


@pytest.mark.django_db
def test_the_same_key_of_another_client_is_another_submission() -> None:
    one, other = PortalClient(), PortalClient()
    body = make.application()
    assert one.post(body, key="k").json()["case_id"] != other.post(body, key="k").json()["case_id"]
    assert Submission.objects.count() == 2


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("key", "problem"),
    [
        (None, "idempotency_key_missing"),
        (" ", "idempotency_key_invalid"),
        ("a b", "idempotency_key_invalid"),
        ("ä", "idempotency_key_invalid"),
        ("x" * 256, "idempotency_key_invalid"),
    ],
)
def test_a_key_is_needed_and_of_visible_ascii(key: str | None, problem: str) -> None:
    assert code(PortalClient().post(make.application(), key=key)) == (400, problem)


@pytest.mark.django_db
def test_the_longest_keys_are_told_apart() -> None:
    portal, body = PortalClient(), make.application()
    assert {portal.post(body, key="x" * 254 + end).status_code for end in "ab"} == {201}
    assert Submission.objects.count() == 2


@pytest.mark.django_db
def test_what_stems_from_the_content_is_remembered() -> None:
    portal = PortalClient()
    first = portal.post(b'{"service": "wohngeld"}', key="k")
    assert (first.status_code, first["Content-Type"]) == (400, "application/problem+json")
    again = portal.post(b'{"service": "wohngeld"}', key="k")
    assert (again.status_code, again.content, again["Content-Type"]) == (400, first.content, first["Content-Type"])
    assert code(portal.post(make.application(), key="k")) == (422, "idempotency_key_reused")


@pytest.mark.django_db
def test_a_new_boundary_is_the_same_body_and_other_files_are_not() -> None:
    portal = PortalClient()
    raw = json.dumps(make.application(attachments=[])).encode()
    files = [("a", "a.pdf", make.PDF), ("b", "b.pdf", b"x")]
    first = portal.post(**multipart(raw, *files), key="k")
    assert portal.post(**multipart(raw, *files, boundary="another"), key="k").content == first.content
    assert code(portal.post(**multipart(raw, *reversed(files)), key="k"))[0] == 422
    assert code(portal.post(**multipart(raw, files[0]), key="k"))[0] == 422


@pytest.mark.django_db
def test_when_the_answer_is_forgotten_the_eingang_is_not() -> None:
    portal, body = PortalClient(), make.application()
    first = portal.post(body, key="k").json()
    IdempotencyRecord.objects.update(created_at=timezone.now() - actions.ANSWERS_KEPT - timedelta(minutes=1))
    assert actions.forget_answers() == 1
    assert portal.post(body, key="k").json() == first
    IdempotencyRecord.objects.all().delete()
    other = portal.post(make.application(), key="k")
    assert other.status_code == 201 and other.json()["case_id"] != first["case_id"], "not lost, and not mixed up"
    assert "message_id_reused" in str(Submission.objects.latest("pk").receipt_findings)


@pytest.mark.django_db(transaction=True)
def test_while_the_first_is_running_the_second_waits_for_its_turn(monkeypatch) -> None:
    portal, body = PortalClient(), make.application()
    inside, go_on = threading.Event(), threading.Event()
    from intake.api import submissions

    take = submissions.take

    def slowly(*args, **kwargs):
        inside.set()
        go_on.wait(10)
        return take(*args, **kwargs)

    monkeypatch.setattr(submissions, "take", slowly)
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(_in_thread, portal, body)
        assert inside.wait(10)
        answer = portal.post(body, key="k")
        assert code(answer) == (409, "still_running")
        assert int(answer["Retry-After"]) >= 1
        go_on.set()
        assert first.result().status_code == 201
    assert portal.post(body, key="k").content == first.result().content
    assert IdempotencyRecord.objects.count() == 1


def _in_thread(portal: PortalClient, body):
    from django.db import connection

    try:
        return portal.post(body, key="k")
    finally:
        connection.close()


@pytest.mark.django_db(transaction=True)
def test_eight_clients_send_five_hundred_several_times(live_server, settings) -> None:
    settings.API_RATE_LIMIT = settings.API_WRITE_RATE_LIMIT = 0
    make.service("wohngeld")
    portals = [PortalClient() for _ in range(CLIENTS)]
    address = live_server.url.removeprefix("http://")
    chance = random.Random(7)
    body = json.dumps(make.application(attachments=[]) | {"data": {"a": "ä"}}).encode()
    plan: list[tuple[int, str]] = []  # keys 0…: the same ones at several clients
    for number in range(SUBMITTED):
        plan += [(number % CLIENTS, f"key-{number // CLIENTS}")] * chance.choice([2, 2, 2, 3, 4])
    chance.shuffle(plan)
    shares = [plan[start::CLIENTS] for start in range(CLIENTS)]  # each sender speaks for all clients

    with ThreadPoolExecutor(CLIENTS) as pool:
        results = [item for share in pool.map(lambda s: _send_all(address, portals, s, body), shares) for item in share]

    answers: dict[tuple[int, str], set[tuple[int, bytes]]] = {}
    for who, status, content in results:
        answers.setdefault(who, set()).add((status, content))
    assert len(results) == len(plan)
    assert len(answers) == SUBMITTED
    assert Counter(len(found) for found in answers.values()) == {1: SUBMITTED}, "equal answers"
    assert {status for found in answers.values() for status, _ in found} == {201}
    ids = {json.loads(content)["case_id"] for found in answers.values() for _, content in found}
    assert len(ids) == SUBMITTED
    assert Submission.objects.count() == CaseNumber.objects.count() == SUBMITTED


def _send_all(address: str, portals: list[PortalClient], plan: list[tuple[int, str]], body: bytes):
    http = HTTPConnection(address, timeout=30)
    found = []
    for client, key in plan:
        headers = {
            "Authorization": f"Bearer {portals[client].token}",
            "Idempotency-Key": key,
            "Content-Type": "application/json",
        }
        while True:
            http.request("POST", SUBMISSIONS, body, headers)
            answer = http.getresponse()
            content = answer.read()
            if answer.status != 409:
                break
            assert answer.headers["Retry-After"]
            time.sleep(0.02)
        found.append(((client, key), answer.status, content))
    http.close()
    return found


@pytest.mark.faults
@pytest.mark.django_db(transaction=True)
def test_a_killed_process_holds_no_key(tmp_path: Path) -> None:
    """The web process dies after receiving and before its answer; the repetition is received, once."""
    portal = PortalClient()
    body = make.application()
    path = tmp_path / "application.json"
    path.write_text(json.dumps(body))
    log = tmp_path / "log"
    process = processes.start([sys.executable, ANSWERING, str(path), "k"], log)
    try:
        deadline = time.monotonic() + 30
        while "inside" not in log.read_text() and time.monotonic() < deadline:
            time.sleep(0.05)
        assert "inside" in log.read_text()
        assert code(portal.post(body, key="k")) == (409, "still_running")
    finally:
        processes.kill_group(process)
    assert Submission.objects.count() == 0
    deadline = time.monotonic() + 5  # the database notices at once that nobody is there
    while (answer := portal.post(body, key="k")).status_code == 409 and time.monotonic() < deadline:
        time.sleep(0.05)
    assert answer.status_code == 201
    assert Submission.objects.count() == IdempotencyRecord.objects.count() == 1
