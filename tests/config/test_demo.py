"""The demonstration: its mail becomes what its declaration says, through the real pipeline."""

from __future__ import annotations

import contextlib
import io
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import connection
from django.test import Client, override_settings
from pytest_django import DjangoDbBlocker

from audit.registries import health, integrity
from cases.models import Case, Role, User
from config.demo import mail, other_ways, run, town
from config.demo.applications import APPLICATIONS
from intake.models import Submission
from routing.models import ExceptionEntry
from tests import databases

pytestmark = pytest.mark.django_db


def shown() -> dict:
    """What the command reports."""
    with contextlib.redirect_stdout(io.StringIO()) as out:
        call_command("demo", no_serve=True, json=True)
    return json.loads(out.getvalue().splitlines()[-1])


@pytest.fixture(scope="module")
def data_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the demo's files lie."""
    return tmp_path_factory.mktemp("demo")


@pytest.fixture(scope="module")
def report(data_dir: Path, django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[dict]:
    """One demo, for all tests here: what they change of it is taken back after each."""
    with django_db_blocker.unblock():
        with connection.cursor() as cursor:  # the test's database stands for one that a demo has been made in
            cursor.execute(f"COMMENT ON SCHEMA public IS '{run.MARK}'")
        with override_settings(DATA_DIR=data_dir, PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"]):
            made = shown()
    yield made
    with django_db_blocker.unblock():
        databases.empty()
        with connection.cursor() as cursor:
            cursor.execute("COMMENT ON SCHEMA public IS NULL")


@pytest.fixture(autouse=True)
def _files_of_the_demo(settings, data_dir: Path) -> None:
    settings.DATA_DIR = data_dir


def test_every_message_becomes_what_it_is_meant_to(report: dict) -> None:
    case_of = {Path(s["source"]).name: s for s in report["submissions"]}
    key_of = {}

    def known(key: str) -> tuple[str, str]:
        case = Case.objects.get(public_id=case_of[key_of[key]]["case_id"])
        return case.public_id, case.file_reference

    inbox = Path(report["submissions"][0]["source"]).parents[1]
    first = mail.first_batch(inbox / "again")
    key_of = {message.key: message.path.name for message in first}
    messages = first + mail.second_batch(inbox / "again", known)
    assert len(messages) >= 44
    for message in messages:
        found = case_of[message.path.name]
        assert found["state"] == message.expected, message.key
        assert (found["reason"] or "") == message.expected_reason, message.key
        assert found["already_known"] == message.already_known, message.key
        if message.team:
            assert found["unit"] == message.team, message.key
        if message.joins:
            assert found["case_id"] == case_of[key_of[message.joins]]["case_id"], message.key
        assert set(message.hints) <= {finding["code"] for finding in found["findings"]}, message.key


def test_what_comes_on_other_ways_becomes_what_it_is_meant_to(report: dict) -> None:
    found = {Path(each["source"]).name: each for each in report["submissions"]}
    case_of = {name.split("-", 1)[1]: each["case_id"] for name, each in found.items() if name[:3].isdigit()}
    for other in other_ways.OTHERS:
        message = found[other.name]
        assert (message["state"], message["reason"] or "") == (other.expected, other.expected_reason), other.name
        if other.joins:
            assert message["case_id"] == case_of[other.joins], other.name
        if other.team:
            assert message["unit"] == other.team, other.name
    standards = {found[other.name]["facts"]["standard"] for other in other_ways.OTHERS}
    assert standards == {"xjustiz", "eml", "scan"}
    assert len(found["nachweise.eml"]["facts"]["documents"]) == 2
    assert found["2026-11-20_0001.pdf"]["facts"]["received_at"].startswith("2026-11-20T12:00")


def test_every_application_becomes_what_it_is_meant_to(report: dict) -> None:
    case_of = {Path(s["source"]).name[3:]: s for s in report["submissions"] if s["source"].startswith("portal/")}
    assert len(case_of) == len(APPLICATIONS) >= 12
    for sample in APPLICATIONS:
        found = case_of[sample.key]
        assert found["state"] == sample.expected, (sample.key, found["findings"])
        assert (found["reason"] or "") == sample.expected_reason, sample.key
        assert not sample.team or found["unit"] == sample.team, sample.key
        assert set(sample.hints) == {f["code"] for f in found["findings"]} or sample.expected == "exception", sample.key
        assert found["facts"]["standard"] == "portal"
        assert [d["name"] for d in found["facts"]["documents"]] == [paper.filename for paper in sample.papers]


def test_it_counts_what_it_says(report: dict) -> None:
    total = len(report["submissions"])
    assert total >= 44
    assert report["filed"] + report["exception"] + report["duplicate"] == total
    assert report["filed"] >= total / 2
    assert report["received"] + report["already_known"] == total
    assert Submission.objects.count() == report["received"]
    assert ExceptionEntry.objects.filter(resolved_at=None).count() == report["exception"]


def test_three_versions_of_xjustiz_are_among_it(report: dict) -> None:
    assert {s["facts"]["version"] for s in report["submissions"]} >= {"2.4.0", "3.5.1", "3.6.2"}


def test_again_it_receives_nothing_new(report: dict) -> None:
    again = shown()
    assert (again["received"], again["already_known"]) == (0, len(report["submissions"]))
    assert [s["case_id"] for s in again["submissions"]] == [s["case_id"] for s in report["submissions"]]


def test_the_house_is_in_order_afterwards(report: dict) -> None:
    assert [problem for _, check in integrity for problem in check()] == []
    assert all(check().ok for _, check in health)


def test_everybody_can_log_in_and_sees_their_own(report: dict, settings, client: Client) -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher", *settings.PASSWORD_HASHERS]
    for person in town.PEOPLE:
        user = User.objects.get(username=person.username)
        assert user.check_password("Musterhausen-2026")
        client.force_login(user)
        assert client.get("/").status_code == 200
        has_work = any(role in (Role.CASEWORKER, Role.LEAD) and team != "poststelle" for team, role in person.roles)
        from cases.selectors import visible_cases

        assert visible_cases(user).exists() == has_work, person.username
