"""The demonstration's sample mail: enough of it, always the same bytes, and valid where it means to be."""

from __future__ import annotations

import io
import uuid
import zipfile
from collections import Counter
from datetime import date
from pathlib import Path

import pikepdf
import pytest
from lxml import etree

from config.demo.container import zip_bytes
from config.demo.mail import SampleMessage, first_batch, second_batch
from config.demo.xjustiz import (
    BASIC,
    DOCUMENTS,
    EEB,
    SIGNATURE,
    VERSIONS,
    Document,
    FilePart,
    Message,
    Partner,
    Party,
    to_xml,
)

SCHEMAS = Path(__file__).parents[3] / "shared" / "samples" / "xjustiz" / "xsd"
ROOT_SCHEMAS = {"eeb": "xjustiz_2200_*.xsd", "gds": "xjustiz_0005_*.xsd"}


def case_of(key: str) -> tuple[str, str]:
    """A Vorgang made up from the key."""
    return "V-7K3M-9QTR-G", f"30.4-2026-{len(key):06d}"


def both_batches(target: Path) -> list[SampleMessage]:
    return first_batch(target) + second_batch(target, case_of)


@pytest.fixture(scope="module")
def messages(tmp_path_factory: pytest.TempPathFactory) -> list[SampleMessage]:
    return both_batches(tmp_path_factory.mktemp("mail"))


def contents(target: Path) -> dict[str, bytes]:
    """Every file below the folder, and every folder as an entry of its own."""
    return {str(p.relative_to(target)): p.read_bytes() if p.is_file() else b"/" for p in sorted(target.rglob("*"))}


def files_of(message: SampleMessage) -> dict[str, bytes]:
    """The files of one message, out of its folder, ZIP or single XML file."""
    if message.path.is_dir():
        return {str(p.relative_to(message.path)): p.read_bytes() for p in message.path.rglob("*") if p.is_file()}
    if message.path.suffix == ".zip":
        with zipfile.ZipFile(message.path) as archive:
            return {name: archive.read(name) for name in archive.namelist()}
    return {message.path.name: message.path.read_bytes()}


def xjustiz_of(message: SampleMessage) -> etree._Element:
    """The root of the message's XJustiz file."""
    files = files_of(message)
    name = next(name for name in files if name.endswith((f"-{message.key}.xml", "xjustiz_nachricht.xml")))
    return etree.fromstring(files[name])


def test_there_is_enough_mail_and_most_of_it_is_filed(messages: list[SampleMessage]) -> None:
    counts = Counter(message.expected for message in messages)
    assert len(messages) >= 44
    assert counts["filed"] / len(messages) >= 0.6
    assert counts["duplicate"] == 1
    assert counts["exception"] >= 15


def test_names_are_in_the_order_of_arrival_and_keys_unique(messages: list[SampleMessage]) -> None:
    names = [message.path.name for message in messages]
    assert names == sorted(names)
    assert len({message.key for message in messages}) == len(messages)
    assert all(message.path.exists() for message in messages)


def test_the_server_times_rise_through_november(messages: list[SampleMessage]) -> None:
    times = []
    for message in messages:
        properties = message.path / "MsgProps.xml"
        if properties.exists() and not message.already_known:
            times.append(etree.parse(properties).findtext("ServerEntryTime"))
    assert times == sorted(times)
    assert times[0].startswith("2026-11-02T") and times[-1].startswith("2026-11-24T")
    assert all(time.endswith("+01:00") for time in times)


def test_written_twice_the_bytes_are_equal(tmp_path: Path) -> None:
    both_batches(tmp_path / "one")
    both_batches(tmp_path / "two")
    assert contents(tmp_path / "one") == contents(tmp_path / "two")


def test_an_exception_has_a_reason_and_a_new_case_a_team(messages: list[SampleMessage]) -> None:
    for message in messages:
        if message.expected == "exception":
            assert message.expected_reason, message.key
        elif message.expected == "filed":
            assert bool(message.team) != bool(message.joins), message.key


