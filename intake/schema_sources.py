"""Where schemas come from: the ZIP of the XRepository or an unpacked folder, read into groups that belong together."""

from __future__ import annotations

import io
import posixpath
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from lxml import etree

from intake.envelope import MessageFile
from intake.gates import Refused
from intake.gates.archive import Limits, open_archive
from intake.gates.xml import MAX_XML_BYTES, hardened_parser

_LIMITS = Limits(entries=20_000, unpacked_bytes=1 << 30)  # the whole XRepository bundle of XJustiz is far below
_MAX_NESTING = 3
_XDOMEA = re.compile(r"^urn:xoev-de:xdomea:schema:(\d+\.\d+\.\d+)$")
_VERSION = re.compile(r"^\d+(\.\d+)+$")


@dataclass(frozen=True)
class SourceFile:
    """A file of the source: its path inside it (parts joined by ``/``) and its bytes."""

    name: str
    data: bytes

    @property
    def basename(self) -> str:
        """The file's name without folders."""
        return self.name.rsplit("/", 1)[-1]

    @property
    def folder(self) -> str:
        """The folder that the file lies in, "" for the top."""
        return self.name.rpartition("/")[0]


@dataclass(frozen=True)
class Group:
    """XSDs that belong together: ``standard`` and ``version`` are "" where they are not recognised.

    ``label`` is the folder in the source, for messages to people.
    """

    label: str
    standard: str
    version: str
    files: tuple[SourceFile, ...]


def collect(source: Path) -> Iterator[SourceFile]:
    """Every XSD and JSON file in ``source`` and in the ZIPs inside it, sorted by name within each container.

    Raises FileNotFoundError when ``source`` does not exist, ValueError (with a German reason) when it is neither a
    folder nor a readable ZIP.
    """
    if source.is_dir():
        for path in sorted(source.rglob("*")):
            if path.is_file() and not path.is_symlink():
                yield from _expand(MessageFile.from_path(path, path.relative_to(source).as_posix()), 0)
    elif not source.exists():
        raise FileNotFoundError(source)
    else:
        yield from _members(MessageFile.from_path(source, source.name), 0, "")


def _expand(file: MessageFile, depth: int) -> Iterator[SourceFile]:
    suffix = file.name.lower().rsplit(".", 1)[-1]
    if suffix == "zip" and depth < _MAX_NESTING:
        yield from _members(file, depth + 1, f"{file.name}/")
    elif suffix in ("xsd", "json") and file.size <= MAX_XML_BYTES:
        yield SourceFile(file.name, file.read())


def _members(archive: MessageFile, depth: int, prefix: str) -> Iterator[SourceFile]:
    try:
        members = open_archive(archive, bounds=_LIMITS)
    except Refused as refused:
        raise ValueError(refused.finding.message) from refused
    for member in members:
        data = member.read() if member.name.lower().endswith((".zip", ".xsd", ".json")) else b""
        if data:
            yield from _expand(_in_memory(prefix + member.name, data), depth)


def _in_memory(name: str, data: bytes) -> MessageFile:
    return MessageFile(name=name, size=len(data), open=lambda: io.BytesIO(data))


def group(files: Iterable[SourceFile]) -> list[Group]:
    """The XSDs among ``files`` by the folder that they lie in; one folder is one version of one standard.

    XSDs that a group imports from other folders (shared XÖV types) join it; a folder that only serves others is no
    group of its own.
    """
    xsds = [file for file in files if file.name.lower().endswith(".xsd")]
    by_folder: dict[str, list[SourceFile]] = {}
    for file in xsds:
        by_folder.setdefault(file.folder, []).append(file)
    roots = {file.name: _root(file) for file in xsds}
    groups, serving = [], set()
    for folder, own in by_folder.items():
        standard, version = _recognise([roots[file.name] for file in own])
        borrowed = _borrowed(own, xsds, roots) if standard else []
        serving |= {file.folder for file in borrowed}
        groups.append(Group(folder or ".", standard, version, (*own, *borrowed)))
    return [each for each in groups if each.standard or each.label not in serving]


def _root(file: SourceFile) -> etree._Element | None:
    """The root of an XSD, or None where it is not well-formed (compiling it will say so)."""
    try:
        return etree.fromstring(file.data, hardened_parser())
    except etree.XMLSyntaxError:
        return None


def _recognise(roots: Iterable[etree._Element | None]) -> tuple[str, str]:
    """Standard and version of a folder: XJustiz fixes its version in an attribute, xdomea in its namespace."""
    for root in roots:
        if root is None:
            continue
        if match := _XDOMEA.match(root.get("targetNamespace", "")):
            return "xdomea", match.group(1)
        for attribute in root.iter("{http://www.w3.org/2001/XMLSchema}attribute"):
            if attribute.get("name") == "xjustizVersion" and _VERSION.match(attribute.get("fixed", "")):
                return "xjustiz", attribute.get("fixed", "")
    return "", ""


def _borrowed(
    own: list[SourceFile], everything: list[SourceFile], roots: dict[str, etree._Element | None]
) -> list[SourceFile]:
    """Files of other folders that ``own`` need, directly or not.

    Wanted is the file at the stated place, else one of that name, the nearest first.
    """
    have = {file.basename for file in own}
    borrowed: list[SourceFile] = []
    pending = list(own)
    while pending:
        file = pending.pop()
        for location in _imports(roots[file.name]):
            name = re.split(r"[/\\]", location)[-1]
            candidates = [other for other in everything if other.basename == name]
            if name not in have and candidates:
                meant = posixpath.normpath(posixpath.join(file.folder, location))
                chosen = max(candidates, key=lambda other: (other.name == meant, _shared_path(other.name, meant)))
                have.add(name)
                borrowed.append(chosen)
                pending.append(chosen)
    return borrowed


def _imports(root: etree._Element | None) -> Iterator[str]:
    if root is not None:
        for element in root.iterfind("*[@schemaLocation]"):
            yield element.get("schemaLocation", "").strip()


def _shared_path(one: str, other: str) -> int:
    count = 0
    for left, right in zip(one.split("/"), other.split("/"), strict=False):
        if left != right:
            break
        count += 1
    return count
