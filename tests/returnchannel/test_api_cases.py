"""``GET /api/v1/cases/{case_id}``: the submitter sees the status, others see that there is nothing."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from audit.acting import SYSTEM, Actor
from cases.actions import close, set_items, take_up
from cases.models import Case, DeadlineKind
from intake.models import Submission
from routing import pipeline
from routing.actions import clearing
from routing.models import ExceptionEntry
from tests import factories as make
from tests.intake.portal_client import PortalClient

pytestmark = pytest.mark.django_db
MEMBERS = {
    "case_id", "file_reference", "service", "status", "status_since", "version", "public_note",
    "open_information_request", "expected_by", "outcome", "external", "history",
}  # fmt: skip


@pytest.fixture
def portal() -> PortalClient:
    make.service("wohngeld")
    return PortalClient()


def url(submission: Submission) -> str:
    return f"/api/v1/cases/{submission.number.public_id}"


def test_a_reserved_id_is_known_from_its_receipt_on(portal: PortalClient) -> None:
    posted = portal.post(make.application()).json()
    answer = portal.get(f"/api/v1/cases/{posted['case_id']}")
    body = answer.json()
    assert set(body) == MEMBERS
    assert body == body | {
        "case_id": posted["case_id"],
        "file_reference": None,
        "service": "wohngeld",
        "status": "eingegangen",
        "status_since": posted["received_at"],
        "version": 0,
        "external": {"zbp": "RECEIVED"},
        "history": [{"status": "eingegangen", "at": posted["received_at"]}],
        "outcome": None,
    }
    assert (answer["ETag"], answer["Cache-Control"]) == ('"v0"', "private, no-cache")


def test_in_the_exception_queue_it_is_the_same(portal: PortalClient) -> None:
    submission = portal.submitted({"service": "hundesteuer", "data": {}})
    assert submission.state == "exception"
    body = portal.get(url(submission)).json()
    assert (body["status"], body["version"], body["service"]) == ("eingegangen", 0, "hundesteuer")


def test_a_filed_one_shows_its_steps_and_nobodys_name(portal: PortalClient) -> None:
    submission = portal.submitted(make.application())
    case = submission.case
    assert portal.get(url(submission)).json()["version"] == 1
    user = make.user(case.unit, first_name="Wanda", last_name="Szymańska", username="wanda.wohngeld")
    take_up(case=case, by=Actor.of(user))
    answer = portal.get(url(submission))
    body = answer.json()
    assert set(body) == MEMBERS
    assert (body["status"], body["version"], body["file_reference"]) == ("in_pruefung", 2, case.file_reference)
    assert [step["status"] for step in body["history"]] == ["eingegangen", "in_pruefung"]
    assert body["history"][-1]["at"] == body["status_since"]
    assert (body["external"], answer["ETag"]) == ({"zbp": "PROCESSING"}, '"v2"')
    assert "wanda" not in answer.content.decode().lower()
    close(case=case, outcome=Case.Outcome.DONE, by=Actor.of(user), reason="erledigt")
    body = portal.get(url(submission)).json()
    assert (body["status"], body["outcome"], body["external"]["zbp"]) == ("entschieden", None, "COMPLETED")


def test_unknown_malformed_and_foreign_ids_are_the_same_404(portal: PortalClient) -> None:
    other = PortalClient()
    foreign = other.submitted(make.application())
    court = make.case()
    ids = [foreign.number.public_id, court.public_id, "V-0000-0000-0", "x", "V-7K3M-9QTR-H", "%00", "ä" * 300]
    answers = {portal.get(f"/api/v1/cases/{case_id}").content for case_id in ids}
    assert len(answers) == 1
    assert {portal.get(f"/api/v1/cases/{case_id}").status_code for case_id in ids} == {404}
    fachverfahren = PortalClient(kind="fachverfahren")
    assert fachverfahren.get(url(foreign)).status_code == 403


def test_a_version_that_is_known_is_304(portal: PortalClient) -> None:
    submission = portal.submitted(make.application())
    for known in ('"v1"', 'W/"v1"', '"v0", "v1"', "*"):
        answer = portal.get(url(submission), **{"If-None-Match": known})
        assert (answer.status_code, answer.content, answer["ETag"]) == (304, b"", '"v1"')
        assert answer["Cache-Control"] == "private, no-cache"
    assert portal.get(url(submission), **{"If-None-Match": '"v0"'}).status_code == 200


def test_head_is_get_without_its_body(portal: PortalClient) -> None:
    submission = portal.submitted(make.application())
    whole = portal.get(url(submission))
    head = portal.http.head(url(submission), headers={"Authorization": f"Bearer {portal.token}"})
    assert (head.status_code, head.content, head["ETag"]) == (200, b"", whole["ETag"])
    assert head["Content-Length"] == str(len(whole.content))


def test_it_costs_three_queries(portal: PortalClient) -> None:
    submission = portal.submitted(make.application())
    with CaptureQueriesContext(
        connection,
    ) as queries:
        assert portal.get(url(submission)).status_code == 200
    assert len(queries) <= 3, [query["sql"][:80] for query in queries]


def test_an_alias_answers_with_its_own_receipt(portal: PortalClient) -> None:
    """A person has put an application into somebody else's Vorgang: the citizen sees nothing of that."""
    other = PortalClient()
    theirs = other.submitted(make.application()).case
    submission = portal.submitted(make.application(sender_reference=theirs.file_reference))
    before = portal.get(url(submission))
    entry = ExceptionEntry.objects.get(submission=submission)
    assert entry.reason == "portal_reference"
    lead = make.lead(theirs.unit)
    ExceptionEntry.objects.filter(pk=entry.pk).update(unit=theirs.unit)
    clearing.assign_to_case(entry=entry, case=theirs, by=Actor.of(lead))
    take_up(case=theirs, by=SYSTEM)
    answer = portal.get(url(submission))
    body = answer.json()
    assert body == before.json() | {"alias": True, "version": 1}
    assert (body["file_reference"], body["status"]) == (None, "eingegangen")
    assert theirs.public_id not in answer.content.decode()
    assert answer["ETag"] != before["ETag"]
    assert portal.get(f"/api/v1/cases/{theirs.public_id}").status_code == 404


