"""The pipeline: every Eingang is filed, a duplicate or in the queue, exactly once, with its reason."""

from __future__ import annotations

import pytest
import time_machine
from django.utils import timezone

from audit.acting import SYSTEM, Actor
from audit.registries import metrics
from cases import numbers
from cases.actions import close
from cases.conditions import Condition
from cases.models import Case, CaseNumber, Document, InformationRequest, Service, User
from intake.models import Submission
from routing import pipeline, recognition
from routing.actions import clearing
from routing.actions.rules import set_rule
from routing.models import ExceptionEntry, RoutingDecision, Rule
from tests import factories as make

pytestmark = pytest.mark.django_db
State = Submission.State


def reason_of(submission: Submission) -> str:
    return ExceptionEntry.objects.get(submission=submission, resolved_at=None).reason


def test_a_rule_opens_a_vorgang_with_everything_that_follows() -> None:
    unit = make.team("ordnungsamt")
    rule = make.rule("Gewerbe", unit=unit)
    submission = make.processed(subject="Klage wegen Gewerbeuntersagung", foreign="12 K 345/26", court="D6262")

    assert submission.state == State.FILED
    case = submission.case
    assert (case.unit, case.service.slug, case.status) == (unit, "gerichtspost", "eingegangen")
    assert case.public_id == submission.number.public_id, "the id reserved at receipt is the Vorgang's"
    assert case.file_reference == f"30.4-{timezone.localdate().year}-000001"
    assert case.received_at == make.ARRIVAL
    document = case.documents.get()
    assert (document.role, document.title) == (Document.Role.COMPLAINT, "Klageschrift")
    assert document.files.get().file_name == f"2026-11-24_{case.file_reference}_klage_01.pdf"
    assert document.files.get().original_name == "Klage.pdf"
    assert [r.reference for r in case.foreign_references.all()] == ["12 K 345/26"]
    decision = submission.decisions.get()
    assert (decision.mode, decision.rule_name, decision.rule_version) == ("rule", rule.name, 1)
    assert decision.explanation == ["Betreff enthält „Gewerbe“"]


def test_the_same_is_done_once_however_often_it_is_asked_for() -> None:
    make.rule("Gewerbe")
    submission = make.processed()
    assert pipeline.process(submission.pk) is False
    assert Case.objects.count() == 1


@pytest.mark.parametrize(
    "quoted",
    ["{id}", "Re: {id} Ihr Schreiben", "vorgang {plain}", "{lower}", "Zu {lower_plain}: Unterlagen"],
)
def test_a_vorgangs_id_in_the_subject_leads_to_its_vorgang(quoted: str) -> None:
    case = make.case()
    plain = case.public_id.replace("-", "")
    subject = quoted.format(id=case.public_id, plain=plain, lower=case.public_id.lower(), lower_plain=plain.lower())
    submission = make.processed(subject=subject, foreign="77 F 1/26")
    assert (submission.state, submission.case) == (State.FILED, case)
    assert submission.decisions.get().mode == "reply"


def test_the_reserved_id_of_a_reply_becomes_an_alias() -> None:
    case = make.case()
    submission = make.processed(own=case.file_reference)
    assert CaseNumber.objects.get(public_id=submission.number.public_id).case == case
    assert submission.number.public_id != case.public_id


@pytest.mark.parametrize("written", ["{}", " {} ", "30.4 - {year} - 000001"])
def test_our_aktenzeichen_leads_to_its_vorgang_however_it_is_written(written: str) -> None:
    case = make.case()
    submission = make.processed(own=written.format(case.file_reference, year=timezone.localdate().year))
    assert submission.case == case


def test_swapped_references_are_understood_and_noted() -> None:
    make.rule("Gewerbe")
    case = make.processed(foreign="12 K 345/26").case
    submission = make.processed(own="12 K 345/26", foreign=case.file_reference)
    assert submission.case == case
    assert "references_swapped" in {finding["code"] for finding in submission.findings}


