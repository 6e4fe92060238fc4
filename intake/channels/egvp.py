"""The channel EGVP/beBPo: containers as an OSCI client (EGVP-Enterprise, COM Vibilia, Communicator) lays them down.

A message is a container folder, the same as a ZIP, or a single XJustiz file; a folder of such is a folder of
messages, one level deep (``reference/message-standards.md`` section 2). The structure of a container::

    MsgProps.xml      message id, arrival on the server (the legal arrival), sender, subject
    attachments/      the XJustiz message and its documents
    additionals/      visiting card, nachricht.xml of older senders
    pruefvermerk.xml, summarisedinspectionsheet.xml, oscicontentdata.osci, …    technical files
"""

from __future__ import annotations

import fnmatch
import hashlib
import os
import stat
from collections.abc import Collection, Iterator
from pathlib import Path

from intake.channels import register
from intake.channels.base import Channel, Skipped
from intake.envelope import Envelope, MessageFile, content_id
from intake.findings import Finding, Severity
from intake.gates import Refused, filenames
from intake.gates.archive import open_archive
from intake.gates.xml import check_size, parse
from intake.standards import egvp_container, layout, xjustiz

LOCK_PATTERNS = ("*.lock", "lockfile*", "*.tmp", "*.part")
"""Names that say: somebody is still writing here."""
_LITTER = frozenset({".ds_store", "thumbs.db", "desktop.ini"})
_CONTAINER_DIRS = frozenset({"attachments", "additionals"})
_MAX_ID_LENGTH = 200


@register
class Egvp(Channel):
    """Reads EGVP containers from folders, ZIP archives and single XML files."""

    slug = "egvp"
    label = "EGVP/beBPo"

    def envelopes(self, path: Path) -> Iterator[Envelope | Skipped]:
        """The messages at ``path`` (see the module), sorted by name; lock files and what they lock are skipped."""
        if not stat.S_ISDIR(os.stat(path).st_mode) or _is_message(path):
            yield self._guarded(path, may_be_link=True)  # who names a link means what it points to
        else:
            yield from self.inbox(path)

    def inbox(self, folder: Path, *, ignore: Collection[str] = ()) -> Iterator[Envelope | Skipped]:
        """The messages in ``folder``, one for each entry but those in ``ignore``."""
        for child in sorted(folder.iterdir(), key=lambda each: os.fsencode(each.name)):
            if child.name not in ignore:
                yield self._guarded(child)

    def _guarded(self, path: Path, *, may_be_link: bool = False) -> Envelope | Skipped:
        """The message at ``path``; what the operating system will not let us read now is skipped, and named."""
        try:
            return self._one(path, may_be_link)
        except OSError as error:
            return Skipped(_source(path), f"Nicht lesbar: {error.strerror or error}. Bitte die Zugriffsrechte prüfen.")

    def _one(self, path: Path, may_be_link: bool) -> Envelope | Skipped:
        if (path.is_symlink() and not may_be_link) or not (path.is_dir() or path.is_file()):
            return self._not_followed(path)
        if reason := _skip_reason(path):
            return Skipped(_source(path), reason)
        if path.is_dir():
            return self._folder(path)
        kind = _kind(path)
        if kind == "zip":
            return self._archive(path)
        return self._single(path, is_xml=kind == "xml")

    def _folder(self, path: Path) -> Envelope | Skipped:
        if any(is_lock(entry.name) for entry in path.iterdir()):
            return Skipped(_source(path), "Eine Sperrdatei liegt im Ordner: Die Nachricht wird noch geschrieben.")
        files, findings = _walk(path)
        return self._container(files, findings, _source(path))

    def _archive(self, path: Path) -> Envelope:
        archive = MessageFile.from_path(path, filenames.storable(path.name))
        try:
            members = _without_top_folder(open_archive(archive))
        except Refused as refused:
            return Envelope(
                channel=self.slug,
                external_id=f"sha256:{archive.sha256()}",
                archive=archive,
                source=_source(path),
                findings=[refused.finding],
            )
        return self._container(members, _name_findings(members), _source(path), archive)

    def _single(self, path: Path, *, is_xml: bool) -> Envelope:
        file = MessageFile.from_path(path, filenames.storable(path.name))
        findings = _name_findings([file])
        message_id = _xjustiz_id(file) if is_xml else ""
        if not is_xml:
            findings.append(
                Finding(
                    code="not_a_message",
                    message=f"Die Datei „{filenames.display(file.name)}“ ist weder ein EGVP-Ordner noch ein ZIP-Archiv "
                    "noch eine XML-Nachricht. Sie ist gespeichert; bitte von Hand zuordnen.",
                    path=filenames.display(file.name),
                )
            )
        return Envelope(
            channel=self.slug,
            external_id=message_id or f"sha256:{file.sha256()}",
            files=[file],
            source=_source(path),
            findings=findings,
        )

    def _container(
        self, files: list[MessageFile], findings: list[Finding], source: str, archive: MessageFile | None = None
    ) -> Envelope:
        """The envelope of a container; damage to the carrier's own files is reported by ``intake.translate``."""
        carrier = egvp_container.read(files)
        message_id = _usable_id(carrier.message_id)
        if not message_id:
            message_id = f"sha256:{archive.sha256()}" if archive else content_id(files)
        return Envelope(
            channel=self.slug,
            external_id=message_id,
            files=files,
            archive=archive,
            received_at=carrier.received_at,
            source=source,
            findings=findings,
        )

    def _not_followed(self, path: Path) -> Envelope:
        """A link, pipe or device where a message should be: not read, and shown to a person."""
        digest = hashlib.sha256(b"not followed\0" + os.fsencode(path.name)).hexdigest()
        return Envelope(
            channel=self.slug,
            external_id=f"sha256:{digest}",
            source=_source(path),
            findings=[_special(filenames.storable(path.name))],
        )


