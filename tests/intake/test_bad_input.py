"""Bad messages, the real way: from disk through the channel, the receipt and the pipeline.

Each is kept byte for byte, ends in a Vorgang or in the queue, and says in German what is wrong and what to do; nothing
is written outside of the store, and nobody outside is asked.
"""

from __future__ import annotations

import hashlib
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from cases import blobs
from cases.models import Blob
from intake import channels
from intake.actions import receive
from intake.channels.base import Skipped
from intake.envelope import Envelope
from intake.models import Submission
from routing import exceptions, pipeline
from routing.models import ExceptionEntry
from tests import factories as make
from tests.intake import damaged_messages as bad
from tests.intake.builders import NS, PDF, container, message, zip_bytes

pytestmark = pytest.mark.django_db


@dataclass(frozen=True)
class Bad:
    """A bad message: how it is built, the code of its finding, words of the German sentence; filed, or to a person."""

    name: str
    build: bad.Build
    code: str
    says: str
    filed: bool = False


TABLE = [
    # the XML
    Bad("not well-formed", bad.with_xml(message()[:-20]), "xml_not_wellformed", "kein wohlgeformtes XML"),
    Bad("binary instead of XML", bad.with_xml(b"\x00\xff\x13"), "xml_not_wellformed", "kein wohlgeformtes XML"),
    Bad("0 bytes of XML", bad.with_xml(b""), "xml_empty", "ist leer"),
    Bad("XXE", bad.with_xml(bad.xxe()), "xml_doctype", "möglicher Angriff"),
    Bad("DTD from the network", bad.with_xml(bad.outside()), "xml_doctype", "möglicher Angriff"),
    Bad("billion laughs", bad.with_xml(bad.laughs()), "xml_doctype", "möglicher Angriff"),
    Bad("UTF-16 DOCTYPE", bad.with_xml(bad.utf16_doctype()), "xml_doctype", "möglicher Angriff"),
    Bad("wrong BOM", bad.with_xml(b"\xff\xfe" + message()), "xml_not_wellformed", "kein wohlgeformtes XML"),
    Bad("wrong encoding declared", bad.with_xml(message().replace(b"UTF-8", b"UTF-16")),
        "xml_not_wellformed", "kein wohlgeformtes XML"),
    Bad("unknown encoding", bad.with_xml(message().replace(b"UTF-8", b"klingon")), "xml_not_wellformed", "wohlgeformt"),
    Bad("bytes that are not UTF-8", bad.with_xml(message().replace(b"Klage", b"Kl\xe4ge")), "xml_not_wellformed",
        "kein wohlgeformtes XML (Zeile"),
    Bad("unknown namespace", bad.with_xml(message().replace(NS.encode(), b"http://www.xjustiz.org")),
        "unknown_standard", "keine XJustiz-Nachricht"),
    Bad("unknown version", bad.with_xml(message().replace(b'"3.5.1"', b'"9.1.0"')), "unknown_version", "9.1.0"),
    Bad("schema-invalid", bad.with_xml(bad.invalid()), "schema_invalid", "fehlt ein Dokument oder eine Akte"),
    Bad("200,000 attributes", bad.with_xml(bad.attributes(200_000)), "", "", filed=True),
    Bad("depth 100,000", bad.with_xml(bad.deep(100_000)), "xml_too_deep", "Verschachtelung"),
    Bad("XML over 20 MB", bad.with_xml(message() + b" " * (20 << 20)), "xml_too_large", "größer als 20 MB"),
    Bad("two XJustiz files", bad.two_messages, "several_xjustiz", "mehrere XJustiz-Datensätze"),
    # the archive
    Bad("ZIP bomb", bad.zipped({"attachments/a.txt": bytes(5_000_000)}), "zip_bomb", "Grenzen für Archive"),
    Bad("damaged ZIP", bad.zip_patched(b"PK\x01\x02", b"PK\x07\x07", container(message())), "zip_broken",
        "kein lesbares"),
    Bad("../ in a name", bad.zip_with_name("../../x.pdf"), "zip_unsafe_name", "aus dem Ordner hinaus"),
    Bad("absolute name", bad.zip_with_name("/etc/cron.d/x"), "zip_unsafe_name", "absoluter Pfad"),
    Bad("drive letter", bad.zip_with_name("C:x.pdf"), "zip_unsafe_name", "Laufwerksbuchstaben"),
    Bad("backslash", bad.zip_with_name("..\\x.pdf"), "zip_unsafe_name", "umgekehrten Schrägstrich"),
    Bad("NUL in a name", bad.zip_patched(b"rechnungX.exe", b"rechnung\0.exe", {"rechnungX.exe": b"x"}),
        "zip_unsafe_name", "NUL-Zeichen"),
    Bad("symlink in a ZIP", bad.symlink_in_zip, "zip_symlink", "Verknüpfung"),
    Bad("symlink in a folder", bad.symlink_in_folder, "not_a_regular_file", "Verknüpfung"),
    Bad("encrypted ZIP", bad.encrypted_zip, "zip_encrypted", "verschlüsselt"),
    Bad("duplicate names", bad.zipped([("a/x.pdf", b"1"), ("a/X.PDF", b"2")]), "zip_duplicate_name",
        "einen Dateinamen doppelt"),
    Bad("nested ZIP", bad.with_files({"Verfuegung.pdf": PDF, "alles.zip": bad.nested_zip()}), "attachment_surplus",
        "nicht genannt", filed=True),
    # names
    Bad("name of 300 characters", bad.zip_with_name("attachments/" + "x" * 300 + ".pdf"), "filename_odd",
        "länger als 255 Byte", filed=True),
    Bad("control characters", bad.name_on_disk(b"a\x07b.pdf"), "filename_odd", "Steuerzeichen", filed=True),
    Bad("bidi characters", bad.name_on_disk("rechnung\u202efdp.exe".encode()), "filename_odd", "Schreibrichtung",
        filed=True),
    Bad("name not in UTF-8", bad.name_on_disk(b"Kl\xe4ge.pdf"), "filename_odd", "nicht in UTF-8", filed=True),
    Bad("backslash on disk", bad.name_on_disk(b"..\\..\\x.pdf"), "filename_odd", "umgekehrten Schrägstrich",
        filed=True),
    # attachments
    Bad("named but missing", bad.with_xml(bad.naming("Verfuegung.pdf", "fehlt.pdf")), "attachment_missing",
        "„fehlt.pdf“, sie ist aber nicht beigefügt"),
    Bad("named as a path", bad.with_xml(bad.naming("Verfuegung.pdf", "../../../etc/passwd")), "attachment_missing",
        "nicht beigefügt"),
    Bad("there but not named", bad.with_files({"Verfuegung.pdf": PDF, "mehr.pdf": PDF}), "attachment_surplus",
        "nicht genannt", filed=True),
    Bad("empty folder", bad.empty_folder, "message_empty", "Nachricht ist leer"),
    Bad("a PDF that is none", bad.with_files({"Verfuegung.pdf": b"<html>"}), "file_type_mismatch",
        "trotz ihrer Endung kein PDF", filed=True),
    Bad("a broken PDF", bad.with_files({"Verfuegung.pdf": PDF[:80]}), "pdf_broken", "beschädigtes PDF", filed=True),
    Bad("a program as PDF", bad.with_files({"Verfuegung.pdf": b"MZ\x90"}), "file_executable", "Programm", filed=True),
    Bad("0 bytes", bad.with_files({"Verfuegung.pdf": b""}), "file_empty", "leer (0 Byte)", filed=True),
    Bad("1,001 files", bad.with_files(bad.surplus(1000)), "message_too_many_files", "1001 Dateien"),
]  # fmt: skip


