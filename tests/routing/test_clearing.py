"""Clearing the queue: each way goes through an action, needs a Teamleitung, is in the history, all or nothing."""

from __future__ import annotations

import threading

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection

from audit.acting import Actor
from cases.models import Case, OrgUnit
from intake.findings import Finding
from intake.models import Submission
from routing import pipeline, selectors
from routing.actions import clearing
from routing.models import ExceptionEntry
from tests import factories as make

pytestmark = pytest.mark.django_db
State = Submission.State


@pytest.fixture
def post() -> OrgUnit:
    return make.team("poststelle", is_clearing=True)


@pytest.fixture
def by(post: OrgUnit) -> Actor:
    return Actor.of(make.lead(post, username="pia"))


def again(entry: ExceptionEntry) -> ExceptionEntry:
    return ExceptionEntry.objects.get(pk=entry.pk)


def check_resolved(entry: ExceptionEntry, resolution: str, state: str) -> None:
    entry = again(entry)
    assert (entry.resolution, entry.resolved_by.username, entry.submission.state) == (resolution, "pia", state)
    assert entry.resolved_at is not None
    rows = [entry.history.first(), entry.submission.history.exclude(history_source="rule").first()]
    assert {(row.history_user_id, row.history_source) for row in rows} == {("pia", "user")}
    assert entry.history.first().history_action == f"resolve_{resolution}"


def test_assign_to_a_vorgang(post: OrgUnit, by: Actor) -> None:
    entry, case = make.entry(), make.case()
    clearing.assign_to_case(entry=entry, case=case, by=by, reason="gehört dazu")
    check_resolved(entry, "assigned", State.FILED)
    assert again(entry).submission.case == case
    assert case.documents.count() == 1
    decision = again(entry).submission.decisions.get()
    assert (decision.mode, decision.actor) == ("manual", "pia")
    assert entry.submission.history.first().history_reason == "gehört dazu"


def test_open_a_new_vorgang(post: OrgUnit, by: Actor) -> None:
    entry, unit, service = make.entry(), make.team("kasse"), make.service()
    case = clearing.open_new_case(entry=entry, service=service, unit=unit, by=by)
    check_resolved(entry, "new_case", State.FILED)
    assert (case.unit, case.public_id) == (unit, entry.submission.number.public_id)
    assert case.history.get().history_user_id == "pia"


def test_the_next_letter_of_the_same_court_finds_what_was_assigned_by_hand(post: OrgUnit, by: Actor) -> None:
    entry = make.entry(foreign="4 K 77/26")
    case = clearing.open_new_case(entry=entry, service=make.service(), unit=make.team(), by=by)
    assert make.processed(subject="Grundsteuer, Ladung", foreign="4 K 77/26").case == case


def test_link_a_duplicate(post: OrgUnit, by: Actor) -> None:
    make.rule("Gewerbe")
    original = make.processed(subject="Gewerbe")
    entry = make.entry(foreign="9 K 9/26")
    clearing.link_duplicate(entry=entry, of=original, by=by)
    check_resolved(entry, "duplicate", State.DUPLICATE)
    assert again(entry).submission.duplicate_of == original
    assert original.case.documents.count() == 1


def test_no_duplicate_of_itself_or_of_a_duplicate(post: OrgUnit, by: Actor) -> None:
    first, second = make.entry(), make.entry()
    with pytest.raises(clearing.NotClearable, match="nicht diesen selbst, eine Dublette"):
        clearing.link_duplicate(entry=first, of=first.submission, by=by)
    clearing.link_duplicate(entry=second, of=first.submission, by=by)
    third = make.entry()
    with pytest.raises(clearing.NotClearable, match="eine Dublette oder Zurückgewiesenes"):
        clearing.link_duplicate(entry=third, of=again(second).submission, by=by)
    assert again(third).resolved_at is None


def test_reject_with_a_reason(post: OrgUnit, by: Actor) -> None:
    entry = make.entry()
    with pytest.raises(clearing.NotClearable, match="Grund"):
        clearing.reject(entry=entry, reason="  ", by=by)
    clearing.reject(entry=entry, reason="Werbung", by=by)
    check_resolved(entry, "rejected", State.REJECTED)
    assert entry.submission.files.count() == 2, "the bytes stay"
    assert entry.submission.history.first().history_reason == "Werbung"


def test_correct_and_resume(post: OrgUnit, by: Actor) -> None:
    make.rule("Gewerbe", unit=make.team("ordnungsamt"))
    entry = make.entry(subject="Grewerbeuntersagung")
    clearing.correct_and_resume(entry=entry, corrections={"subject": "Gewerbeuntersagung"}, accepted=[], by=by)
    check_resolved(entry, "resumed", State.FILED)
    submission = again(entry).submission
    assert (submission.case.unit.slug, submission.case.subject) == ("ordnungsamt", "Gewerbeuntersagung")
    assert submission.attempts == 0
    actions = list(submission.history.order_by("history_id").values_list("history_action", flat=True))
    assert actions == ["receive", "hold_submission", "resume_submission", "file_submission"]