def test_their_reference_that_equals_ours_by_chance_is_a_matter_for_a_person() -> None:
    make.rule("Gewerbe")
    case = make.case()
    submission = make.processed(own="", foreign=case.file_reference, court="R2601")
    assert reason_of(submission) == "swapped_uncertain"
    assert ExceptionEntry.objects.get().details["candidates"][0]["case_id"] == case.public_id


@pytest.mark.parametrize("words", ["wird nachgereicht", "folgt", "siehe Betreff", "00", "N/A"])
def test_words_instead_of_a_reference_join_nothing(words: str) -> None:
    make.rule("Gewerbe")
    first, second = make.processed(foreign=words), make.processed(foreign=words, subject="Gewerbe, andere Sache")
    assert first.case != second.case


@pytest.mark.parametrize("count", [recognition.FEW + 1, 5000])
def test_among_many_vorgangs_ids_those_that_exist_count(count: int) -> None:
    case = make.case()
    ids = [numbers.draw() for _ in range(count)] + [case.public_id]
    mail = "From: a@example.org\r\nSubject: Liste\r\n\r\n" + "\r\n".join(ids)
    archive = make.message_file("mail.eml", mail.encode())
    submission = make.processed(make.envelope({}, channel="eml", archive=archive))
    assert (submission.state, submission.case) == ("filed", case)


def test_a_message_with_thousands_of_references_is_placed_too() -> None:
    ours = "</tns:aktenzeichen.freitext><tns:aktenzeichen.freitext>".join(f"32.1-2020-{n:06d}" for n in range(3000))
    make.rule("Gewerbe")
    assert make.processed(own=ours).state == "filed"


def test_a_letter_to_a_decided_vorgang_is_a_matter_for_a_person() -> None:
    case = make.case()
    by = Actor.of(make.user(case.unit))
    close(case=case, outcome=Case.Outcome.DONE, reason="fertig", by=by)
    submission = make.processed(own=case.file_reference, subject="Widerspruch")
    assert reason_of(submission) == "case_decided"
    assert ExceptionEntry.objects.get().unit == case.unit


def test_the_same_reference_of_the_same_court_is_the_same_matter() -> None:
    make.rule("Gewerbe")
    first = make.processed(foreign="12 K 345/26", court="D6262")
    second = make.processed(foreign="12 k 0345/26", court="D6262", subject="Ladung")
    assert second.case == first.case


def test_the_same_reference_of_another_court_is_another_matter() -> None:
    make.rule("Gewerbe")
    first = make.processed(foreign="12 K 345/26", court="D6262")
    second = make.processed(foreign="12 K 345/26", court="R2601")
    assert second.state == State.FILED
    assert second.case != first.case


def test_a_reference_that_no_vorgang_has_counts_for_nothing() -> None:
    make.rule("Gewerbe")
    submission = make.processed(own="30.4-2019-000077")
    assert submission.state == State.FILED
    assert submission.decisions.get().mode == "rule"


def test_several_candidates_are_a_matter_for_a_person() -> None:
    first, second = make.case(), make.case()
    submission = make.processed(own=first.file_reference, subject=f"Zu {second.public_id}")
    assert reason_of(submission) == "several_candidates"
    entry = ExceptionEntry.objects.get()
    assert {c["case_id"] for c in entry.details["candidates"]} == {first.public_id, second.public_id}


def test_a_rule_gives_a_new_vorgang_to_a_person_who_works_there() -> None:
    unit = make.team("ordnungsamt")
    worker, stranger = make.user(unit), make.user(make.team("fremd"))
    make.rule("Gewerbe", unit=unit, person=worker)
    make.rule("Bauten", unit=unit, person=stranger, rank=20)
    assert make.processed(subject="Gewerbe", foreign="1 K 1/26").case.handler == worker
    assert make.processed(subject="Bauten", foreign="2 K 2/26").case.handler is None


