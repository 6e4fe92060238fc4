"""Watched folders, the reading side: what lies in them, what is complete, and what has been waiting for too long.

``<CHANNEL>_INBOX`` names the folder of a channel. Everything in it is one message each, but for the folders
``processed`` and ``failed``, in which ``intake.collecting`` puts what it has taken, and for what is being written.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from django.conf import settings

from intake import channels
from intake.channels.folder import FAILED, PROCESSED, FolderChannel, is_litter, lock_inside, skip_reason

REASON_SUFFIX = ".grund.txt"
"""What stands beside an entry of ``failed`` and says why it is there."""
LONGEST_PAUSE = 300  # seconds between two attempts at an entry that could not be taken

Signature = tuple[tuple[str, int, int], ...]


@dataclass(frozen=True)
class Inbox:
    """The watched ``folder`` of the channel with this slug."""

    channel: str
    folder: Path

    @property
    def label(self) -> str:
        """The German name of the channel."""
        return channels.get(self.channel).label

    def entries(self) -> list[Path]:
        """What lies here to be taken, sorted by name. Raises OSError when the folder cannot be read."""
        own = (PROCESSED, FAILED)
        found = [path for path in self.folder.iterdir() if path.name not in own and not is_litter(path.name)]
        return sorted(found, key=lambda path: os.fsencode(path.name))

    def failures(self) -> list[Path]:
        """What has been put aside because it could not be stored, without the reasons. Raises OSError."""
        folder = self.folder / FAILED
        if not folder.is_dir():
            return []
        return sorted(path for path in folder.iterdir() if not path.name.endswith(REASON_SUFFIX))


def configured() -> list[Inbox]:
    """The watched folders of this installation."""
    known = {slug for slug in channels.slugs() if isinstance(channels.get(slug), FolderChannel)}
    return [Inbox(slug, Path(folder)) for slug, folder in settings.INBOXES.items() if slug in known]


def unknown() -> list[str]:
    """Settings that name the folder of a channel which does not exist (a typing error, most likely)."""
    known = {inbox.channel for inbox in configured()}
    return [f"{slug.upper()}_INBOX" for slug in settings.INBOXES if slug not in known]


def unfinished(path: Path) -> str:
    """Why the entry at ``path`` is still being written, by its lock files or its hidden name (German), or ""."""
    if path.name.startswith("."):  # rsync and its like write under such a name and rename at the end
        return "Versteckte Datei: Sie wird noch geschrieben."
    return skip_reason(path) or ("" if path.is_symlink() else lock_inside(path))


def signature(path: Path) -> Signature:
    """Names, sizes and times of all that belongs to the entry: as long as it is the same, nobody has written."""
    found = [_stamp(path, "")]
    if path.is_dir() and not path.is_symlink():
        found += [_stamp(inner, str(inner.relative_to(path))) for inner in _below(path)]
    return tuple(sorted(found))


@dataclass
class _Look:
    """What was seen of an entry: its signature, since when, and how often taking it has failed."""

    signature: Signature
    since: float
    failures: int = 0
    not_before: float = 0.0


@dataclass
class Watch:
    """One process's memory of a watched folder: an entry is complete when two looks saw the same for long enough.

    ``clock`` gives seconds that only grow.
    """

    inbox: Inbox
    clock: Callable[[], float] = time.monotonic
    _seen: dict[str, _Look] = field(default_factory=dict)

    def ready(self) -> list[Path]:
        """Look at the folder once; the entries that are complete. Raises OSError when it cannot be read."""
        entries, now = self.inbox.entries(), self.clock()
        self._seen = {path.name: self._seen[path.name] for path in entries if path.name in self._seen}
        return [path for path in entries if self._is_ready(path, now)]

    def is_unchanged(self, path: Path) -> bool:
        """Whether the entry is still what the last look saw."""
        look = self._seen.get(path.name)
        return look is not None and signature(path) == look.signature

    def postpone(self, path: Path) -> int:
        """Taking the entry has failed: wait twice as long as the last time. Returns how often it has by now."""
        look = self._seen[path.name]
        look.failures += 1
        look.not_before = self.clock() + min(2**look.failures, LONGEST_PAUSE)
        return look.failures

    def _is_ready(self, path: Path, now: float) -> bool:
        try:
            seen = () if unfinished(path) else signature(path)
        except OSError:  # it vanished, or may not be read now: health says so when it stays like this
            seen = ()
        known = self._seen.get(path.name)
        if not seen or known is None or known.signature != seen:
            self._seen[path.name] = _Look(seen, now)
            return False
        return now - known.since >= settings.INBOX_SETTLE_SECONDS and now >= known.not_before


def _below(folder: Path) -> Iterator[Path]:
    pending = [folder]
    while pending:
        for entry in os.scandir(pending.pop()):
            yield Path(entry.path)
            if entry.is_dir(follow_symlinks=False):
                pending.append(Path(entry.path))


def _stamp(path: Path, name: str) -> tuple[str, int, int]:
    found = path.lstat()
    return name, found.st_size, found.st_mtime_ns
