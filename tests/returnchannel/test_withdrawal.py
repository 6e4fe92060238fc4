"""``POST /api/v1/cases/{case_id}/withdrawal``: who has applied may take it back until it is decided."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection

from audit.acting import SYSTEM, Actor, Source
from cases import actions
from cases.models import Case, Decision, Dispatch
from intake.actions import revoke_client
from intake.models import Submission
from routing import pipeline
from routing.actions import clearing
from routing.models import ExceptionEntry
from tests import factories as make
from tests.intake.portal_client import PortalClient
from tests.returnchannel.replying import Matter, as_it_is, problem, processed


@pytest.fixture
def matter() -> Matter:
    """A Vorgang that a portal has brought."""
    return Matter()


@pytest.mark.django_db
def test_the_vorgang_closes_when_it_is_processed(matter: Matter) -> None:
    answer = matter.send("withdrawal", {"reason": "Ich bin umgezogen."})
    assert answer.status_code == 201
    assert set(answer.json()) == {"submission_id", "case_id", "received_at"}
    assert matter.case.is_open, "first it is received"
    submission = processed(answer)
    assert (submission.state, submission.case) == ("filed", matter.case)
    assert (matter.case.status, matter.case.outcome) == ("entschieden", "zurueckgenommen")
    assert matter.status()["status"] == "entschieden"
    last = matter.case.history.order_by("-history_id")[0]
    assert (last.history_action, last.history_source) == ("withdraw", "channel")
    assert "umgezogen" not in last.history_reason, "the citizen's words can be erased"
    assert submission.facts["text"] == "Ich bin umgezogen."


@pytest.mark.django_db
def test_what_is_open_ends_with_it(matter: Matter) -> None:
    draft = make.draft(matter.case, matter.person)
    request = matter.asked()
    matter.sent("withdrawal", {})
    assert Decision.objects.get(pk=draft.pk).state == "discarded"
    assert type(request).objects.get(pk=request.pk).state == "withdrawn"
    assert set(request.dispatches.values_list("state", flat=True)) == {Dispatch.State.CANCELLED}
    assert not matter.case.deadlines.filter(state="open").exists()


@pytest.mark.django_db
def test_what_is_decided_is_409_and_stays(matter: Matter) -> None:
    actions.close(case=matter.case, outcome=Case.Outcome.DONE, reason="x", by=Actor.of(matter.person))
    answer = matter.send("withdrawal", {}, key="k")
    assert problem(answer, 409, "already_decided") == []
    assert "schon entschieden" in answer.json()["detail"]
    assert Submission.objects.count() == 1
    actions.reopen(case=matter.case, reason="x", by=Actor.of(matter.person))
    assert matter.send("withdrawal", {}, key="k").status_code == 201, "409 is of that moment, and not kept"


@pytest.mark.django_db
def test_once_withdrawn_it_says_so(matter: Matter) -> None:
    matter.sent("withdrawal", {})
    answer = matter.send("withdrawal", {})
    problem(answer, 409, "already_decided")
    assert "schon zurückgenommen" in answer.json()["detail"]


@pytest.mark.django_db
def test_a_second_one_that_was_under_way_is_a_duplicate(matter: Matter) -> None:
    answers = [matter.send("withdrawal", {}) for _ in range(2)]
    first, second = (processed(answer) for answer in answers)
    assert (first.state, second.state, second.duplicate_of_id) == ("filed", "duplicate", first.pk)
    assert not ExceptionEntry.objects.exists()


@pytest.mark.django_db
def test_decided_meanwhile_goes_to_a_person(matter: Matter) -> None:
    answer = matter.send("withdrawal", {})
    actions.close(case=matter.case, outcome=Case.Outcome.DONE, reason="x", by=Actor.of(matter.person))
    held = processed(answer)
    entry = ExceptionEntry.objects.get(submission=held)
    assert (entry.reason, entry.unit) == ("case_decided", matter.case.unit)
    assert matter.case.outcome == "erledigt"


@pytest.mark.django_db
@pytest.mark.parametrize("batch", [True, False])
def test_while_the_application_still_waits_it_is_applied_after_it(batch: bool) -> None:
    make.service("wohngeld")
    portal = PortalClient()
    posted = portal.post(make.application()).json()
    answer = portal.post({}, path=f"/api/v1/cases/{posted['case_id']}/withdrawal")
    ids = [posted["submission_id"], answer.json()["submission_id"]]
    if batch:
        assert pipeline.process_batch(ids) == 2
    else:
        for each in reversed(ids):  # the withdrawal comes first: it waits for the application
            pipeline.process(each)
        pipeline.process(ids[1])
    assert as_it_is(answer).state == "filed"
    assert Case.objects.get(public_id=posted["case_id"]).outcome == "zurueckgenommen"
    assert not ExceptionEntry.objects.filter(resolved_at=None).exists()


@pytest.mark.django_db
def test_of_an_application_in_klaerung_it_is_kept_and_applied() -> None:
    service, unit = make.service("wohngeld"), make.team("poststelle", is_clearing=True)
    portal = PortalClient()
    application = portal.submitted(make.application(service="wohngeld-plus"))
    answer = portal.post({}, path=f"/api/v1/cases/{application.number.public_id}/withdrawal")
    assert answer.status_code == 201
    waiting = processed(answer)
    entry = ExceptionEntry.objects.get(submission=waiting)
    assert (entry.reason, entry.unit) == ("awaits_application", unit), "who clears the application sees it"
    lead = Actor.of(make.lead(unit))
    of_application = ExceptionEntry.objects.get(submission=application)
    case = clearing.open_new_case(entry=of_application, service=service, unit=service.unit, by=lead)
    assert ExceptionEntry.objects.get(pk=entry.pk).resolution == "resumed"
    processed(answer)
    assert Case.objects.get(pk=case.pk).outcome == "zurueckgenommen"


@pytest.mark.django_db
def test_an_alias_never_closes_a_vorgang(matter: Matter) -> None:
    """The application was put into an older Vorgang: whether all of that ends, a person says."""
    theirs = Matter()
    for case, portal, why in [
        (matter.case, matter.portal, "withdrawal_of_part"),
        (theirs.case, matter.portal, "reply_elsewhere"),
    ]:
        submission = portal.submitted(make.application(sender_reference=case.file_reference))
        ExceptionEntry.objects.filter(submission=submission).update(unit=case.unit)
        entry = ExceptionEntry.objects.get(submission=submission)
        clearing.assign_to_case(entry=entry, case=case, by=Actor.of(make.lead(case.unit)))
        held = matter.sent("withdrawal", {}, public_id=submission.number.public_id)
        assert ExceptionEntry.objects.get(submission=held).reason == why
        assert Case.objects.get(pk=case.pk).is_open
    by = Actor.of(theirs.person)
    actions.close(case=theirs.case, outcome=Case.Outcome.DONE, reason="x", by=by)
    last = matter.send("withdrawal", {}, public_id=submission.number.public_id)
    assert last.status_code == 201, "that a stranger's Vorgang is decided is not told"


@pytest.mark.django_db
def test_unknown_and_foreign_ids_are_the_same_404(matter: Matter) -> None:
    ids = [Matter().public_id, make.case().public_id, "V-0000-0000-0", "x"]
    assert len({matter.send("withdrawal", {}, public_id=each).content for each in ids}) == 1
    problem(matter.send("withdrawal", {}, public_id=ids[0]), 404, "not_found")


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("body", "found"),
    [
        (b"", [("", "not_an_object")]),
        ([], [("", "not_an_object")]),
        ({"reason": 1}, [("/reason", "wrong_type")]),
        ({"reason": "x" * 2001}, [("/reason", "too_long")]),
        (b'{"reason": "\\u0000"}', [("/reason", "text_invalid")]),
    ],
)
def test_what_cannot_be_read_is_400(matter: Matter, body, found) -> None:
    assert problem(matter.send("withdrawal", body), 400, "invalid_body") == found


@pytest.mark.django_db
def test_the_same_key_is_answered_the_same_afterwards_too(matter: Matter) -> None:
    first = matter.send("withdrawal", {}, key="k")
    processed(first)
    again = matter.send("withdrawal", {}, key="k")
    assert (again.status_code, again.content) == (201, first.content)
    problem(matter.send("withdrawal", {"reason": "x"}, key="k"), 422, "idempotency_key_reused")


@pytest.mark.django_db
def test_who_may_not_is_told_at_once(matter: Matter) -> None:
    path = f"/api/v1/cases/{matter.public_id}/withdrawal"
    problem(PortalClient(kind="fachverfahren").post({}, path=path), 403, "wrong_client")
    multipart = {"content_type": "multipart/form-data; boundary=x"}
    problem(matter.send("withdrawal", {}, **multipart), 415, "unsupported_media_type")
    problem(matter.send("withdrawal", {}, key=None), 400, "idempotency_key_missing")
    revoke_client(client=matter.portal.client, by=SYSTEM)
    problem(matter.send("withdrawal", {}), 401, "unauthorized")


@pytest.mark.django_db
def test_neither_a_rule_nor_the_system_withdraws(matter: Matter) -> None:
    for by in (SYSTEM, Actor(Source.RULE, "Regel"), Actor.of(matter.person)):
        with pytest.raises(PermissionDenied):
            actions.withdraw(case=matter.case, by=by)


def at_once(*steps: Callable[[], object]) -> list[object]:
    """Do all in threads that start together; what each gave, or its exception's name."""
    gave: list[object] = [None] * len(steps)
    together = threading.Barrier(len(steps))

    def run(index: int) -> None:
        try:
            together.wait(20)
            gave[index] = steps[index]()
        except Exception as error:  # noqa: BLE001 (it is what the test looks at)
            gave[index] = type(error).__name__
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(index,)) for index in range(len(steps))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return gave