@pytest.mark.parametrize("where", ["sender_reference", "data", "attachment", "deep"])
@pytest.mark.parametrize("what", ["file_reference", "public_id", "foreign"])
def test_a_reference_of_somebody_elses_vorgang_shows_nothing_of_it(portal: PortalClient, where: str, what: str) -> None:
    make.team("poststelle", is_clearing=True)
    make.rule("Gewerbe")
    court = make.processed(foreign="12 K 345/26").case
    texts = {"file_reference": court.file_reference, "public_id": court.public_id, "foreign": "12 K 0345/26"}
    named, body = texts[what], make.application()
    unnamed = portal.post(make.application()).json()
    match where:
        case "sender_reference":
            body["sender_reference"] = named
        case "data":
            body["data"]["file_reference"] = named
        case "deep":
            body["data"]["income"][0]["person"] = named
        case "attachment":
            body["attachments"][0]["filename"] = f"{named.replace('/', '-')}.pdf"
    submission = portal.submitted(body)
    answer = portal.get(url(submission))
    assert court.public_id not in answer.content.decode()
    assert set(answer.json()) == set(portal.get(f"/api/v1/cases/{unnamed['case_id']}").json())
    if where == "attachment":  # a file name names nothing
        assert submission.state == "filed"
        return
    entry = ExceptionEntry.objects.get(submission=submission)
    assert entry.reason == "portal_reference"
    assert [candidate["case_id"] for candidate in entry.details["candidates"]] == [court.public_id]
    assert court.documents.count() == 1
    assert answer.json()["version"] == 0


