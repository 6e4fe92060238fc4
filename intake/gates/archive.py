"""The gate for ZIP archives: members of a message that came in one file.

The central directory is checked before a single byte is unpacked, then every member is read once in chunks,
counting what comes out: headers lie. Nothing is ever extracted to a path. A ZIP inside the ZIP is a file
like any other and stays closed (``reference/message-standards.md`` section 7).
"""

from __future__ import annotations

import errno
import io
import stat
import struct
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import BinaryIO

from intake.envelope import CHUNK, MessageFile
from intake.findings import Finding
from intake.gates import Refused, filenames, limits

MAX_RATIO = 100
"""How many times larger than packed a member may be; text packs 20 times, a bomb a thousand times."""
_RATIO_FREE_BYTES = 1 << 20
"""Below this size no ratio makes a bomb: a blank form packs well, and a megabyte hurts nobody."""
_BYTES_PER_ENTRY = 2048
"""How large an entry of the central directory may be on average; usual are 100 to 200 bytes."""
_DAMAGE = (
    zipfile.BadZipFile,
    zipfile.LargeZipFile,
    struct.error,
    ValueError,
    OverflowError,
    NotImplementedError,
    EOFError,
)
"""What ``zipfile`` raises for directories that are not in order (UnicodeError is a ValueError)."""
_ENCRYPTED, _UTF8 = 0x1, 0x800
_LOCAL_HEADER = struct.Struct("<4s22xHH")  # signature, …, length of name, length of extra field


@dataclass(frozen=True)
class Limits:
    """How much an archive may hold: entries, and bytes unpacked."""

    entries: int
    unpacked_bytes: int


def open_archive(
    file: MessageFile, *, bounds: Limits | None = None, raw_name: str = "oscicontentdata.osci"
) -> list[MessageFile]:
    """The members of the ZIP ``file``, sorted by name, each to be opened any number of times.

    ``bounds`` defaults to those of a message. The member ``raw_name`` (the carrier's raw message, which holds
    everything a second time in base64) may take as many bytes again as all others. Directories are left out.
    Raises Refused, always for the whole archive, with the code ``zip_broken`` (not a ZIP, or a wrong check sum),
    ``zip_encrypted``, ``zip_bomb`` (too many entries, too large, packed too tightly, more bytes than declared),
    ``zip_symlink``, ``zip_unsafe_name`` (absolute, ``..``, backslash, drive letter, NUL) or
    ``zip_duplicate_name`` (the same but for case and normal form).
    """
    bounds = bounds or Limits(limits.max_entries(), limits.max_unpacked_bytes())
    entries = _directory(file, bounds)
    for entry in entries:
        _check_name(entry, file)
    infos = [entry for entry in entries if not _is_folder(entry)]
    _check_quantities(infos, file, bounds, raw_name)
    members = [_member(info, file) for info in infos]
    _check_duplicates(members, file)
    for member in members:
        _read_through(member)
    return sorted(members, key=lambda member: member.name)


def _directory(file: MessageFile, bounds: Limits) -> list[zipfile.ZipInfo]:
    """The central directory, refused by its size before it is read: a million empty entries fit into 50 MB."""
    try:
        with file.open() as stream:
            end = zipfile._EndRecData(stream)  # type: ignore[attr-defined]  # what ZipFile itself goes by, ZIP64 too
            if end and end[zipfile._ECD_SIZE] > max(bounds.entries, 100) * _BYTES_PER_ENTRY:  # type: ignore[attr-defined]
                raise _bomb(file.name, "Verzeichnis zu groß")
            with zipfile.ZipFile(stream) as archive:
                return archive.infolist()
    except _DAMAGE as error:
        raise _broken(file.name, str(error)) from error
    except OSError as error:
        if error.errno != errno.EINVAL:  # the disk's fault, not the sender's
            raise
        raise _broken(file.name, "Verzeichnis vor dem Anfang der Datei") from error


def _check_quantities(infos: list[zipfile.ZipInfo], file: MessageFile, bounds: Limits, raw_name: str) -> None:
    if len(infos) > bounds.entries:
        raise _bomb(file.name, f"{len(infos)} Einträge, erlaubt sind {bounds.entries}")
    raw = sum(info.file_size for info in infos if info.filename.rsplit("/", 1)[-1] == raw_name)
    total = sum(info.file_size for info in infos) - raw
    if max(total, raw) > bounds.unpacked_bytes:
        allowed = bounds.unpacked_bytes // limits.MB
        raise _bomb(file.name, f"entpackt {(total + raw) // limits.MB} MB, erlaubt sind {allowed} MB")
    for info in infos:
        if info.file_size > max(_RATIO_FREE_BYTES, MAX_RATIO * info.compress_size):
            raise _bomb(file.name, f"„{filenames.display(info.filename)}“ ist mehr als {MAX_RATIO}-fach verdichtet")
    if sum(info.compress_size for info in infos) > file.size:
        raise _bomb(file.name, "Einträge überlappen sich")  # one packed stream behind many names


def _is_folder(info: zipfile.ZipInfo) -> bool:
    return info.filename.endswith("/")  # ZipInfo.is_dir() stumbles over empty names


