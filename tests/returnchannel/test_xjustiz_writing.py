"""What goes to courts: references swapped, valid against the official schema of its version, or refused in words."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from django.test import override_settings
from hypothesis import given
from hypothesis import settings as tuned
from hypothesis import strategies as st
from lxml import etree

from intake import schemas
from intake.channels import get
from intake.facts import Correspondent, Facts
from intake.gates.xml import parse
from intake.standards import xjustiz
from intake.translate import translate
from returnchannel.xjustiz import (
    Attachment,
    CannotWrite,
    Failure,
    Head,
    Partner,
    Received,
    version_for,
    write_documents,
    write_receipt,
)
from returnchannel.xjustiz.letters import FAILURES, answer_head, file_name, line

VERSIONS = ("2.4.0", "3.2.1", "3.5.1", "3.6.2")
WITH_DOCUMENTS = VERSIONS[1:]
TOWN = Partner("Stadt Musterstadt", safe_id="DE.Justiz.00000000-0000-4000-8000-000000000001.abcd")
OUR_ID = uuid.UUID("2cce8130-f750-495f-96e7-aae6eafea36b")
AT = datetime(2026, 11, 24, 9, 12, 33, tzinfo=UTC)
SAMPLES = Path(__file__).parents[3] / "shared" / "samples"
pytestmark = pytest.mark.skipif(not SAMPLES.is_dir(), reason="The official schemas are not beside this checkout.")


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A DATA_DIR with all official schemas that are at hand."""
    folder = tmp_path_factory.mktemp("store")
    with override_settings(DATA_DIR=folder):
        schemas.install(SAMPLES / "xjustiz" / "xsd")
    return folder


@pytest.fixture(autouse=True)
def _schemas(_own_settings: None, settings, store: Path) -> None:
    settings.DATA_DIR = store


def head(**values: object) -> Head:
    """An answer to a court."""
    defaults = {
        "message_id": OUR_ID,
        "created_at": AT,
        "sender": TOWN,
        "recipient": Partner("Verwaltungsgericht", "T6078", "DE.Justiz.233a8870-2319-4dbc-9f68-a4cc9da8f429.9999"),
        "own_reference": "32.1-2026-000123",
        "foreign_reference": "12 K 345/26",
        "reply_to": "f8c5ce63-dbae-465f-a0cd-1d7b149b438e",
    }
    return Head(**(defaults | values))


def read(content: bytes) -> Facts:
    """What our own reader understands of it; nothing is to be found wrong."""
    facts, findings = xjustiz.read(parse(content))
    assert [each.code for each in findings if each.is_blocking] == []
    return facts


@pytest.mark.parametrize("version", VERSIONS)
def test_the_receipt_for_the_real_message_of_a_court(version: str) -> None:
    container = next(iter(get("egvp").envelopes(SAMPLES / "egvp" / "Testnachricht_1")))
    asked = translate(container.files).facts
    answer = answer_head(asked, message_id=OUR_ID, created_at=AT, sender=TOWN, own_reference="")
    written = write_receipt(answer, Received(date(2021, 9, 28)), version)
    said = read(written)
    assert (said.message_type, said.version) == ("2200007", version)
    assert said.foreign_reference == "22-114-B19 SB/jaw"  # the sender's: ours, with its line break mended
    assert said.own_reference == "4 Ca 614/20"  # the recipient's: the court's
    assert said.reply_to == "F9D36902-B60A-4A38-AA40-69ED89874A2F"
    assert said.message_id == str(OUR_ID)
    assert (said.sender.name, said.recipient.code) == ("Stadt Musterstadt", "T6078")
    assert said.eeb is not None and said.eeb.received_on == date(2021, 9, 28)
    if version in ("3.5.1", "3.6.2"):
        assert said.recipient.safe_id == "DE.Justiz.233a8870-2319-4dbc-9f68-a4cc9da8f429.9999"


def test_it_has_the_form_of_a_real_one() -> None:
    real = etree.parse(str(SAMPLES / "egvp/TestnachrichtEeb_1/attachments/xjustiz_nachricht.xml")).getroot()
    ours = etree.fromstring(write_receipt(head(), Received(date(2021, 10, 29)), "2.4.0"))
    assert [each.tag for each in ours.iter()] == [each.tag for each in real.iter()]


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("code", sorted(FAILURES))
def test_a_failure_instead_of_a_day(version: str, code: str) -> None:
    said = read(write_receipt(head(), Failure(code, "Die Anlage K3 fehlt."), version))
    assert said.eeb is not None
    assert (said.eeb.received_on, said.eeb.failure_code) == (None, code)
    assert said.eeb.failure_reason == "Die Anlage K3 fehlt."


def test_a_code_that_is_not_in_the_list_is_refused() -> None:
    with pytest.raises(CannotWrite, match="nicht gültig"):
        write_receipt(head(), Failure("9"), "3.6.2")


def test_the_failures_are_those_of_the_official_list() -> None:
    xsd = etree.parse(str(SAMPLES / "xjustiz/xsd/3.6.2/xjustiz_2210_cl_eeb_3_1.xsd"))
    listed = xsd.getroot().iterfind(".//{*}enumeration")
    assert {each.get("value"): each.findtext(".//wert") for each in listed} == FAILURES