def test_a_correction_that_does_not_help_leaves_it_open_with_the_new_reason(post: OrgUnit, by: Actor) -> None:
    entry = make.entry()
    first, second = make.case(), make.case()
    wrong = {"own_reference": first.file_reference, "subject": f"Zu {second.public_id}"}
    shown = clearing.correct_and_resume(entry=entry, corrections=wrong, accepted=[], by=by)
    assert (shown.pk, shown.reason, shown.resolved_at) == (entry.pk, "several_candidates", None)
    assert shown.submission.state == State.EXCEPTION
    clearing.correct_and_resume(entry=entry, corrections={"own_reference": ""}, accepted=[], by=by)
    assert again(entry).submission.case == second, "earlier corrections still hold"


def test_a_finding_can_be_accepted(post: OrgUnit, by: Actor) -> None:
    make.rule("Gewerbe")
    broken = make.container(subject="Gewerbe", files=("Klage.pdf", "fehlt.pdf"))
    submission = make.processed(make.envelope(broken))
    entry = ExceptionEntry.objects.get(submission=submission)
    assert entry.reason == "attachment_missing"
    clearing.correct_and_resume(
        entry=entry, corrections={}, accepted=["attachment_missing"], by=by, reason="kommt nach"
    )
    check_resolved(entry, "resumed", State.FILED)
    kept = {f["code"]: f["severity"] for f in again(entry).submission.findings}
    assert kept["attachment_missing"] == "hint"
    assert again(entry).submission.case.documents.count() == 1, "what is there is filed"


def test_after_a_technical_error_everything_is_filed_by_hand(post: OrgUnit, by: Actor, monkeypatch, settings) -> None:
    settings.PIPELINE_MAX_ATTEMPTS = 1
    submission = make.submission()
    with monkeypatch.context() as patched:
        patched.setattr(pipeline, "translate", lambda *args, **kwargs: 1 / 0)
        for _ in range(2):
            pipeline.process(submission.pk, heed_lease=False)
        entry = ExceptionEntry.objects.get(submission=submission)
        unreadable = clearing.open_new_case(entry=entry, service=make.service(), unit=make.team(), by=by)
    assert [f.original_name for d in unreadable.documents.all() for f in d.files.all()] == ["Klage.pdf"]


@pytest.mark.parametrize("content", [b"PK\x03\x04 kaputt", b""])
def test_an_archive_that_was_not_opened_is_filed_whole_by_hand(post: OrgUnit, by: Actor, content: bytes) -> None:
    finding = Finding("zip_broken", "Das Archiv ist beschädigt.")
    envelope = make.envelope({}, archive=make.message_file("post.zip", content), findings=[finding])
    entry = ExceptionEntry.objects.get(submission=make.processed(envelope))
    case = clearing.open_new_case(entry=entry, service=make.service(), unit=make.team(), by=by)
    assert case.documents.get().files.get().original_name == "post.zip"


def test_a_correction_leads_into_no_vorgang_that_one_may_not_file_in(post: OrgUnit) -> None:
    mine, foreign = make.team("meins"), make.case(make.team("fremd"))
    entry = make.entry()
    ExceptionEntry.objects.filter(pk=entry.pk).update(unit=mine)
    wanted = {"own_reference": foreign.file_reference}
    with pytest.raises(PermissionDenied):
        clearing.correct_and_resume(entry=entry, corrections=wanted, accepted=[], by=Actor.of(make.lead(mine)))
    assert again(entry).submission.corrections == {}
    assert foreign.documents.count() == 0


def test_a_message_without_documents_needs_the_right_as_well(post: OrgUnit) -> None:
    mine, foreign = make.team("meins"), make.case(make.team("fremd"))
    held = make.processed(make.envelope({"attachments/xjustiz.xml": make.basic(subject="Grundsteuer")}))
    entry = ExceptionEntry.objects.get(submission=held)
    ExceptionEntry.objects.filter(pk=entry.pk).update(unit=mine)
    with pytest.raises(PermissionDenied):
        clearing.assign_to_case(entry=entry, case=foreign, by=Actor.of(make.lead(mine)))


def test_a_duplicate_becomes_a_matter_of_its_own(post: OrgUnit, by: Actor) -> None:
    make.rule("Gewerbe", unit=make.team("ordnungsamt"))
    first = make.processed(pdf=make.PDF, foreign="5 K 5/26")
    repeated = make.processed(pdf=make.PDF, foreign="5 K 5/26")
    stranger = Actor.of(make.user(make.team("fremd")))
    with pytest.raises(PermissionDenied):
        clearing.make_own_matter(submission=repeated, by=stranger)
    worker = Actor.of(make.user(first.case.unit))
    own = clearing.make_own_matter(submission=repeated, by=worker, reason="Zweitschrift")
    assert (own.state, own.duplicate_of, own.case) == (State.FILED, None, first.case)
    assert first.case.documents.count() == 2
    with pytest.raises(clearing.NotClearable, match="ist abgelegt"):
        clearing.make_own_matter(submission=repeated, by=worker)


