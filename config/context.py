"""What every page knows."""

from functools import cached_property

from django.conf import settings
from django.http import HttpRequest

from routing import selectors as routing


def authority(request: HttpRequest) -> dict[str, str]:
    """The authority's name, for the head of the page."""
    return {"authority_name": settings.AUTHORITY_NAME}


class Navigation:
    """What the head of the page offers to this person; nothing is asked of the database before it is shown."""

    def __init__(self, request: HttpRequest) -> None:
        self._user = getattr(request, "user", None)

    @cached_property
    def open_entries(self) -> int | None:
        """The number of open Klärfälle; None for who clears none."""
        if self._user is None or not self._user.is_authenticated:
            return None
        return routing.open_count(self._user)


def navigation(request: HttpRequest) -> dict[str, Navigation]:
    """The navigation of the page."""
    return {"navigation": Navigation(request)}