def test_the_vorgangs_id_of_the_same_portal_joins(portal: PortalClient) -> None:
    first = portal.submitted(make.application())
    again = make.application()
    again["data"]["earlier_case"] = first.number.public_id.lower()
    second = portal.submitted(again)
    assert second.case == first.case
    body = portal.get(url(second)).json()
    assert (body["case_id"], body["alias"], body["version"]) == (second.number.public_id, True, 1)


@pytest.mark.parametrize("how", ["other portal", "other service", "decided"])
def test_no_other_vorgangs_id_joins(portal: PortalClient, how: str) -> None:
    make.service("bewohnerparkausweis")
    first = portal.submitted(make.application())
    sender = PortalClient() if how == "other portal" else portal
    body = make.application("bewohnerparkausweis" if how == "other service" else "wohngeld")
    if how == "decided":
        close(case=first.case, outcome=Case.Outcome.DONE, by=Actor.of(make.user(first.case.unit)), reason="x")
    body["data"]["earlier_case"] = first.number.public_id
    submission = sender.submitted(body)
    assert ExceptionEntry.objects.get(submission=submission).reason == "portal_reference"
    assert first.case.submissions.count() == 1


def test_a_person_may_let_it_pass(portal: PortalClient) -> None:
    unit = make.team("poststelle", is_clearing=True)
    theirs = PortalClient().submitted(make.application()).case
    submission = portal.submitted(make.application(sender_reference=theirs.file_reference))
    entry = ExceptionEntry.objects.get(submission=submission)
    lead = Actor.of(make.lead(unit))
    clearing.correct_and_resume(entry=entry, corrections={}, accepted=["portal_reference"], by=lead)
    case = Submission.objects.get(pk=submission.pk).case
    assert case not in (None, theirs)
    assert portal.get(url(submission)).json()["file_reference"] == case.file_reference


def test_who_opens_it_by_hand_gets_the_applicant_too(portal: PortalClient) -> None:
    unit = make.team("poststelle", is_clearing=True)
    service = make.service("wohngeld")
    submission = portal.submitted(make.application(service="wohngeld-plus"))
    entry = ExceptionEntry.objects.get(submission=submission)
    case = clearing.open_new_case(entry=entry, service=service, unit=service.unit, by=Actor.of(make.lead(unit)))
    assert case.parties.get().first_name == "Sofia"
    assert case.documents.count() == 2
    assert case.public_id == submission.number.public_id


def test_the_same_person_twice_is_a_hint_on_both(portal: PortalClient) -> None:
    first = portal.submitted(make.example())
    twin = make.example()
    twin["data"]["applicant"] |= {"first_name": " SOFIA ", "last_name": "brandt"}
    second = portal.submitted(twin)
    namesake = make.example()
    namesake["data"]["applicant"]["birth_date"] = "1961-01-01"
    third = portal.submitted(namesake)
    assert {s.state for s in (first, second, third)} == {"filed"}
    hints = {
        s.pk: [f["message"] for f in Submission.objects.get(pk=s.pk).findings if f["code"] == "possible_duplicate"]
        for s in (first, second, third)
    }
    assert first.case.public_id in hints[second.pk][0]
    assert second.case.public_id in hints[first.pk][0]
    assert hints[third.pk] == []
    page = portal.http
    page.force_login(make.user(first.case.unit))
    assert "Mögliche Dublette" in page.get(f"/vorgaenge/{first.case.public_id}/").content.decode()


def test_a_protected_vorgang_is_not_named(portal: PortalClient) -> None:
    first = portal.submitted(make.example())
    Case.objects.filter(pk=first.case.pk).update(is_protected=True)
    second = portal.submitted(make.example())
    assert second.findings == []
    assert Submission.objects.get(pk=first.pk).findings[0]["code"] == "possible_duplicate"


