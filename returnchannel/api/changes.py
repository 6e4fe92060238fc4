"""``GET /api/v1/changes``: what has changed of all that a portal handed over, each change once and in order."""

from __future__ import annotations

import base64
import binascii

from django.http import HttpResponse
from rest_framework.request import Request

from intake.api.base import ApiView, json_answer, moment, without_body
from intake.api.problems import Problem
from intake.models import ApiClient
from returnchannel import selectors
from returnchannel.actions.feed import give_positions

DEFAULT, MOST = 200, 500
PREFIX = "v1:"


class Changes(ApiView):
    """The feed of a client: it loses and repeats nothing, however many write meanwhile."""

    kind = ApiClient.Kind.PORTAL

    def get(self, request: Request) -> HttpResponse:
        """The changes after a cursor; what is committed by now is among them or after them."""
        position, limit = position_of(request.GET.get("after", "")), limit_of(request.GET.get("limit"))
        give_positions()
        if position > selectors.last_position():
            raise Problem("cursor_unknown")
        page = selectors.changes_after(request.auth, position, limit=limit)
        body = {
            "changes": [
                {
                    "case_id": change.number.public_id,
                    "version": change.version,
                    "status": change.status,
                    "at": moment(change.at),
                    "kind": change.kind,
                }
                for change in page.changes
            ],
            "next": cursor_of(page.next),
            "more": page.more,
        }
        return without_body(request, json_answer(body, headers={"Cache-Control": "private, no-store"}))


def cursor_of(position: int) -> str:
    """The opaque name of a position."""
    return base64.urlsafe_b64encode(f"{PREFIX}{position}".encode()).decode().rstrip("=")


def position_of(cursor: str) -> int:
    """The position that a cursor names; 0 for none. One that this interface never gave is a problem."""
    if not cursor:
        return 0
    try:
        text = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True).decode("ascii")
    except (binascii.Error, ValueError) as error:
        raise Problem("cursor_unknown") from error
    number = text.removeprefix(PREFIX)
    if not (text.startswith(PREFIX) and number.isascii() and number.isdigit() and len(number) <= 18):
        raise Problem("cursor_unknown")
    if cursor_of(int(number)) != cursor:
        raise Problem("cursor_unknown")
    return int(number)


def limit_of(given: str | None) -> int:
    """How many are asked for."""
    if given is None:
        return DEFAULT
    if not (given.isascii() and given.isdigit() and len(given) < 6 and 1 <= int(given) <= MOST):
        raise Problem("limit_invalid")
    return int(given)
