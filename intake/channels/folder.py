"""What channels have in common whose messages lie in folders: what one message is, what is left alone, how it is read.

A watched folder holds one message per entry. Lock files and what they lock are left alone, links and devices are
never followed, and what the operating system will not let us read now is named and looked at again.
"""

from __future__ import annotations

import fnmatch
import hashlib
import os
import stat
from abc import abstractmethod
from collections.abc import Collection, Iterator
from datetime import datetime
from pathlib import Path

from django.utils import timezone

from intake.channels.base import Channel, Skipped
from intake.envelope import Envelope, MessageFile, content_id
from intake.findings import Finding, Severity
from intake.gates import filenames
from intake.standards import values

LOCK_PATTERNS = ("*.lock", "lockfile*", "*.tmp", "*.part")
"""Names that say: somebody is still writing here."""
LITTER = frozenset({".ds_store", "thumbs.db", "desktop.ini"})
"""What file managers leave behind, in lower case."""
PROCESSED, FAILED = "processed", "failed"
"""Folders below a watched folder that are the house's own: what was received, and what could not be."""
MAX_ID_LENGTH = 200
_LOCK_SUFFIXES = (".lock", ".tmp", ".part")


class FolderChannel(Channel):
    """A channel that reads messages from folders. A subclass says what one message is, in ``message``."""

    def envelopes(self, path: Path) -> Iterator[Envelope | Skipped]:
        """The messages at ``path``: itself, or each entry of a folder of messages, sorted by name.

        What a watched folder has put away is skipped. Raises FileNotFoundError when there is no such path.
        """
        if not stat.S_ISDIR(os.stat(path).st_mode) or self.is_message(path):
            yield self.entry(path, may_be_link=True)  # who names a link means what it points to
            return
        for child in _children(path):
            if child.name in (PROCESSED, FAILED) and child.is_dir():
                yield Skipped(source(child), "Hier liegt, was der überwachte Eingang schon weggelegt hat.")
            else:
                yield self.entry(child)

    def inbox(self, folder: Path, *, ignore: Collection[str] = ()) -> Iterator[Envelope | Skipped]:
        """The messages in ``folder``, one for each entry but those in ``ignore``."""
        for child in _children(folder):
            if child.name not in ignore:
                yield self.entry(child)

    def entry(self, path: Path, *, may_be_link: bool = False) -> Envelope | Skipped:
        """The one message at ``path``; what the operating system will not let us read now is skipped, and named."""
        try:
            path.lstat()  # what has gone meanwhile is no message
            if (path.is_symlink() and not may_be_link) or not (path.is_dir() or path.is_file()):
                return self._not_followed(path)
            if reason := skip_reason(path) or lock_inside(path):
                return Skipped(source(path), reason)
            return self.message(path)
        except OSError as error:
            return Skipped(source(path), f"Nicht lesbar: {error.strerror or error}. Bitte die Zugriffsrechte prüfen.")

    @abstractmethod
    def message(self, path: Path) -> Envelope:
        """The message at ``path``, a regular file or a folder that nobody is writing any more. May raise OSError."""

    def is_message(self, folder: Path) -> bool:
        """Whether ``folder`` is one message rather than a folder of messages."""
        return False

    def unknown(self, path: Path, expected: str) -> Envelope:
        """The envelope of a file or folder that is no message of this channel: kept, and shown to a person.

        ``expected`` ends the German sentence that says what was expected instead.
        """
        if path.is_dir():
            what, (files, findings) = "Der Ordner", walk(path)
        else:
            what, files = "Die Datei", [MessageFile.from_path(path, filenames.storable(path.name))]
            findings = name_findings(files)
        shown = filenames.display(filenames.storable(path.name))
        sentence = f"{what} „{shown}“ ist {expected}. Der Inhalt ist gespeichert; bitte von Hand zuordnen."
        findings.append(Finding("not_a_message", sentence, path=shown))
        return Envelope(self.slug, own_id(path, files), files=files, source=source(path), findings=findings)

    def _not_followed(self, path: Path) -> Envelope:
        """A link, pipe or device where a message should be: not read, and shown to a person."""
        digest = hashlib.sha256(b"not followed\0" + os.fsencode(path.name)).hexdigest()
        findings = [_special(filenames.storable(path.name))]
        return Envelope(self.slug, f"sha256:{digest}", source=source(path), findings=findings)


