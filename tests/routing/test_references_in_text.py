"""References in the text of a message: they lead to a Vorgang that exists, and mostly to a person's decision."""

from __future__ import annotations

import pytest

from audit.acting import SYSTEM
from cases.actions import note_foreign_reference
from cases.models import Case
from intake.facts import Correspondent, Facts
from routing import recognition
from routing.models import ExceptionEntry
from routing.verdict import Hold, Reply, Verdict, judge
from tests import factories as make

pytestmark = pytest.mark.django_db
COURT, MAILBOX = "R6836", "DE.Justiz.1a2b3c4d-0000-0000-0000-000000000000.1234"


@pytest.fixture
def case() -> Case:
    known = make.case()
    note_foreign_reference(case=known, reference="12 K 345/26", holder=COURT, by=SYSTEM)
    note_foreign_reference(case=known, reference="12 K 345/26", holder=MAILBOX, by=SYSTEM)
    return known


def decide(standard: str, text: str, **values) -> Verdict:
    facts = Facts(standard=standard, subject=values.pop("subject", ""), text=text, **values)
    return judge(standard, facts, [])


def candidates(verdict: Verdict) -> list[str]:
    assert isinstance(verdict, Hold)
    return [candidate["case_id"] for candidate in verdict.details.get("candidates", [])]


@pytest.mark.parametrize("standard", ["eml", "scan"])
@pytest.mark.parametrize("text", ["In Sachen 12 K 345/2026 teile ich mit", "Ihr Zeichen: {own}"])
def test_in_mail_and_on_paper_it_is_a_candidate(case: Case, standard: str, text: str) -> None:
    verdict = decide(standard, text.format(own=case.file_reference))
    assert isinstance(verdict, Hold) and verdict.reason == "reference_in_text"
    assert candidates(verdict) == [case.public_id]


def test_the_subject_counts_too(case: Case) -> None:
    assert candidates(decide("eml", "", subject=f"AW: {case.file_reference}")) == [case.public_id]


def test_in_court_mail_of_the_same_court_it_is_certain(case: Case) -> None:
    verdict = decide("egvp", "zu 12 K 345/26", sender=Correspondent(safe_id=MAILBOX))
    assert isinstance(verdict, Reply) and verdict.case == case
    own = decide("egvp", f"zu {case.file_reference}", sender=Correspondent(safe_id="DE.Justiz.other"))
    assert isinstance(own, Reply) and own.case == case


def test_somebody_elses_mail_about_a_court_reference_is_a_candidate(case: Case) -> None:
    verdict = decide("egvp", "zu 12 K 345/26", sender=Correspondent(safe_id="DE.BRAK.lawyer"))
    assert isinstance(verdict, Hold) and verdict.reason == "reference_in_text"


def test_a_reference_that_nobody_has_counts_for_nothing(case: Case) -> None:
    for text in ("siehe Seite 3 C 12/25", "99.9-2026-999999"):
        verdict = decide("eml", text)
        assert isinstance(verdict, Hold) and verdict.reason == "no_rule"


def test_several_are_candidates_each_once(case: Case) -> None:
    other = make.case()
    verdict = decide("eml", f"12 K 345/26, {case.file_reference} und {other.file_reference}")
    assert isinstance(verdict, Hold) and verdict.reason == "several_candidates"
    assert sorted(candidates(verdict)) == sorted([case.public_id, other.public_id])


def test_the_case_id_goes_before_what_else_the_text_says(case: Case) -> None:
    other = make.case()
    verdict = decide("eml", f"{other.public_id}, und zu 12 K 345/26")
    assert isinstance(verdict, Reply) and verdict.case == other


def test_xjustiz_has_fields_for_it_and_its_text_is_not_searched(case: Case) -> None:
    verdict = decide("xjustiz", f"zu 12 K 345/26 und {case.file_reference}")
    assert isinstance(verdict, Hold) and verdict.reason == "no_rule"


def test_without_patterns_our_references_are_not_looked_for(case: Case, settings) -> None:
    settings.OWN_REFERENCE_PATTERNS = []
    verdict = decide("eml", f"zu {case.file_reference}")
    assert isinstance(verdict, Hold) and verdict.reason == "no_rule"


def test_messages_of_the_same_matter_wait_for_each_other() -> None:
    long, short = (Facts(standard="eml", text=text) for text in ("S 12 AS 345/2024 ER", "12 AS 345/24"))
    assert set(recognition.keys(long)) & set(recognition.keys(short))


def test_the_klaerfall_explains_itself(case: Case) -> None:
    mail = f"From: a@example.org\nSubject: Termin\n\nin Sachen 12 K 345/26 ({case.public_id[:4]})".encode()
    archive = make.message_file("mail.eml", mail)
    held = make.processed(make.envelope(files={}, channel="eml", archive=archive))
    entry = ExceptionEntry.objects.get(submission=held)
    assert entry.reason == "reference_in_text"
    assert entry.details["candidates"][0]["case_id"] == case.public_id
