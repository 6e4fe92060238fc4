"""What all benchmarks share: a database of their own, the clock, and how figures are shown."""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]


def run(measure: Callable[[argparse.Namespace], dict[str, Any]], parser: argparse.ArgumentParser) -> None:
    """Measure with an embedded PostgreSQL in a directory of its own, and print; nothing is left behind."""
    parser.add_argument("--json", action="store_true", help="print JSON")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="laufmappe-bench-") as folder:
        os.environ["DATA_DIR"] = folder
        os.environ.pop("DATABASE_URL", None)
        os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
        sys.path.insert(0, str(ROOT))
        import django
        from django.core.management import call_command

        django.setup()
        call_command("migrate", verbosity=0)
        machine = f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}, {_server()}"
        figures = {"machine": machine, "commit": _commit()} | measure(options)
    print(json.dumps(figures, ensure_ascii=False, indent=2) if options.json else _as_text(figures))


def timed(work: Callable[[], Any]) -> float:
    """How many seconds it takes."""
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def ms(seconds: list[float]) -> float:
    """The median in milliseconds."""
    return round(statistics.median(seconds) * 1000, 2)


def _server() -> str:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SHOW server_version")
        return f"PostgreSQL {cursor.fetchone()[0]} (embedded)"


def _commit() -> str:
    done = subprocess.run(["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, capture_output=True, text=True)
    return done.stdout.strip() or "unknown"


def _as_text(figures: dict[str, Any]) -> str:
    lines = []
    for name, value in figures.items():
        if isinstance(value, dict):
            lines += [f"{name}:", *(f"  {key:<18} {inner}" for key, inner in value.items())]
        else:
            lines.append(f"{name:<20} {value}")
    return "\n".join(lines)
