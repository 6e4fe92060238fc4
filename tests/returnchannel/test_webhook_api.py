"""``/api/v1/webhooks/{name}``: made, changed, rotated, removed; and what is refused, at its place."""

from __future__ import annotations

import base64
import json
import socket
from ipaddress import ip_network
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client

from intake.models import ApiClient
from returnchannel import calling
from returnchannel.actions import webhooks
from returnchannel.models import Webhook
from tests import factories as make

pytestmark = pytest.mark.django_db
URL = "https://portal.example/laufmappe"
ALL = ["receipt", "status", "information_request", "decision", "notice"]


@pytest.fixture(autouse=True)
def _names(monkeypatch: pytest.MonkeyPatch) -> None:
    """``portal.example`` is public, ``intern.example`` is not; nothing is asked of the net."""
    known = {"portal.example": "93.184.216.34", "intern.example": "10.0.0.7"}
    real = socket.getaddrinfo

    def look_up(host: str, port: int, **more: Any) -> list[tuple]:
        return real(known.get(host, host), port, type=socket.SOCK_STREAM, flags=socket.AI_NUMERICHOST)

    monkeypatch.setattr(calling.socket, "getaddrinfo", look_up)


class Portal:
    """A portal that sets its webhooks."""

    def __init__(self, **values: Any) -> None:
        self.client, token = make.portal(**values)
        self.headers = {"Authorization": f"Bearer {token}"}

    def put(self, body: Any, name: str = "haupt", query: str = "", content_type: str = "application/json") -> Any:
        """``body``: a JSON value, or bytes as they are."""
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        path = f"/api/v1/webhooks/{name}{query}"
        given = {"content_type": content_type, "CONTENT_TYPE": content_type}  # the second: with an empty body too
        return Client().put(path, data, headers=self.headers, **given)

    def get(self, name: str = "haupt") -> Any:
        return Client().get(f"/api/v1/webhooks/{name}", headers=self.headers)

    def delete(self, name: str = "haupt") -> Any:
        return Client().delete(f"/api/v1/webhooks/{name}", headers=self.headers)


@pytest.fixture
def portal() -> Portal:
    return Portal()


def problem(answer: HttpResponse) -> tuple[int, str, list[tuple[str, str]]]:
    """Status, code and the places of a problem."""
    assert answer["Content-Type"] == "application/problem+json"
    body = answer.json()
    assert body["detail"] and all(error["detail"] for error in body["errors"])
    places = [(error["pointer"], error["code"]) for error in body["errors"]]
    return answer.status_code, body["type"].removeprefix("/problems/"), places


def test_a_new_one_is_201_with_a_secret_that_is_told_once(portal: Portal) -> None:
    answer = portal.put({"url": URL})
    assert answer.status_code == 201 and answer["Cache-Control"] == "no-store"
    body = answer.json()
    secret = body.pop("secret")
    assert secret.startswith("whsec_") and len(base64.b64decode(secret[6:], validate=True)) == 32
    assert body.pop("created_at")
    assert body == {"name": "haupt", "url": URL, "kinds": ALL, "active": True, "switched_off_at": None}
    again = portal.put({"url": URL, "kinds": ["status"]})
    assert (again.status_code, again.json()["kinds"]) == (200, ["status"])
    assert "secret" not in again.json() and "secret" not in portal.get().json()
    assert portal.get().json() == again.json()
    assert Webhook.objects.get().secret == secret


def test_rotating_tells_a_new_secret_and_keeps_the_old_one_for_a_while(portal: Portal) -> None:
    old = portal.put({"url": URL}).json()["secret"]
    answer = portal.put({"url": URL}, query="?rotate=1")
    assert answer.status_code == 200
    webhook = Webhook.objects.get()
    assert (webhook.secret, webhook.previous_secret) == (answer.json()["secret"], old)
    assert problem(portal.put({"url": URL}, query="?rotate=ja"))[:2] == (400, "rotate_invalid")


def test_a_removed_one_is_gone_and_begins_anew(portal: Portal) -> None:
    old = portal.put({"url": URL}).json()["secret"]
    answer = portal.delete()
    assert (answer.status_code, answer.content) == (204, b"")
    assert problem(portal.get())[:2] == problem(portal.delete())[:2] == (404, "not_found")
    assert Webhook.objects.get().secret == ""
    again = portal.put({"url": URL})
    assert again.status_code == 201 and again.json()["secret"] != old


def test_who_did_it_is_in_the_history(portal: Portal) -> None:
    portal.put({"url": URL})
    portal.delete()
    rows = Webhook.objects.get().history.order_by("history_id")
    assert [(row.history_action, row.history_user_id) for row in rows] == [
        ("keep_webhook", portal.client.name),
        ("switch_off_webhook", portal.client.name),
    ]


