"""XJustiz in all versions becomes the same Facts."""

from __future__ import annotations

from datetime import date, datetime

import pytest

from intake.facts import Correspondent, EebReceipt, Facts, FilePart
from tests.intake import builders
from tests.intake.builders import (
    COURT,
    FOREIGN,
    MESSAGE_ID,
    OWN,
    TOWN,
    VERSIONS,
    document,
    eeb,
    header,
    message,
    proceedings,
    xml,
)
from tests.intake.reading import codes, facts_of, is_blocked, read


@pytest.fixture(autouse=True)
def _no_schemas(settings, tmp_path) -> None:
    """These tests read without official schemas; ``test_schemas`` has them installed."""
    settings.DATA_DIR = tmp_path


@pytest.mark.parametrize("version", VERSIONS)
def test_the_same_message_in_every_version(version: str) -> None:
    facts = facts_of(message(version))
    assert (facts.standard, facts.version, facts.message_type) == ("xjustiz", version, "0005005")
    assert facts.sender == Correspondent(code=COURT)
    assert facts.recipient == Correspondent(name=TOWN)
    assert (facts.own_reference, facts.foreign_reference) == (OWN, FOREIGN)
    assert (facts.court_code, facts.court_reference) == (COURT, FOREIGN)
    assert facts.subject == "Klage wegen Gewerbeuntersagung"
    assert facts.message_id == MESSAGE_ID
    assert facts.created_at == datetime.fromisoformat("2026-11-24T09:12:33+01:00")
    assert facts.received_at is None and facts.case_id == ""
    assert not facts.urgent and not facts.confidential
    (verfuegung,) = facts.documents
    assert (verfuegung.name, verfuegung.title, verfuegung.role) == ("Verfuegung.pdf", "Verfügung", "verfuegung")
    assert verfuegung.eeb_required and facts.eeb_required
    assert [(file.name, file.part) for file in verfuegung.files] == [("Verfuegung.pdf", FilePart.ORIGINAL)]
    assert verfuegung.document_date == (None if version == "2.4.0" else date(2026, 11, 20))
    assert Facts.from_json(facts.as_json()) == facts


@pytest.mark.parametrize("version", VERSIONS)
def test_a_returned_empfangsbekenntnis(version: str) -> None:
    facts = facts_of(eeb(version), {})
    assert facts.message_type == "2200007"
    assert facts.eeb == EebReceipt(received_on=date(2026, 11, 25))
    assert facts.reply_to == "f8c5ce63-dbae-465f-a0cd-1d7b149b438e"
    assert (facts.own_reference, facts.foreign_reference) == (FOREIGN, OWN)
    assert facts.sender.name == TOWN and facts.recipient.code == COURT
    assert facts.documents == []


@pytest.mark.parametrize(
    ("version", "answer"),
    [
        (
            "2.4.0",
            "<stoerungsmeldung><stoerungs_ID><c>2</c></stoerungs_ID><stoerungsgrund>Leer</stoerungsgrund></stoerungsmeldung>",
        ),
        (
            "3.5.1",
            "<stoerungsmeldung><stoerungsID><c>2</c></stoerungsID><stoerungsGrund>Leer</stoerungsGrund></stoerungsmeldung>",
        ),
    ],
)
def test_an_empfangsbekenntnis_that_is_refused(version: str, answer: str) -> None:
    assert facts_of(eeb(version, answer=answer), {}).eeb == EebReceipt(failure_code="2", failure_reason="Leer")


def test_a_basisnachricht_has_no_documents() -> None:
    facts = facts_of(xml("nachricht.gds.basisnachricht.0005006", header("3.5.1") + proceedings("3.5.1")), {})
    assert (facts.message_type, facts.documents) == ("0005006", [])


@pytest.mark.parametrize("version", ["3.0.0", "3.1.1", "3.7.0"])
def test_versions_that_were_not_checked_are_read_with_a_hint(version: str) -> None:
    translation = read(message(version))
    assert codes(translation) == ["version_unverified"] and not is_blocked(translation)


