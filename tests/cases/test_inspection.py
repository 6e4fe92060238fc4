"""What files are by their bytes, and what is wrong with them."""

from __future__ import annotations

import io
import resource
import signal
import subprocess
import time
import zlib
from pathlib import Path

import pikepdf
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cases import filetypes, pdfs
from cases import inspection as inspecting
from cases.fileflags import Flag, Inspection
from tests import sample_files as sample


def look(data: bytes) -> Inspection:
    return inspecting.inspect(io.BytesIO(data), len(data))


@pytest.mark.parametrize(
    ("data", "media_type"),
    [
        (sample.PDF, filetypes.PDF),
        (b"\n" * 900 + sample.PDF, filetypes.PDF),
        (sample.PNG, filetypes.PNG),
        (sample.JPEG, filetypes.JPEG),
        (sample.TIFF, filetypes.TIFF),
        (sample.DOCX, filetypes.DOCX),
        (sample.XLSX, filetypes.XLSX),
        (sample.ODT, filetypes.ODT),
        (sample.ole("WordDocument"), filetypes.DOC),
        (sample.ole("Workbook"), filetypes.XLS),
        (sample.MP4, filetypes.MP4),
        (sample.P7S, filetypes.SIGNATURE),
        (b"{\\rtf1 Brief}", filetypes.RTF),
        (b"<?xml version='1.0'?><a/>", filetypes.XML),
        ("<?xml version='1.0'?><a/>".encode("utf-16"), filetypes.XML),
        ("Straße;Ort\n".encode(), filetypes.TEXT),
        ("Straße;Ort\n".encode("cp1252"), filetypes.TEXT),
        (b"From: a@example.org\nTo: b\n\nx", filetypes.EML),
        (b"<!DOCTYPE html><p>x", filetypes.HTML),
        (b"<svg onload='alert(1)'/>", filetypes.HTML),
        (sample.zipped("a.txt"), filetypes.ZIP),
        (sample.zipped("%PDF-1.7.pdf"), filetypes.ZIP),
        (bytes(100), filetypes.UNKNOWN),
    ],
)
def test_the_type_is_read_from_the_bytes(data: bytes, media_type: str) -> None:
    found = look(data)
    assert (found.media_type, found.flags) == (media_type, ())


@pytest.mark.parametrize(
    ("data", "flag"),
    [
        (sample.EXE, Flag.EXECUTABLE),
        (sample.ELF, Flag.EXECUTABLE),
        (b"\xcf\xfa\xed\xfe" + bytes(60), Flag.EXECUTABLE),
        (b"\xca\xfe\xba\xbe" + bytes(60), Flag.EXECUTABLE),
        (sample.MSI, Flag.EXECUTABLE),
        (sample.JAR, Flag.EXECUTABLE),
        (b"#!/bin/sh\nrm -rf /\n", Flag.EXECUTABLE),
        (b"@echo off\r\ndel *.*\r\n", Flag.EXECUTABLE),
        (b"<html><HTA:APPLICATION id=x>", Flag.EXECUTABLE),
        (b"L\x00\x00\x00\x01\x14\x02\x00" + bytes(60), Flag.EXECUTABLE),
        (b"MZ" + sample.PDF, Flag.EXECUTABLE),
        (sample.DOCM, Flag.MACRO),
        (sample.zipped("[Content_Types].xml", "xl/workbook.xml", "xl/macrosheets/sheet1.xml"), Flag.MACRO),
        (sample.zipped("Basic/script-lb.xml", first=b"application/vnd.oasis.opendocument.text"), Flag.MACRO),
        (sample.ole("WordDocument", "_VBA_PROJECT"), Flag.MACRO),
        (sample.ole("EncryptedPackage"), Flag.ENCRYPTED),
        (b"", Flag.EMPTY),
    ],
)
def test_what_a_computer_would_carry_out_is_flagged(data: bytes, flag: Flag) -> None:
    assert look(data).flags == (flag,)


def javascript() -> pikepdf.Dictionary:
    return pikepdf.Dictionary(S=pikepdf.Name.JavaScript, JS="app.alert(1)")


@pytest.mark.parametrize(
    ("data", "pages", "flags"),
    [
        (sample.pdf(3), 3, ()),
        (sample.pdf(1, password="geheim"), None, (Flag.ENCRYPTED,)),
        (sample.pdf(2, owner="nur drucken"), 2, (Flag.ENCRYPTED,)),
        (sample.pdf(root={"/OpenAction": javascript()}), 1, (Flag.JAVASCRIPT,)),
        (sample.pdf(root={"/AA": pikepdf.Dictionary(WC=javascript())}), 1, (Flag.JAVASCRIPT,)),
        (
            sample.pdf(root={"/OpenAction": pikepdf.Dictionary(S=pikepdf.Name.Launch, F="cmd.exe")}),
            1,
            (Flag.LAUNCH,),
        ),
        (sample.pdf(root={"/AcroForm": pikepdf.Dictionary(XFA="<xdp/>", Fields=[])}), 1, (Flag.XFA,)),
        (sample.pdf_with_attachment(), 1, (Flag.EMBEDDED_FILES,)),
        (b"%PDF-1.7\nnichts\n%%EOF\n", None, (Flag.BROKEN,)),
        (sample.PDF[:100], None, (Flag.BROKEN,)),
    ],
)
def test_a_pdf_says_what_it_does(data: bytes, pages: int | None, flags: tuple[Flag, ...]) -> None:
    assert look(data) == Inspection(filetypes.PDF, pages, flags)