def test_a_rule_leads_into_an_existing_vorgang() -> None:
    case = make.case()
    make.rule("Rundschreiben", case=case)
    submission = make.processed(subject="Rundschreiben 7/2026", foreign="")
    assert submission.case == case
    decision = submission.decisions.get()
    assert (decision.mode, decision.rule_version) == ("rule", 1)
    assert decision.explanation == ["Betreff enthält „Rundschreiben“"]


def test_rules_ask_for_name_place_and_final_digit() -> None:
    a_to_k, l_to_z = make.team("a-k"), make.team("l-z")
    for unit, letters in ((a_to_k, "A-K"), (l_to_z, "L-Z")):
        when = [Condition("surname", "in_range", letters), Condition("city", "is", "Musterhausen")]
        set_rule(name=letters, rank=10, conditions=when, service=make.service(), unit=unit, by=SYSTEM)
    when = [Condition("final_digit", "one_of", "1|3|5|7|9")]
    set_rule(name="ungerade", rank=20, conditions=when, service=make.service(), unit=make.team("ungerade"), by=SYSTEM)
    address = "<tns:ort>Musterhausen</tns:ort>"
    assert make.processed(parties=address, foreign="1 K 1/26").case.unit == a_to_k  # Eva Klug
    assert make.processed(own="32.1-2019-000077", foreign="2 K 2/26").case.unit.slug == "ungerade"


def test_another_way_than_the_binding_one_is_accepted_marked_and_counted() -> None:
    make.rule("Wohngeld", service=make.service("wohngeld"))
    submission = make.processed(subject="Wohngeld", foreign="1 K 1/26")
    assert (submission.state, submission.is_side_channel) == (State.FILED, True)
    assert "Nebenkanal" in next(f["message"] for f in submission.findings if f["code"] == "side_channel")
    figures = {figure.name: figure.value for _, metric in metrics for figure in metric()}
    assert figures["side_channel_wohngeld"] == 1
    make.rule("Gewerbe", rank=20)
    assert make.processed(subject="Gewerbe", foreign="2 K 2/26").is_side_channel is False


def test_no_rule_means_the_queue_with_the_nearest_rules() -> None:
    make.rule("Gewerbe")
    submission = make.processed(subject="Grundsteuer")
    assert reason_of(submission) == "no_rule"


def test_two_rules_of_the_same_rank_decide_nothing() -> None:
    make.rule("Gewerbe", unit=make.team("a-team"))
    make.rule("Klage", unit=make.team("b-team"))
    submission = make.processed(subject="Klage wegen Gewerbeuntersagung")
    assert reason_of(submission) == "equal_rules"
    assert len(ExceptionEntry.objects.get().details["rules"]) == 2


def test_the_smaller_rank_goes_first() -> None:
    make.rule("Klage", unit=make.team("spaeter"), rank=20)
    make.rule("Gewerbe", unit=make.team("zuerst"), rank=10)
    assert make.processed(subject="Klage wegen Gewerbeuntersagung").case.unit.slug == "zuerst"


def test_the_same_documents_with_the_same_references_are_a_duplicate() -> None:
    make.rule("Gewerbe")
    first = make.processed(pdf=make.PDF)
    second = make.processed(pdf=make.PDF)
    assert (second.state, second.duplicate_of) == (State.DUPLICATE, first)
    assert first.case.documents.count() == 1
    assert CaseNumber.objects.get(pk=second.number_id).case == first.case


def test_the_same_document_with_another_reference_is_no_duplicate() -> None:
    make.rule("Gewerbe")
    make.processed(pdf=make.PDF, foreign="1 K 1/26")
    assert make.processed(pdf=make.PDF, foreign="2 K 2/26").state == State.FILED


def test_the_same_message_id_of_the_same_sender_is_a_duplicate() -> None:
    make.rule("Gewerbe")
    values = {"message_id": "6B0F19F8-0cbb-515b-8807-9bd4729a452f", "files": ()}
    first = make.processed(make.envelope({"attachments/xjustiz.xml": make.basic(**values)}))
    assert first.state == State.FILED
    assert make.processed(make.envelope({"attachments/xjustiz.xml": make.basic(**values)})).duplicate_of == first
    other = make.basic(message_id=values["message_id"], court="R2601", foreign="9 O 9/26")
    assert make.processed(make.envelope({"attachments/xjustiz.xml": other})).state == State.FILED


