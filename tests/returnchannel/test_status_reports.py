"""``POST /api/v1/cases/{case_id}/status-reports``: what a person did in the Fachverfahren, and the citizen sees."""

from __future__ import annotations

import base64
from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from audit.acting import SYSTEM, Actor, Source
from cases import actions
from cases.actions import NotPossible
from cases.models import Case, DeadlineKind, Decision, Party, ReportedDecision
from intake.actions import revoke_client
from tests import factories as make
from tests.intake.portal_client import PortalClient
from tests.returnchannel.replying import Matter, attachment, problem
from tests.returnchannel.test_withdrawal import at_once
from tests.sample_files import PDF

DECIDED = {
    "status": "entschieden",
    "outcome": "bewilligt",
    "decided_by": "Sabine Sommer",
    "decided_at": "2026-11-20T09:12:33+01:00",
}


class Reporting(Matter):
    """A Vorgang of a portal, and the Fachverfahren that works on it."""

    def __init__(self) -> None:
        super().__init__()
        self.fach = PortalClient("Wohngeldverfahren", kind="fachverfahren", services=["wohngeld"])

    def report(self, body: Any, *, public_id: str = "", **more: Any) -> HttpResponse:
        """Report something of this Vorgang, or another."""
        return self.fach.post(body, path=f"/api/v1/cases/{public_id or self.public_id}/status-reports", **more)


@pytest.fixture
def matter() -> Reporting:
    """A Vorgang with its Fachverfahren."""
    return Reporting()


def asking(**values: Any) -> dict[str, Any]:
    """The report of a Nachforderung."""
    due = (timezone.localdate() + timedelta(days=30)).isoformat()
    items = [{"key": "lohn", "title": "Lohnabrechnung"}, {"key": "miete", "title": "Mietvertrag"}]
    return {"status": "nachforderung", "items": items, "due": due, "text": "Es fehlt noch etwas."} | values


@pytest.mark.django_db
def test_in_pruefung_is_seen_by_the_citizen_and_the_same_again_changes_nothing(matter: Reporting) -> None:
    answer = matter.report({"status": "in_pruefung"})
    assert answer.status_code == 201
    assert answer.json() == matter.status()
    assert answer.json()["status"] == "in_pruefung"
    version, rows = matter.case.version, matter.case.history.count()
    again = matter.report({"status": "in_pruefung"})
    assert (again.status_code, again.json()) == (200, answer.json())
    assert (matter.case.version, matter.case.history.count()) == (version, rows)
    assert matter.case.handler is None, "nobody here has taken it up"


@pytest.mark.django_db
def test_a_nachforderung_has_its_items_its_day_and_a_letter(matter: Reporting) -> None:
    body = asking()
    answer = matter.report(body)
    assert (answer.status_code, answer.json()["status"]) == (201, "nachforderung")
    request = matter.case.information_requests.get()
    assert {item.key: item.title for item in request.items.all()} == {"lohn": "Lohnabrechnung", "miete": "Mietvertrag"}
    assert (request.due_on.isoformat(), request.text) == (body["due"], "Es fehlt noch etwas.")
    deadline = matter.case.deadlines.get(kind=DeadlineKind.REQUEST)
    assert (deadline.due_on, deadline.is_manual) == (request.due_on, True)
    assert "Wohngeldverfahren" in deadline.reasons[0]
    assert request.dispatches.get().state == "to_send"
    messages = matter.portal.get(f"/api/v1/cases/{matter.public_id}/messages").json()["messages"]
    assert [each["kind"] for each in messages] == ["receipt", "information_request"]
    assert messages[-1]["has_document"]
    assert matter.report(body).status_code == 200
    assert matter.case.information_requests.count() == 1
    another = asking(items=[{"key": "konto", "title": "Kontoauszug"}])
    assert matter.report(another).status_code == 201, "it is another Nachforderung"
    assert matter.case.information_requests.count() == 2