def arrive(path: Path) -> tuple[Envelope, Submission]:
    """Take the one message at ``path`` through, as the watched inbox and the import do."""
    (envelope,) = channels.get("egvp").envelopes(path)
    assert isinstance(envelope, Envelope)
    submission = receive(envelope, by=make.CHANNEL, defer=False).submission
    pipeline.process(submission.pk)
    return envelope, Submission.objects.get(pk=submission.pk)


def contents(path: Path) -> list[bytes]:
    """The bytes of all regular files at ``path``."""
    if path.is_file():
        return [path.read_bytes()]
    return [each.read_bytes() for each in path.rglob("*") if each.is_file() and not each.is_symlink()]


def snapshot(folder: Path, without: Path) -> set[str]:
    return {str(each) for each in folder.rglob("*") if without not in (each, *each.parents)}


@pytest.mark.parametrize("case", TABLE, ids=lambda case: case.name)
def test_bad_input(case: Bad, tmp_path: Path, settings) -> None:
    make.rule("Zustellung|Gewerbe")
    path = case.build(tmp_path)
    before = snapshot(tmp_path, settings.DATA_DIR)
    _, submission = arrive(path)

    assert submission.state == ("filed" if case.filed else "exception"), submission.findings
    told = [finding for finding in submission.findings if finding["code"] == case.code]
    assert bool(told) == bool(case.code)
    assert all(case.says in finding["message"] for finding in told[:1]), told
    if not case.filed:
        entry = ExceptionEntry.objects.get(submission=submission)
        assert entry.reason == case.code and exceptions.label_of(entry.reason) != "Nachricht mit Mangel"
        assert case.says in exceptions.explain(entry).cause
    for data in contents(path):
        sha = hashlib.sha256(data).hexdigest()
        assert blobs.path_of(sha).read_bytes() == data, "kept byte for byte under its SHA-256"
    assert snapshot(tmp_path, settings.DATA_DIR) == before, "nothing outside the store"
    assert not any(bad.SECRET.encode() in blobs.path_of(b.sha256).read_bytes() for b in Blob.objects.all())


