"""From the code that the browser brings back to the person: no token is believed before it is verified."""

from __future__ import annotations

import hmac
import logging
from typing import Any

import jwt
import requests
from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.exceptions import SuspiciousOperation
from django.http import HttpRequest
from mozilla_django_oidc.auth import OIDCAuthenticationBackend

from cases.actions import LoginClaims, Refused, enter_by_login_service
from cases.models import OrgUnit, Role, User
from config.oidc import provider

log = logging.getLogger("laufmappe.login")

ALGORITHM = "RS256"
LEEWAY = 30  # seconds that two clocks may differ
NEEDED = ["exp", "iat", "iss", "aud", "sub", "nonce"]
NOT_VALID = "Die Antwort des Anmeldedienstes ist nicht gültig. Bitte melden Sie sich noch einmal an."


class LoginService(OIDCAuthenticationBackend):
    """The library's flow; signature, issuer, audience, times and nonce are checked here, and users made by an action.

    Raises Refused: a failed log-in by the service says nothing about passwords, so nobody's address is locked for it.
    """

    def __init__(self) -> None:
        self.UserModel = get_user_model()
        self.OIDC_RP_SIGN_ALGO = ALGORITHM

    get_settings = staticmethod(provider.library_setting)

    @property
    def OIDC_RP_CLIENT_ID(self) -> str:  # noqa: N802  # the library's name
        """Who we are to the service."""
        return settings.OIDC.client_id

    @property
    def OIDC_RP_CLIENT_SECRET(self) -> str:  # noqa: N802
        """What proves it."""
        return settings.OIDC.client_secret

    @property
    def OIDC_OP_TOKEN_ENDPOINT(self) -> str:  # noqa: N802
        """Where a code becomes tokens."""
        return provider.endpoint("token_endpoint")

    @property
    def OIDC_OP_JWKS_ENDPOINT(self) -> str:  # noqa: N802
        """Where its keys are."""
        return provider.endpoint("jwks_uri")

    @property
    def OIDC_OP_USER_ENDPOINT(self) -> str:  # noqa: N802
        """Where it tells more of a person; empty when it has none."""
        return provider.endpoint("userinfo_endpoint")

    def authenticate(self, request: HttpRequest | None, **kwargs: Any) -> User | None:
        """The person, None when this is another way of logging in, or Refused."""
        if not kwargs.get("nonce"):
            return None
        try:
            return super().authenticate(request, **kwargs)
        except requests.RequestException as error:
            log.warning("the log-in service did not answer as it should: %s", type(error).__name__)
            raise Refused(provider.UNREACHABLE) from error
        except (jwt.PyJWTError, SuspiciousOperation, KeyError, ValueError, TypeError) as error:
            log.warning("a token of the log-in service is not valid: %s", type(error).__name__)
            raise Refused(NOT_VALID) from error

    def verify_token(self, token: str, **kwargs: Any) -> dict[str, Any]:
        """The claims of an id token that is signed by the issuer, meant for us, in time, and of this very log-in."""
        key = self.retrieve_matching_jwk(token)
        claims = jwt.decode(
            token,
            key,
            algorithms=[ALGORITHM],
            audience=settings.OIDC.client_id,
            issuer=settings.OIDC.issuer,
            leeway=LEEWAY,
            options={"require": NEEDED},
        )
        if not hmac.compare_digest(str(claims["nonce"]), str(kwargs["nonce"])):
            raise SuspiciousOperation("the nonce is that of another log-in")
        if claims.get("azp", settings.OIDC.client_id) != settings.OIDC.client_id:
            raise SuspiciousOperation("the token was given to another client")
        return claims

    def get_or_create_user(self, access_token: str, id_token: str, payload: dict[str, Any]) -> User:
        """The person of the verified claims, with what the service tells beside them."""
        told = self.get_userinfo(access_token, id_token, payload) if self.OIDC_OP_USER_ENDPOINT else {}
        if told and told.get("sub") != payload["sub"]:
            raise jwt.InvalidTokenError("the service tells of somebody else")  # the library swallows its own kind
        return enter_by_login_service(claims=claims_of(payload | told))

    def get_user(self, user_id: int) -> User | None:
        """The person of a session, unless they have left."""
        user = super().get_user(user_id)
        return user if user is not None and self.user_can_authenticate(user) else None


def claims_of(said: dict[str, Any]) -> LoginClaims:
    """The claims as this house understands them."""
    return LoginClaims(
        subject=str(said["sub"])[:255],
        username=str(said.get(settings.OIDC.username_claim) or "")[:150],
        first_name=str(said.get("given_name") or "")[:150],
        last_name=str(said.get("family_name") or "")[:150],
        email=str(said.get("email") or "")[:254],
        grants=grants_of(said.get(settings.OIDC.groups_claim)),
    )


def grants_of(groups: Any) -> frozenset[tuple[Role, str]]:
    """The roles of these groups (a list, or one alone); a group that ``OIDC_GROUPS`` does not name gives none."""
    named = [groups] if isinstance(groups, str) else [str(each) for each in groups or []]
    unknown = sorted(set(named) - set(settings.OIDC.groups))
    if unknown:
        log.info("groups of the log-in service that OIDC_GROUPS does not name: %s", ", ".join(unknown[:20]))
    grants = frozenset((Role(role), team) for group in named for role, team in settings.OIDC.groups.get(group, ()))
    teams = {team for _, team in grants if team}
    missing = teams - set(OrgUnit.objects.filter(slug__in=teams).values_list("slug", flat=True))
    if missing:
        log.warning("OIDC_GROUPS names teams that do not exist: %s", ", ".join(sorted(missing)))
    return grants
