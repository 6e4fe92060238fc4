"""Verwaltung: the Eingänge, to be looked at, without what is written in them."""

from __future__ import annotations

from django.contrib import admin
from django.http import HttpRequest

from audit.admin import ReadOnlyAdmin
from cases.admin import has_role, is_configurator, register_histories
from cases.models import Role
from intake.models import ApiClient, Submission


@admin.register(Submission)
class SubmissionAdmin(ReadOnlyAdmin):
    """Eingänge for operations: on which channel, when, what became of them; no content."""

    list_display = ("number", "channel", "state", "received_at", "stored_at", "attempts", "next_attempt_at")
    list_filter = ("state", "channel", "received_at")
    list_select_related = ("number",)
    search_fields = ("number__public_id", "external_id")
    exclude = ("facts", "corrections", "findings", "receipt_findings", "case")
    ordering = ("-id",)

    def may_look(self, request: HttpRequest) -> bool:
        """IT-Betrieb, and who configures."""
        return is_configurator(request) or has_role(request, Role.OPERATIONS)


@admin.register(ApiClient)
class ApiClientAdmin(ReadOnlyAdmin):
    """Who may use the REST interface; set by ``manage.py api_client``. Tokens are nowhere to be seen."""

    list_display = ("name", "kind", "services", "is_active", "created_at")
    list_filter = ("kind", "is_active")
    search_fields = ("name",)

    def may_look(self, request: HttpRequest) -> bool:
        """IT-Betrieb, and who configures."""
        return is_configurator(request) or has_role(request, Role.OPERATIONS)


register_histories("intake")