@pytest.mark.parametrize("placeholder", ["Ohne", "unbekannt", "NEU", "-", " \n\t ", "\u00a0", ""])
def test_placeholders_are_no_reference(placeholder: str) -> None:
    assert facts_of(message(head=header("3.5.1", own=placeholder))).own_reference == ""


@pytest.mark.parametrize("choice", ["unbekannt", "neu"])
def test_the_recipients_reference_may_be_declared_unknown_or_new(choice: str) -> None:
    own = f"<aktenzeichen.{choice}>true</aktenzeichen.{choice}>"
    assert facts_of(message("3.6.2", head=header("3.6.2", own=own))).own_reference == ""


def test_white_space_in_references_is_normalised() -> None:
    assert facts_of(message(head=header("3.5.1", own="22-114-B19\n\u00a0SB/jaw "))).own_reference == "22-114-B19 SB/jaw"


def test_several_references_of_ours() -> None:
    more = "</aktenzeichen.empfaenger><aktenzeichen.empfaenger>".join(["Ohne", OWN, "B-2"])
    facts = facts_of(message(head=header("3.5.1", own=more)))
    assert (facts.own_reference, facts.further_own_references) == (OWN, ["B-2"])


def test_kurzrubrum_stands_in_for_a_missing_subject() -> None:
    assert facts_of(message(body=proceedings("3.5.1", subject=" "))).subject == "Muster ./. Stadt"


def test_a_structured_aktenzeichen_is_spelled_out() -> None:
    structured = (
        "<aktenzeichen.strukturiert><abteilung>12</abteilung><register><c>K</c></register>"
        "<laufendeNummer>345</laufendeNummer><jahr>2026</jahr><zusatz>.KO</zusatz></aktenzeichen.strukturiert>"
    )
    body = proceedings("3.5.1").replace(f"<aktenzeichen.freitext>{FOREIGN}</aktenzeichen.freitext>", structured)
    assert facts_of(message(body=body)).court_reference == "12 K 345/26.KO"


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("2026-01-15T09:00:00", "2026-01-15T09:00:00+01:00"),
        ("2026-07-15T09:00:00.5", "2026-07-15T09:00:00.5+02:00"),
        ("2026-07-15T09:00:00Z", "2026-07-15T09:00:00+00:00"),
    ],
)
def test_times_without_zone_are_german(written: str, meant: str) -> None:
    head = header("3.5.1").replace(builders.CREATED, written)
    assert facts_of(message(head=head)).created_at == datetime.fromisoformat(meant)


@pytest.mark.parametrize("written", ["gestern", "2026-13-01T00:00:00", "0001-01-01T00:00:00", "2026-11-24"])
def test_an_unreadable_time_is_a_hint(written: str) -> None:
    translation = read(message(head=header("3.5.1").replace(builders.CREATED, written)))
    assert codes(translation) == ["timestamp_unreadable"] and translation.facts.created_at is None


@pytest.mark.parametrize(
    ("code", "urgent"), [("001", True), ("010", True), ("050", True), ("002", False), ("051", False)]
)
def test_priority(code: str, urgent: bool) -> None:
    extra = f'<sendungsprioritaet listVersionID="1.2"><c>{code}</c></sendungsprioritaet>'
    assert facts_of(message(head=header("3.5.1", extra=extra))).urgent is urgent


def test_priority_in_version_2_4_is_a_flag() -> None:
    extra = "<sendungsprioritaet>true</sendungsprioritaet>"
    assert facts_of(message("2.4.0", head=header("2.4.0", extra=extra))).urgent


@pytest.mark.parametrize(
    ("version", "extra"),
    [
        ("3.5.1", "<vertraulichkeit><vertraulichkeitsstufe><c>1</c></vertraulichkeitsstufe></vertraulichkeit>"),
        (
            "3.6.2",
            "<auswahl_vertraulichkeit><vertraulichZuBehandelnGrund>Zeuge</vertraulichZuBehandelnGrund></auswahl_vertraulichkeit>",
        ),
    ],
)
def test_confidentiality_of_the_whole(version: str, extra: str) -> None:
    assert facts_of(message(version, head=header(version, extra=extra))).confidential


