"""What every page knows."""

from functools import cached_property

from django.conf import settings
from django.http import HttpRequest

from cases.selectors import Scope
from config import handbook
from routing import selectors as routing


def authority(request: HttpRequest) -> dict[str, str]:
    """The authority's name, for the head of the page."""
    return {"authority_name": settings.AUTHORITY_NAME}


class Navigation:
    """What the head of the page offers to this person; nothing is asked of the database before it is shown."""

    def __init__(self, request: HttpRequest) -> None:
        self._request = request
        self._user = getattr(request, "user", None)

    @cached_property
    def open_entries(self) -> int | None:
        """What is open in the exception queue; None for who clears nothing there and is asked nothing."""
        if self._user is None or not self._user.is_authenticated:
            return None
        scope = Scope.of_request(self._request)
        return routing.open_count(self._user, led=scope.led, units=scope.units)

    @cached_property
    def may_record(self) -> bool:
        """True for who works in a team."""
        known = self._user is not None and self._user.is_authenticated
        return known and bool(Scope.of_request(self._request).units)

    @cached_property
    def may_see_deliveries(self) -> bool:
        """True for who works in a team or runs the house: what could not be sent is theirs."""
        if self._user is None or not self._user.is_authenticated:
            return False
        scope = Scope.of_request(self._request)
        return bool(scope.units) or scope.runs_the_house

    @cached_property
    def may_rule(self) -> bool:
        """True for who sees the rules: who leads a team, and the Fachadministration."""
        if self._user is None or not self._user.is_authenticated:
            return False
        scope = Scope.of_request(self._request)
        return bool(scope.led) or scope.configures


def help_address(request: HttpRequest) -> dict[str, str]:
    """Where the handbook tells of this page."""
    match = getattr(request, "resolver_match", None)
    return {"help_address": handbook.address_for(match.url_name if match else None)}


def navigation(request: HttpRequest) -> dict[str, Navigation]:
    """The navigation of the page."""
    return {"navigation": Navigation(request)}