def test_a_pdf_that_unpacks_without_end_is_not_unpacked() -> None:
    packed = zlib.compress(b"4 0 " + bytes(300_000_000), 9)
    stream = b"4 0 obj<</Type/ObjStm/N 1/First 4/Filter/FlateDecode/Length %d>>stream\n" % len(packed)
    bomb = b"%PDF-1.7\n" + stream + packed + b"\nendstream endobj\ntrailer<</Root 1 0 R>>\n%%EOF"
    started = time.monotonic()
    assert Flag.BROKEN in look(bomb).flags
    assert time.monotonic() - started < 5


def pdf_with_numbers(count: int) -> bytes:
    """A PDF of a few kilobytes whose one packed object is a list of so many numbers."""
    packed = zlib.compress(b"5 0 [" + b"0 " * count + b"]", 9)
    objects = {
        1: b"<</Type/Catalog/Pages 2 0 R>>",
        2: b"<</Type/Pages/Kids[6 0 R]/Count 1>>",
        6: b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]>>",
        3: b"<</Type/ObjStm/N 1/First 4/Filter/FlateDecode/Length %d>>\nstream\n%b\nendstream" % (len(packed), packed),
    }
    data, rows = b"%PDF-1.5\n", {0: bytes(6), 5: b"\x02" + (3).to_bytes(4, "big") + b"\0"}
    for number, body in objects.items():
        rows[number] = b"\x01" + len(data).to_bytes(4, "big") + b"\0"
        data += b"%d 0 obj\n%b\nendobj\n" % (number, body)
    rows[4] = b"\x01" + len(data).to_bytes(4, "big") + b"\0"
    table = b"".join(rows[number] for number in range(7))
    head = b"<</Type/XRef/Size 7/W[1 4 1]/Root 1 0 R/Length 42>>"
    return data + b"4 0 obj\n%b\nstream\n%b\nendstream\nendobj\nstartxref\n%d\n%%%%EOF" % (head, table, len(data))


def memory_of(process: subprocess.Popen) -> int:
    """The most memory that a process has had, in MB."""
    lines = Path(f"/proc/{process.pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) // 1024 for line in lines if line.startswith("VmHWM"))


def test_a_pdf_that_asks_for_gigabytes_does_not_get_them() -> None:
    """40 million numbers, which would take 5 GB, in 78 KB."""
    assert look(pdf_with_numbers(10)) == Inspection(filetypes.PDF, 1, ())
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    found = look(pdf_with_numbers(40_000_000))
    assert Flag.TOO_LARGE in found.flags
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 200 * 1024
    assert look(sample.pdf(2)) == Inspection(filetypes.PDF, 2, ()), "the next one finds a fresh reader"
    assert memory_of(pdfs._reader.process) < 300


def test_one_reader_is_kept_for_all() -> None:
    look(sample.pdf(1))
    first = pdfs._reader.process
    look(sample.pdf(2))
    assert pdfs._reader.process is first


def test_a_reader_that_dies_is_a_fact_about_the_pdf() -> None:
    look(sample.pdf(1))
    pdfs._reader.process.kill()
    assert look(sample.pdf(1)) == Inspection(filetypes.PDF, None, (Flag.TOO_LARGE,))
    assert look(sample.pdf(1)).pages == 1


def test_a_reader_that_is_silent_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    look(sample.pdf(1))
    stopped = pdfs._reader.process
    stopped.send_signal(signal.SIGSTOP)
    monkeypatch.setattr(pdfs, "PATIENCE_SECONDS", 0.2)
    assert look(sample.pdf(1)).flags == (Flag.TOO_LARGE,)
    assert stopped.returncode is not None, "nothing is left of it"


def test_a_reader_that_does_not_start_is_our_fault(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Nothing is said of the PDF then: it is looked at again later."""
    pdfs._reader.end()
    monkeypatch.setattr(pdfs, "_PROGRAM", tmp_path / "missing.py")
    with pytest.raises(OSError, match="does not start"):
        look(sample.pdf(1))
    assert pdfs._reader.process is None


def test_the_search_in_a_pdf_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pdfs, "SECONDS", -1.0)
    assert look(sample.pdf(2)) == Inspection(filetypes.PDF, 2, (Flag.TOO_LARGE,))


def test_of_a_very_large_pdf_only_the_type_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inspecting, "MAX_INSPECTED", 100)
    assert look(sample.PDF) == Inspection(filetypes.PDF, None, (Flag.TOO_LARGE,))


@settings(max_examples=150, deadline=None)
@given(
    base=st.sampled_from([sample.pdf(2), sample.DOCX, sample.ODT, sample.JAR, sample.ole("Workbook"), sample.TIFF]),
    at=st.floats(0, 1),
    gone=st.integers(0, 60),
    new=st.binary(max_size=60),
)
def test_whatever_the_bytes_are_it_ends_with_an_inspection(base: bytes, at: float, gone: int, new: bytes) -> None:
    place = int(at * len(base))
    found = look(base[:place] + new + base[place + gone :])
    assert found.media_type and len(found.media_type) <= 100


@pytest.mark.parametrize(
    ("name", "media_type", "contradicts"),
    [
        ("a.pdf", filetypes.PDF, False),
        ("a.PDF", filetypes.HTML, True),
        ("a.pdf. ", filetypes.TEXT, True),
        ("a.docx", filetypes.OLE, False),
        ("a.csv", filetypes.TEXT, False),
        ("a.unbekannt", filetypes.HTML, False),
        ("ohne", filetypes.TEXT, False),
    ],
)
def test_names_that_promise_something_else(name: str, media_type: str, contradicts: bool) -> None:
    assert filetypes.contradicts(name, media_type) is contradicts


@pytest.mark.parametrize(
    "name", ["a.bat", "a.CMD", "a.js", "b.vbs", "c.ps1", "d.hta", "e.lnk", "f.jar", "x.pdf.exe", "y.scr. "]
)
def test_names_that_a_computer_carries_out(name: str) -> None:
    assert filetypes.is_program_name(name)
