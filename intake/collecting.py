"""Collecting: the actions on watched folders. Receive what is complete, and only then put it away.

A crash between the two leaves the message where it is; the next time it is known already, and only put away.
"""

from __future__ import annotations

import errno
import hashlib
import logging
import os
import shutil
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from django.db import DataError, Error, connection
from django.utils import timezone

from intake import channels
from intake.actions import receive
from intake.channels.base import Skipped
from intake.channels.folder import FAILED, PROCESSED, FolderChannel
from intake.inbox import REASON_SUFFIX, Inbox, Watch

ATTEMPTS = 3
"""How often storing an entry may fail for a reason that is no technical one, before it is put aside."""
MAX_NAME_BYTES = 240
"""How long a name may become that is made here; file systems take 255."""
log = logging.getLogger("laufmappe.inbox")


def collect(watch: Watch, *, stop: Callable[[], bool] = lambda: False) -> int:
    """One look at a watched folder: take what is complete. Returns how many messages were put away.

    Only one process at a time works on a folder; for the others there is nothing to do. ``stop`` ends the round early.
    Raises OSError when the folder cannot be read, and django.db.Error when the database is away.
    """
    with _alone_with(watch.inbox) as is_mine:
        if not is_mine:
            return 0
        taken = 0
        for path in watch.ready():
            if stop():
                break
            taken += _take(watch, path)
        return taken


def put_away(path: Path, folder: Path, *, is_unchanged: Callable[[], bool] = lambda: True) -> Path:
    """Move the entry at ``path`` into ``folder`` (created) under its name, made unique; returns where it lies now.

    On the same file system it is renamed; else it is copied, made durable, and only then deleted. That takes a while:
    when it is not ``is_unchanged`` at the end, it stays as it is, and OSError is raised.
    """
    folder.mkdir(parents=True, exist_ok=True)
    target = _free(folder, path.name)
    try:
        os.rename(path, target)
    except OSError as error:
        if error.errno != errno.EXDEV:
            raise
        _copy_over(path, target, is_unchanged)
    return target


def _take(watch: Watch, path: Path) -> bool:
    """Receive one entry and put it away. What cannot be received now stays, and is tried again later."""
    inbox = watch.inbox
    adapter = channels.get(inbox.channel)
    if not isinstance(adapter, FolderChannel):
        raise TypeError(f"the channel {inbox.channel} reads no folders")
    try:
        envelope = adapter.entry(path)
        if isinstance(envelope, Skipped):
            watch.postpone(path)
            return False
        receive(envelope, by=channels.actor(inbox.channel))
        if not watch.is_unchanged(path):
            return False  # somebody wrote on while it was read: it is looked at again
        today = inbox.folder / PROCESSED / timezone.localdate().isoformat()
        put_away(path, today, is_unchanged=lambda: watch.is_unchanged(path))
    except (OSError, MemoryError) as error:
        log.error("%s: an entry could not be taken, it stays (%s)", inbox.channel, _what(error))
        watch.postpone(path)
        return False
    except Exception as error:
        if isinstance(error, Error) and not isinstance(error, DataError):
            raise  # the database is away or not ready: nothing is wrong with the message
        log.error("%s: an entry could not be stored (%s)", inbox.channel, _what(error))
        if watch.postpone(path) >= ATTEMPTS:
            _put_aside(path, inbox, type(error).__name__)
        return False
    return True


def _put_aside(path: Path, inbox: Inbox, what: str) -> None:
    """Move what cannot be stored to ``failed``, with the reason beside it; it is not lost, and health reports it."""
    folder = inbox.folder / FAILED
    sentence = (
        f"Diese Nachricht konnte nach {ATTEMPTS} Versuchen nicht gespeichert werden ({what}). Sie liegt unverändert "
        "daneben. Bitte den Betrieb verständigen und sie danach wieder in den Eingang legen.\n"
    )
    try:
        target = put_away(path, folder)
        target.with_name(_cut(target.name, MAX_NAME_BYTES) + REASON_SUFFIX).write_text(sentence)
    except OSError as error:
        log.error("%s: an entry could not be put aside, it stays (%s)", inbox.channel, _what(error))


def _free(folder: Path, name: str) -> Path:
    """A path in ``folder`` that nothing has yet: ``name``, or with ``~2``, ``~3`` … before its ending."""
    stem, ending = os.path.splitext(name)
    candidate, count = folder / name, 1
    while os.path.lexists(candidate):
        count += 1
        tail = f"~{count}{ending}"
        candidate = folder / (_cut(stem, MAX_NAME_BYTES - len(os.fsencode(tail))) + tail)
    return candidate


def _cut(name: str, size: int) -> str:
    """``name``, cut to ``size`` bytes between two characters."""
    while len(os.fsencode(name)) > size:
        name = name[:-1]
    return name


def _copy_over(path: Path, target: Path, is_unchanged: Callable[[], bool]) -> None:
    """Copy to another file system, make it durable under its name, and delete the source."""
    unfinished = target.with_name(f".{_cut(target.name, MAX_NAME_BYTES)}.part")
    _remove(unfinished)
    if path.is_dir() and not path.is_symlink():
        shutil.copytree(path, unfinished, symlinks=True)
    else:
        shutil.copy2(path, unfinished, follow_symlinks=False)
    for found in [unfinished, *unfinished.rglob("*")]:
        if not found.is_symlink():
            _sync(found)
    if not is_unchanged():
        _remove(unfinished)
        raise OSError(errno.EAGAIN, "it was written to while it was copied")
    os.rename(unfinished, target)
    _sync(target.parent)
    _remove(path)


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def _alone_with(inbox: Inbox) -> Iterator[bool]:
    """Whether this process is the one that works on the folder now: an advisory lock, gone with the connection."""
    name = f"inbox {inbox.channel} {inbox.folder}"
    key = int.from_bytes(hashlib.sha256(name.encode("utf-8", "surrogateescape")).digest()[:8], signed=True)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [key])
        (is_mine,) = cursor.fetchone()
    try:
        yield is_mine
    finally:
        if is_mine:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s)", [key])


def _what(error: BaseException) -> str:
    """What went wrong and where, for the log: never the message, which may quote names."""
    last = traceback.extract_tb(error.__traceback__)[-1]
    return f"{type(error).__name__} {getattr(error, 'errno', None) or ''} in {Path(last.filename).name}:{last.lineno}"
