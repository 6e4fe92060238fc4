"""Looking into a PDF: can it be opened, how many pages has it, does it do something by itself?

A PDF from outside is hostile until proven otherwise: a process of its own reads it (``pdf_reader``), with limits of
time and memory. Each process of the house has one such reader, started when it is first needed and kept.
"""

from __future__ import annotations

import atexit
import json
import logging
import os
import select
import shutil
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any, BinaryIO

from cases import pdf_reader
from cases.fileflags import Flag

SECONDS = 2.0
"""How long active content is searched for in one file."""
PATIENCE_SECONDS = 30
"""How long the reader may take for one file; it ends itself before."""
_PROGRAM = Path(__file__).with_name("pdf_reader.py")
_UNREAD = {"pages": None, "flags": [Flag.TOO_LARGE.value], "last": True}

log = logging.getLogger("laufmappe.files")


def examine(stream: BinaryIO, size: int) -> tuple[int | None, tuple[Flag, ...]]:
    """The number of pages and the flags of the PDF of ``size`` bytes in ``stream``; (None, …) when it cannot be opened.

    Flags: ``encrypted``, ``broken``, ``javascript``, ``launch``, ``embedded_files``, ``xfa`` and, when it takes too
    much time or memory, ``too_large``. Raises OSError when the bytes cannot be read, or the reader does not start.
    """
    result = _reader.ask(stream, size)
    return result["pages"], tuple(Flag(flag) for flag in result["flags"])


class Reader:
    """The process that reads PDFs, for one at a time."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.process: subprocess.Popen[bytes] | None = None

    def ask(self, stream: BinaryIO, size: int) -> dict[str, Any]:
        """What the reader says of a PDF; when it dies of it or takes too long, that."""
        with self._lock:
            process = self.process or self._start()
            try:
                process.stdin.write(pdf_reader.HEAD.pack(size, SECONDS))
                shutil.copyfileobj(stream, process.stdin)
                process.stdin.flush()
            except BrokenPipeError:
                answer = b""
            except OSError:  # the bytes: what the reader waits for now will never come
                self.end()
                raise
            else:
                answer = _line(process)
            result = json.loads(answer) if answer else _UNREAD
            if not answer:
                log.warning("the PDF reader gave no answer")
            if result["last"]:
                self.end()
            return result

    def end(self) -> None:
        """Let the process go; a new one is started when it is needed."""
        process, self.process = self.process, None
        if process:
            process.kill()
            process.wait()
            process.stdout.close()
            try:
                process.stdin.close()
            except BrokenPipeError:  # what was not written yet
                log.debug("the PDF reader was gone before")

    def _start(self) -> subprocess.Popen[bytes]:
        """A new process, of its own group: who stops the house stops it too, by closing its standard input."""
        command = [sys.executable, "-I", str(_PROGRAM)]
        pipe = subprocess.PIPE
        self.process = subprocess.Popen(
            command, stdin=pipe, stdout=pipe, stderr=subprocess.DEVNULL, start_new_session=True
        )
        if _line(self.process) != b"ready\n":
            self.end()
            raise OSError("the PDF reader does not start")
        return self.process


def _line(process: subprocess.Popen[bytes]) -> bytes:
    """The next line that the process writes; nothing when it is gone, or silent for too long."""
    readable, _, _ = select.select([process.stdout], [], [], PATIENCE_SECONDS)
    return process.stdout.readline() if readable else b""


_reader = Reader()
_of_parents: list[Reader] = []  # the readers of the processes that this one was forked from: theirs


def _forked() -> None:
    global _reader
    _of_parents.append(_reader)
    _reader = Reader()


os.register_at_fork(after_in_child=_forked)
atexit.register(lambda: _reader.end())