def test_a_reply_follows_the_message_that_it_answers(messages: list[SampleMessage]) -> None:
    place = {message.key: number for number, message in enumerate(messages)}
    for message in messages:
        if message.joins:
            assert place[message.joins] < place[message.key]


def test_the_second_batch_asks_only_for_filed_messages_of_the_first(tmp_path: Path) -> None:
    opened = {message.key for message in first_batch(tmp_path) if message.team and message.expected == "filed"}
    asked: list[str] = []

    def case(key: str) -> tuple[str, str]:
        asked.append(key)
        return case_of(key)

    second_batch(tmp_path, case)
    assert asked and set(asked) <= opened


def test_vorgangs_ids_are_quoted_in_four_spellings(messages: list[SampleMessage]) -> None:
    subjects = " ".join(message.subject for message in messages)
    for spelling in ("V-7K3M-9QTR-G", "V7K3M9QTRG", "v-7k3m-9qtr-g", "v7k3m9qtrg"):
        assert spelling in subjects


def test_the_message_sent_again_is_the_same_and_the_duplicate_has_another_id(messages: list[SampleMessage]) -> None:
    by_key = {message.key: message for message in messages}
    assert files_of(by_key["wohngeld-klage"]) == files_of(by_key["wohngeld-klage-nochmals"])
    original, copy = files_of(by_key["bussgeld-abgabe"]), files_of(by_key["bussgeld-abgabe-nochmals"])
    assert original["MsgProps.xml"] != copy["MsgProps.xml"]
    pdfs = [name for name in original if name.endswith(".pdf")]
    assert pdfs and all(original[name] == copy[name] for name in pdfs)


def full_message(version: str, kind: str, failure: tuple[str, str] | None) -> Message:
    """A message that fills every field."""
    parts = (FilePart("Klage ü.pdf"), FilePart("Klage ü.pdf.p7s", SIGNATURE, "Klage ü.pdf"))
    parties = (
        Party("101", "Ștefănescu", "Özlem", address=("Weg", "1", "59999", "Musterhausen"), reference="AB-1"),
        Party("028", organisation="Stadt Musterhausen", address=("Rathausplatz", "1", "59999", "Musterhausen")),
    )
    return Message(
        version=version, kind=kind, created="2026-11-24T08:00:00+01:00",
        sender=Partner("Verwaltungsgericht Münster", "R6319", "DE.Justiz.1.2"), recipient=Partner("Stadt Musterhausen"),
        id=str(uuid.UUID(int=1)), reply_to=str(uuid.UUID(int=2)), sender_reference="2 K 1/26",
        recipient_reference="30.4-2026-000001\n Ke", subject="Klage", rubrum="A ./. B", urgent=True, parties=parties,
        documents=(Document(str(uuid.UUID(int=3)), "Klage", "017", date(2026, 11, 23), parts, eeb_required=True),),
        eeb_date=date(2026, 11, 24), failure=failure,
    )  # fmt: skip


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("kind", [DOCUMENTS, BASIC, EEB])
@pytest.mark.parametrize("failure", [None, ("1", "Nicht am Verfahren beteiligt")])
def test_the_writer_is_valid_in_every_version(version: str, kind: str, failure: tuple[str, str] | None) -> None:
    if not SCHEMAS.is_dir():
        pytest.skip("The official XSD of XJustiz are not beside this checkout; there is nothing to validate against.")
    message = full_message(version, kind, failure)
    if version == "2.4.0" and kind == BASIC:
        with pytest.raises(ValueError, match="2.4.0"):
            to_xml(message)
        return
    path = next((SCHEMAS / version).glob(ROOT_SCHEMAS["eeb" if kind == EEB else "gds"]))
    etree.XMLSchema(etree.parse(path)).assertValid(etree.fromstring(to_xml(message)))


