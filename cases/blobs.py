"""The blob store: plain files below ``DATA_DIR/blobs``, named by their SHA-256, on disk before any commit."""

from __future__ import annotations

import hashlib
import os
import tempfile
import time
from pathlib import Path
from typing import BinaryIO

from django.conf import settings

CHUNK = 1 << 20
ABANDONED_SECONDS = 24 * 3600
"""After so long nobody is still writing a file of ``incoming``: its process was killed."""


def path_of(sha256: str) -> Path:
    """Where the bytes with this SHA-256 (lower-case hex) lie."""
    return Path(settings.DATA_DIR) / "blobs" / sha256[:2] / sha256[2:4] / sha256


def write(stream: BinaryIO) -> tuple[str, int]:
    """Write the bytes of ``stream`` durably (fsync of file and directories); returns SHA-256 and size in bytes.

    The file gets its name by a rename, so a file under its name is always whole. Written twice = once.
    """
    root = Path(settings.DATA_DIR) / "blobs"
    incoming = root / "incoming"
    _make_durable_dir(incoming)
    descriptor, name = tempfile.mkstemp(dir=incoming)
    try:
        digest, size = hashlib.sha256(), 0
        with os.fdopen(descriptor, "wb") as target:
            while chunk := stream.read(CHUNK):
                digest.update(chunk)
                size += len(chunk)
                target.write(chunk)
            target.flush()
            os.fsync(target.fileno())
        final = path_of(digest.hexdigest())
        _make_durable_dir(final.parent)
        if final.exists() and final.stat().st_size == size:
            os.unlink(name)
        else:  # new, or damaged: the whole one takes its place
            os.rename(name, final)
        _fsync_dir(final.parent)  # also when another writer renamed it a moment ago
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    return digest.hexdigest(), size


def open_blob(sha256: str) -> BinaryIO:
    """Open the stored bytes; FileNotFoundError when they have vanished."""
    return path_of(sha256).open("rb")


def sweep() -> int:
    """Delete what killed processes left half-written more than a day ago; returns how many files. May raise OSError."""
    before, gone = time.time() - ABANDONED_SECONDS, 0
    for path in (Path(settings.DATA_DIR) / "blobs" / "incoming").glob("*"):
        try:
            if path.stat().st_mtime < before:
                path.unlink()
                gone += 1
        except FileNotFoundError:  # its writer has just given it its name
            continue
    return gone


def _make_durable_dir(directory: Path) -> None:
    if not directory.is_dir():
        _make_durable_dir(directory.parent)
        directory.mkdir(mode=0o750, exist_ok=True)
    if directory != Path(settings.DATA_DIR):
        _fsync_dir(directory.parent)  # also when another writer made it a moment ago


def _fsync_dir(directory: Path) -> None:
    descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