def test_others_names_are_unknown(portal: Portal) -> None:
    portal.put({"url": URL})
    other = Portal()
    for answer in (other.get(), other.delete(), portal.get("gibt-es-nicht"), portal.get("GROSS"), portal.get("%00")):
        assert problem(answer)[:2] == (404, "not_found")
    assert other.put({"url": URL}).status_code == 201, "the same name of another portal is another webhook"
    assert portal.get().status_code == 200


def test_head_has_the_headers_of_get(portal: Portal) -> None:
    portal.put({"url": URL})
    answer = Client().head("/api/v1/webhooks/haupt", headers=portal.headers)
    assert answer.status_code == 200 and answer.content == b""
    assert answer["Content-Length"] == str(len(portal.get().content))


@pytest.mark.parametrize(
    ("body", "places"),
    [
        ({}, [("/url", "missing")]),
        ({"url": None}, [("/url", "not_a_text")]),
        ({"url": 7}, [("/url", "not_a_text")]),
        ({"url": ""}, [("/url", "url_invalid")]),
        ({"url": "http://portal.example/"}, [("/url", "https_required")]),
        ({"url": "https://intern.example/"}, [("/url", "target_not_public")]),
        ({"url": "https://127.0.0.1/"}, [("/url", "target_not_public")]),
        ({"url": "https://[::1]/"}, [("/url", "target_not_public")]),
        ({"url": "https://169.254.169.254/latest/meta-data"}, [("/url", "target_not_public")]),
        ({"url": "https://2130706433/"}, [("/url", "url_invalid")]),
        ({"url": "https://gibt-es-nicht.example/"}, [("/url", "url_unknown")]),
        ({"url": "https://a:b@portal.example/"}, [("/url", "url_with_login")]),
        ({"url": URL, "kinds": []}, [("/kinds", "kinds_invalid")]),
        ({"url": URL, "kinds": None}, [("/kinds", "kinds_invalid")]),
        ({"url": URL, "kinds": "status"}, [("/kinds", "kinds_invalid")]),
        ({"url": URL, "kinds": ["status", "wetter", 5, ["x"]]}, [(f"/kinds/{n}", "kind_unknown") for n in (1, 2, 3)]),
        ({"kinds": ["x"]}, [("/url", "missing"), ("/kinds/0", "kind_unknown")]),
        ([], [("", "not_an_object")]),
        ("text", [("", "not_an_object")]),
        (b"", [("", "json_invalid")]),
        (b"{", [("", "json_invalid")]),
        (b'{"url": "\\u0000"}', [("/url", "text_invalid")]),
        (b'{"url": "\\ud800"}', [("/url", "text_invalid")]),
        (b'{"url": "a", "url": "b"}', [("/url", "member_twice")]),
        (b'{"url": "\xff"}', [("", "json_not_utf8")]),
    ],
)
def test_what_is_wrong_is_named_at_its_place(portal: Portal, body: Any, places: list[tuple[str, str]]) -> None:
    assert problem(portal.put(body)) == (400, "invalid_body", places)
    assert not Webhook.objects.exists()


def test_http_is_taken_where_the_operator_allows_the_network(portal: Portal, settings: Any) -> None:
    settings.WEBHOOK_ALLOWED_NETWORKS = [ip_network("10.0.0.0/24")]
    assert portal.put({"url": "http://intern.example/"}).status_code == 201


def test_members_that_nobody_knows_are_left_alone(portal: Portal) -> None:
    assert portal.put({"url": URL, "farbe": "blau"}).status_code == 201


@pytest.mark.parametrize("name", ["GROSS", "mit_strich", "-vorn", "hinten-", "ä", "x" * 51, "a.b", "%20"])
def test_a_name_is_a_short_word(portal: Portal, name: str) -> None:
    assert problem(portal.put({"url": URL}, name))[:2] == (400, "name_invalid")


def test_another_format_and_too_much_are_refused(portal: Portal) -> None:
    assert problem(portal.put(b"url=x", content_type="application/x-www-form-urlencoded"))[0] == 415
    assert problem(portal.put({"url": URL, "x": "y" * 70_000}))[:2] == (413, "too_large")


def test_who_is_nobody_no_portal_or_comes_by_another_method(portal: Portal) -> None:
    assert problem(Client().get("/api/v1/webhooks/haupt"))[0] == 401
    fachverfahren = Portal(kind=ApiClient.Kind.FACHVERFAHREN)
    assert problem(fachverfahren.put({"url": URL}))[:2] == (403, "wrong_client")
    assert problem(Client().post("/api/v1/webhooks/haupt", headers=portal.headers))[0] == 405


def test_a_portal_has_not_more_than_it_may(portal: Portal, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(webhooks, "MOST", 2)
    assert [portal.put({"url": URL}, name).status_code for name in ("a", "b")] == [201, 201]
    assert problem(portal.put({"url": URL}, "c"))[:2] == (409, "too_many_webhooks")
    assert portal.put({"url": URL}, "a").status_code == 200
    portal.delete("b")
    assert portal.put({"url": URL}, "c").status_code == 201
