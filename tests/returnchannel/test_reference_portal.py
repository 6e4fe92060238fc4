"""The reference portal against the product: hitches on the way, odd requests, and what an alias must not show."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest
from django.db import connections
from django.test.client import ClientHandler

from audit.acting import SYSTEM, Actor
from cases.actions import take_up
from cases.models import Case, InformationRequest
from intake.actions import make_client, revoke_client
from intake.models import ApiClient, Submission
from returnchannel.channels.webhook import body_of
from returnchannel.models import WebhookDelivery
from routing import pipeline
from routing.actions import clearing
from routing.models import ExceptionEntry
from tests import factories as make
from tests.portal.client import File, Json, Portal, Refused
from tests.portal.description import NotAsDescribed
from tests.portal.paper import paper
from tests.returnchannel.hooks import hook

pytestmark = pytest.mark.django_db
Answering = Callable[[httpx.Request], httpx.Response]


def served(environ: dict[str, Any], start_response: Callable[..., Any]) -> list[bytes]:
    """The product as a WSGI application that keeps the test's connection to the database."""
    response = ClientHandler()(environ)
    start_response(f"{response.status_code} {response.reason_phrase}", list(response.items()))
    return [b"".join(response)]


DIRECTLY = httpx.WSGITransport(app=served)


class Hitches(httpx.BaseTransport):
    """The way to the product, on which things happen: one for each request that writes, then none."""

    def __init__(self, *happening: Callable[[httpx.Request], httpx.Response]) -> None:
        self.happening = list(happening)
        self.keys: list[str] = []

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        if request.method != "POST":
            return DIRECTLY.handle_request(request)
        self.keys.append(request.headers["Idempotency-Key"])
        happens = self.happening.pop(0) if self.happening else DIRECTLY.handle_request
        return happens(request)


def away(request: httpx.Request) -> httpx.Response:
    """Nobody is there."""
    raise httpx.ConnectError("refused", request=request)


def lost(request: httpx.Request) -> httpx.Response:
    """It arrives, and its answer does not."""
    assert DIRECTLY.handle_request(request).status_code == 201
    raise httpx.ReadError("reset", request=request)


def saying(status: int, **headers: str) -> Answering:
    """Somebody on the way answers."""
    return lambda request: httpx.Response(status, headers=headers, text="no JSON at all", request=request)


def portal(client: tuple[ApiClient, str], transport: httpx.BaseTransport = DIRECTLY, **more: Any) -> Portal:
    """A portal with the token of this client."""
    http = httpx.Client(transport=transport, base_url="http://testserver")
    return Portal(http, client[1], sleep=more.get("sleep", lambda seconds: None))


@pytest.fixture(autouse=True)
def wohngeld() -> None:
    make.service("wohngeld")


@pytest.fixture
def ours() -> Portal:
    """A portal on the straight way."""
    return portal(make.portal())


def applied(by: Portal, **values: Any) -> Submission:
    """An application of somebody else each time, taken through the pipeline."""
    told = by.apply(make.application(**values))
    pipeline.process(told["submission_id"])
    return Submission.objects.select_related("case", "number").get(pk=told["submission_id"])


@pytest.mark.parametrize(
    ("happening", "waits"),
    [
        ((away, away), 2),
        ((lost,), 1),
        ((saying(503), saying(502), lost, saying(500)), 4),
        ((saying(429, **{"Retry-After": "7"}),), 1),
        ((lost, saying(409, **{"Retry-After": "1"})), 2),
    ],
    ids=["away", "answer-lost", "5xx", "429", "still-running"],
)
def test_whatever_happens_on_the_way_it_arrives_once(happening: tuple[Answering, ...], waits: int) -> None:
    way, slept = Hitches(*happening), []
    told = portal(make.portal(), way, sleep=slept.append).apply(make.application())
    assert told["status"] == "eingegangen"
    assert len(set(way.keys)) == 1 and len(way.keys) == waits + 1 == len(slept) + 1
    assert Submission.objects.get().number.public_id == told["case_id"]
    if happening[0] not in (away, lost):
        assert slept[0] in (7, 0.4)