@pytest.mark.django_db
def test_the_portal_answers_what_the_fachverfahren_has_asked_for(matter: Reporting) -> None:
    matter.report(asking())
    request = matter.case.information_requests.get()
    items = [{"key": "lohn", "attachment": 0}, {"key": "miete", "attachment": 0}]
    matter.sent("responses", {"information_request": request.number, "items": items, "attachments": [attachment()]})
    assert matter.case.status == "in_pruefung"


@pytest.mark.django_db
def test_without_an_address_there_is_no_letter_but_a_nachforderung(matter: Reporting) -> None:
    Party.objects.filter(case=matter.case).update(street="", city="", postcode="")
    assert matter.report(asking()).status_code == 201
    assert not matter.case.dispatches.exists()


@pytest.mark.django_db
def test_in_pruefung_again_ends_what_it_has_asked_for_itself(matter: Reporting) -> None:
    matter.report(asking())
    assert matter.report({"status": "in_pruefung"}).status_code == 201
    assert matter.case.information_requests.get().state == "answered"
    matter.asked()
    answer = matter.report({"status": "in_pruefung"})
    problem(answer, 409, "status_not_allowed")
    assert answer.json()["allowed"] == ["entschieden"], "here somebody waits for an answer"


@pytest.mark.django_db
def test_a_decision_is_recorded_with_who_decided_and_its_bescheid(matter: Reporting) -> None:
    draft = make.draft(matter.case, matter.person)
    request = matter.asked()
    answer = matter.report(DECIDED | {"document": attachment("Bescheid-4711.pdf")})
    assert answer.status_code == 201
    assert answer.json() == matter.status()
    case = matter.case
    assert (case.status, case.outcome) == ("entschieden", "bewilligt")
    reported = ReportedDecision.objects.get(case=case)
    assert (reported.decided_by, reported.reported_by) == ("Sabine Sommer", "Wohngeldverfahren")
    assert reported.decided_at.isoformat() == "2026-11-20T08:12:33+00:00"
    assert (reported.document.role, reported.document.title) == ("bescheid", "Bescheid")
    assert Decision.objects.get(pk=draft.pk).state == "discarded", "no draft is left open"
    assert type(request).objects.get(pk=request.pk).state == "withdrawn"
    assert not case.deadlines.filter(state="open").exists()
    last = case.history.order_by("-history_id")[0]
    assert (last.history_user_id, last.history_action) == ("Wohngeldverfahren", "report_decision")
    assert "Sabine Sommer" in last.history_reason
    assert "Sommer" not in matter.portal.get(f"/api/v1/cases/{matter.public_id}").content.decode()


@pytest.mark.django_db
def test_the_citizen_gets_the_bescheid(matter: Reporting) -> None:
    matter.report(DECIDED | {"document": attachment("b.pdf", PDF + b"Bescheid")})
    path = f"/api/v1/cases/{matter.public_id}/messages"
    message = matter.portal.get(path).json()["messages"][-1]
    assert (message["kind"], message["has_document"]) == ("decision", True)
    assert "Sommer" not in str(message)
    document = matter.portal.get(f"{path}/{message['n']}/document")
    assert b"".join(document.streaming_content) == PDF + b"Bescheid"


