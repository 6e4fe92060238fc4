"""Real processes: ``serve`` answers and ends in time, ``worker`` works, wrong settings refuse to start."""

from __future__ import annotations

import http.client
import json
import os
import signal
import socket
import subprocess
import time
from pathlib import Path

import pytest

from intake.models import Submission
from tests import factories as make
from tests import processes

pytestmark = pytest.mark.django_db(transaction=True)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_until(condition, seconds: float = 30) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if condition():
            return True
        time.sleep(0.1)
    return False


def get(port: int, path: str) -> tuple[int, bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", path, headers={"Host": "localhost"})
        answer = connection.getresponse()
        return answer.status, answer.read()
    except OSError:
        return 0, b""
    finally:
        connection.close()


def test_serve_answers_works_and_ends_within_ten_seconds(tmp_path: Path) -> None:
    port, log = free_port(), tmp_path / "serve.log"
    process = processes.start(processes.command("serve", "--port", str(port)), log)
    try:
        assert wait_until(lambda: get(port, "/health/live")[0] == 200, 60), log.read_text()
        status, body = get(port, "/health/ready")
        assert (status, json.loads(body)["status"]) == (200, "ok")
        submission = make.submission()
        assert wait_until(lambda: Submission.objects.get(pk=submission.pk).state != "received"), log.read_text()
        began = time.monotonic()
        process.terminate()
        assert process.wait(10) == 0, log.read_text()
        assert "ERROR" not in log.read_text()
        assert "Laufmappe läuft" in log.read_text()
        assert time.monotonic() - began < 10
        assert wait_until(lambda: get(port, "/health/live")[0] == 0, 3), "nothing listens any more"
    finally:
        processes.kill_group(process)


def test_a_worker_takes_up_what_was_forgotten(tmp_path: Path) -> None:
    waiting = [make.submission().pk for _ in range(3)]
    process = processes.start(processes.command("worker"), tmp_path / "worker.log")
    try:
        done = Submission.objects.filter(pk__in=waiting).exclude(state="received")
        assert wait_until(lambda: done.count() == 3), (tmp_path / "worker.log").read_text()
        process.send_signal(signal.SIGTERM)
        assert process.wait(10) == 0
    finally:
        processes.kill_group(process)


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"SECRET_KEY": ""}, "SECRET_KEY fehlt"),
        ({"SECRET_KEY": "kurz"}, "SECRET_KEY ist zu kurz"),
        ({"ALLOWED_HOSTS": ""}, "ALLOWED_HOSTS fehlt"),
        ({"ALLOWED_HOSTS": "*"}, "ALLOWED_HOSTS darf nicht * sein"),
        ({"AUTHORITY_NAME": ""}, "AUTHORITY_NAME und AUTHORITY_LAND fehlen"),
        ({"DEBUG": "True"}, "DEBUG darf mit DATABASE_URL nicht eingeschaltet sein"),
        ({"DATABASE_URL": "sqlite:////tmp/x"}, "DATABASE_URL muss auf PostgreSQL zeigen"),
        ({"API_RATE_LIMIT": "viel"}, "API_RATE_LIMIT ist „viel“"),
        ({"API_WRITE_RATE_LIMIT": "5/s"}, "API_WRITE_RATE_LIMIT ist „5/s“"),
        ({"OFFICE_HOURS": "werktags"}, "OFFICE_HOURS: „werktags“ sind keine Dienststunden"),
        ({"CLEARING_ESCALATION_HOURS": "bald"}, "CLEARING_ESCALATION_HOURS ist „bald“"),
        ({"WEBHOOK_ALLOWED_NETWORKS": "10.0.0.1/24"}, "WEBHOOK_ALLOWED_NETWORKS: „10.0.0.1/24“ ist kein Netz"),
        ({"WEBHOOK_ALLOWED_NETWORKS": "0.0.0.0/0"}, "WEBHOOK_ALLOWED_NETWORKS: „0.0.0.0/0“ lässt fast alles zu"),
        ({"CLEARING_ESCALATION_HOURS": "-1"}, "CLEARING_ESCALATION_HOURS ist „-1“"),
    ],
)
def test_wrong_settings_refuse_to_start_with_one_sentence(values: dict, sentence: str) -> None:
    done = processes.run("check", **values)
    assert done.returncode != 0
    assert sentence in done.stderr


def test_production_settings_pass_djangos_own_check() -> None:
    done = processes.run("check", "--deploy", "--fail-level", "WARNING")
    assert done.returncode == 0, done.stderr


def test_two_commands_at_once_migrate_a_fresh_database_once(tmp_path: Path) -> None:
    """Local mode in a directory with a blank in its name: the embedded database starts, once, for both."""
    env = {k: v for k, v in os.environ.items() if k != "DATABASE_URL"} | {"DATA_DIR": str(tmp_path / "mit Leerzeichen")}
    make.write_container(tmp_path / "in" / "1", make.container())
    command = processes.command("import_submissions", str(tmp_path / "in"), "--channel", "egvp", "--json")
    pipe = subprocess.PIPE
    both = [subprocess.Popen(command, env=env, stdout=pipe, stderr=pipe, text=True) for _ in range(2)]
    said = [process.communicate(timeout=120) for process in both]
    assert [process.returncode for process in both] == [0, 0], said
    reports = [json.loads(out.splitlines()[-1]) for out, _ in said]
    assert sorted(report["received"] for report in reports) == [0, 1]


def test_help_starts_no_database(tmp_path: Path) -> None:
    env = {k: v for k, v in os.environ.items() if k != "DATABASE_URL"} | {"DATA_DIR": str(tmp_path / "leer")}
    subprocess.run(processes.command("demo", "--help"), env=env, check=True, capture_output=True)
    assert not (tmp_path / "leer" / "pg").exists()


def test_a_signal_to_the_whole_group_ends_a_worker_too(tmp_path: Path) -> None:
    process = processes.start(processes.command("worker"), tmp_path / "worker.log")
    try:
        waiting = make.submission().pk
        assert wait_until(lambda: Submission.objects.get(pk=waiting).state != "received")
        os.killpg(process.pid, signal.SIGTERM)
        assert process.wait(10) == 0
        assert "ERROR" not in (tmp_path / "worker.log").read_text()
    finally:
        processes.kill_group(process)


def test_a_port_in_use_is_said_and_nothing_is_started() -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        done = processes.run("serve", "--port", str(port))
    assert done.returncode == 2
    assert f"Port {port} ist belegt" in done.stderr
    assert "läuft" not in done.stdout
