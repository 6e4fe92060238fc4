"""Uploads go to disk as they come: a large one costs the web server no memory, one that breaks off leaves nothing."""

from __future__ import annotations

import base64
import hashlib
import http.client
import json
import os
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings

from cases.models import CaseNumber
from config import supervisor
from intake.models import IdempotencyRecord, Submission, SubmissionFile
from tests import factories as make
from tests import processes

MB = 1024 * 1024
FILE = 200_000_000  # bytes
PIECE = 60_000  # bytes that are sent at once; a multiple of three, for Base64
MOST_MB = 50  # what the web server may grow by, at its highest
BOUNDARY = "0123456789abcdef"
PATH = "/api/v1/submissions"
pytestmark = [pytest.mark.faults, pytest.mark.django_db(transaction=True)]


class Web:
    """The web server as ``serve`` runs it, and a portal that speaks to it."""

    def __init__(self, log: Path) -> None:
        make.service("wohngeld")
        _, self.token = make.portal()
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.log = log
        self.process = processes.start(supervisor.children("127.0.0.1", self.port)[0].command, log)
        deadline = time.monotonic() + 60
        while not (supervisor.listens("127.0.0.1", self.port) and len(self.pids) == 2):
            assert time.monotonic() < deadline, log.read_text()
            time.sleep(0.1)

    @property
    def pids(self) -> list[int]:
        """The processes that answer."""
        path = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        return [int(pid) for pid in path.read_text().split()]

    def memory(self) -> dict[int, float]:
        """The most memory in MB that each of them has ever held."""
        return {pid: highest(pid) for pid in self.pids}

    def headers(self, length: int, key: str, media_type: str) -> dict[str, str]:
        """What a request carries."""
        return {
            "Host": "localhost",
            "X-Forwarded-Proto": "https",
            "Authorization": f"Bearer {self.token}",
            "Idempotency-Key": key,
            "Content-Type": media_type,
            "Content-Length": str(length),
        }

    def post(self, body: Iterator[bytes], length: int, *, key: str, media_type: str) -> tuple[int, dict]:
        """Send a body piece by piece; status and JSON of the answer."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        connection.request("POST", PATH, body=body, headers=self.headers(length, key, media_type))
        answer = connection.getresponse()
        found = answer.status, json.loads(answer.read())
        connection.close()
        return found


def highest(pid: int) -> float:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM"))


@pytest.fixture
def web(tmp_path: Path) -> Iterator[Web]:
    """A running web server that has answered before."""
    running = Web(tmp_path / "web.log")
    try:
        for number in range(8):  # what is loaded at the first request is no cost of a large one
            body = json.dumps(make.application()).encode()
            done, _ = running.post(iter([body]), len(body), key=f"warm-{number}", media_type="application/json")
            assert done == 201, running.log.read_text()
        yield running
    finally:
        processes.kill_group(running.process)


def pieces(size: int) -> Iterator[bytes]:
    """A PDF, as far as its beginning goes: bytes that do not repeat, in pieces."""
    for start in range(0, size, PIECE):
        salt = hashlib.sha256(str(start).encode()).digest()
        piece = (b"%PDF-1.7\n" if start == 0 else b"") + salt * (PIECE // len(salt))
        yield piece[: min(PIECE, size - start)]


def as_multipart(size: int) -> tuple[Iterator[bytes], int, str]:
    """Body, length and media type of an application with a file of that size."""
    line = f"--{BOUNDARY}\r\n"
    head = f'{line}Content-Disposition: form-data; name="submission"\r\n\r\n{json.dumps(make.application())}\r\n'
    head += f'{line}Content-Disposition: form-data; name="a"; filename="a.pdf"\r\n\r\n'
    tail = f"\r\n--{BOUNDARY}--\r\n".encode()

    def body() -> Iterator[bytes]:
        yield head.encode()
        yield from pieces(size)
        yield tail

    return body(), len(head.encode()) + size + len(tail), f"multipart/form-data; boundary={BOUNDARY}"


def as_json(size: int) -> tuple[Iterator[bytes], int, str]:
    """The same with the file inside the JSON."""
    mark = "HERE"
    text = json.dumps(make.application(attachments=[{"filename": "a.pdf", "content": mark}]))
    head, tail = (each.encode() for each in text.split(mark))

    def body() -> Iterator[bytes]:
        yield head
        yield from (base64.b64encode(piece) for piece in pieces(size))
        yield tail

    return body(), len(head) + 4 * ((size + 2) // 3) + len(tail), "application/json"


@pytest.mark.parametrize(("form", "size"), [(as_multipart, FILE), (as_json, FILE * 7 // 10)])
def test_two_hundred_megabytes_cost_no_memory_and_are_kept_to_the_byte(web: Web, form, size: int) -> None:
    before = web.memory()
    body, length, media_type = form(size)
    status, told = web.post(body, length, key="large", media_type=media_type)
    assert status == 201, told
    grown = {pid: highest(pid) - size for pid, size in before.items()}
    (file,) = SubmissionFile.objects.filter(submission=told["submission_id"], name__endswith="a.pdf")
    sha256 = hashlib.sha256()
    for piece in pieces(size):
        sha256.update(piece)
    assert (file.blob_id, file.blob.size) == (sha256.hexdigest(), size)
    stored = next(Path(settings.DATA_DIR, "blobs").rglob(f"*{file.blob_id[4:]}"))
    with stored.open("rb") as stream:
        assert hashlib.file_digest(stream, "sha256").hexdigest() == sha256.hexdigest()
    assert max(grown.values()) < MOST_MB, grown


@pytest.mark.parametrize("share", [0.1, 0.9])
def test_what_breaks_off_is_not_stored_and_comes_whole_under_the_same_key(web: Web, share: float) -> None:
    before = Submission.objects.count(), CaseNumber.objects.count(), IdempotencyRecord.objects.count()
    blobs = files_of(Path(settings.DATA_DIR))
    body, length, media_type = as_multipart(8 * MB)
    whole = b"".join(body)
    lines = [f"POST {PATH} HTTP/1.1", *(f"{k}: {v}" for k, v in web.headers(length, "again", media_type).items())]
    with socket.create_connection(("127.0.0.1", web.port), timeout=30) as wire:
        wire.sendall("\r\n".join([*lines, "", ""]).encode() + whole[: int(length * share)])
        wire.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")  # closed by a reset
    time.sleep(0.5)
    assert (Submission.objects.count(), CaseNumber.objects.count(), IdempotencyRecord.objects.count()) == before
    assert files_of(Path(settings.DATA_DIR)) == blobs, "nothing is left on the disk either"
    assert len(web.pids) == 2
    done = [web.post(iter([whole]), length, key="again", media_type=media_type) for _ in range(2)]
    assert done[0] == done[1] and done[0][0] == 201
    assert Submission.objects.count() == before[0] + 1
    assert "Traceback" not in web.log.read_text()


def files_of(folder: Path) -> set[Path]:
    return {Path(where) / name for where, _, names in os.walk(folder) for name in names}
