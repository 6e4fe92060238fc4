"""The list that one came from travels along, signed: back, previous and next stay in it."""

from __future__ import annotations

from urllib.parse import urlencode

from django.core import signing
from django.http import HttpRequest, QueryDict
from django.urls import reverse

from cases.worklist.forms import WorklistForm

SALT = "cases.worklist.trail"
MAX_AGE = 7 * 24 * 3600
LONGEST = 6000
PLACES = ("ansicht", "nach", "vor")
"""What says where in the list one is; the filters come from the form."""


def of_request(request: HttpRequest, form: WorklistForm) -> str:
    """The filters and the place in the list, as a query string."""
    place = {name: request.GET[name][:200] for name in PLACES if request.GET.get(name)}
    return "&".join(part for part in (form.query(), urlencode(place)) if part)


def sign(query: str) -> str:
    """The query string as it stands in the address of a Vorgang."""
    return signing.dumps(query, salt=SALT, compress=True)


def read(token: str) -> str | None:
    """The query string of a token; None for what was not signed here, or long ago."""
    if not token or len(token) > LONGEST:
        return None
    try:
        return signing.loads(token, salt=SALT, max_age=MAX_AGE)
    except signing.BadSignature:
        return None


def address(query: str | None) -> str:
    """The address of the list."""
    return f"{reverse('worklist')}?{query}" if query else reverse("worklist")


def filters(query: str) -> QueryDict:
    """The filters in it, without the place."""
    found = QueryDict(query, mutable=True)
    for name in PLACES:
        found.pop(name, None)
    return found