def is_lock(name: str) -> bool:
    """True when ``name`` is a lock file's (``*.lock``, ``lockfile*``, ``*.tmp``, ``*.part``)."""
    return any(fnmatch.fnmatchcase(name.lower(), pattern) for pattern in LOCK_PATTERNS)


def _is_message(folder: Path) -> bool:
    """Whether ``folder`` is one message (also a broken, empty one) rather than a folder of messages."""
    names = [(entry.name.lower(), entry.is_dir()) for entry in folder.iterdir()]
    names = [(name, is_dir) for name, is_dir in names if name not in _LITTER]
    if not names:
        return True
    if len(names) > 1 and all(not is_dir and fnmatch.fnmatchcase(name, "xjustiz*.xml") for name, is_dir in names):
        return False  # nothing but several XJustiz files: a collection of single messages
    return any(
        name in _CONTAINER_DIRS if is_dir else name == "msgprops.xml" or fnmatch.fnmatchcase(name, "xjustiz*.xml")
        for name, is_dir in names
    )


def _skip_reason(path: Path) -> str:
    if is_lock(path.name):
        return "Sperrdatei oder unvollständig geschriebene Datei."
    if path.name.lower() in _LITTER:
        return "Datei des Betriebssystems, keine Nachricht."
    if any(path.with_name(path.name + suffix).exists() for suffix in (".lock", ".tmp", ".part")):
        return "Eine Sperrdatei liegt daneben: Die Nachricht wird noch geschrieben."
    return ""


def _kind(path: Path) -> str:
    suffix = path.suffix.lower()
    if suffix in (".zip", ".xml"):
        return suffix[1:]
    if suffix:
        return ""
    with path.open("rb") as stream:  # the web service of EGVP names its archives without an ending
        return "zip" if stream.read(4) in (b"PK\x03\x04", b"PK\x05\x06") else ""


def _walk(folder: Path) -> tuple[list[MessageFile], list[Finding]]:
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


def _name_findings(files: list[MessageFile]) -> list[Finding]:
    findings: list[Finding] = []
    for file in files:
        _note_name(file.name, findings)
    return findings


def _special(name: str) -> Finding:
    return Finding(
        code="not_a_regular_file",
        message=f"„{filenames.display(name)}“ ist eine Verknüpfung oder Gerätedatei und wurde nicht gelesen. "
        "Bitte klären, wie sie in den Eingang gelangt ist, und die Nachricht neu anfordern.",
        path=filenames.display(name),
    )


def _without_top_folder(members: list[MessageFile]) -> list[MessageFile]:
    """``members`` without the one folder that all of them lie in, unless it is a part of the container itself.

    Names stay unique: what macOS adds beside that folder keeps its own.
    """
    relevant = [member.name for member in members if layout.top(member.name) != layout.MACOS_DIR]
    tops = {name.split("/", 1)[0] for name in relevant if "/" in name}
    if len(tops) != 1 or not all("/" in name for name in relevant) or tops.pop().lower() in _CONTAINER_DIRS:
        return members
    return [
        member
        if layout.top(member.name) == layout.MACOS_DIR
        else MessageFile(name=member.name.split("/", 1)[1], size=member.size, open=member.open)
        for member in members
    ]


def _xjustiz_id(file: MessageFile) -> str:
    """The sender's message id of a single XML, or "": what is wrong with the XML is found by ``intake.translate``."""
    try:
        check_size(file.size, file.name)
        return _usable_id(xjustiz.message_id(parse(file.read(), file.name)))
    except Refused:
        return ""


def _usable_id(value: str) -> str:
    """``value`` when it can serve as a key: printable and not endlessly long; else ""."""
    return value if value.isprintable() and len(value) <= _MAX_ID_LENGTH else ""


def _source(path: Path) -> str:
    return filenames.storable(str(path))
