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
from pathlib import Path

from intake.channels import register
from intake.channels.folder import FolderChannel, is_litter, name_findings, own_id, source, usable_id, walk
from intake.envelope import Envelope, MessageFile, content_id
from intake.findings import Finding
from intake.gates import Refused, filenames
from intake.gates.archive import open_archive
from intake.gates.xml import check_size, parse
from intake.standards import egvp_container, layout, xjustiz

_CONTAINER_DIRS = frozenset({"attachments", "additionals"})
_MESSAGE_DIRS = _CONTAINER_DIRS | {"technische dokumente"}  # of an unpacked export of "Mein Justizpostfach"


@register
class Egvp(FolderChannel):
    """Reads EGVP containers from folders, ZIP archives and single XML files."""

    slug = "egvp"
    label = "EGVP/beBPo"

    def message(self, path: Path) -> Envelope:
        """The container, archive or single file at ``path``."""
        if path.is_dir():
            files, findings = walk(path)
            return self._container(files, findings, source(path))
        match _kind(path):
            case "zip":
                return self._archive(path)
            case "xml":
                return self._single(path)
        return self.unknown(path, "weder ein EGVP-Ordner noch ein ZIP-Archiv noch eine XML-Nachricht")

    def is_message(self, folder: Path) -> bool:
        """Whether ``folder`` is one message (also a broken, empty one) rather than a folder of messages."""
        names = [(entry.name.lower(), entry.is_dir()) for entry in folder.iterdir()]
        names = [(name, is_dir) for name, is_dir in names if not is_litter(name)]
        if not names:
            return True
        if len(names) > 1 and all(not is_dir and fnmatch.fnmatchcase(name, "xjustiz*.xml") for name, is_dir in names):
            return False  # nothing but several XJustiz files: a collection of single messages
        return any(
            name in _MESSAGE_DIRS if is_dir else name == "msgprops.xml" or fnmatch.fnmatchcase(name, "xjustiz*.xml")
            for name, is_dir in names
        )

    def _archive(self, path: Path) -> Envelope:
        archive = MessageFile.from_path(path, filenames.storable(path.name))
        try:
            members = _without_top_folder(open_archive(archive))
        except Refused as refused:
            return Envelope(
                channel=self.slug,
                external_id=f"sha256:{archive.sha256()}",
                archive=archive,
                source=source(path),
                findings=[refused.finding],
            )
        return self._container(members, name_findings(members), source(path), archive)

    def _single(self, path: Path) -> Envelope:
        file = MessageFile.from_path(path, filenames.storable(path.name))
        return Envelope(
            channel=self.slug,
            external_id=_xjustiz_id(file) or own_id(path, [file]),
            files=[file],
            source=source(path),
            findings=name_findings([file]),
        )

    def _container(
        self, files: list[MessageFile], findings: list[Finding], origin: str, archive: MessageFile | None = None
    ) -> Envelope:
        """The envelope of a container; damage to the carrier's own files is reported by ``intake.translate``."""
        carrier = egvp_container.read(files)
        message_id = usable_id(carrier.message_id)
        if not message_id:
            message_id = f"sha256:{archive.sha256()}" if archive else content_id(files)
        return Envelope(
            channel=self.slug,
            external_id=message_id,
            files=files,
            archive=archive,
            received_at=carrier.received_at,
            source=origin,
            findings=findings,
        )


def _kind(path: Path) -> str:
    suffix = path.suffix.lower()
    if suffix in (".zip", ".xml"):
        return suffix[1:]
    if suffix:
        return ""
    with path.open("rb") as stream:  # the web service of EGVP names its archives without an ending
        return "zip" if stream.read(4) in (b"PK\x03\x04", b"PK\x05\x06") else ""


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
        return usable_id(xjustiz.message_id(parse(file.read(), file.name)))
    except Refused:
        return ""