@pytest.mark.parametrize(("value", "confidential"), [("true", True), ("false", False)])
def test_confidentiality_of_a_document(value: str, confidential: bool) -> None:
    mark = (
        f"<auswahl_vertraulichkeit><vertraulichZuBehandeln>{value}</vertraulichZuBehandeln></auswahl_vertraulichkeit>"
    )
    objects = document("3.6.2", "Verfuegung.pdf").replace("</identifikation>", f"</identifikation>{mark}")
    assert facts_of(message("3.6.2", objects=objects)).confidential is confidential


def test_a_message_in_several_parts() -> None:
    extra = (
        "<nachrichtenuebergreifenderProzess><prozessID>p-1</prozessID><nachrichtenNummer>2</nachrichtenNummer>"
        "<nachrichtenAnzahl>3</nachrichtenAnzahl></nachrichtenuebergreifenderProzess>"
    )
    facts = facts_of(message(head=header("3.5.1", extra=extra)))
    assert (facts.process_id, facts.part_number, facts.part_count) == ("p-1", 2, 3)


def test_a_mailbox_in_the_place_of_a_name() -> None:
    mailbox = "DE.Justiz.836cda01-ffff-2856-85ef-268df5e8b136.5555"
    facts = facts_of(message(head=header("3.5.1").replace(TOWN, mailbox)))
    assert facts.recipient == Correspondent(safe_id=mailbox)


def test_parties_with_roles() -> None:
    parties = (
        '<beteiligung><rolle><rollenbezeichnung listVersionID="3.0"><c>101</c></rollenbezeichnung>'
        "<geschaeftszeichen>G-1</geschaeftszeichen></rolle><beteiligter><auswahl_beteiligter><natuerlichePerson>"
        "<vollerName><vorname>Erika</vorname><namensvorsatz>von</namensvorsatz><nachname>Muster</nachname></vollerName>"
        "<geburt><geburtsdatum>1980-02-29</geburtsdatum></geburt>"
        "<anschrift><ehemaligeAnschrift>true</ehemaligeAnschrift><ort>Altstadt</ort></anschrift>"
        "<anschrift><strasse>Hauptstr.</strasse><hausnummer>1 a</hausnummer><postleitzahl>12345</postleitzahl>"
        "<ort>Musterstadt</ort></anschrift>"
        "<auswahl_auskunftssperre><auskunftssperre.vorhanden>true</auskunftssperre.vorhanden></auswahl_auskunftssperre>"
        "</natuerlichePerson></auswahl_beteiligter></beteiligter></beteiligung>"
        "<beteiligung><rolle><rollenbezeichnung><c>132</c></rollenbezeichnung></rolle><beteiligter><auswahl_beteiligter>"
        "<ra.kanzlei><bezeichnung><bezeichnung.aktuell>Joswig</bezeichnung.aktuell></bezeichnung></ra.kanzlei>"
        "</auswahl_beteiligter></beteiligter></beteiligung>"
        "<beteiligung><rolle><rollenbezeichnung><c>999</c></rollenbezeichnung></rolle><beteiligter><auswahl_beteiligter>"
        "<organisation><bezeichnung><bezeichnung.aktuell>Stadt</bezeichnung.aktuell></bezeichnung></organisation>"
        "</auswahl_beteiligter></beteiligter></beteiligung>"
    )
    erika, firm, town = facts_of(message(body=proceedings("3.5.1", parties=parties))).parties
    assert (erika.role, erika.role_code, erika.kind, erika.reference) == ("plaintiff", "101", "person", "G-1")
    assert (erika.first_name, erika.last_name, erika.birth_date) == ("Erika", "von Muster", date(1980, 2, 29))
    address = (erika.street, erika.house_number, erika.postcode, erika.city)
    assert address == ("Hauptstr.", "1 a", "12345", "Musterstadt")
    assert erika.information_block and not firm.information_block
    assert (firm.role, firm.kind, firm.organisation) == ("representative", "organisation", "Joswig")
    assert (town.role, town.role_code, town.organisation) == ("other", "999", "Stadt")
