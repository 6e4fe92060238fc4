"""What the status of a Vorgang costs over HTTP: ``uv run python tests/bench/status.py [--json]``.

``GET /api/v1/cases/{id}`` of the product, with token, rate limit and all middleware, beside a bare WSGI application
that sends the same statement by raw psycopg (prepared, on a connection of its own) and writes the same JSON. Both are
served by the same gunicorn (one process each, two threads), on loopback, and asked by the same client, which keeps its
connections open. Rounds alternate; printed are medians of requests per second.
"""

from __future__ import annotations

import argparse
import http.client
import os
import random
import socket
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from base import run

FOLDER = Path(__file__).parent
KNOWN = {"If-None-Match": '"v1"'}
WORKERS, THREADS = "1", "2"


def measure(options: argparse.Namespace) -> dict[str, Any]:
    """All figures."""
    from tests import factories

    client, token = factories.portal("bench")
    ids = _cases(client, options.cases)
    rounds: dict[str, list[float]] = {"raw_200": [], "case_200": [], "raw_304": [], "case_304": []}
    with _served("config.wsgi", token) as product, _served("status_raw", token) as raw:
        _same(product, raw, token, ids[:20])
        for _ in range(options.rounds):
            for name, times in rounds.items():
                port, headers = raw if name.startswith("raw") else product, KNOWN if name.endswith("304") else {}
                times.append(_per_second(port, token, ids, headers, options))
    figures = {f"{name}_per_s": round(statistics.median(times)) for name, times in rounds.items()}
    ratios = {
        "case_to_raw": _ratio(rounds["case_200"], rounds["raw_200"]),
        "known_to_whole": _ratio(rounds["case_304"], rounds["case_200"]),
    }
    return {"cases": len(ids), "rounds": options.rounds, "clients": options.clients} | figures | ratios


def _ratio(many: list[float], few: list[float]) -> float:
    """The median of the ratios within a round."""
    return round(statistics.median(a / b for a, b in zip(many, few, strict=True)), 2)


def _cases(client: Any, count: int) -> list[str]:
    """So many Vorgänge that a portal has handed over, as they are stored."""
    from django.db import connection
    from django.utils import timezone

    from cases.actions.bulk import Opening, open_cases
    from cases.models import CaseNumber
    from intake.models import Submission
    from tests import factories

    service, at = factories.service("wohngeld"), timezone.now()
    one = Opening(service=service, unit=service.unit, by=factories.SYSTEM, received_at=at)
    opened = [each.case for _ in range(count // 500) for each in open_cases([one] * 500)]
    numbers = {number.public_id: number for number in CaseNumber.objects.all()}
    Submission.objects.bulk_create(
        Submission(
            channel="portal",
            external_id=case.public_id,
            client=client,
            service="wohngeld",
            received_at=at,
            number=numbers[case.public_id],
            state="filed",
            case=case,
        )
        for case in opened
    )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    return [case.public_id for case in opened]


def _per_second(port: int, token: str, ids: list[str], headers: dict[str, str], options: argparse.Namespace) -> float:
    """How many requests per second are answered, by clients that each ask for one random Vorgang after the other."""
    each = options.requests // options.clients
    threads = [
        threading.Thread(target=_ask, args=(port, token, ids, headers, each, seed)) for seed in range(options.clients)
    ]
    started = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return each * options.clients / (time.perf_counter() - started)


def _ask(port: int, token: str, ids: list[str], headers: dict[str, str], count: int, seed: int) -> None:
    dice, expected = random.Random(seed), b"304" if headers else b"200"
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    rest = f" HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {token}\r\n{lines}\r\n".encode()
    with socket.create_connection(("127.0.0.1", port)) as link:
        for _ in range(count):
            link.sendall(b"GET /api/v1/cases/" + dice.choice(ids).encode() + rest)
            head, _, body = _until_blank(link).partition(b"\r\n\r\n")
            assert head[9:12] == expected, head
            length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0] or 0)
            while len(body) < length and not headers:
                body += link.recv(65536)


def _until_blank(link: socket.socket) -> bytes:
    got = b""
    while b"\r\n\r\n" not in got:
        more = link.recv(65536)
        assert more, "the server has closed the connection"
        got += more
    return got


def _same(product: int, raw: int, token: str, ids: list[str]) -> None:
    """Both say the same."""
    for case_id in ids:
        answers = []
        for port in (product, raw):
            link = http.client.HTTPConnection("127.0.0.1", port)
            link.request("GET", f"/api/v1/cases/{case_id}", headers={"Authorization": f"Bearer {token}"})
            answers.append(link.getresponse().read())
        assert answers[0] == answers[1], answers


@contextmanager
def _served(application: str, token: str) -> Iterator[int]:
    """A WSGI application behind gunicorn; gives its port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "gunicorn", application, "--bind", f"127.0.0.1:{port}", "--log-level", "warning"]
    command += ["--worker-class", "gthread", "--workers", WORKERS, "--threads", THREADS, "--keep-alive", "30"]
    paths = os.pathsep.join([str(FOLDER), str(FOLDER.parents[1])])
    environment = os.environ | {"API_RATE_LIMIT": "10000000/min", "PYTHONPATH": paths}
    server = subprocess.Popen(command, cwd=FOLDER.parents[1], env=environment)
    try:
        _wait_for(port)
        yield port
    finally:
        server.terminate()
        server.wait(20)


def _wait_for(port: int) -> None:
    for _ in range(300):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise TimeoutError(f"nothing answers on port {port}")


if __name__ == "__main__":
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--rounds", type=int, default=7)
    arguments.add_argument("--cases", type=int, default=10_000)
    arguments.add_argument("--requests", type=int, default=2_000, help="in each round")
    arguments.add_argument("--clients", type=int, default=2)
    run(measure, arguments)
