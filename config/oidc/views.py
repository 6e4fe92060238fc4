"""The two addresses of a log-in by the service: to it, and back."""

from __future__ import annotations

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import SuspiciousOperation
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.utils.decorators import method_decorator
from django.views.decorators.cache import never_cache
from mozilla_django_oidc.views import OIDCAuthenticationCallbackView, OIDCAuthenticationRequestView

from cases.actions import Refused
from config.oidc import provider
from config.oidc.backend import NOT_VALID


@method_decorator([login_not_required, never_cache], name="dispatch")
class Begin(OIDCAuthenticationRequestView):
    """Off to the service, with a state, a nonce and a PKCE challenge of this log-in."""

    get_settings = staticmethod(provider.library_setting)

    def __init__(self, **kwargs: object) -> None:
        super(OIDCAuthenticationRequestView, self).__init__(**kwargs)

    @property
    def OIDC_OP_AUTH_ENDPOINT(self) -> str:  # noqa: N802  # the library's name
        """Where the service asks for the log-in."""
        return provider.endpoint("authorization_endpoint")

    @property
    def OIDC_RP_CLIENT_ID(self) -> str:  # noqa: N802
        """Who we are to the service."""
        return settings.OIDC.client_id

    def get(self, request: HttpRequest) -> HttpResponse:
        """Go there, or say that it is away."""
        try:
            return super().get(request)
        except Refused as error:
            messages.error(request, str(error))
            return redirect("login")


@method_decorator([login_not_required, never_cache], name="dispatch")
class Answer(OIDCAuthenticationCallbackView):
    """Back from the service, with a code."""

    get_settings = staticmethod(provider.library_setting)

    def get(self, request: HttpRequest) -> HttpResponse:
        """Come in, or hear why not."""
        try:
            return super().get(request)
        except Refused as error:
            return self._refuse(str(error))
        except SuspiciousOperation:  # a state that is not of this browser
            return self._refuse(NOT_VALID)

    def login_failure(self) -> HttpResponseRedirect:
        """The service has not let the person in, or they have come back a second time."""
        return self._refuse("Die Anmeldung beim Anmeldedienst wurde nicht abgeschlossen. Bitte noch einmal versuchen.")

    def _refuse(self, why: str) -> HttpResponseRedirect:
        messages.error(self.request, why)
        return redirect("login")