@pytest.mark.django_db
@pytest.mark.parametrize("outcome", Case.Outcome.values)
def test_every_outcome_may_be_reported_once(matter: Reporting, outcome: str) -> None:
    assert matter.report(DECIDED | {"outcome": outcome}).status_code == 201
    assert matter.case.outcome == outcome
    version = matter.case.version
    assert matter.report(DECIDED | {"outcome": outcome}).status_code == 200
    other = "erledigt" if outcome != "erledigt" else "bewilligt"
    answer = matter.report(DECIDED | {"outcome": other})
    problem(answer, 409, "status_not_allowed")
    assert (matter.case.version, ReportedDecision.objects.count()) == (version, 1)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("steps", "report", "allowed"),
    [
        ([], None, ["in_pruefung", "nachforderung", "entschieden"]),
        (["in_pruefung"], "eingegangen", ["nachforderung", "entschieden"]),
        (["nachforderung"], "eingegangen", ["in_pruefung", "entschieden"]),
        (["entschieden"], "eingegangen", []),
        (["entschieden"], "in_pruefung", []),
        (["entschieden"], "nachforderung", []),
    ],
)
def test_what_the_state_machine_does_not_allow_is_409_with_what_it_does(
    matter: Reporting, steps: list[str], report: str | None, allowed: list[str]
) -> None:
    bodies = {"in_pruefung": {"status": "in_pruefung"}, "nachforderung": asking(), "entschieden": DECIDED}
    bodies["eingegangen"] = {"status": "eingegangen"}
    for step in steps:
        assert matter.report(bodies[step]).status_code == 201
    if report is None:
        assert matter.report(bodies["eingegangen"]).status_code == 200
        assert [step for step in allowed if matter.report(bodies[step]).status_code == 201] == allowed
        return
    before = matter.case.version
    answer = matter.report(bodies[report], key="k")
    problem(answer, 409, "status_not_allowed")
    assert answer.json()["allowed"] == allowed
    assert matter.case.version == before


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("body", "found"),
    [
        ([], [("", "not_an_object")]),
        ({}, [("/status", "missing")]),
        ({"status": "fertig"}, [("/status", "unknown_status")]),
        ({"status": 1}, [("/status", "wrong_type")]),
        ({"status": "nachforderung"}, [("/due", "missing"), ("/items", "missing")]),
        (asking(items=[]), [("/items", "missing")]),
        (asking(items=[{"key": "a b", "title": ""}]), [("/items/0/title", "missing"), ("/items/0/key", "key_invalid")]),
        (asking(items=[{"key": "a", "title": "A"}] * 2), [("/items/1/key", "key_twice")]),
        (asking(items=[1]), [("/items/0", "wrong_type")]),
        (asking(due="24.12.2026"), [("/due", "date_invalid")]),
        (asking(due="2027-02-30"), [("/due", "date_invalid")]),
        (asking(due="2020-01-01"), [("/due", "date_out_of_range")]),
        (asking(due="9999-12-31"), [("/due", "date_out_of_range")]),
        (
            {"status": "entschieden"},
            [("/outcome", "missing"), ("/decided_by", "missing"), ("/decided_at", "missing")],
        ),
        (DECIDED | {"decided_by": "  "}, [("/decided_by", "missing")]),
        (DECIDED | {"outcome": "genehmigt"}, [("/outcome", "unknown_outcome")]),
        (DECIDED | {"decided_at": "2026-11-20"}, [("/decided_at", "time_invalid")]),
        (DECIDED | {"decided_at": "2026-11-20T09:00:00"}, [("/decided_at", "time_invalid")]),
        (DECIDED | {"decided_at": "0001-01-01T00:00:00+14:00"}, [("/decided_at", "time_invalid")]),
        (DECIDED | {"decided_at": "2999-01-01T00:00:00Z"}, [("/decided_at", "time_in_future")]),
        (DECIDED | {"document": []}, [("/document", "wrong_type")]),
        (DECIDED | {"document": {"filename": "b.pdf"}}, [("/document/content", "missing")]),
        (DECIDED | {"document": {"filename": "b.pdf", "content": "!"}}, [("/document/content", "invalid_base64")]),
        (
            DECIDED | {"document": {"filename": "b.pdf", "content": base64.b64encode(b"Word").decode()}},
            [("/document/content", "not_a_pdf")],
        ),
    ],
)
def test_what_is_missing_or_wrong_is_400(matter: Reporting, body: Any, found: list[tuple[str, str]]) -> None:
    assert problem(matter.report(body), 400, "invalid_body") == found
    assert matter.case.status == "eingegangen"