def test_a_rejection_is_taken_back(post: OrgUnit, by: Actor) -> None:
    entry = make.entry()
    clearing.reject(entry=entry, reason="Werbung", by=by)
    with pytest.raises(clearing.NotClearable, match="Grund"):
        clearing.take_back_rejection(submission=entry.submission, by=by, reason="")
    back = clearing.take_back_rejection(submission=entry.submission, by=by, reason="doch keine Werbung")
    assert back.state == State.EXCEPTION
    assert selectors.open_entries(by.user).get().submission == back


def test_what_hangs_on_a_rejected_message_is_looked_at_again(post: OrgUnit, by: Actor) -> None:
    entry = make.entry(pdf=make.PDF)
    repeated = make.processed(pdf=make.PDF, subject="Grundsteuer 2025")
    assert repeated.duplicate_of == entry.submission
    clearing.reject(entry=entry, reason="Werbung", by=by)
    again_received = Submission.objects.get(pk=repeated.pk)
    assert (again_received.state, again_received.duplicate_of) == (State.RECEIVED, None)


def test_what_came_from_a_portal_is_never_rejected(post: OrgUnit, by: Actor) -> None:
    entry = make.entry(channel="portal")
    with pytest.raises(clearing.NotClearable, match="Portal"):
        clearing.reject(entry=entry, reason="Werbung", by=by)


def test_two_who_link_crosswise_cannot_make_both_vanish(post: OrgUnit, by: Actor) -> None:
    one, two = make.entry(foreign="1 K 1/26"), make.entry(foreign="2 K 2/26")
    stale = [again(one).submission, again(two).submission]
    clearing.link_duplicate(entry=one, of=stale[1], by=by)
    with pytest.raises(clearing.NotClearable):
        clearing.link_duplicate(entry=two, of=stale[0], by=by)


def test_a_cleared_entry_is_cleared(post: OrgUnit, by: Actor) -> None:
    entry = make.entry()
    clearing.reject(entry=entry, reason="Werbung", by=by)
    with pytest.raises(clearing.NotClearable, match="schon gelöst"):
        clearing.assign_to_case(entry=entry, case=make.case(), by=by)


def test_who_may_not_clear(post: OrgUnit) -> None:
    entry, case = make.entry(), make.case()
    outsiders = [make.user(post), make.lead(make.team("fremd")), make.user(is_admin=True), make.user()]
    for somebody in outsiders:
        with pytest.raises(PermissionDenied):
            clearing.assign_to_case(entry=entry, case=case, by=Actor.of(somebody))
        assert not selectors.open_entries(somebody).exists()
    assert case.documents.count() == 0


def test_a_teamleitung_puts_mail_into_her_own_teams_only(post: OrgUnit) -> None:
    mine, other = make.team("meins"), make.team("fremd")
    make.rule("Gewerbe", unit=mine, service=make.service())
    entry = make.entry()
    ExceptionEntry.objects.filter(pk=entry.pk).update(unit=mine)
    lead = Actor.of(make.lead(mine, username="pia"))
    with pytest.raises(PermissionDenied):
        clearing.open_new_case(entry=entry, service=make.service(), unit=other, by=lead)
    assert Case.objects.count() == 0
    clearing.open_new_case(entry=entry, service=make.service(), unit=mine, by=lead)
    assert Case.objects.count() == 1


def test_an_entry_without_a_unit_is_seen_by_every_teamleitung() -> None:
    entry = make.entry()
    assert entry.unit is None
    assert list(selectors.open_entries(make.lead(make.team("irgendeins")))) == [entry]


def test_an_error_half_way_leaves_everything_as_it_was(post: OrgUnit, by: Actor, monkeypatch) -> None:
    entry, case = make.entry(), make.case()

    def broken(*args, **kwargs):
        raise ZeroDivisionError

    monkeypatch.setattr("routing.actions.filing.record", broken)
    with pytest.raises(ZeroDivisionError):
        clearing.assign_to_case(entry=entry, case=case, by=by)
    assert again(entry).resolved_at is None
    assert again(entry).submission.state == State.EXCEPTION
    assert case.documents.count() == 0


@pytest.mark.django_db(transaction=True)
def test_two_on_one_entry_the_second_is_told() -> None:
    post = make.team("poststelle", is_clearing=True)
    leads = [make.lead(post), make.lead(post)]
    entry, case = make.entry(), make.case()
    told: list[str] = []

    def clear(user) -> None:
        try:
            clearing.assign_to_case(entry=entry, case=case, by=Actor.of(user))
            told.append("done")
        except clearing.NotClearable as error:
            told.append(str(error))
        finally:
            connection.close()

    threads = [threading.Thread(target=clear, args=(user,)) for user in leads]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(told) == ["Dieser Klärfall ist schon gelöst (einem Vorgang zugeordnet).", "done"]
    assert case.documents.count() == 1
