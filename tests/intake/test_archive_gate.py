"""The gate for ZIP archives: dangerous ones are refused as a whole, odd names pass with a hint."""

from __future__ import annotations

import struct
import zipfile

import pytest

from intake.envelope import MessageFile
from intake.gates import Refused, filenames
from intake.gates.archive import open_archive
from intake.gates.filenames import NameProblem, classify
from tests.intake.builders import memory_file, zip_bytes


def refusal(data: bytes) -> str:
    """The code with which the archive ``data`` is refused."""
    with pytest.raises(Refused) as refused:
        open_archive(memory_file("post.zip", data))
    assert refused.value.finding.is_blocking
    assert "post.zip" in refused.value.finding.message
    return refused.value.finding.code


def members(data: bytes) -> list[MessageFile]:
    return open_archive(memory_file("post.zip", data))


def renamed(data: bytes, old: bytes, new: bytes) -> bytes:
    """``data`` with a member renamed in place, which no ZIP library would write."""
    assert len(old) == len(new) and old in data
    return data.replace(old, new)


def test_members_are_sorted_and_can_be_read_again_and_again() -> None:
    found = members(zip_bytes({"b.txt": b"zwei", "a/c.txt": b"eins" * 100_000, "leer.txt": b""}))
    assert [file.name for file in found] == ["a/c.txt", "b.txt", "leer.txt"]
    assert [file.size for file in found] == [400_000, 4, 0]
    assert found[0].read() == found[0].read() == b"eins" * 100_000


def test_members_are_read_in_chunks() -> None:
    (file,) = members(zip_bytes({"a.txt": b"0123456789"}))
    with file.open() as stream:
        assert [stream.read(4), stream.read(4), stream.read(4), stream.read(4)] == [b"0123", b"4567", b"89", b""]


def test_stored_members_and_folders() -> None:
    stored = zipfile.ZipInfo("ordner/a.txt")
    stored.compress_type = zipfile.ZIP_STORED
    (file,) = members(zip_bytes([("ordner/", b""), (stored, b"roh")]))
    assert (file.name, file.read()) == ("ordner/a.txt", b"roh")


def test_a_zip_inside_is_just_a_file() -> None:
    inner = zip_bytes({"../böse.txt": b"x"})
    (file,) = members(zip_bytes({"anlage.zip": inner}))
    assert (file.name, file.read()) == ("anlage.zip", inner)


@pytest.mark.parametrize(
    "name", ["../x.pdf", "a/../../x.pdf", "/etc/passwd", "C:x.pdf", "a\\..\\x.pdf", "..", "a/b/.."]
)
def test_names_that_lead_elsewhere(name: str) -> None:
    info = zipfile.ZipInfo("platzhalter")
    info.filename = info.orig_filename = name
    assert refusal(zip_bytes([(info, b"x")])) == "zip_unsafe_name"


def test_nul_in_a_name() -> None:
    data = zip_bytes({"rechnungX.exe": b"x"})
    assert refusal(renamed(data, b"rechnungX.exe", b"rechnung\0.exe")) == "zip_unsafe_name"
    assert refusal(renamed(data, b"rechnungX.exe", b"\0echnungX.exe")) == "zip_unsafe_name"


def test_a_folder_that_has_content() -> None:
    data = zip_bytes({"ordnerX": b"versteckt"})
    assert refusal(renamed(data, b"ordnerX", b"ordner/")) == "zip_broken"


@pytest.mark.parametrize(
    "pair", [("a.pdf", "a.pdf"), ("a.pdf", "A.PDF"), ("ü.pdf", "u\u0308.pdf"), ("ß.pdf", "SS.pdf")]
)
@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_double_names(pair: tuple[str, str]) -> None:
    assert refusal(zip_bytes([(pair[0], b"1"), (pair[1], b"2")])) == "zip_duplicate_name"


def test_folders_that_lead_elsewhere() -> None:
    assert refusal(zip_bytes([("../ordner/", b"")])) == "zip_unsafe_name"


def test_a_leading_dot_is_no_folder() -> None:
    assert [file.name for file in members(zip_bytes([("./", b""), ("./attachments/a.pdf", b"x")]))] == [
        "attachments/a.pdf"
    ]


def test_symlink() -> None:
    info = zipfile.ZipInfo("link.pdf")
    info.create_system = 3
    info.external_attr = 0o120777 << 16
    assert refusal(zip_bytes([(info, b"/etc/passwd")])) == "zip_symlink"


def test_encrypted() -> None:
    data = bytearray(zip_bytes({"a.pdf": b"geheim"}))
    directory = data.index(b"PK\x01\x02")
    data[6] |= 1
    data[directory + 8] |= 1
    assert refusal(bytes(data)) == "zip_encrypted"


