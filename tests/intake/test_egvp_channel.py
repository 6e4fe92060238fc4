"""The channel EGVP: what counts as one message, what it is called, when it arrived, what is skipped."""

from __future__ import annotations

import hashlib
import os
from datetime import datetime
from pathlib import Path

import pytest

from intake import channels
from intake.channels import Skipped
from intake.channels.egvp import Egvp
from intake.envelope import Envelope, content_id
from intake.translate import translate
from tests.intake.builders import MESSAGE_ID, PDF, container, document, message, write_folder, zip_bytes
from tests.intake.reading import is_blocked

ARRIVED = datetime.fromisoformat("2026-11-24T10:20:53+01:00")


def read(path: Path) -> list[Envelope | Skipped]:
    return list(channels.get("egvp").envelopes(path))


def one(path: Path) -> Envelope:
    (envelope,) = read(path)
    assert isinstance(envelope, Envelope)
    assert envelope.channel == "egvp"
    assert envelope.source == str(path)
    return envelope


def codes(envelope: Envelope) -> list[str]:
    return [finding.code for finding in envelope.findings]


def test_a_container_folder_is_one_message(tmp_path: Path) -> None:
    envelope = one(write_folder(tmp_path / "govapp_1", container(message())))
    assert envelope.external_id == "govapp_1"
    assert envelope.received_at == ARRIVED
    assert [file.name for file in envelope.files] == sorted(container(message()))
    assert envelope.archive is None and envelope.findings == []


def test_a_zip_is_one_message_and_is_kept_whole(tmp_path: Path) -> None:
    path = tmp_path / "post.zip"
    path.write_bytes(zip_bytes(container(message())))
    envelope = one(path)
    assert envelope.external_id == "govapp_1" and envelope.received_at == ARRIVED
    assert envelope.archive is not None and envelope.archive.read() == path.read_bytes()
    assert "attachments/Verfuegung.pdf" in [file.name for file in envelope.files]


def test_a_single_top_folder_of_a_zip_is_left_out(tmp_path: Path) -> None:
    path = tmp_path / "post.zip"
    path.write_bytes(zip_bytes({f"govapp_1/{name}": data for name, data in container(message()).items()}))
    assert [file.name for file in one(path).files] == sorted(container(message()))


def test_what_macos_adds_to_a_zip_does_no_harm(tmp_path: Path) -> None:
    path = tmp_path / "post.zip"
    files = {f"govapp_1/{name}": data for name, data in container(message()).items()}
    path.write_bytes(zip_bytes({**files, "__MACOSX/govapp_1/attachments/._xjustiz_nachricht.xml": b"\0\5"}))
    envelope = one(path)
    assert envelope.external_id == "govapp_1"
    translation = translate(envelope.files)
    assert not is_blocked(translation) and len(translation.facts.documents) == 1


def test_a_single_xml_is_one_message(tmp_path: Path) -> None:
    path = tmp_path / "nachricht.xml"
    path.write_bytes(message("3.6.2"))
    envelope = one(path)
    assert (envelope.external_id, envelope.received_at) == (MESSAGE_ID, None)
    assert [file.name for file in envelope.files] == ["nachricht.xml"]


def test_any_other_file_is_kept_and_goes_to_a_person(tmp_path: Path) -> None:
    path = tmp_path / "brief.pdf"
    path.write_bytes(PDF)
    envelope = one(path)
    assert codes(envelope) == ["not_a_message"] and envelope.findings[0].is_blocking
    assert envelope.external_id == f"sha256:{hashlib.sha256(PDF).hexdigest()}"
    assert envelope.files[0].read() == PDF


@pytest.mark.parametrize(
    "files",
    [
        {"msgprops.XML": b"<EGVPMessageProps/>"},
        {"attachments/a.pdf": PDF},
        {"Additionals/nachricht.xml": b"<Nachricht/>"},
        {"XJustiz_Nachricht_1.xml": message(), "Verfuegung.pdf": PDF},
    ],
)
def test_what_makes_a_folder_one_message(tmp_path: Path, files: dict[str, bytes]) -> None:
    envelope = one(write_folder(tmp_path / "m", files))
    assert len(envelope.files) == len(files)
    assert envelope.external_id == content_id(envelope.files)


