"""``api_client``: a token is told once, and from its revocation on it is worth nothing."""

from __future__ import annotations

import hashlib

import pytest
from django.core.management import CommandError, call_command

from intake.models import ApiClient
from tests import factories as make

pytestmark = pytest.mark.django_db


def lines(capsys, *arguments: str) -> list[str]:
    call_command("api_client", *arguments)
    return capsys.readouterr().out.splitlines()


def test_the_last_line_is_the_token_and_only_its_hash_is_kept(capsys) -> None:
    make.service("wohngeld")
    token = lines(capsys, "create", "Stadtportal", "--kind", "portal", "--service", "wohngeld")[-1]
    assert len(token) >= 40 and " " not in token
    client = ApiClient.objects.get()
    assert (client.name, client.kind, client.services, client.is_active) == (
        "Stadtportal",
        "portal",
        ["wohngeld"],
        True,
    )
    assert client.token_hash == hashlib.sha256(token.encode()).hexdigest()
    assert not hasattr(client.history.get(), "token_hash")
    assert client.history.get().history_action == "make_client"


def test_a_name_is_given_once(capsys) -> None:
    lines(capsys, "create", "a", "--kind", "portal")
    with pytest.raises(CommandError, match="gibt es schon"):
        call_command("api_client", "create", "a", "--kind", "fachverfahren")


def test_wrong_use_is_told(capsys) -> None:
    for arguments in (["create", "a", "--kind", "portal", "--service", "x"], ["create", " ", "--kind", "portal"]):
        with pytest.raises(CommandError) as error:
            call_command("api_client", *arguments)
        assert error.value.returncode == 2
    with pytest.raises(CommandError):
        call_command("api_client", "create", "a", "--kind", "amt")
    with pytest.raises(CommandError, match="gibt es nicht"):
        call_command("api_client", "revoke", "a")
    assert not ApiClient.objects.exists()


def test_clients_are_listed_and_revoked(capsys) -> None:
    assert "Noch kein Zugang" in lines(capsys, "list")[0]
    lines(capsys, "create", "a", "--kind", "portal")
    assert "widerrufen" in lines(capsys, "revoke", "a")[0]
    (row,) = lines(capsys, "list")
    assert "a " in row and "widerrufen" in row and "alle Leistungen" in row
    assert [h.history_action for h in ApiClient.objects.get().history.order_by("history_id")] == [
        "make_client",
        "revoke_client",
    ]