def test_it_fails_loudly_when_an_answer_is_not_as_described(ours: Portal, monkeypatch: pytest.MonkeyPatch) -> None:
    case_id = applied(ours).number.public_id
    answer = ours.http.get(f"/api/v1/cases/{case_id}", headers={"Authorization": f"Bearer {ours.token}"})

    def told(changes: Json, **headers: str) -> None:
        content = json.dumps(answer.json() | changes).encode()
        request = httpx.Request("GET", "http://testserver/")
        headers = {"Content-Type": "application/json", "ETag": '"v1"'} | headers
        ours.described.check_answer("case", httpx.Response(200, content=content, headers=headers, request=request))

    told({"something": "new"})
    for wrong in ({"version": "1"}, {"status_since": "gestern"}, {"history": []}, {"service": None}):
        with pytest.raises(NotAsDescribed):
            told(wrong)
    with pytest.raises(NotAsDescribed, match="text/html"):
        told({}, **{"Content-Type": "text/html"})
    with pytest.raises(NotAsDescribed, match="Lieblingsfarbe"):
        ours.call("case", {"case_id": case_id, "Lieblingsfarbe": "blau"})
    with pytest.raises(NotAsDescribed, match="decide"):
        ours.call("decide")


@pytest.mark.parametrize(
    ("name", "given", "status"),
    [
        ("changes", {"after": "djE6OTk5OTk"}, 400),
        ("changes", {"after": "aus-einem-anderen-haus"}, 400),
        ("case", {"If-None-Match": "kein Etag"}, 200),
        ("case", {"If-None-Match": '"v7", W/"v', "case_id": "unbekannt"}, 404),
        ("document", {"n": 2}, 404),
        ("messages", {"case_id": "../../changes"}, 404),
    ],
)
def test_odd_questions_get_described_answers(ours: Portal, name: str, given: Json, status: int) -> None:
    case_id = applied(ours).number.public_id
    needs_id = "case_id" in ours.described.address(name, {"case_id": "case_id", "n": 1})
    try:
        answer = ours.call(name, ({"case_id": case_id} if needs_id else {}) | given).status_code
    except Refused as refusal:
        answer = refusal.status
    assert answer == status


def test_a_token_is_worth_nothing_from_the_moment_that_it_is_revoked(ours: Portal) -> None:
    case_id = applied(ours).number.public_id
    revoke_client(client=ApiClient.objects.get(), by=SYSTEM)
    calls: list[tuple[str, Json, Any]] = [
        ("case", {"case_id": case_id}, None),
        ("messages", {"case_id": case_id}, None),
        ("document", {"case_id": case_id, "n": 1}, None),
        ("changes", {}, None),
        ("submit", {}, make.application()),
        ("respond", {"case_id": case_id}, {"text": "x"}),
        ("withdraw", {"case_id": case_id}, {}),
        ("webhook", {"name": "x"}, None),
    ]
    for name, given, body in calls:
        with pytest.raises(Refused) as refusal:
            ours.call(name, given, body=body)
        assert (refusal.value.status, refusal.value.code) == (401, "unauthorized")
    assert Submission.objects.count() == 1


class Alias:
    """An application that a person has put into somebody else's Vorgang, with all that is secret there."""

    def __init__(self, ours: Portal, others: Portal) -> None:
        self.portal = ours
        self.theirs: Case = applied(others).case
        self.person = make.user(self.theirs.unit, first_name="Wanda", last_name="Szymańska")
        submission = applied(ours, sender_reference=self.theirs.file_reference)
        self.alias = submission.number.public_id
        entry = ExceptionEntry.objects.get(submission=submission)
        ExceptionEntry.objects.filter(pk=entry.pk).update(unit=self.theirs.unit)
        clearing.assign_to_case(entry=entry, case=self.theirs, by=Actor.of(make.lead(self.theirs.unit)))
        take_up(case=self.theirs, by=Actor.of(self.person))
        self.request: InformationRequest = make.information_request(
            self.theirs, self.person, text="Wegen Ihrer geheimen Sache", title="Geheimes"
        )
        self.secrets = [self.theirs.public_id, self.theirs.file_reference, "geheim", "Szymańska", "Rentenbescheid"]
        self.secrets += [party.last_name for party in self.theirs.parties.all() if party.last_name]

    def heard(self) -> Iterator[str]:
        """All that the portal has got, and what its webhook is told."""
        for answer in self.portal.heard:
            yield str(answer.headers)
            yield "" if answer.content.startswith(b"%PDF") else answer.text
        for delivery in WebhookDelivery.objects.filter(webhook__client__name="unser"):
            yield body_of(delivery).decode()

    def say(self, name: str, given: Json | None = None, *, body: Any = None) -> Json | str:
        """The answer, or which problem it is."""
        try:
            answer = self.portal.call(name, given, body=body)
        except Refused as refusal:
            return refusal.code
        return answer.json() if "json" in answer.headers["Content-Type"] else {}