def test_an_empty_folder_is_one_broken_message(tmp_path: Path) -> None:
    assert one(write_folder(tmp_path / "leer", {})).files == []


def test_a_folder_of_messages_is_read_one_level_deep_in_fixed_order(tmp_path: Path) -> None:
    inbox = tmp_path / "inbox"
    write_folder(inbox / "b", container(message(), message_id="govapp_b"))
    write_folder(inbox / "c" / "tief", container(message(), message_id="govapp_c"))
    write_folder(inbox / "leer", {})
    (inbox / "a.zip").write_bytes(zip_bytes(container(message(), message_id="govapp_a")))
    (inbox / "d.xml").write_bytes(message())
    found = read(inbox)
    assert [Path(each.source).name for each in found] == ["a.zip", "b", "c", "d.xml", "leer"]
    ids = [each.external_id for each in found if isinstance(each, Envelope)]
    assert ids[:2] == ["govapp_a", "govapp_b"] and ids[3] == MESSAGE_ID
    assert [file.name for file in found[2].files][0].startswith("tief/")  # one message, of unknown form


def test_an_empty_inbox_is_no_message(tmp_path: Path) -> None:
    channel = channels.get("egvp")
    assert list(channel.inbox(tmp_path)) == []
    write_folder(tmp_path / "processed" / "m", container(message()))
    assert list(channel.inbox(tmp_path, ignore={"processed"})) == []
    (tmp_path / "xjustiz_a.xml").write_bytes(message())
    assert [Path(each.source).name for each in channel.inbox(tmp_path, ignore={"processed"})] == ["xjustiz_a.xml"]


@pytest.mark.parametrize("lock", ["x.lock", "lockfile", "LockFile.txt", "x.tmp", "anlage.pdf.part"])
def test_a_folder_with_a_lock_file_is_skipped(tmp_path: Path, lock: str) -> None:
    folder = write_folder(tmp_path / "m", {**container(message()), lock: b""})
    (skipped,) = read(folder)
    assert isinstance(skipped, Skipped) and skipped.source == str(folder) and "Sperrdatei" in skipped.why


def test_a_folder_with_nothing_but_a_lock_file_is_skipped(tmp_path: Path) -> None:
    write_folder(tmp_path / "inbox" / "m", {"lockfile": b""})
    assert isinstance(read(tmp_path / "inbox")[0], Skipped)


def test_half_written_files_in_an_inbox_are_skipped_and_the_rest_is_read(tmp_path: Path) -> None:
    write_folder(tmp_path, {"a.zip.part": b"PK", "b.zip": b"PK", "b.zip.lock": b"", "c.xml": message()})
    kinds = {Path(each.source).name: isinstance(each, Skipped) for each in read(tmp_path)}
    assert kinds == {"a.zip.part": True, "b.zip": True, "b.zip.lock": True, "c.xml": False}


def test_a_refused_zip_is_kept_with_its_reason(tmp_path: Path) -> None:
    path = tmp_path / "post.zip"
    path.write_bytes(b"kein ZIP")
    envelope = one(path)
    assert codes(envelope) == ["zip_broken"] and envelope.files == []
    assert envelope.external_id == f"sha256:{hashlib.sha256(b'kein ZIP').hexdigest()}"
    assert envelope.archive is not None and envelope.archive.read() == b"kein ZIP"


def test_links_are_never_followed(tmp_path: Path) -> None:
    (tmp_path / "geheim.txt").write_text("geheim")
    folder = write_folder(tmp_path / "inbox" / "m", container(message()))
    (folder / "attachments" / "link.pdf").symlink_to(tmp_path / "geheim.txt")
    (folder / "attachments" / "ordner").symlink_to(tmp_path)
    (tmp_path / "inbox" / "n").symlink_to(folder)
    first, second = read(tmp_path / "inbox")
    assert codes(first) == ["not_a_regular_file"] * 2 and first.findings[0].is_blocking
    assert not any("link" in file.name or "ordner" in file.name for file in first.files)
    assert codes(second) == ["not_a_regular_file"] and second.files == []