def is_lock(name: str) -> bool:
    """True when ``name`` is a lock file's (``*.lock``, ``lockfile*``, ``*.tmp``, ``*.part``)."""
    return any(fnmatch.fnmatchcase(name.lower(), pattern) for pattern in LOCK_PATTERNS)


def is_litter(name: str) -> bool:
    """True when ``name`` is that of a file which a file manager leaves behind."""
    return name.lower() in LITTER


def skip_reason(path: Path) -> str:
    """Why the entry at ``path`` is left alone by its name or by what lies beside it (German), or ""."""
    if is_lock(path.name):
        return "Sperrdatei oder unvollständig geschriebene Datei."
    if is_litter(path.name):
        return "Datei des Betriebssystems, keine Nachricht."
    if any(os.path.lexists(f"{path}{suffix}") for suffix in _LOCK_SUFFIXES):  # False, too, when that is too long a name
        return "Eine Sperrdatei liegt daneben: Die Nachricht wird noch geschrieben."
    return ""


def lock_inside(path: Path) -> str:
    """Why the folder at ``path`` is left alone by what lies directly in it (German), or ""."""
    if path.is_dir() and any(is_lock(entry.name) for entry in path.iterdir()):
        return "Eine Sperrdatei liegt im Ordner: Die Nachricht wird noch geschrieben."
    return ""


def walk(folder: Path) -> tuple[list[MessageFile], list[Finding]]:
    """The regular files below ``folder`` by their names inside it; links and devices give findings instead."""
    files: list[MessageFile] = []
    findings: list[Finding] = []
    taken: set[str] = set()
    pending = [(folder, "")]
    while pending:
        current, prefix = pending.pop()
        for entry in os.scandir(current):
            path, name = Path(entry.path), prefix + entry.name
            if entry.is_dir(follow_symlinks=False):
                pending.append((path, f"{name}/"))
            elif entry.is_file(follow_symlinks=False):
                _note_name(name, findings)
                stored = _unique(filenames.storable(name), taken, findings)
                files.append(MessageFile.from_path(path, stored))
            else:
                findings.append(_special(filenames.storable(name)))
    files.sort(key=lambda file: file.name)
    findings.sort(key=lambda finding: finding.path)
    return files, findings


def name_findings(files: list[MessageFile]) -> list[Finding]:
    """What is odd about the names of ``files``."""
    findings: list[Finding] = []
    for file in files:
        _note_name(file.name, findings)
    return findings


def usable_id(value: str) -> str:
    """``value`` when it can serve as a key: printable and not endlessly long; else ""."""
    return value if value.isprintable() and len(value) <= MAX_ID_LENGTH else ""


def written_at(path: Path) -> datetime | None:
    """When the file at ``path`` was written (German time, aware); None when that lies in the future."""
    written = datetime.fromtimestamp(path.stat().st_mtime, tz=values.BERLIN)
    return written if written <= timezone.now() else None


def own_id(path: Path, files: list[MessageFile]) -> str:
    """The id of a message that brings none: over names and hashes of a folder, or over the bytes of a file."""
    return content_id(files) if path.is_dir() else f"sha256:{files[0].sha256()}"


def source(path: Path) -> str:
    """``path`` as it is kept with the Eingang."""
    return filenames.storable(str(path))


def _children(folder: Path) -> list[Path]:
    return sorted(folder.iterdir(), key=lambda each: os.fsencode(each.name))


def _unique(name: str, taken: set[str], findings: list[Finding]) -> str:
    """``name``, or with ``~2``, ``~3`` … when two names on disk come out as the same text (one was not in UTF-8)."""
    candidate, count = name, 1
    while candidate in taken:
        count += 1
        candidate = f"{name}~{count}"
    taken.add(candidate)
    if candidate != name:
        shown = filenames.display(candidate)
        sentence = f"Zwei Dateien heißen in lesbarer Schrift gleich; die zweite steht hier als „{shown}“."
        findings.append(Finding("filename_odd", sentence, Severity.HINT, path=shown))
    return candidate


def _note_name(name: str, findings: list[Finding]) -> None:
    if problem := filenames.classify(name):
        findings.append(filenames.finding(name, problem))


def _special(name: str) -> Finding:
    return Finding(
        code="not_a_regular_file",
        message=f"„{filenames.display(name)}“ ist eine Verknüpfung oder Gerätedatei und wurde nicht gelesen. "
        "Bitte klären, wie sie in den Eingang gelangt ist, und die Nachricht neu anfordern.",
        path=filenames.display(name),
    )
