"""What the log-in service says of itself (OpenID Connect Discovery), asked once an hour and process."""

from __future__ import annotations

import time
from typing import Any

import requests
from django.conf import settings

from cases.actions import Refused
from config.oidc.options import is_safe

TIMEOUT = 10
KEPT = 3600
UNREACHABLE = "Der Anmeldedienst ist zurzeit nicht zu erreichen. Bitte versuchen Sie es in einigen Minuten noch einmal."
_documents: dict[str, tuple[float, dict[str, Any]]] = {}


def document() -> dict[str, Any]:
    """The discovery document. Raises Refused when it cannot be had, or is not that of our issuer."""
    issuer = settings.OIDC.issuer
    at, known = _documents.get(issuer, (0.0, {}))
    if known and time.monotonic() - at < KEPT:
        return known
    try:
        address = f"{issuer.rstrip('/')}/.well-known/openid-configuration"
        answer = requests.get(address, timeout=TIMEOUT, allow_redirects=False)
        answer.raise_for_status()
        found = answer.json()
    except (requests.RequestException, ValueError) as error:
        raise Refused(UNREACHABLE) from error
    if not isinstance(found, dict) or found.get("issuer") != issuer:
        raise Refused("Der Anmeldedienst ist nicht der eingestellte. Bitte wenden Sie sich an die IT.")
    _documents[issuer] = (time.monotonic(), found)
    return found


def endpoint(name: str) -> str:
    """An address of the service, e.g. ``token_endpoint``; empty when it has none."""
    address = str(document().get(name, ""))
    if address and not is_safe(address):
        raise Refused("Der Anmeldedienst nennt eine ungesicherte Adresse. Bitte wenden Sie sich an die IT.")
    return address


def library_setting(name: str, *default: Any) -> Any:
    """What mozilla-django-oidc asks for by the names of its settings."""
    known = {
        "OIDC_RP_SCOPES": settings.OIDC.scopes,
        "OIDC_AUTHENTICATION_CALLBACK_URL": "login-service-answer",
        "OIDC_USE_PKCE": True,
        "OIDC_TIMEOUT": TIMEOUT,
        "LOGIN_REDIRECT_URL": settings.LOGIN_REDIRECT_URL,
        "LOGIN_REDIRECT_URL_FAILURE": settings.LOGIN_URL,
    }
    if name == "OIDC_TOKEN_USE_BASIC_AUTH":  # what a service understands that names nothing
        return "client_secret_post" not in document().get("token_endpoint_auth_methods_supported", [])
    return known[name] if name in known else default[0]
