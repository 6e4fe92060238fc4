"""What all tests share: an own database per run, an own blob store per test, and a browser."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db import connection
from django.test import TransactionTestCase, override_settings
from pytest_django import DjangoDbBlocker

from cases.letters import fonts
from tests import databases

CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
SHARED = Path(__file__).parents[2] / "shared"  # sample messages and official schemas, where they are at hand

os.environ.setdefault("LAUFMAPPE_TEST_RUN", str(os.getpid()))  # workers inherit it: two runs at once do not collide
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")  # Playwright runs an event loop in the test's thread


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_test_environment: None, django_db_blocker: DjangoDbBlocker) -> None:
    """A database of its own for each run and each of its processes, copied from one that is migrated once."""
    worker = os.environ.get("PYTEST_XDIST_WORKER", "")
    connection.settings_dict["TEST"]["NAME"] = f"test_laufmappe_{os.environ['LAUFMAPPE_TEST_RUN']}{worker}"
    with django_db_blocker.unblock():
        connection.settings_dict["TEST"]["TEMPLATE"] = databases.template()


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """As pytest-django's, where commits do not wait for the disk, which no test takes away.

    At the end a thread of the live server may still hold a connection, which must go.
    """
    with django_db_blocker.unblock():
        with connection.cursor() as cursor:
            cursor.execute(f"ALTER DATABASE {connection.settings_dict['NAME']} SET synchronous_commit = off")
        connection.close()  # the next one is of that kind, here and in every process
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_teardown", lambda self: databases.empty())
        yield
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        others = "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
        cursor.execute(f"SELECT pg_terminate_backend(pid) FROM ({others}) AS other")  # noqa: S608


@pytest.fixture(autouse=True)
def _own_settings(settings, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Blobs and schemas lie in the test's own directory, what goes to courts in another; its people log in fast."""
    settings.DATA_DIR = tmp_path / "data"
    settings.EGVP_OUTBOX = tmp_path_factory.mktemp("ausgang")
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # fast, for throw-away people


@pytest.fixture(scope="session", autouse=True)
def _letter_fonts(pytestconfig: pytest.Config) -> Iterator[None]:
    """Letters are set with fonts that were converted once, for all tests and runs; their version is in their place."""
    with override_settings(DATA_DIR=pytestconfig.cache.mkdir("letters")):
        folder = fonts.directory()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(fonts, "directory", lambda: folder)
        yield


@pytest.fixture
def shared() -> Path:
    """The folder with samples and official schemas; the test is skipped where it is not at hand."""
    if not (SHARED / "samples").is_dir():
        pytest.skip("../shared/samples is not there: the tests with real messages need it")
    return SHARED


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict) -> dict:
    """The installed Chromium, without its calls to the outside."""
    if CHROMIUM is None:
        if os.environ.get("CI") == "true":
            pytest.fail("Chromium is missing: apt-get install chromium")
        pytest.skip("Chromium is missing: apt-get install chromium, or set CHROMIUM to its path")
    quiet = ["--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update"]
    args = ["--no-sandbox", "--disable-gpu", "--disable-sync", "--lang=de-DE", *quiet]
    return {**browser_type_launch_args, "executable_path": CHROMIUM, "args": args}


@pytest.fixture(scope="session")
def browser_context_args(browser_context_args: dict) -> dict:
    """A German browser that shows no animations."""
    german = {"locale": "de-DE", "timezone_id": "Europe/Berlin", "reduced_motion": "reduce"}
    return {**browser_context_args, **german}