def _check_name(info: zipfile.ZipInfo, file: MessageFile) -> None:
    name = _name(info)
    if _is_folder(info):
        if info.file_size:
            raise _broken(file.name, "ein Ordner mit Inhalt")
        name = name.rstrip("/")
        if name in ("", "."):  # the top itself
            return
    problem = filenames.classify(name)
    if problem and problem.is_dangerous:
        raise _refused(
            "zip_unsafe_name",
            f"enthält einen gefährlichen Dateinamen: „{filenames.display(name)}“ {filenames.german(problem)}",
            file.name,
            filenames.display(name),
        )


def _member(info: zipfile.ZipInfo, file: MessageFile) -> MessageFile:
    name = _name(info)
    if info.flag_bits & _ENCRYPTED:
        raise _refused("zip_encrypted", "ist mit einem Kennwort verschlüsselt", file.name, filenames.display(name))
    if stat.S_ISLNK(info.external_attr >> 16):
        raise _refused("zip_symlink", "enthält eine Verknüpfung (Symlink)", file.name, filenames.display(name))
    if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise _broken(file.name, f"unbekanntes Packverfahren {info.compress_type}")
    return MessageFile(name=name, size=info.file_size, open=_opener(info, file))


def _name(info: zipfile.ZipInfo) -> str:
    """The name as the sender wrote it, without a leading ``./``.

    ``ZipInfo.filename`` will not do: it is cut at NUL, and it is mojibake where UTF-8 is not flagged.
    """
    name = info.orig_filename.removeprefix("./")
    if info.flag_bits & _UTF8 or name.isascii():
        return name
    try:
        return name.encode("cp437").decode("utf-8")
    except UnicodeError:
        return name  # really CP437, as old Windows programs write it


def _check_duplicates(members: list[MessageFile], file: MessageFile) -> None:
    seen: set[str] = set()
    for member in members:
        key = filenames.key(member.name)
        if key in seen:
            raise _refused(
                "zip_duplicate_name", "enthält einen Dateinamen doppelt", file.name, filenames.display(member.name)
            )
        seen.add(key)


def _read_through(member: MessageFile) -> None:
    with member.open() as stream:
        while stream.read(CHUNK):
            pass


def _opener(info: zipfile.ZipInfo, file: MessageFile) -> Callable[[], BinaryIO]:
    def open_member() -> BinaryIO:
        return io.BufferedReader(_MemberStream(file, info), CHUNK)  # type: ignore[return-value]

    return open_member


class _MemberStream(io.RawIOBase):
    """Reads one member, unpacking in bounded steps; raises Refused where the bytes are not what was declared.

    The archive is opened anew for each member, so that members outlive the reading of the archive and any number
    of messages may be listed without holding files open.
    """

    def __init__(self, file: MessageFile, info: zipfile.ZipInfo) -> None:
        super().__init__()
        self._archive, self._info = file.name, info
        self._packed_left, self._count, self._crc = info.compress_size, 0, 0
        self._unpack = zlib.decompressobj(-15) if info.compress_type == zipfile.ZIP_DEFLATED else None
        self._stream = file.open()
        try:
            self._seek_to_data()
        except Refused:
            self.close()
            raise

    def readable(self) -> bool:
        return True

    def close(self) -> None:
        self._stream.close()
        super().close()

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        data = self._next(len(buffer))
        self._count += len(data)
        self._crc = zlib.crc32(data, self._crc)
        if self._count > self._info.file_size:
            raise _bomb(self._archive, f"„{filenames.display(self._info.filename)}“ ist größer als angegeben")
        if not data and len(buffer) and (self._count, self._crc) != (self._info.file_size, self._info.CRC):
            raise _broken(self._archive, f"Prüfsumme von „{filenames.display(self._info.filename)}“ ist falsch")
        buffer[: len(data)] = data
        return len(data)

    def _seek_to_data(self) -> None:
        if self._info.header_offset < 0:
            raise _broken(self._archive, "ein Eintrag liegt vor dem Anfang der Datei")
        self._stream.seek(self._info.header_offset)
        header = self._stream.read(_LOCAL_HEADER.size)
        if len(header) < _LOCAL_HEADER.size or header[:4] != b"PK\x03\x04":
            raise _broken(self._archive, "ein Eintrag fehlt")
        _, name_length, extra_length = _LOCAL_HEADER.unpack(header)
        self._stream.seek(name_length + extra_length, io.SEEK_CUR)

    def _next(self, limit: int) -> bytes:
        if self._unpack is None:
            return self._packed(limit)
        while not self._unpack.eof:
            packed = self._unpack.unconsumed_tail or self._packed(CHUNK)
            try:
                data = self._unpack.decompress(packed, limit)
            except zlib.error as error:
                raise _broken(self._archive, str(error)) from error
            if data or not packed:
                return data
        return b""

    def _packed(self, limit: int) -> bytes:
        data = self._stream.read(min(limit, self._packed_left))
        self._packed_left -= len(data)
        return data


def _bomb(name: str, reason: str) -> Refused:
    return _refused("zip_bomb", "überschreitet die Grenzen für Archive", name, reason)


def _broken(name: str, reason: str) -> Refused:
    return _refused("zip_broken", "ist kein lesbares ZIP-Archiv", name, reason)


def _refused(code: str, text: str, name: str, value: str) -> Refused:
    return Refused(
        Finding(
            code=code,
            message=f"Das Archiv „{filenames.display(name)}“ {text} und wurde nicht geöffnet ({value}). "
            "Es ist unverändert gespeichert; bitte den Absender prüfen und die Nachricht neu anfordern.",
            path=filenames.display(name),
            value=value,
        )
    )
