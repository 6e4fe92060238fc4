"""How somebody wants to be answered, as their application says (``reply_channel``). What is not said is not agreed to.

``{"portal": true}`` agrees to Nachforderungen and Mitteilungen in the portal; ``{"portal": {"decisions": true}}``, or
beside it ``"zustimmungZumDigitalenBescheid": true``, to Bescheide as well. ``{"eMail": {"address": …}}`` agrees to be
told by e-mail that something is there. What is meant for channels that this house does not have is a letter.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email

LONGEST_ADDRESS = 320


@dataclass(frozen=True)
class Consent:
    """What somebody has agreed to; ``address`` is empty where they have not agreed to e-mails."""

    portal: bool = False
    decisions: bool = False
    address: str = ""


def of(said: Any) -> Consent:
    """What a ``reply_channel`` agrees to; nothing, where it cannot be understood."""
    if said == "portal":
        return Consent(portal=True)
    if not isinstance(said, dict):
        return Consent()
    portal = said.get("portal")
    is_portal = portal is True or isinstance(portal, dict)
    to_decisions = said.get("zustimmungZumDigitalenBescheid") is True
    to_decisions |= isinstance(portal, dict) and portal.get("decisions") is True
    return Consent(portal=is_portal, decisions=is_portal and to_decisions, address=_address(said.get("eMail")))


def _address(said: Any) -> str:
    address = said.get("address") if isinstance(said, dict) else None
    if not isinstance(address, str) or len(address) > LONGEST_ADDRESS:
        return ""
    address = address.strip()
    try:
        validate_email(address)
    except ValidationError:
        return ""
    return address