@pytest.mark.django_db
def test_only_its_own_leistungen_and_only_by_the_vorgangs_own_id(matter: Reporting) -> None:
    make.service("bewohnerparkausweis")
    other = matter.portal.submitted(make.application("bewohnerparkausweis"))
    waiting = matter.portal.submitted(make.application(service="wohngeld-plus"))
    again = make.application()
    again["data"]["earlier_case"] = matter.public_id
    alias = matter.portal.submitted(again)
    assert alias.case == matter.case
    ids = [s.number.public_id for s in (other, waiting, alias)] + ["V-0000-0000-0", "x"]
    answers = [matter.report({"status": "in_pruefung"}, public_id=each) for each in ids]
    assert {answer.status_code for answer in answers} == {404}
    assert len({answer.content for answer in answers}) == 1
    everything = PortalClient(kind="fachverfahren")
    path = f"/api/v1/cases/{other.number.public_id}/status-reports"
    assert everything.post({"status": "in_pruefung"}, path=path).status_code == 201, "without a list: all"


@pytest.mark.django_db
def test_who_may_not_is_told_at_once(matter: Reporting) -> None:
    path = f"/api/v1/cases/{matter.public_id}/status-reports"
    problem(matter.portal.post(DECIDED, path=path), 403, "wrong_client")
    problem(matter.report(DECIDED, key=None), 400, "idempotency_key_missing")
    problem(matter.report(DECIDED, content_type="multipart/form-data; boundary=x"), 415, "unsupported_media_type")
    revoke_client(client=matter.fach.client, by=SYSTEM)
    problem(matter.report(DECIDED), 401, "unauthorized")
    assert matter.case.status == "eingegangen"


@pytest.mark.django_db
def test_the_same_key_is_answered_the_same(matter: Reporting) -> None:
    first = matter.report(DECIDED, key="k")
    again = matter.report(DECIDED, key="k")
    assert (again.status_code, again.content) == (201, first.content)
    problem(matter.report(DECIDED | {"decided_by": "x"}, key="k"), 422, "idempotency_key_reused")


@pytest.mark.django_db
def test_the_machine_never_decides(matter: Reporting) -> None:
    said = {"outcome": Case.Outcome.GRANTED, "decided_at": timezone.now()}
    for by in (SYSTEM, Actor(Source.RULE, "Regel"), Actor.of(matter.person)):
        with pytest.raises(PermissionDenied):
            actions.report_decision(case=matter.case, by=by, decided_by="S", **said)
    with pytest.raises(NotPossible, match="immer ein Mensch"):
        actions.report_decision(case=matter.case, by=Actor(Source.CHANNEL, "x"), decided_by=" ", **said)


@pytest.mark.django_db(transaction=True)
def test_two_reports_at_once_decide_once(matter: Reporting) -> None:
    answers = at_once(*(lambda: matter.report(DECIDED).status_code for _ in range(2)))
    assert sorted(answers) == [200, 201]
    assert ReportedDecision.objects.count() == 1


values = st.none() | st.booleans() | st.integers() | st.text(max_size=8) | st.lists(st.text(max_size=3), max_size=2)
reports = st.fixed_dictionaries(
    {"status": st.sampled_from(["in_pruefung", "nachforderung", "entschieden", "eingegangen"]) | values},
    optional={
        "items": values | st.just([{"key": "a", "title": "A [b] {name}"}]),
        "due": values | st.just((timezone.localdate() + timedelta(days=40)).isoformat()),
        "text": values | st.just("Bitte [alles]"),
        "outcome": values | st.sampled_from(Case.Outcome.values),
        "decided_by": values,
        "decided_at": values | st.just("2026-11-20T09:12:33+01:00"),
        "document": values | st.just(attachment()),
    },
)


@pytest.mark.django_db
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(body=reports | values)
def test_whatever_comes_is_taken_or_a_problem(matter: Reporting, settings, body: Any) -> None:
    settings.API_RATE_LIMIT = settings.API_WRITE_RATE_LIMIT = 0
    answer = matter.report(body)
    assert answer.status_code in (200, 201, 400, 409), answer.content
    if answer.status_code >= 400:
        assert answer["Content-Type"] == "application/problem+json"