def test_bomb_by_ratio() -> None:
    assert refusal(zip_bytes({"a.txt": b"\0" * 5_000_000})) == "zip_bomb"


def test_bomb_by_number_of_entries(settings) -> None:
    settings.MAX_MESSAGE_FILES = 10
    assert len(members(zip_bytes({f"{i}.txt": b"" for i in range(60)}))) == 60
    assert refusal(zip_bytes({f"{i}.txt": b"" for i in range(61)})) == "zip_bomb"


def test_bomb_by_size_of_the_directory(settings) -> None:
    settings.MAX_MESSAGE_FILES = 10
    entry = zip_bytes({"x": b""})
    start, end = entry.index(b"PK\x01\x02"), entry.index(b"PK\x05\x06")
    directory = entry[start:end] * 5000
    end_record = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 1, 1, len(directory), start, 0)
    assert refusal(entry[:start] + directory + end_record) == "zip_bomb"


def test_bomb_by_total_size(settings) -> None:
    settings.MAX_MESSAGE_MB = -49  # 1 MB together with the margin for technical files
    half = bytes(range(256)) * 2400
    assert len(members(zip_bytes({"a": half}))) == 1
    assert refusal(zip_bytes({"a": half, "b": half})) == "zip_bomb"


def test_the_raw_message_may_take_as_much_again(settings) -> None:
    settings.MAX_MESSAGE_MB = -49
    data = bytes(range(256)) * 3000
    assert len(members(zip_bytes({"anlage": data, "oscicontentdata.osci": data}))) == 2


def test_header_that_lies_about_the_size() -> None:
    data = bytearray(zip_bytes({"a.txt": bytes(range(256)) * 40}))
    directory = data.index(b"PK\x01\x02")
    data[directory + 24 : directory + 28] = struct.pack("<I", 100)
    assert refusal(bytes(data)) == "zip_bomb"


def test_many_names_for_one_packed_stream() -> None:
    data = bytearray(zip_bytes([("a.txt", b"0123456789" * 50), ("b.txt", b"0123456789" * 50)]))
    first = data.index(b"PK\x01\x02")
    second = data.index(b"PK\x01\x02", first + 4)
    for entry in (first, second):
        data[entry + 20 : entry + 24] = struct.pack("<I", len(data))
    assert refusal(bytes(data)) == "zip_bomb"


def test_wrong_check_sum() -> None:
    stored = zipfile.ZipInfo("a.txt")
    data = zip_bytes([(stored, b"Bescheid vom 1.1.")])
    assert refusal(data.replace(b"vom 1.1.", b"vom 9.9.")) == "zip_broken"


@pytest.mark.parametrize(
    "data",
    [b"", b"PK\x03\x04", b"%PDF-1.7", zip_bytes({"a": b"x"})[:-10], zip_bytes({"a": b"x"})[1:]],
    ids=["empty", "beginning only", "another format", "end missing", "beginning missing"],
)
def test_not_a_zip(data: bytes) -> None:
    assert refusal(data) == "zip_broken"


def test_utf8_names_without_the_flag_are_read_as_utf8() -> None:
    data = renamed(zip_bytes({"KlageXX.pdf": b"x"}), b"KlageXX.pdf", "Klageü.pdf".encode())
    assert [file.name for file in members(data)] == ["Klageü.pdf"]


@pytest.mark.parametrize(
    ("name", "problem"),
    [
        ("99 - Klage.pdf", None),
        ("attachments/Bescheid (ü).pdf", None),
        ("a\0.pdf", NameProblem.NUL),
        ("/a.pdf", NameProblem.ABSOLUTE),
        ("a/../b.pdf", NameProblem.PARENT),
        ("a\\b.pdf", NameProblem.BACKSLASH),
        ("c:b.pdf", NameProblem.DRIVE),
        ("", NameProblem.EMPTY),
        ("a\n.pdf", NameProblem.CONTROL),
        ("rechnung\u202efdp.exe", NameProblem.BIDI),
        ("\udcfc.pdf", NameProblem.NOT_UTF8),
        ("ä" * 126 + ".pdf", NameProblem.TOO_LONG),
        ("attachments/CON.pdf", NameProblem.RESERVED),
        ("Konto.pdf", None),
    ],
)
def test_what_is_wrong_with_a_name(name: str, problem: NameProblem | None) -> None:
    assert classify(name) is problem


def test_odd_names_pass_and_are_shown_safely() -> None:
    (file,) = members(zip_bytes({"rechnung\u202efdp.exe": b"x"}))
    assert file.name == "rechnung\u202efdp.exe"
    assert filenames.display(file.name) == "rechnung\\u202efdp.exe"
