"""Real processes of Laufmappe on the test's own database and data directory, to be started, killed and read."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
from pathlib import Path

from django.conf import settings
from django.db import connection

ROOT = Path(__file__).parents[1]


def environment(**more: str) -> dict[str, str]:
    """The environment of a production process that works on the test's database and blob store."""
    database = connection.settings_dict
    url = f"postgresql://{database['USER']}@/{database['NAME']}?host={database['HOST']}"
    keep = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "TMPDIR") if name in os.environ}
    return keep | {
        "DATABASE_URL": url,
        "DATA_DIR": str(settings.DATA_DIR),
        "SECRET_KEY": "only-for-tests-" + "x" * 50,
        "ALLOWED_HOSTS": "localhost",
        "AUTHORITY_NAME": "Stadt Musterhausen",
        "AUTHORITY_LAND": "NW",
        **more,
    }


def command(*arguments: str) -> list[str]:
    """The command line of ``manage.py``."""
    return [sys.executable, str(ROOT / "manage.py"), *arguments]


def run(*arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
    """Run a command to its end; output as text."""
    env = environment(**more)
    return subprocess.run(command(*arguments), cwd=ROOT, env=env, capture_output=True, text=True, timeout=120)


def start(arguments: list[str], log: Path, **more: str) -> subprocess.Popen[bytes]:
    """Start a process in a group of its own, with its output in ``log``."""
    with log.open("ab") as out:
        return subprocess.Popen(
            arguments, cwd=ROOT, env=environment(**more), stdout=out, stderr=out, start_new_session=True
        )


def kill_group(process: subprocess.Popen[bytes]) -> None:
    """``kill -9`` for the process and all that it has started."""
    with contextlib.suppress(ProcessLookupError):  # it had ended by itself
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
