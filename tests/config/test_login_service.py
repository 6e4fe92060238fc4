"""Logging in by the authority's own service, against a real one of the tests: what comes in, and what does not."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator
from typing import Any

import environ
import pytest
import requests
from django.core.exceptions import ImproperlyConfigured
from django.test import Client
from joserfc.jwk import RSAKey

from audit.acting import SYSTEM
from cases import actions
from cases.models import Membership, Role, User
from config.oidc import options, provider
from tests import factories as make
from tests.config.issuer import CLIENT_ID, CLIENT_SECRET, Issuer
from tests.pages import text_of

pytestmark = pytest.mark.django_db

GROUPS = "wohngeld-sb=wohngeld:sachbearbeitung,wohngeld-tl=wohngeld:teamleitung,it=:betrieb"
PERSON = {
    "sub": "f3a1-77",
    "preferred_username": "wanda.sz",
    "given_name": "Wanda",
    "family_name": "Szymańska",
    "email": "wanda@example.org",
    "groups": ["wohngeld-sb", "alle-beschaeftigten"],
}


@pytest.fixture
def issuer(settings) -> Iterator[Issuer]:
    """A log-in service at which Wanda is logged in, and a Wohngeldstelle."""
    make.team("wohngeld")
    service = Issuer()
    service.person = dict(PERSON)
    settings.OIDC = options.Options(service.url, CLIENT_ID, CLIENT_SECRET, options.read_groups(GROUPS))
    settings.AUTHENTICATION_BACKENDS = [*settings.AUTHENTICATION_BACKENDS, "config.oidc.backend.LoginService"]
    settings.ROOT_URLCONF = "tests.config.oidc_urls"
    provider._documents.clear()
    yield service
    service.close()


def log_in(client: Client, wanted: str = "/konto/") -> Any:
    """What a browser does: to the service, which knows the person already, and back."""
    off = client.get("/anmelden/dienst/", {"next": wanted})
    assert off.status_code == 302 and "/authorize?" in off.url
    back = requests.get(off.url, allow_redirects=False, timeout=5).headers["Location"]
    return client.get(back.removeprefix("http://testserver"))


def refusal(client: Client) -> str:
    answer = log_in(client)
    assert answer.url == "/anmelden/"
    assert "_auth_user_id" not in client.session
    return text_of(client.get("/anmelden/"))


def roles(user: User) -> set[tuple[str, str, bool]]:
    found = Membership.objects.filter(user=user).select_related("unit")
    return {(each.role, each.unit.slug if each.unit else "", each.from_login) for each in found}


def test_a_new_person_comes_in_with_name_and_role(issuer: Issuer, client: Client) -> None:
    assert log_in(client).url == "/konto/"
    user = User.objects.get(oidc_subject="f3a1-77")
    assert (user.username, str(user), user.email) == ("wanda.sz", "Wanda Szymańska", "wanda@example.org")
    assert roles(user) == {("sachbearbeitung", "wohngeld", True)}
    assert not user.has_usable_password() and not user.is_staff and not user.is_superuser
    page = text_of(client.get("/konto/"))
    assert "vom Anmeldedienst" in page and "verwaltet der Anmeldedienst" in page
    assert client.get("/konto/passwort/").status_code == 403
    assert user.history.latest().history_user_id == "Anmeldedienst"
    assert Membership.history.latest().history_action == "login_service"


def test_the_same_person_is_known_by_the_subject(issuer: Issuer, client: Client) -> None:
    log_in(client)
    issuer.person |= {"preferred_username": "wanda.neu", "family_name": "Neumann", "email": ""}
    log_in(Client())
    user = User.objects.get(oidc_subject="f3a1-77")
    assert (user.username, user.last_name, user.email) == ("wanda.sz", "Neumann", "wanda@example.org")


def test_roles_are_exactly_what_the_service_says_and_those_by_hand_stay(issuer: Issuer, client: Client) -> None:
    log_in(client)
    user = User.objects.get(oidc_subject="f3a1-77")
    actions.set_membership(user=user, role=Role.CASEWORKER, unit=make.team("rechtsamt"), by=SYSTEM)
    issuer.person["groups"] = ["wohngeld-tl", "it"]
    log_in(Client())
    by_hand = ("sachbearbeitung", "rechtsamt", False)
    assert roles(user) == {by_hand, ("teamleitung", "wohngeld", True), ("betrieb", "", True)}
    assert User.objects.get(pk=user.pk).is_staff
    issuer.person["groups"] = []
    log_in(Client())
    assert roles(user) == {by_hand}
    assert not User.objects.get(pk=user.pk).is_staff
    gone = Membership.history.filter(history_type="-", user_id=user.pk)
    assert {row.history_action for row in gone} == {"login_service"} and gone.count() == 3


def test_a_role_given_by_hand_as_well_no_longer_ends_with_the_group(issuer: Issuer, client: Client) -> None:
    log_in(client)
    user = User.objects.get(oidc_subject="f3a1-77")
    actions.set_membership(user=user, role=Role.CASEWORKER, unit=make.team("wohngeld"), by=SYSTEM)
    issuer.person["groups"] = []
    log_in(Client())
    assert roles(user) == {("sachbearbeitung", "wohngeld", False)}


def test_who_has_no_role_here_gets_no_account(issuer: Issuer, client: Client) -> None:
    issuer.person["groups"] = ["alle-beschaeftigten"]
    assert "noch keine Rolle eingerichtet" in refusal(client)
    assert not User.objects.exists()


def test_a_local_account_is_not_taken_over_by_its_name(issuer: Issuer, client: Client) -> None:
    local = make.user(username="Wanda.SZ")
    assert "schon an ein Konto vergeben" in refusal(client)
    with make.actions.organisation.acting(SYSTEM, "admin_change"):
        local.oidc_subject = "f3a1-77"
        local.save()
    assert log_in(client).url == "/konto/"
    assert int(client.session["_auth_user_id"]) == local.pk


def test_who_has_left_does_not_come_in_and_their_session_ends(issuer: Issuer, client: Client) -> None:
    log_in(client)
    with make.actions.organisation.acting(SYSTEM, "admin_change"):
        user = User.objects.get(oidc_subject="f3a1-77")
        user.is_active = False
        user.save()
    assert client.get("/konto/").status_code == 302
    assert "stillgelegt" in refusal(Client())


SPOILT: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = {
    "another log-in's nonce": lambda claims: claims | {"nonce": "von-gestern"},
    "no nonce": lambda claims: {name: value for name, value in claims.items() if name != "nonce"},
    "meant for another client": lambda claims: claims | {"aud": "fahrradverleih"},
    "given to another client": lambda claims: claims | {"aud": [CLIENT_ID, "x"], "azp": "x"},
    "of another issuer": lambda claims: claims | {"iss": "https://boese.example"},
    "expired": lambda claims: claims | {"iat": int(time.time()) - 900, "exp": int(time.time()) - 600},
    "never ending": lambda claims: {name: value for name, value in claims.items() if name != "exp"},
    "of the future": lambda claims: claims | {"iat": int(time.time()) + 900, "nbf": int(time.time()) + 900},
    "of somebody else than userinfo": lambda claims: claims | {"sub": "jemand-anderes"},
}


@pytest.mark.parametrize("how", SPOILT)
def test_a_token_is_not_believed_that_is(how: str, issuer: Issuer, client: Client) -> None:
    issuer.spoil = SPOILT[how]
    assert "nicht gültig" in refusal(client)
    assert not User.objects.exists()


def test_a_token_signed_by_another_key_is_not_believed(issuer: Issuer, client: Client) -> None:
    issuer.signed_by = RSAKey.generate_key(2048, {"kid": "1", "alg": "RS256"})
    assert "nicht gültig" in refusal(client)


def test_an_answer_for_another_browser_or_twice_is_not_believed(issuer: Issuer, client: Client) -> None:
    off = client.get("/anmelden/dienst/")
    back = requests.get(off.url, allow_redirects=False, timeout=5).headers["Location"].removeprefix("http://testserver")
    assert Client().get(back).url == "/anmelden/"
    assert client.get(back).url == "/"
    other = Client()
    other.get("/anmelden/dienst/")
    assert other.get(back).url == "/anmelden/"
    assert "nicht gültig" in text_of(other.get("/anmelden/"))


def test_refusals_lock_nobody_out_and_log_no_person(issuer: Issuer, client: Client, caplog) -> None:
    issuer.spoil = SPOILT["expired"]
    with caplog.at_level(logging.INFO):
        for _ in range(7):
            refusal(client)
        issuer.spoil = lambda claims: claims
        assert log_in(client).url == "/konto/"
    ours = [record.getMessage() for record in caplog.records if record.name.startswith("laufmappe")]
    assert any("ExpiredSignatureError" in line for line in ours)
    assert any("alle-beschaeftigten" in line for line in ours)
    assert not any(value in line for line in ours for value in ("Wanda", "wanda", "f3a1-77"))


def test_it_goes_on_only_within_this_house(issuer: Issuer, client: Client) -> None:
    assert log_in(client, "https://boese.example/").url == "/"


def test_a_service_that_knows_basic_only(issuer: Issuer, client: Client) -> None:
    issuer.methods = ["client_secret_basic"]
    assert log_in(client).url == "/konto/"


def test_a_service_that_is_away_or_another_one(issuer: Issuer, client: Client, settings) -> None:
    settings.OIDC = options.Options(issuer.url + "/", CLIENT_ID, CLIENT_SECRET, {})
    assert client.get("/anmelden/dienst/").url == "/anmelden/"
    assert "nicht der eingestellte" in text_of(client.get("/anmelden/"))
    settings.OIDC = options.Options("http://127.0.0.1:1/", CLIENT_ID, CLIENT_SECRET, {})
    assert client.get("/anmelden/dienst/").url == "/anmelden/"
    assert "nicht zu erreichen" in text_of(client.get("/anmelden/"))


def test_the_log_in_page_offers_both_ways_or_the_service_alone(issuer: Issuer, client: Client, settings) -> None:
    page = text_of(client.get("/anmelden/"))
    assert "Mit dem Behördenkonto anmelden" in page and 'name="password"' in page
    person = make.user()
    assert client.post("/anmelden/", {"username": person.username, "password": make.PASSWORD}).url == "/"
    client.logout()
    given = {name: getattr(settings.OIDC, name) for name in ("issuer", "client_id", "client_secret", "groups")}
    settings.OIDC = options.Options(**given, only=True)
    page = text_of(client.get("/anmelden/"))
    assert "Mit dem Behördenkonto anmelden" in page and 'name="password"' not in page


def read(only: bool = False, **values: str) -> options.Options | None:
    env = environ.Env()
    env.ENVIRON = values
    return options.from_environment(env, only=only)


GIVEN = {"OIDC_ISSUER": "https://sso.example", "OIDC_CLIENT_ID": "l", "OIDC_CLIENT_SECRET": "s", "OIDC_GROUPS": GROUPS}


def test_the_environment_says_who_the_service_is() -> None:
    assert read() is None
    found = read(**GIVEN)
    assert found.groups["it"] == (("betrieb", ""),)
    by_semicolon = options.read_groups("cn=a,ou=b=wohngeld:teamleitung; cn=a,ou=b=:revision")
    assert by_semicolon == {"cn=a,ou=b": (("teamleitung", "wohngeld"), ("revision", ""))}


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"OIDC_ISSUER": "http://sso.example"}, "https"),
        ({"OIDC_CLIENT_SECRET": ""}, "OIDC_CLIENT_SECRET fehlt"),
        ({"OIDC_GROUPS": ""}, "OIDC_GROUPS fehlt"),
        ({"OIDC_GROUPS": "sb=wohngeld:chef"}, "gruppe=team:rolle"),
        ({"OIDC_GROUPS": "sb=wohngeld:betrieb"}, "gruppe=team:rolle"),
        ({"OIDC_GROUPS": "sb=:teamleitung"}, "gruppe=team:rolle"),
        ({"OIDC_GROUPS": "wohngeld:teamleitung"}, "gruppe=team:rolle"),
    ],
)
def test_a_wrong_environment_refuses_to_start(change: dict[str, str], says: str) -> None:
    with pytest.raises(ImproperlyConfigured, match=says):
        read(**(GIVEN | change))


def test_only_the_service_needs_one() -> None:
    with pytest.raises(ImproperlyConfigured, match="OIDC_ISSUER fehlt"):
        read(only=True)
