"""Verwaltung: the Eingänge, to be looked at, without what is written in them."""

from __future__ import annotations

from django.contrib import admin
from django.http import HttpRequest

from audit.admin import ReadOnlyAdmin
from cases import policy
from cases.admin import is_configurator, register_histories
from cases.models import Role
from intake.models import Submission


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
        return is_configurator(request) or (
            request.user.is_active and request.user.is_staff and policy.has_role(request.user, Role.OPERATIONS)
        )


register_histories("intake")
