"""The feed loses and repeats nothing, in the order of each Vorgang, whoever writes meanwhile."""

from __future__ import annotations

import threading
from itertools import pairwise
from typing import Any

import pytest
from django.db import close_old_connections, connection, connections, transaction
from django.test import Client
from django.utils import timezone

from cases.actions import reserve_number
from cases.models import CaseNumber
from intake.models import ApiClient
from returnchannel.actions import feed
from returnchannel.api.changes import cursor_of
from returnchannel.models import PublicChange
from tests import factories as make


def read(token: str, after: str = "", **query: Any) -> Any:
    """An answer of the feed."""
    query |= {"after": after} if after else {}
    return Client().get("/api/v1/changes", query, headers={"Authorization": f"Bearer {token}"})


def changed(client: ApiClient, times: int = 1, version: int = 0) -> PublicChange:
    """So many steps under a new Vorgangs-ID."""
    number = reserve_number()
    at = timezone.now()
    rows = [
        PublicChange(number=number, client=client, version=version + n, kind="status", status="eingegangen", at=at)
        for n in range(times)
    ]
    feed.write(rows)
    return rows[-1]


@pytest.mark.django_db(transaction=True)
def test_page_by_page_each_once_and_in_order() -> None:
    client, token = make.portal()
    for _ in range(5):
        changed(client)
    first = read(token, limit=3).json()
    assert (len(first["changes"]), first["more"]) == (3, True)
    second = read(token, first["next"], limit=3).json()
    assert (len(second["changes"]), second["more"]) == (2, False)
    assert len({each["case_id"] for each in first["changes"] + second["changes"]}) == 5
    last = read(token, second["next"]).json()
    assert (last["changes"], last["next"], last["more"]) == ([], second["next"], False)
    changed(client)
    assert len(read(token, last["next"]).json()["changes"]) == 1, "a cursor is good for ever"


@pytest.mark.django_db(transaction=True)
def test_others_changes_are_not_there() -> None:
    client, token = make.portal("eins")
    _, other = make.portal("zwei")
    changed(client)
    assert len(read(token).json()["changes"]) == 1
    assert read(other).json()["changes"] == []


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    "cursor", ["unfug", "djE6MQ==", "djE6LTE", "AAAA", "djI6MQ", cursor_of(10**15), "x" * 5000, "ä"]
)
def test_a_cursor_that_was_never_given_is_a_problem(cursor: str) -> None:
    _, token = make.portal()
    answer = read(token, cursor)
    assert (answer.status_code, answer.json()["type"]) == (400, "/problems/cursor_unknown")


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("limit", ["0", "501", "-1", "1000000", "zehn", "", "1.5", "٣"])
def test_a_limit_that_is_none_is_a_problem(limit: str) -> None:
    _, token = make.portal()
    answer = read(token, limit=limit)
    assert (answer.status_code, answer.json()["type"]) == (400, "/problems/limit_invalid")


@pytest.mark.django_db(transaction=True)
def test_an_application_shows_its_receipt_and_then_its_state() -> None:
    _, token = make.portal()
    answer = Client().post(
        "/api/v1/submissions",
        make.application(),
        content_type="application/json",
        headers={"Authorization": f"Bearer {token}", "Idempotency-Key": "1"},
    )
    (change,) = read(token).json()["changes"]
    assert change["case_id"] == answer.json()["case_id"]
    assert (change["kind"], change["version"], change["status"]) == ("receipt", 0, "eingegangen")


def step(client: ApiClient, number: CaseNumber, version: int) -> None:
    """Write one step."""
    at = timezone.now()
    feed.write(
        [PublicChange(number=number, client=client, version=version, kind="status", status="eingegangen", at=at)]
    )


def write(client: ApiClient, count: int) -> None:
    """A writer: steps of one Vorgang, some of them in transactions that take a while, some rolled back."""
    number = reserve_number()
    for version in range(count):
        if version % 7 == 3:
            with transaction.atomic():
                step(client, number, version)
                transaction.set_rollback(True)
        with transaction.atomic():
            step(client, number, version)
            if version % 11 == 5:
                with connection.cursor() as cursor:
                    cursor.execute("SELECT pg_sleep(0.002)")
    connections.close_all()


@pytest.mark.django_db(transaction=True)
def test_eight_write_five_hundred_each_and_a_reader_sees_all_once(settings: Any) -> None:
    settings.API_RATE_LIMIT = settings.API_WRITE_RATE_LIMIT = 0
    client, token = make.portal()
    writers = [threading.Thread(target=write, args=(client, 500)) for _ in range(8)]
    for writer in writers:
        writer.start()
    seen: list[tuple[str, int]] = []
    cursor, quiet = "", 0
    while quiet < 2:
        close_old_connections()
        is_over = not any(writer.is_alive() for writer in writers)
        page = read(token, cursor, limit=97).json()
        seen += [(each["case_id"], each["version"]) for each in page["changes"]]
        cursor = page["next"]
        quiet = quiet + 1 if is_over and not page["changes"] else 0
    assert len(seen) == len(set(seen)) == 4000
    by_case: dict[str, list[int]] = {}
    for case_id, version in seen:
        by_case.setdefault(case_id, []).append(version)
    assert all(later == earlier + 1 for each in by_case.values() for earlier, later in pairwise(each))
