"""What the environment says about the log-in service. Read by the settings, so nothing of Django's models here."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib.util import find_spec
from ipaddress import ip_address
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured

ROLES = ("sachbearbeitung", "teamleitung", "fachadministration", "auskunft", "revision", "betrieb")
OF_A_TEAM = ROLES[:2]


@dataclass(frozen=True)
class Options:
    """The log-in service: ``groups`` maps a group to its (role, slug of the team, or empty)."""

    issuer: str
    client_id: str
    client_secret: str
    groups: dict[str, tuple[tuple[str, str], ...]]
    groups_claim: str = "groups"
    username_claim: str = "preferred_username"
    scopes: str = "openid profile email"
    label: str = "Mit dem Behördenkonto anmelden"
    only: bool = False


def from_environment(env: Callable[..., str], *, only: bool) -> Options | None:
    """The options, or None when there is no ``OIDC_ISSUER``. ImproperlyConfigured says what to set."""
    issuer = env("OIDC_ISSUER", default="").strip()
    if not issuer:
        if only:
            raise ImproperlyConfigured("OIDC_ONLY ist gesetzt, OIDC_ISSUER fehlt: bitte die Adresse setzen.")
        return None
    if not is_safe(issuer):
        raise ImproperlyConfigured("OIDC_ISSUER muss mit https:// beginnen (http nur auf diesem Rechner).")
    needed = {name: env(name, default="").strip() for name in ("OIDC_CLIENT_ID", "OIDC_CLIENT_SECRET", "OIDC_GROUPS")}
    for name, value in needed.items():
        if not value:
            raise ImproperlyConfigured(f"{name} fehlt: bitte setzen, weil OIDC_ISSUER gesetzt ist.")
    if find_spec("mozilla_django_oidc") is None:
        raise ImproperlyConfigured("Für OIDC_ISSUER fehlt eine Bibliothek: bitte uv sync --group oidc aufrufen.")
    return Options(
        issuer=issuer,
        client_id=needed["OIDC_CLIENT_ID"],
        client_secret=needed["OIDC_CLIENT_SECRET"],
        groups=read_groups(needed["OIDC_GROUPS"]),
        groups_claim=env("OIDC_GROUPS_CLAIM", default=Options.groups_claim),
        username_claim=env("OIDC_USERNAME_CLAIM", default=Options.username_claim),
        scopes=env("OIDC_SCOPES", default=Options.scopes),
        label=env("OIDC_LABEL", default=Options.label),
        only=only,
    )


def is_safe(address: str) -> bool:
    """True for https, and for http on this machine."""
    parts = urlsplit(address)
    return parts.scheme == "https" or (parts.scheme == "http" and _is_here(parts.hostname or ""))


def _is_here(host: str) -> bool:
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def read_groups(text: str) -> dict[str, tuple[tuple[str, str], ...]]:
    """``wohngeld-sb=wohngeld:sachbearbeitung,it=:betrieb`` → group → ((role, team), …).

    With a semicolon anywhere, semicolons separate (for groups with commas in their names). A group may stand
    several times. ImproperlyConfigured names the part that cannot be read.
    """
    found: dict[str, list[tuple[str, str]]] = {}
    for part in text.split(";" if ";" in text else ","):
        if not part.strip():
            continue
        group, _, target = part.strip().rpartition("=")
        team, colon, role = target.partition(":")
        if not group or not colon or role not in ROLES or bool(team) != (role in OF_A_TEAM):
            raise ImproperlyConfigured(
                f"OIDC_GROUPS: „{part.strip()}“ ist nicht zu lesen; bitte gruppe=team:rolle schreiben, oder "
                f"gruppe=:rolle für Rollen der ganzen Behörde. Rollen: {', '.join(ROLES)}."
            )
        found.setdefault(group, []).append((role, team))
    return {group: tuple(targets) for group, targets in found.items()}