def test_a_link_named_by_the_operator_is_what_it_points_to(tmp_path: Path) -> None:
    folder = write_folder(tmp_path / "m", container(message()))
    (tmp_path / "n").symlink_to(folder)
    assert one(tmp_path / "n").external_id == "govapp_1"


def test_pipes_do_not_block(tmp_path: Path) -> None:
    folder = write_folder(tmp_path / "m", container(message()))
    os.mkfifo(folder / "attachments" / "rohr.pdf")
    assert codes(one(folder)) == ["not_a_regular_file"]


def test_names_that_are_not_utf8_are_read_as_windows_1252(tmp_path: Path) -> None:
    objects = document("3.5.1", "Verfügung.pdf")
    folder = write_folder(tmp_path / "m", container(message(objects=objects), {}))
    (Path(os.fsdecode(os.fsencode(folder) + b"/attachments/Verf\xfcgung.pdf"))).write_bytes(PDF)
    envelope = one(folder)
    assert "attachments/Verfügung.pdf" in [file.name for file in envelope.files]
    assert codes(envelope) == ["filename_odd"] and not envelope.findings[0].is_blocking


@pytest.mark.parametrize("name", [b"\xff\xfe.pdf", b"\x81\x8d.pdf"])
def test_undecodable_names_do_no_harm(tmp_path: Path, name: bytes) -> None:
    folder = write_folder(tmp_path / "m", container(message()))
    Path(os.fsdecode(os.fsencode(folder) + b"/attachments/" + name)).write_bytes(PDF)
    for file in one(folder).files:
        file.name.encode()


def test_odd_names_give_hints(tmp_path: Path) -> None:
    folder = write_folder(tmp_path / "m", container(message(), {"rechnung\u202efdp.exe": b"x"}))
    assert codes(one(folder)) == ["filename_odd"]


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        (
            {"MsgProps.xml": b"<a><ServerEntryTime>2026-07-01T08:00:00Z</ServerEntryTime></a>"},
            "2026-07-01T08:00:00+00:00",
        ),
        (
            {"pruefvermerk.xml": b"<a><Eingangszeitpunkt>27.09.2021, 14:12:16</Eingangszeitpunkt></a>"},
            "2021-09-27T14:12:16+02:00",
        ),
        (
            {"pruefvermerk.xml": b"<a><Eingangszeitpunkt>01.01.2022, 00:00:00</Eingangszeitpunkt></a>"},
            "2022-01-01T00:00:00+01:00",
        ),
        (
            {
                "summarisedinspectionsheet.xml": b"<a><x><ReceptionOnServer>2021-09-27T14:12:16.000+02:00"
                b"</ReceptionOnServer></x></a>"
            },
            "2021-09-27T14:12:16+02:00",
        ),
        ({"MsgProps.xml": b"<a><ServerEntryTime>gestern</ServerEntryTime></a>"}, None),
        ({"MsgProps.xml": b"<kaputt"}, None),
    ],
)
def test_where_the_arrival_time_comes_from(tmp_path: Path, files: dict[str, bytes], expected: str | None) -> None:
    envelope = one(write_folder(tmp_path / "m", {**files, "attachments/xjustiz_nachricht.xml": message()}))
    assert envelope.received_at == (datetime.fromisoformat(expected) if expected else None)


@pytest.mark.parametrize("message_id", ["", "x" * 201, "a\nb\x7f"])
def test_a_useless_message_id_is_replaced_by_the_hash(tmp_path: Path, message_id: str) -> None:
    envelope = one(write_folder(tmp_path / "m", container(message(), message_id=message_id)))
    assert envelope.external_id == content_id(envelope.files)


def test_a_source_that_does_not_exist_is_a_mistake_of_the_caller(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        read(tmp_path / "fehlt")


def test_the_registry_refuses_a_slug_twice() -> None:
    with pytest.raises(ValueError, match="egvp"):
        channels.register(Egvp)
    with pytest.raises(KeyError, match="brieftaube"):
        channels.get("brieftaube")
    assert "egvp" in channels.slugs()
