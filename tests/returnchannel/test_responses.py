"""``POST /api/v1/cases/{case_id}/responses``: an answer reaches its Vorgang, its Nachforderung and its items."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.urls import reverse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from audit.acting import SYSTEM, Actor
from cases import actions
from cases.models import Case, InformationRequest
from intake.actions import revoke_client
from intake.models import Submission
from returnchannel.models import OutboundMessage, PublicChange
from routing.actions import clearing
from routing.models import ExceptionEntry, RoutingDecision
from tests import factories as make
from tests.intake.portal_client import PortalClient, multipart
from tests.returnchannel.replying import Matter, as_it_is, attachment, problem, processed, response

pytestmark = pytest.mark.django_db


@pytest.fixture
def matter() -> Matter:
    """A Vorgang that a portal has brought."""
    return Matter()


def state(request: InformationRequest) -> str:
    return InformationRequest.objects.get(pk=request.pk).state


def came(request: InformationRequest) -> dict[str, list[str]]:
    """By item the titles of what came to it."""
    return {item.key: [document.title for document in item.documents.order_by("pk")] for item in request.items.all()}


def reason(submission: Submission) -> str:
    return ExceptionEntry.objects.get(submission=submission, resolved_at=None).reason


def test_a_whole_answer_is_matched_item_by_item_and_the_vorgang_goes_on(matter: Matter) -> None:
    request = matter.asked()
    answer = matter.send("responses", response(request, "lohn", "rente"))
    assert answer.status_code == 201
    assert set(answer.json()) == {"submission_id", "case_id", "received_at"}
    assert answer.json()["case_id"] == matter.public_id
    assert state(request) == "open", "first it is received, then processed"
    submission = processed(answer)
    assert (submission.state, submission.case, submission.findings) == ("filed", matter.case, [])
    assert RoutingDecision.objects.get(submission=submission).mode == "reply"
    assert (state(request), matter.case.status) == ("answered", "in_pruefung")
    assert came(request) == {"lohn": ["Lohnabrechnung"], "rente": ["Rentenbescheid"]}
    assert {item.state for item in request.items.all()} == {"open"}, "whether it suffices a person says"
    filed = matter.case.documents.filter(title="Lohnabrechnung").get()
    assert (filed.role, filed.files.get().original_name) == ("nachweis", "lohn.pdf")


def test_the_caseworker_sees_per_item_what_came(matter: Matter) -> None:
    request = matter.asked()
    matter.sent("responses", response(request, "lohn") | {"text": "Den Rentenbescheid habe ich noch nicht."})
    http = matter.portal.http
    http.force_login(matter.person)
    page = http.get(f"/vorgaenge/{matter.public_id}/").content.decode()
    assert re.search(r"Lohnabrechnung.*?eingegangen:.*?<a [^>]*>Dokument \d+", page, re.DOTALL)
    page = http.get(reverse("case-application", args=[matter.public_id])).content.decode()
    assert "Den Rentenbescheid habe ich noch nicht." in page


def test_a_partial_answer_leaves_the_rest_open(matter: Matter) -> None:
    request = matter.asked()
    matter.sent("responses", response(request, "lohn"))
    assert (state(request), matter.case.status) == ("open", "nachforderung")
    assert came(request) == {"lohn": ["Lohnabrechnung"], "rente": []}
    shown = matter.portal.get(f"/api/v1/cases/{matter.public_id}").json()["open_information_request"]
    assert {item["key"]: item["received"] for item in shown["items"]} == {"lohn": True, "rente": False}
    matter.sent("responses", response(request, "rente") | {"information_request": shown["id"]})
    assert (state(request), matter.case.status) == ("answered", "in_pruefung")


def test_the_feed_does_not_call_the_way_back_a_new_nachforderung(matter: Matter) -> None:
    matter.sent("responses", response(matter.asked(), "lohn", "rente"))
    told = PublicChange.objects.filter(number__case=matter.case).order_by("version")
    assert [(each.kind, each.status) for each in told][-2:] == [
        ("information_request", "nachforderung"),
        ("status", "in_pruefung"),
    ]


def test_an_answer_in_words_alone_is_one(matter: Matter) -> None:
    request = matter.asked()
    submission = matter.sent("responses", {"information_request": request.number, "text": "Ich habe beides nicht."})
    assert (submission.state, state(request)) == ("filed", "answered")


def test_without_its_id_it_answers_what_is_open(matter: Matter) -> None:
    request = matter.asked()
    body = response(request, "lohn", "rente")
    matter.sent("responses", body | {"information_request": None})
    assert (state(request), came(request)["lohn"]) == ("answered", ["Lohnabrechnung"])


def test_it_answers_only_the_one_that_it_names(matter: Matter) -> None:
    first, second = matter.asked(), matter.asked()
    matter.sent("responses", response(second, "lohn", "rente"))
    assert (state(first), state(second), matter.case.status) == ("open", "answered", "nachforderung")


def test_multipart_names_the_file_parts(matter: Matter) -> None:
    request = matter.asked()
    said = {"information_request": str(request.number), "items": [{"key": "rente", "attachment": "scan-2"}]}
    said["items"].append({"key": "lohn", "attachment": "scan-1"})
    files = [("scan-1", "a.pdf", make.PDF), ("scan-2", "b.pdf", make.PDF + b"2")]
    matter.sent("responses", **multipart(json.dumps(said).encode(), *files))
    filed = {item.key: item.documents.get().files.get().original_name for item in request.items.all()}
    assert filed == {"lohn": "a.pdf", "rente": "b.pdf"}


def test_one_document_may_answer_two_items_and_two_one(matter: Matter) -> None:
    request = matter.asked()
    both = [{"key": "lohn", "attachment": 0}, {"key": "rente", "attachment": 0}, {"key": "rente", "attachment": 1}]
    body = response(request, "lohn", "rente") | {"items": both}
    matter.sent("responses", body)
    titles = came(request)
    assert titles["lohn"] == ["Lohnabrechnung, Rentenbescheid"]
    assert len(titles["rente"]) == 2


@pytest.mark.parametrize(
    ("change", "found"),
    [
        ({"items": [{"key": "pass", "attachment": 0}]}, [("/items/0/key", "unknown_item")]),
        ({"items": [{"key": "lohn", "attachment": 1}]}, [("/items/0/attachment", "unknown_attachment")]),
        ({"items": [{"key": "lohn", "attachment": -1}]}, [("/items/0/attachment", "unknown_attachment")]),
        ({"items": [{"key": "lohn", "attachment": "f1"}]}, [("/items/0/attachment", "unknown_attachment")]),
        ({"items": [{"key": "lohn", "attachment": True}]}, [("/items/0/attachment", "wrong_type")]),
        ({"items": [{"key": "lohn"}]}, [("/items/0/attachment", "missing")]),
        ({"items": [{"attachment": 0}]}, [("/items/0/key", "missing")]),
        ({"items": [3]}, [("/items/0", "wrong_type")]),
        ({"items": {}}, [("/items", "wrong_type")]),
        ({"items": [], "attachments": [], "text": " "}, [("/items", "missing")]),
        ({"information_request": "x"}, [("/information_request", "wrong_type")]),
        ({"information_request": 1.5}, [("/information_request", "wrong_type")]),
        ({"information_request": True}, [("/information_request", "wrong_type")]),
        ({"information_request": 2**63}, [("/information_request", "wrong_type")]),
        ({"text": 7}, [("/text", "wrong_type")]),
        ({"text": "x" * 10_001}, [("/text", "too_long")]),
        ({"attachments": [{"filename": "a", "content": "!"}]}, [("/attachments/0/content", "invalid_base64")]),
        ({"attachments": [{"content": ""}]}, [("/attachments/0/filename", "missing")]),
    ],
)
def test_what_cannot_be_meant_is_400_with_a_pointer(matter: Matter, change: dict[str, Any], found) -> None:
    body = response(matter.asked(), "lohn") | change
    assert problem(matter.send("responses", body), 400, "invalid_body") == found
    assert Submission.objects.count() == 1


def test_a_request_of_another_vorgang_or_of_none_is_404(matter: Matter) -> None:
    theirs = Matter()
    for _ in range(2):
        number = theirs.asked().number
    for wrong in (number, 0, 2**62):
        assert problem(matter.send("responses", {"information_request": wrong, "text": "x"}), 404, "not_found") == []


def test_unknown_and_foreign_ids_are_the_same_404_before_anything_is_read(matter: Matter) -> None:
    other = Matter()
    court = make.case()
    ids = [other.public_id, court.public_id, "V-0000-0000-0", "x", "ä" * 50]
    answers = {matter.send("responses", {"text": "x"}, public_id=each).content for each in ids}
    assert len(answers) == 1
    assert problem(matter.send("responses", b"{", public_id=other.public_id), 404, "not_found") == []
    assert Submission.objects.filter(reply__isnull=False).count() == 0


def test_without_an_open_request_a_person_looks(matter: Matter) -> None:
    submission = matter.sent("responses", {"text": "Hier noch etwas.", "attachments": [attachment()]})
    entry = ExceptionEntry.objects.get(submission=submission)
    assert (entry.reason, entry.unit) == ("answer_unasked", matter.case.unit)
    assert [each["case_id"] for each in entry.details["candidates"]] == [matter.public_id]
    lead = Actor.of(make.lead(matter.case.unit))
    clearing.assign_to_case(entry=entry, case=matter.case, by=lead)
    assert as_it_is_now(submission).case == matter.case


def as_it_is_now(submission: Submission) -> Submission:
    return Submission.objects.select_related("case").get(pk=submission.pk)


def test_a_person_may_let_an_unasked_one_pass(matter: Matter) -> None:
    submission = matter.sent("responses", {"text": "Hier noch etwas."})
    entry = ExceptionEntry.objects.get(submission=submission)
    lead = Actor.of(make.lead(matter.case.unit))
    clearing.correct_and_resume(entry=entry, corrections={}, accepted=["answer_unasked"], by=lead)
    assert as_it_is_now(submission).case == matter.case


def test_a_second_answer_to_what_is_answered_goes_to_a_person(matter: Matter) -> None:
    request = matter.asked()
    matter.sent("responses", response(request, "lohn", "rente"))
    second = matter.sent("responses", {"information_request": request.number, "text": "Nachtrag"})
    assert (second.state, reason(second)) == ("exception", "answer_unasked")


def test_the_same_documents_again_are_a_duplicate(matter: Matter) -> None:
    request = matter.asked()
    first = matter.sent("responses", response(request, "lohn", "rente"))
    again = matter.sent("responses", response(request, "lohn", "rente"))
    assert (again.state, again.duplicate_of_id) == ("duplicate", first.pk)
    assert matter.case.documents.filter(title="Lohnabrechnung").count() == 1


def test_a_late_answer_goes_to_a_person_and_still_finds_its_items(matter: Matter) -> None:
    request = matter.asked()
    make.posted(request, matter.person)
    with time_machine.travel(make.ARRIVAL + timedelta(days=400), tick=True):
        actions.expire_request(request=request, by=SYSTEM)
        submission = matter.sent("responses", response(request, "lohn"))
        entry = ExceptionEntry.objects.get(submission=submission)
        assert entry.reason == "answer_unasked"
        clearing.assign_to_case(entry=entry, case=matter.case, by=Actor.of(make.lead(matter.case.unit)))
    assert came(request)["lohn"] == ["Lohnabrechnung"]
    assert state(request) == "expired"


def test_an_answer_to_a_decided_vorgang_goes_to_a_person(matter: Matter) -> None:
    request = matter.asked()
    by = Actor.of(matter.person)
    actions.close(case=matter.case, outcome=Case.Outcome.DONE, reason="x", by=by)
    submission = matter.sent("responses", response(request, "lohn"))
    entry = ExceptionEntry.objects.get(submission=submission)
    assert (entry.reason, entry.unit) == ("case_decided", matter.case.unit)


def test_two_in_the_same_second_are_both_kept_in_order(matter: Matter) -> None:
    request = matter.asked()
    answers = [matter.send("responses", response(request, key)) for key in ("rente", "lohn")]
    first, second = (processed(answer) for answer in answers)
    assert (first.state, second.state, state(request)) == ("filed", "filed", "answered")
    titles = list(matter.case.documents.filter(role="nachweis").order_by("number").values_list("title", flat=True))
    assert titles[-2:] == ["Rentenbescheid", "Lohnabrechnung"]


def test_an_answer_is_no_application(matter: Matter) -> None:
    """It has no receipt, no step in the feed and no id that the portal is told."""
    request = matter.asked()
    submission = matter.sent("responses", response(request, "lohn", "rente"))
    number = submission.number
    assert not OutboundMessage.objects.filter(number=number).exists()
    assert not PublicChange.objects.filter(number=number).exists()
    assert matter.status()["status"] == "in_pruefung"


def test_before_the_application_is_filed_it_waits_and_goes_on_by_itself() -> None:
    service = make.service("wohngeld")
    portal, unit = PortalClient(), make.team("poststelle", is_clearing=True)
    application = portal.submitted(make.application(service="wohngeld-plus"))
    path = f"/api/v1/cases/{application.number.public_id}/responses"
    answer = portal.post({"text": "Ein Nachtrag.", "attachments": [attachment()]}, path=path)
    assert answer.status_code == 201
    waiting = processed(answer)
    assert (waiting.state, reason(waiting)) == ("exception", "awaits_application")
    entry = ExceptionEntry.objects.get(submission=application)
    lead = Actor.of(make.lead(unit))
    clearing.open_new_case(entry=entry, service=service, unit=service.unit, by=lead)
    assert as_it_is(answer).state == "received"
    assert reason(processed(answer)) == "answer_unasked", "now it is known where it belongs"


def alias_in(theirs: Case, portal: PortalClient) -> str:
    """An application of this portal that a person has put into this Vorgang; its Vorgangs-ID."""
    submission = portal.submitted(make.application(sender_reference=theirs.file_reference))
    ExceptionEntry.objects.filter(submission=submission).update(unit=theirs.unit)
    entry = ExceptionEntry.objects.get(submission=submission)
    clearing.assign_to_case(entry=entry, case=theirs, by=Actor.of(make.lead(theirs.unit)))
    return submission.number.public_id


def test_an_alias_of_a_strangers_vorgang_shows_and_changes_nothing_of_it(matter: Matter) -> None:
    theirs = Matter()
    alias = alias_in(theirs.case, matter.portal)
    request = theirs.asked()
    named = matter.send("responses", response(request, "lohn"), public_id=alias)
    assert problem(named, 404, "not_found") == []
    answer = matter.send("responses", {"text": "x", "items": []}, public_id=alias)
    assert (answer.status_code, answer.json()["case_id"]) == (201, alias)
    assert theirs.public_id not in answer.content.decode()
    held = processed(answer)
    assert reason(held) == "reply_elsewhere"
    assert state(request) == "open"


def test_an_alias_of_ones_own_vorgang_leads_to_it(matter: Matter) -> None:
    alias = alias_in(matter.case, matter.portal)
    request = matter.asked()
    submission = matter.sent("responses", response(request, "lohn", "rente"), public_id=alias)
    assert (submission.case, state(request)) == (matter.case, "answered")


def test_what_it_says_about_other_vorgaenge_does_not_count(matter: Matter) -> None:
    theirs = Matter()
    request = matter.asked()
    said = response(request, "lohn", "rente") | {"text": f"Gehört zu {theirs.public_id}"}
    assert matter.sent("responses", said).case == matter.case


def test_the_same_key_gives_the_same_answer_and_another_body_422(matter: Matter) -> None:
    body = response(matter.asked(), "lohn")
    first = matter.send("responses", body, key="k")
    assert matter.send("responses", body, key="k").content == first.content
    assert Submission.objects.filter(reply__isnull=False).count() == 1
    problem(matter.send("responses", body | {"text": "anders"}, key="k"), 422, "idempotency_key_reused")
    assert matter.portal.post(make.application(), key="k").status_code == 201, "a key belongs to its path"
    assert matter.send("withdrawal", {}, key="k").status_code == 201
    problem(matter.send("responses", body, key=None), 400, "idempotency_key_missing")


def test_who_may_not_is_told_at_once(matter: Matter) -> None:
    path = f"/api/v1/cases/{matter.public_id}/responses"
    problem(PortalClient(kind="fachverfahren").post({"text": "x"}, path=path), 403, "wrong_client")
    problem(matter.send("responses", b"x", content_type="text/plain"), 415, "unsupported_media_type")
    revoke_client(client=matter.portal.client, by=SYSTEM)
    problem(matter.send("responses", {"text": "x"}), 401, "unauthorized")


def test_too_large_is_413(matter: Matter, settings) -> None:
    settings.MAX_MESSAGE_MB = 1
    body = {"attachments": [attachment(content=b"x" * 2_000_000)]}
    problem(matter.send("responses", body), 413, "too_large")
    settings.MAX_MESSAGE_FILES = 1
    body = {"attachments": [attachment(), attachment("b.pdf")]}
    problem(matter.send("responses", body), 413, "too_large")


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=6,
)
bodies = st.fixed_dictionaries(
    {},
    optional={
        "information_request": json_values,
        "items": json_values
        | st.lists(
            st.fixed_dictionaries({"key": st.just("lohn") | json_values, "attachment": json_values}), max_size=3
        ),
        "text": json_values,
        "attachments": json_values | st.just([attachment()]),
        "reason": json_values,
    },
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(body=bodies | json_values, what=st.sampled_from(["responses", "withdrawal"]))
def test_whatever_comes_is_received_or_a_problem(matter: Matter, settings, body: Any, what: str) -> None:
    settings.API_RATE_LIMIT = settings.API_WRITE_RATE_LIMIT = 0
    if not InformationRequest.objects.filter(case=matter.case).exists():
        matter.asked()
    answer = matter.send(what, body)
    assert answer.status_code in (201, 400, 404) or (what, answer.status_code) == ("withdrawal", 409)
    if answer.status_code == 201:
        assert processed(answer).state in ("filed", "exception", "duplicate")
    else:
        assert answer["Content-Type"] == "application/problem+json"