def test_an_alias_and_a_guessed_reference_show_nothing_by_any_call() -> None:
    mine = make.portal("unser")
    hook(mine[0], "https://portal.example/")
    house = Alias(portal(mine), portal(make.portal("fremd")))
    alias, own = {"case_id": house.alias}, {"case_id": house.theirs.public_id}
    status = house.say("case", alias)
    assert (status["alias"], status["status"], status["version"]) == (True, "eingegangen", 1)
    assert not any(status[name] for name in ("file_reference", "public_note", "open_information_request", "outcome"))
    assert [message["kind"] for message in house.say("messages", alias)["messages"]] == ["receipt"]
    assert house.say("document", alias | {"n": 1}) == {}
    assert house.say("document", alias | {"n": 2}) == "not_found"
    named = {"information_request": house.request.number, "items": [], "text": "Bitte"}
    assert house.say("respond", alias, body=named) == "not_found"
    assert house.say("respond", alias, body={"text": "Bitte"})["case_id"] == house.alias
    assert house.say("withdraw", alias, body={})["case_id"] == house.alias
    for guess in (own, {"case_id": house.theirs.file_reference}, {"case_id": str(house.theirs.pk)}):
        for name in ("case", "messages"):
            assert house.say(name, guess) == "not_found"
        assert house.say("document", guess | {"n": 1}) == "not_found"
        for name, body in (("respond", named), ("withdraw", {})):
            assert house.say(name, guess, body=body) == "not_found"
        head = house.portal.http.head(
            house.portal.described.address("case", guess), headers={"Authorization": f"Bearer {house.portal.token}"}
        )
        assert (head.status_code, head.content) == (404, b"")
    assert {change["case_id"] for change in house.portal.changes()} == {house.alias}
    assert house.say("report_status", own, body={"status": "in_pruefung"}) == "wrong_client"
    fachverfahren = make_client(name="fv", kind=ApiClient.Kind.FACHVERFAHREN, services=["wohngeld"], by=SYSTEM)
    specialist = portal(fachverfahren)
    with pytest.raises(Refused) as refusal:
        specialist.call("report_status", alias, body={"status": "in_pruefung"})
    assert refusal.value.code == "not_found"
    heard = "\n".join(house.heard())
    assert house.alias in heard and WebhookDelivery.objects.exists()
    assert [secret for secret in house.secrets if secret.lower() in heard.lower()] == []
    case = Case.objects.get(pk=house.theirs.pk)
    assert (case.status, case.is_open) == ("nachforderung", True)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("keys", [["a", "a", "a", "a"], ["a", "b", "c", "d"]], ids=["same-key", "own-keys"])
def test_answers_in_the_same_second(keys: list[str]) -> None:
    """The same key is one Eingang with one answer; own keys are one each, and none is lost."""
    mine = make.portal()
    application = applied(portal(mine))
    case_id = application.number.public_id
    make.information_request(application.case, make.user(application.case.unit))
    asked = portal(mine).status(case_id)[0]["open_information_request"]
    together, told = threading.Barrier(len(keys)), []

    def send(key: str) -> None:
        sender = portal(mine, sleep=threading.Event().wait)
        together.wait()
        try:
            text = key  # an answer of its own for each key
            told.append(sender.answer(case_id, asked, {"lohn": File("lohn.pdf", paper(text))}, key=key))
        finally:
            connections.close_all()

    threads = [threading.Thread(target=send, args=(key,)) for key in keys]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    ids = {each["submission_id"] for each in told}
    assert (len(told), len(ids)) == (len(keys), len(set(keys)))
    replies = Submission.objects.exclude(pk=application.pk)
    assert set(replies.values_list("pk", flat=True)) == ids
    for each in ids:
        pipeline.process(each)
    assert not Submission.objects.filter(state=Submission.State.RECEIVED).exists()