@contextmanager
def listening() -> Iterator[tuple[str, list[bytes]]]:
    """An address on this machine, and what those sent who connected to it: ours at last, and nobody else."""
    callers: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"http://127.0.0.1:{server.getsockname()[1]}/x", callers
        with socket.create_connection(server.getsockname()) as ours:
            ours.sendall(b"ours")
        while b"ours" not in callers:
            with server.accept()[0] as caller:
                callers.append(caller.recv(1000))


def test_nobody_is_asked_by_what_a_message_says(tmp_path: Path) -> None:
    """DTD, schema, stylesheet, inclusion, and the pictures of an e-mail: addresses are letters to us."""
    make.rule("Zustellung|Gewerbe")
    with listening() as (address, callers):
        body = message().split(b"?>", 1)[1]
        hint = f' xmlns:i="http://www.w3.org/2001/XMLSchema-instance" i:schemaLocation="{NS} {address}"'
        place = body.index(b" xmlns")
        include = f'<i:include xmlns:i="http://www.w3.org/2001/XInclude" href="{address}"/>'.encode()
        html = f'<html><head><link href="{address}"></head><body>Text <img src="{address}"></body></html>'
        xmls = [
            f'<!DOCTYPE n SYSTEM "{address}">'.encode() + body,
            f'<!DOCTYPE n [<!ENTITY % p SYSTEM "{address}"> %p;]>'.encode() + body,
            f'<?xml-stylesheet type="text/xsl" href="{address}"?>'.encode() + body,
            body[:place] + hint.encode() + body[place:],
            body.replace(b"<nachrichtenkopf ", include + b"<nachrichtenkopf "),
        ]
        for number, xml in enumerate(xmls):
            folder = tmp_path / str(number)
            folder.mkdir()
            assert arrive(bad.with_xml(xml)(folder))[1].state != "received"
        path = tmp_path / "mail.eml"
        path.write_text(f"From: a@example.org\nSubject: x\nContent-Type: text/html\n\n{html}")
        (mail,) = channels.get("eml").envelopes(path)
        pipeline.process(receive(mail, by=make.CHANNEL, defer=False).submission.pk)
    assert Submission.objects.get(channel="eml").facts["text"] == "Text"
    assert callers == [b"ours"]


def test_a_message_over_the_size_limit(tmp_path: Path, settings) -> None:
    settings.MAX_MESSAGE_MB = 1
    make.rule("Zustellung|Gewerbe")
    path = bad.with_files({"Verfuegung.pdf": PDF + os.urandom(2 << 20)})(tmp_path)
    _, submission = arrive(path)
    entry = ExceptionEntry.objects.get(submission=submission)
    assert entry.reason == "message_too_large" and "erlaubt sind 1 MB" in exceptions.explain(entry).cause
    assert all(blobs.path_of(hashlib.sha256(data).hexdigest()).is_file() for data in contents(path))


@pytest.mark.parametrize("lock", ["lockfile", "x.lock", "MsgProps.tmp", "a.part"])
def test_what_is_still_being_written_is_left_alone(tmp_path: Path, lock: str) -> None:
    path = bad.with_files({"Verfuegung.pdf": PDF})(tmp_path)
    (path / lock).write_bytes(b"")
    (found,) = channels.get("egvp").envelopes(path)
    assert isinstance(found, Skipped) and "wird noch geschrieben" in found.why
    (path / lock).unlink()
    make.rule("Zustellung|Gewerbe")
    assert arrive(path)[1].state == "filed"


def test_a_zip_inside_is_kept_and_not_opened(tmp_path: Path) -> None:
    make.rule("Zustellung|Gewerbe")
    inner = bad.nested_zip()
    _, submission = arrive(bad.with_files({"Verfuegung.pdf": PDF, "alles.zip": inner})(tmp_path))
    names = {file.name for file in submission.files.all()}
    assert "attachments/alles.zip" in names and not any("boese" in name or "innen" in name for name in names)
    assert "file_type_unexpected" in {finding["code"] for finding in submission.findings}


def test_a_whole_archive_is_kept_beside_its_members(tmp_path: Path) -> None:
    make.rule("Zustellung|Gewerbe")
    files = container(message())
    path = tmp_path / "post.zip"
    path.write_bytes(zip_bytes(files))
    _, submission = arrive(path)
    kept = {blobs.path_of(file.blob_id).read_bytes() for file in submission.files.all()}
    assert kept == {*files.values(), path.read_bytes()}


def test_every_reason_of_the_table_has_a_short_label() -> None:
    reasons = {case.code for case in TABLE if not case.filed}
    assert {exceptions.label_of(reason) for reason in reasons}.isdisjoint({"Nachricht mit Mangel"})