@pytest.mark.django_db(transaction=True)
def test_two_at_once_close_it_once(matter: Matter) -> None:
    answers = [matter.send("withdrawal", {}) for _ in range(2)]
    ids = [answer.json()["submission_id"] for answer in answers]
    assert at_once(*(lambda each=each: pipeline.process(each) for each in ids)) == [True, True]
    assert sorted(as_it_is(answer).state for answer in answers) == ["duplicate", "filed"]
    assert matter.case.history.filter(history_action="withdraw").count() == 1


@pytest.mark.django_db(transaction=True)
def test_withdrawal_and_release_exclude_each_other(matter: Matter) -> None:
    draft = make.draft(matter.case, matter.person)
    other = Actor.of(make.user(matter.case.unit))
    answer = matter.send("withdrawal", {})
    released = at_once(
        lambda: actions.release_decision(decision=draft, revision=1, by=other),
        lambda: pipeline.process(answer.json()["submission_id"]),
    )[0]
    withdrawal = as_it_is(answer)
    if released == "NotPossible":
        assert (matter.case.outcome, withdrawal.state) == ("zurueckgenommen", "filed")
        assert Decision.objects.get(pk=draft.pk).state == "discarded"
    else:
        assert (matter.case.outcome, withdrawal.state) == ("bewilligt", "exception")
        assert ExceptionEntry.objects.get(submission=withdrawal).reason == "case_decided"