def test_the_same_with_the_same_reference_is_a_duplicate(portal: PortalClient) -> None:
    first = portal.submitted(make.example() | {"sender_reference": "F-1"})
    second = portal.submitted(make.example() | {"sender_reference": "F-1"})
    assert (second.state, second.duplicate_of_id) == ("duplicate", first.pk)
    assert portal.get(url(second)).json()["alias"] is True
    other = PortalClient().submitted(make.example() | {"sender_reference": "F-1"})
    assert other.state == "filed"
    assert [r.holder for r in first.case.foreign_references.all()] == [f"portal:{portal.client.pk}"]


def test_a_court_cannot_pretend_to_be_a_portal(portal: PortalClient) -> None:
    portal.submitted(make.application(sender_reference="F-2026-1"))
    make.rule("Gewerbe")
    forged = make.processed(foreign="F-2026-1", court=f"portal:{portal.client.pk}")
    assert forged.case.service.slug == "gerichtspost"


def test_one_that_waits_is_taken_up_later(portal: PortalClient) -> None:
    posted = portal.post(make.application()).json()
    assert pipeline.due().filter(pk=posted["submission_id"]).exists()


def test_what_is_missing_until_when_and_what_the_package_says(portal: PortalClient) -> None:
    case = portal.submitted(make.application()).case
    user = make.user(case.unit)
    take_up(case=case, by=Actor.of(user))
    request = make.information_request(case, user)
    address = f"/api/v1/cases/{case.public_id}"
    body = portal.get(address).json()
    assert body["open_information_request"] == {
        "id": "1",
        "due": request.ends_on.isoformat(),
        "items": [
            {"key": "lohn", "title": "Lohnabrechnung", "received": False},
            {"key": "rente", "title": "Rentenbescheid", "received": False},
        ],
        "text": request.text,
    }
    assert body["public_note"].startswith("Wir brauchen noch Unterlagen")
    expected = case.deadlines.get(kind=DeadlineKind.PROCESSING).due_on
    assert body["expected_by"] == expected.isoformat()
    set_items(request=request, accepted=["lohn"], by=Actor.of(user))
    after = portal.get(address).json()
    assert [item["key"] for item in after["open_information_request"]["items"]] == ["rente"]
    assert after["version"] == body["version"] + 1


def test_another_day_is_another_version(portal: PortalClient) -> None:
    """The ETag says what the answer says: the letter stops the clock when it leaves the house."""
    case = portal.submitted(make.application()).case
    user = make.user(case.unit)
    request = make.information_request(case, user)
    address = f"/api/v1/cases/{case.public_id}"
    before = portal.get(address).json()
    make.posted(request, user)
    after = portal.get(address).json()
    assert after["expected_by"] > before["expected_by"]
    assert after["version"] == before["version"] + 1


@pytest.mark.parametrize(("slug", "told"), [("bewohnerparkausweis", "erledigt"), ("wohngeld", None)])
def test_the_outcome_is_told_where_the_package_says_so(portal: PortalClient, slug: str, told: str | None) -> None:
    make.service(slug)
    case = portal.submitted(make.application(slug)).case
    close(case=case, outcome=Case.Outcome.DONE, reason="erledigt", by=Actor.of(make.user(case.unit)))
    assert portal.get(f"/api/v1/cases/{case.public_id}").json()["outcome"] == told


def test_every_answer_says_what_the_rate_limit_leaves(portal: PortalClient, settings: Any) -> None:
    settings.API_RATE_LIMIT = 2
    posted = portal.submitted(make.application())
    answer = portal.get(url(posted))
    assert (answer["RateLimit-Limit"], answer["RateLimit-Remaining"]) == ("2", "0")
    assert 1 <= int(answer["RateLimit-Reset"]) <= 60
    for path in (url(posted), "/api/v1/changes", f"{url(posted)}/messages"):
        refused = portal.get(path)
        assert (refused.status_code, refused["RateLimit-Remaining"]) == (429, "0")
        assert refused["Retry-After"] == refused["RateLimit-Reset"]
        assert refused["Content-Type"] == "application/problem+json"
