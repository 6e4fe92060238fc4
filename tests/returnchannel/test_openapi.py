"""The description of the interface says what it does: its examples are sent, and schemathesis tries all the rest."""

from __future__ import annotations

import base64
import re
import uuid
from collections import defaultdict
from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import cache
from ipaddress import ip_network
from typing import Any

import pytest
import schemathesis
from django.test import Client
from django.test.client import ClientHandler
from django.urls import get_resolver
from django.utils import timezone
from hypothesis import HealthCheck, Phase, settings
from jsonschema import Draft202012Validator

from audit.acting import Actor
from cases.actions import take_up
from intake.models import ApiClient
from returnchannel import openapi
from returnchannel.api.changes import cursor_of
from tests import factories as make
from tests.intake.portal_client import PortalClient

TRIES = settings(
    max_examples=15,
    deadline=None,
    database=None,
    derandomize=True,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)


@cache
def handler() -> ClientHandler:
    """Loads its middleware once."""
    return ClientHandler()


def served(environ: dict[str, Any], start_response: Callable[..., Any]) -> list[bytes]:
    """The product as a WSGI application that keeps the test's connection to the database."""
    response = handler()(environ)
    start_response(f"{response.status_code} {response.reason_phrase}", list(response.items()))
    return [b"".join(response)]


ATTACHMENT = {"filename": "a.pdf", "content": base64.b64encode(make.PDF).decode()}
SCHEMA = schemathesis.openapi.from_wsgi("/api/v1/schema", served)
SCHEMA.config.generation.update(allow_x00=False)  # no text may have one; tests/intake say so


def fresh(case: Any) -> Any:
    """The same request as its sender means it: with a key of its own, and with what no schema can say.

    Schemas know neither which cursor was given nor which attachment is there, which day it is and who answers where.
    """
    if re.fullmatch(r"[!-~]{1,255}", case.headers.get("Idempotency-Key", "")):
        case.headers["Idempotency-Key"] = str(uuid.uuid4())
    if case.meta.generation.mode.is_positive:
        if (case.query or {}).get("after"):
            case.query["after"] = cursor_of(0)
        if isinstance(case.body, dict):
            case.body = meant(case.operation.definition.raw["operationId"], case.body)
    return case


def meant(operation: str, body: dict[str, Any]) -> dict[str, Any]:
    """A body that follows its schema, as somebody sends it who means it."""
    match operation:
        case "submit":
            said = body.get("submission", body)
            content = ATTACHMENT["content"]
            entries = [each | {"content": content} for each in said.get("attachments") or []]
            said = said | {"attachments": entries}
            return body | {"submission": said} if "submission" in body else said
        case "webhook_set":
            return body | {"url": "https://127.0.0.1/hook"}
        case "respond":
            target = body.get("response", body)
            said = target | {"text": "Anbei.", "attachments": [ATTACHMENT]}
            said["items"] = [item | {"attachment": 0} for item in target.get("items") or []]
            return {"response": said} if "response" in body else said
        case "report_status":
            tomorrow = timezone.localdate() + timedelta(days=1)
            today = {"due": tomorrow.isoformat(), "decided_at": timezone.now().isoformat(), "document": ATTACHMENT}
            said = body | {name: value for name, value in today.items() if body.get(name)}
            items = {item["key"]: item for item in said.get("items") or []}
            return said | ({"items": list(items.values())} if items else {})
    return body


def valid(name: str) -> Draft202012Validator:
    """Checks a value against a schema of the description."""
    document = openapi.document()
    return Draft202012Validator({"$ref": f"#/components/schemas/{name}", "components": document["components"]})


@pytest.fixture
def portal(settings: Any) -> PortalClient:
    settings.API_RATE_LIMIT = settings.API_WRITE_RATE_LIMIT = 0
    settings.WEBHOOK_ALLOWED_NETWORKS = [ip_network("127.0.0.1/32")]
    make.service("wohngeld")
    return PortalClient()


@pytest.fixture
def case_id(portal: PortalClient) -> str:
    """A Vorgang of the portal's."""
    case = portal.submitted(make.application()).case
    take_up(case=case, by=Actor.of(make.user(case.unit)))
    return case.public_id


def test_anybody_may_read_it() -> None:
    answer = Client().get("/api/v1/schema")
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/json")
    assert answer.json() == openapi.document()
    head = Client().head("/api/v1/schema")
    assert (head.content, head["Content-Length"]) == (b"", str(len(answer.content)))
    assert Client().get("/api/v1/schema", headers={"Accept": "application/yaml"}).status_code == 406
    assert Client().post("/api/v1/schema").status_code == 405


def test_every_call_that_there_is_is_described() -> None:
    routes = {str(route.pattern) for each in get_resolver().url_patterns for route in _routes(each)}
    ours = {f"/{route.replace('<str:', '{').replace('<int:', '{').replace('>', '}')}" for route in routes}
    assert {path for path in ours if path.startswith("/api/v1/")} - {"/api/v1/schema"} == set(
        openapi.document()["paths"]
    )


def _routes(resolver: Any) -> Iterator[Any]:
    for each in getattr(resolver, "url_patterns", [resolver]):
        yield from _routes(each) if hasattr(each, "url_patterns") else [each]


def test_every_example_follows_its_schema() -> None:
    seen = 0
    for item in openapi.document()["paths"].values():
        for call in (each for each in item.values() if isinstance(each, dict)):
            for content in [call.get("requestBody"), *call["responses"].values()]:
                told = (content or {}).get("content", {}).get("application/json", {})
                for example in told.get("examples", {}).values():
                    valid(told["schema"]["$ref"].rpartition("/")[2]).validate(example["value"])
                    seen += 1
    assert seen >= 5


@pytest.mark.django_db
def test_its_application_is_filed(portal: PortalClient) -> None:
    content = openapi.document()["paths"]["/api/v1/submissions"]["post"]["requestBody"]["content"]
    example = content["application/json"]["examples"]["wohngeld"]["value"]
    assert portal.submitted(example).state == "filed"


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("path", "name"),
    [("", "CaseStatus"), ("/messages", "Messages")],
)
def test_answers_are_as_described_and_say_nothing_else(
    portal: PortalClient, case_id: str, path: str, name: str
) -> None:
    answer = portal.get(f"/api/v1/cases/{case_id}{path}").json()
    valid(name).validate(answer)
    assert set(answer) <= set(openapi.document()["components"]["schemas"][name]["properties"])


@pytest.fixture
def tokens(portal: PortalClient) -> dict[str, str]:
    """The tokens of who may make a call, by its operationId; the rest is a portal's."""
    return defaultdict(lambda: portal.token, report_status=make.portal(kind=ApiClient.Kind.FACHVERFAHREN)[1])


@pytest.mark.django_db
@SCHEMA.parametrize()
@TRIES
def test_whatever_is_sent_the_answer_is_as_described(case: Any, tokens: dict[str, str]) -> None:
    fresh(case).call_and_validate(headers=authorization(case, tokens))


@pytest.mark.django_db
@SCHEMA.include(path_regex="case_id").parametrize()
@TRIES
def test_so_is_that_about_a_vorgang_that_there_is(case: Any, tokens: dict[str, str], case_id: str) -> None:
    case.path_parameters["case_id"] = case_id
    fresh(case).call_and_validate(headers=authorization(case, tokens))


def authorization(case: Any, tokens: dict[str, str]) -> dict[str, str]:
    """The header of who makes this call."""
    return {"Authorization": f"Bearer {tokens[case.operation.definition.raw['operationId']]}"}