def test_the_complete_resend_of_an_incomplete_message_is_not_swallowed() -> None:
    make.rule("Gewerbe")
    files = make.container(files=("Klage.pdf", "Anlage.pdf"), message_id="6b0f19f8-0cbb-515b-8807-9bd4729a452f")
    assert reason_of(make.processed(make.envelope(dict(files)))) == "attachment_missing"
    files["attachments/Anlage.pdf"] = make.PDF + b"anlage"
    assert reason_of(make.processed(make.envelope(files))) == "message_id_reused"


def test_different_letters_with_the_same_attachment_are_no_duplicates() -> None:
    make.rule("Vollmacht")
    senders = (
        "DE.Justiz.12345678-1111-2222-3333-444444444444.aaaa",
        "DE.Justiz.99999999-1111-2222-3333-444444444444.bb",
    )
    letters = []
    for safe_id, about in zip(senders, ("Vollmacht Müller", "Vollmacht Schmidt"), strict=True):
        props = (
            f"<MsgProps><MsgSubject>{about}</MsgSubject><Originator><BusinessCard><Name>Kanzlei</Name>"
            f"<UserID>{safe_id}</UserID></BusinessCard></Originator></MsgProps>"
        )
        letters.append(make.envelope({"MsgProps.xml": props.encode(), "attachments/Vollmacht.pdf": make.PDF}))
    first, second = (make.processed(letter) for letter in letters)
    assert (first.state, second.state) == (State.FILED, State.FILED)
    assert first.case != second.case


def test_of_two_that_are_the_same_the_one_placed_first_is_the_original() -> None:
    make.rule("Gewerbe")
    one, two = make.submission(pdf=make.PDF), make.submission(pdf=make.PDF)
    pipeline.process(two.pk)
    pipeline.process(one.pk)
    assert Submission.objects.get(pk=one.pk).duplicate_of == two
    assert Document.objects.count() == 1


def test_the_id_of_a_duplicate_becomes_an_alias_when_its_original_is_filed_later() -> None:
    post = make.team("poststelle", is_clearing=True)
    entry = make.entry(subject="Grundsteuer", pdf=make.PDF)
    repeated = make.processed(subject="Grundsteuer", pdf=make.PDF)
    assert repeated.duplicate_of == entry.submission
    by = Actor.of(make.lead(post))
    case = clearing.open_new_case(entry=entry, service=make.service(), unit=make.team(), by=by)
    assert CaseNumber.objects.get(pk=repeated.number_id).case == case


@pytest.mark.parametrize(
    "message",
    [
        {"subject": "Gewerbe " * 200},
        {"foreign": "12 K 345/26 " + "verbunden mit 1 K 2/26, " * 12},
        {"parties": "<tns:hausnummer>12 a, Hinterhaus, 3. OG links, bei Familie Müller</tns:hausnummer>"},
    ],
)
def test_what_is_longer_than_its_column_is_filed_all_the_same(message: dict) -> None:
    make.rule("Gewerbe", name="Klagen und Eilverfahren " * 8)
    assert [make.processed(**message).state for _ in range(2)] == [State.FILED, State.FILED]


def test_the_log_holds_no_content(caplog, monkeypatch) -> None:
    make.rule("Gewerbe")
    submission = make.submission(subject="Gewerbe Eva Klug")
    monkeypatch.setattr("routing.actions.filing.decision", lambda *a, **k: Case.objects.create(subject="Eva Klug"))
    pipeline.process(submission.pk)
    assert "attempt 1 failed: IntegrityError 23502 in " in caplog.text
    assert "Eva Klug" not in caplog.text


