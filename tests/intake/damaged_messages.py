"""Bad messages, each built on disk as it would arrive: what is wrong with them stands in the table of its test."""

from __future__ import annotations

import io
import os
import zipfile
from collections.abc import Callable
from pathlib import Path

from tests.intake.builders import PDF, container, document, message, write_folder, zip_bytes

Build = Callable[[Path], Path]
SECRET = "Streng geheim: nur auf diesem Rechner"
_XML = "attachments/xjustiz_nachricht.xml"


def with_xml(data: bytes) -> Build:
    """A container whose XJustiz message is ``data``."""
    return lambda folder: write_folder(folder / "m", container(data))


def with_files(files: dict[str, bytes]) -> Build:
    """A container with a good message that names ``Verfuegung.pdf``, and these attachments."""
    return lambda folder: write_folder(folder / "m", container(message(), files))


def zipped(files: dict[str, bytes] | list[tuple[str | zipfile.ZipInfo, bytes]]) -> Build:
    """A ZIP of these files."""

    def build(folder: Path) -> Path:
        path = folder / "m.zip"
        path.write_bytes(zip_bytes(files))
        return path

    return build


def zip_with_name(name: str, data: bytes = PDF) -> Build:
    """A good container as a ZIP, with one more file of this name (as it is, which ``zipfile`` would tidy up)."""
    info = zipfile.ZipInfo("platzhalter")
    info.filename = info.orig_filename = name
    return zipped([*container(message()).items(), (info, data)])


def zip_patched(old: bytes, new: bytes, files: dict[str, bytes]) -> Build:
    """A ZIP of these files in whose bytes ``old`` is replaced by ``new`` (of the same length)."""

    def build(folder: Path) -> Path:
        path = folder / "m.zip"
        path.write_bytes(zip_bytes(files).replace(old, new))
        return path

    return build


def encrypted_zip(folder: Path) -> Path:
    """A ZIP whose entries say that they are encrypted."""
    data = bytearray(zip_bytes({"attachments/a.pdf": b"geheim"}))
    data[6] |= 1
    data[data.index(b"PK\x01\x02") + 8] |= 1
    path = folder / "m.zip"
    path.write_bytes(bytes(data))
    return path


def symlink_in_zip(folder: Path) -> Path:
    """A ZIP with a symbolic link to a file of the system."""
    info = zipfile.ZipInfo("attachments/link.pdf")
    info.create_system, info.external_attr = 3, 0o120777 << 16
    return zipped([*container(message()).items(), (info, b"/etc/passwd")])(folder)


def symlink_in_folder(folder: Path) -> Path:
    """A container in which an attachment is a symbolic link to a secret."""
    secret = folder / "geheim.txt"
    secret.write_text(SECRET)
    path = write_folder(folder / "m", container(message()))
    (path / "attachments" / "link.pdf").symlink_to(secret)
    return path


def empty_folder(folder: Path) -> Path:
    """A container folder with nothing in it."""
    path = folder / "m"
    path.mkdir()
    return path


def name_on_disk(name: bytes) -> Build:
    """A good container with one more attachment whose name on disk is these bytes."""

    def build(folder: Path) -> Path:
        path = write_folder(folder / "m", container(message()))
        Path(os.fsdecode(os.fsencode(path / "attachments") + b"/" + name)).write_bytes(PDF)
        return path

    return build


def xxe() -> bytes:
    """A message whose file reference would be a file of the system."""
    head = b'<?xml version="1.0"?><!DOCTYPE n [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
    return head + message().split(b"?>", 1)[1].replace(b"12 K 345/26", b"&x;")


def outside() -> bytes:
    """A message with a DTD from the network."""
    return b'<!DOCTYPE n SYSTEM "http://192.0.2.1/n.dtd">' + message().split(b"?>", 1)[1]


def laughs() -> bytes:
    """A billion laughs."""
    entities = '<!ENTITY l0 "ha">' + "".join(f'<!ENTITY l{i} "{f"&l{i - 1};" * 10}">' for i in range(1, 10))
    return f'<?xml version="1.0"?><!DOCTYPE n [{entities}]><n>&l9;</n>'.encode()


def utf16_doctype() -> bytes:
    """A DOCTYPE that no scan of bytes for ``<!DOCTYPE`` finds."""
    return '<?xml version="1.0" encoding="UTF-16"?><!DOCTYPE n [<!ENTITY x "y">]><n>&x;</n>'.encode("utf-16")


def attributes(count: int) -> bytes:
    """A message with very many attributes on one element."""
    many = " ".join(f'a{i}="x"' for i in range(count)).encode()
    return message().replace(b"<nachrichtenkopf ", b"<nachrichtenkopf " + many + b" ")


def deep(levels: int) -> bytes:
    """Elements inside each other."""
    return b"<a>" * levels + b"</a>" * levels


def surplus(count: int) -> dict[str, bytes]:
    """Attachments beyond counting."""
    return {"Verfuegung.pdf": PDF} | {f"{index:04}.txt": b"%d" % index for index in range(count - 1)}


def nested_zip() -> bytes:
    """A ZIP in a ZIP that would unpack to somewhere else."""
    inner = io.BytesIO()
    with zipfile.ZipFile(inner, "w") as archive:
        archive.writestr("../boese.txt", b"x")
    return zip_bytes({"innen.zip": inner.getvalue()})


def invalid() -> bytes:
    """A message whose list of documents is empty."""
    return message(objects="")


def naming(*names: str) -> bytes:
    """A message that names these files."""
    return message(objects=document("3.5.1", *names))


def two_messages(folder: Path) -> Path:
    """A container with two XJustiz messages."""
    return write_folder(folder / "m", {**container(message()), "attachments/xjustiz_2.xml": message()})