def test_every_well_meant_xjustiz_file_is_valid(messages: list[SampleMessage]) -> None:
    if not SCHEMAS.is_dir():
        pytest.skip("The official XSD of XJustiz are not beside this checkout; there is nothing to validate against.")
    schemas: dict[tuple[str, str], etree.XMLSchema] = {}
    versions = set()
    for message in messages:
        if not message.schema_valid:
            continue
        root = xjustiz_of(message)
        kind = "eeb" if ".eeb." in root.tag else "gds"
        if (message.version, kind) not in schemas:
            path = next((SCHEMAS / message.version).glob(ROOT_SCHEMAS[kind]))
            schemas[message.version, kind] = etree.XMLSchema(etree.parse(path))
        schema = schemas[message.version, kind]
        assert schema.validate(root), f"{message.key}: {schema.error_log}"
        versions.add(message.version)
    assert versions == {"2.4.0", "3.2.1", "3.5.1", "3.6.2"}


def test_pdfs_open_and_have_text(messages: list[SampleMessage]) -> None:
    count = 0
    for message in messages:
        if message.hints or message.expected == "exception":
            continue
        for name, content in files_of(message).items():
            if name.endswith(".pdf"):
                with pikepdf.open(io.BytesIO(content)) as pdf:
                    assert b"Tj" in pdf.pages[0].Contents.read_bytes()
                count += 1
    assert count > 50


def test_names_keep_their_accents_when_copied_from_the_pdf(messages: list[SampleMessage]) -> None:
    message = next(message for message in messages if message.key == "ohne-xjustiz")
    with pikepdf.open(io.BytesIO(files_of(message)["attachments/Akteneinsichtsgesuch.pdf"])) as pdf:
        content = pdf.pages[0].Contents.read_bytes()
    assert ("\ufeffś").encode("utf-16-be").hex().encode() in content
    assert ("\ufeffő").encode("utf-16-be").hex().encode() in content


def test_a_long_letter_runs_over_several_pages(messages: list[SampleMessage]) -> None:
    message = next(message for message in messages if message.key == "fahrerlaubnis-gutachten")
    with pikepdf.open(io.BytesIO(files_of(message)["attachments/Gutachten.pdf"])) as pdf:
        assert len(pdf.pages) >= 2


def test_the_broken_ones_are_broken_as_declared(messages: list[SampleMessage]) -> None:
    by_key = {message.key: message for message in messages}
    assert list(by_key["defekt-leerer-ordner"].path.iterdir()) == []
    with pytest.raises(etree.XMLSyntaxError):
        xjustiz_of(by_key["defekt-abgeschnitten"])
    with zipfile.ZipFile(by_key["defekt-zip-bombe"].path) as archive:
        assert max(entry.file_size / max(entry.compress_size, 1) for entry in archive.infolist()) > 100
    with zipfile.ZipFile(by_key["defekt-zip-pfad"].path) as archive:
        assert any(name.startswith("../") for name in archive.namelist())
    with zipfile.ZipFile(by_key["defekt-zip-verschluesselt"].path) as archive:
        assert all(entry.flag_bits & 1 for entry in archive.infolist())
    hidden = files_of(by_key["defekt-doctype-utf16"])["attachments/xjustiz_nachricht.xml"]
    assert b"<!DOCTYPE" not in hidden and "<!DOCTYPE" in hidden.decode("utf-16")
    assert files_of(by_key["hinweis-leere-anlage"])["attachments/Anlage.pdf"] == b""
    assert not files_of(by_key["hinweis-kein-pdf"])["attachments/Ladung.pdf"].startswith(b"%PDF")


def test_the_whole_mail_is_small(messages: list[SampleMessage]) -> None:
    size = sum(len(content) for content in contents(messages[0].path.parent).values())
    assert size < 3_000_000


def test_a_zip_is_the_same_every_time() -> None:
    assert zip_bytes({"a": b"1", "ü/b": b"2"}) == zip_bytes({"a": b"1", "ü/b": b"2"})


def test_the_swapped_message_has_our_reference_in_the_senders_field(messages: list[SampleMessage]) -> None:
    root = xjustiz_of(next(message for message in messages if message.key == "vertauschte-zeichen"))
    assert root.findtext(".//{*}aktenzeichen.absender", "").startswith("30.4-2026-")
    assert root.findtext(".//{*}aktenzeichen.empfaenger") == "2 K 2890/26"