def test_a_missing_attachment_stops_the_message_and_nothing_is_half_done() -> None:
    make.rule("Gewerbe")
    files = make.container(files=("Klage.pdf", "Anlage.pdf"))
    submission = make.processed(make.envelope(files))
    assert reason_of(submission) == "attachment_missing"
    assert Case.objects.count() == 0
    assert submission.files.count() == 2


def test_an_error_of_ours_leaves_the_message_to_be_tried_again_and_at_last_to_a_person(monkeypatch, settings) -> None:
    settings.PIPELINE_MAX_ATTEMPTS = 2
    make.rule("Gewerbe")
    submission = make.submission()

    def broken(*args, **kwargs):
        raise ZeroDivisionError

    with monkeypatch.context() as patched:
        patched.setattr(pipeline, "translate", broken)
        for _ in range(2):
            assert pipeline.process(submission.pk, heed_lease=False) is True
        waiting = Submission.objects.get(pk=submission.pk)
        assert (waiting.state, waiting.attempts) == (State.RECEIVED, 2)
        assert pipeline.process(submission.pk) is False, "it pauses before the next attempt"
        pipeline.process(submission.pk, heed_lease=False)
    assert reason_of(submission) == "technical_error"
    assert RoutingDecision.objects.count() == 0


def test_a_claim_holds_until_its_lease_ends(settings) -> None:
    make.rule("Gewerbe")
    submission = make.submission()
    Submission.objects.filter(pk=submission.pk).update(next_attempt_at=timezone.now() + timezone.timedelta(seconds=60))
    assert pipeline.process(submission.pk) is False
    assert list(pipeline.due()) == []
    assert pipeline.process(submission.pk, heed_lease=False) is True


def test_filing_a_message_takes_a_known_number_of_queries(django_assert_max_num_queries) -> None:
    make.rule("Gewerbe")
    make.processed(foreign="1 K 1/26")
    with django_assert_max_num_queries(9):
        submission = make.submission(foreign="2 K 2/26")
    with django_assert_max_num_queries(30):
        pipeline.process(submission.pk)


def test_what_is_changed_about_a_rule_or_where_it_leads_counts_for_the_next_message() -> None:
    """Rules are kept between messages."""
    unit, other = make.team("ordnungsamt"), make.team("steueramt")
    somebody = make.user(unit)
    rule = make.rule("Gewerbe", unit=unit, person=somebody)
    assert make.processed(foreign="1 K 1/26").case.handler == somebody

    User.objects.filter(pk=somebody.pk).update(is_active=False)
    assert make.processed(foreign="2 K 2/26").case.handler is None
    Rule.objects.filter(pk=rule.pk).update(unit=other)
    assert make.processed(foreign="3 K 3/26").case.unit == other
    Rule.objects.filter(pk=rule.pk).update(case=make.case())
    into = Rule.objects.get(pk=rule.pk).case
    assert make.processed(foreign="4 K 4/26").case == into
    close(case=into, outcome="erledigt", reason="erledigt", by=Actor.of(make.lead(into.unit)))
    assert reason_of(make.processed(foreign="5 K 5/26")) == "case_decided"
    Rule.objects.filter(pk=rule.pk).update(case=None)
    Service.objects.filter(pk=rule.service_id).update(is_open=False)
    assert reason_of(make.processed(foreign="6 K 6/26")) == "service_closed"
    Rule.objects.filter(pk=rule.pk).update(is_active=False)
    assert reason_of(make.processed(foreign="7 K 7/26")) == "no_rule"


@pytest.mark.parametrize(("asked", "state"), [("applicant", "open"), ("court", "answered")])
def test_mail_of_a_court_answers_only_what_the_court_was_asked_for(asked: str, state: str) -> None:
    unit = make.team()
    case = make.application_case(unit, parties=[make.applicant(role=asked, receives_post=True)])
    with time_machine.travel(make.ARRIVAL):
        request = make.information_request(case, make.user(unit))
    assert make.processed(own=case.file_reference).case == case
    assert InformationRequest.objects.get(pk=request.pk).state == state