@pytest.mark.parametrize("version", WITH_DOCUMENTS)
def test_documents_with_their_metadata(version: str) -> None:
    files = [
        Attachment(uuid.uuid4(), "Stellungnahme", "Stellungnahme.pdf", "015", date(2026, 11, 20), demands_receipt=True),
        Attachment(uuid.uuid4(), "Anlage 1", "Anlage_1.pdf", "005"),
    ]
    said = read(write_documents(head(), "Klage wegen Gewerbeuntersagung", files, version))
    assert (said.message_type, said.subject) == ("0005005", "Klage wegen Gewerbeuntersagung")
    assert (said.foreign_reference, said.own_reference) == ("32.1-2026-000123", "12 K 345/26")
    assert (said.court_code, said.court_reference) == ("T6078", "12 K 345/26")
    assert [(each.title, each.name, each.eeb_required) for each in said.documents] == [
        ("Stellungnahme", "Stellungnahme.pdf", True),
        ("Anlage 1", "Anlage_1.pdf", False),
    ]
    assert said.documents[0].document_date == date(2026, 11, 20)


def test_documents_are_not_written_in_2_4() -> None:
    with pytest.raises(CannotWrite, match="von Hand"):
        write_documents(head(), "", [Attachment(uuid.uuid4(), "A", "a.pdf")], "2.4.0")


def test_to_a_lawyer_by_name() -> None:
    said = read(write_receipt(head(recipient=Partner("Joswig & Partner", safe_id="x")), Received(AT.date()), "3.6.2"))
    assert (said.recipient.name, said.recipient.code) == ("Joswig & Partner", "")


def test_without_their_reference_3_6_says_so() -> None:
    assert b"aktenzeichen.unbekannt" in write_receipt(head(foreign_reference=""), Received(AT.date()), "3.6.2")


def test_what_the_court_could_not_match_is_refused() -> None:
    with pytest.raises(CannotWrite, match="keine gültige Nachrichten-ID"):
        write_receipt(head(reply_to=""), Received(AT.date()), "3.6.2")


def test_an_installed_schema_is_needed(settings, tmp_path: Path) -> None:
    settings.DATA_DIR = tmp_path
    for version in ("", "3.6.2"):
        with pytest.raises(CannotWrite, match="standards install"):
            write_receipt(head(), Received(AT.date()), version)


@pytest.mark.parametrize(
    ("day", "version"),
    [
        (date(2021, 10, 30), "2.4.0"),
        (date(2021, 10, 31), "3.2.1"),
        (date(2024, 1, 1), ""),  # 3.4: not installed
        (date(2025, 4, 30), "3.5.1"),
        (date(2026, 4, 29), "3.5.1"),
        (date(2026, 4, 30), "3.6.2"),
        (date(2027, 4, 30), ""),
    ],
)
def test_the_version_by_its_day(day: date, version: str) -> None:
    assert version_for(day) == version
    assert version_for(date(2026, 11, 24), ["3.6.2", "3.6.10"]) == "3.6.10"


ANY = st.text(max_size=200) | st.text(st.sampled_from("aÄß \0\x07\ud800\u202e<&]]>😀\u2028'\""), max_size=60)


@tuned(max_examples=60, deadline=None)
@given(name=ANY, own=ANY, foreign=ANY, reply=ANY | st.just(str(OUR_ID)), text=ANY, version=st.sampled_from(VERSIONS))
def test_whatever_comes_in_it_is_valid_or_refused_in_words(
    store: Path, name: str, own: str, foreign: str, reply: str, text: str, version: str
) -> None:
    facts = Facts(
        sender=Correspondent(name=name, code=foreign[:6]),
        own_reference=own,
        foreign_reference=foreign,
        message_id=reply,
    )
    with override_settings(DATA_DIR=store):
        answer = answer_head(facts, message_id=OUR_ID, created_at=AT, sender=TOWN, own_reference="32.1")
        files = [Attachment(OUR_ID, text, file_name(text, "pdf", set()))]
        for write in (
            lambda: write_receipt(answer, Failure("2", text), version),
            lambda: write_documents(answer, text, files, version),
        ):
            content, sentence = outcome(write)
            if content is None:
                assert sentence.endswith(".") and "\0" not in sentence
            else:
                root = parse(content)
                assert schemas.validate(root, "xjustiz", version, etree.QName(root).localname) == []


def outcome(write: Callable[[], bytes]) -> tuple[bytes | None, str]:
    """What was written, or why not."""
    try:
        return write(), ""
    except CannotWrite as refused:
        return None, str(refused)


@given(wanted=ANY, taken=st.lists(ANY, max_size=4))
def test_file_names_are_what_the_standard_allows(wanted: str, taken: list[str]) -> None:
    used: set[str] = set()
    names = [file_name(each, "pdf", used) for each in [*taken, wanted, wanted]]
    assert len({each.lower() for each in names}) == len(names)
    for name in names:
        assert len(name) <= 90 and name.endswith(".pdf")
        assert all(each.isalnum() or each in "_-." for each in name) and name.count(".") == 1


def test_values_of_others_stand_on_one_line() -> None:
    assert line("12 K\n345\0/26\u2028 \x07B") == "12 K 345 /26 B"
