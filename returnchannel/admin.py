"""Verwaltung: the webhooks of portals and what was sent to them, without secrets and without content."""

from __future__ import annotations

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest

from audit.acting import Actor
from audit.admin import ReadOnlyAdmin
from cases.admin import has_role, is_configurator, register_histories
from cases.models import Role
from returnchannel.actions import webhooks
from returnchannel.models import Webhook, WebhookDelivery


class DeliveryPages(ReadOnlyAdmin):
    """For IT-Betrieb, and who configures."""

    def may_look(self, request: HttpRequest) -> bool:
        """IT-Betrieb, and who configures."""
        return is_configurator(request) or has_role(request, Role.OPERATIONS)


@admin.register(Webhook)
class WebhookAdmin(DeliveryPages):
    """Where portals want to be told; set by them. Secrets are nowhere to be seen."""

    list_display = ("client", "name", "url", "is_active", "switched_off_reason", "switched_off_at", "paused_until")
    list_display_links = ("name",)
    list_filter = ("is_active", "switched_off_reason", "client")
    list_select_related = ("client",)
    search_fields = ("name", "url")
    exclude = Webhook.SECRETS


@admin.register(WebhookDelivery)
class WebhookDeliveryAdmin(DeliveryPages):
    """What was sent, what waits, and what was parked: to be sent again or given up."""

    list_display = (
        "number",
        "webhook",
        "state",
        "attempts",
        "next_attempt_at",
        "last_status",
        "last_error",
        "handled_by",
    )
    list_filter = ("state", "webhook")
    list_select_related = ("number", "webhook__client")
    search_fields = ("number__public_id", "event_id")
    ordering = ("-id",)
    show_full_result_count = False
    actions = ("resend", "give_up")

    @admin.action(description="Noch einmal senden")
    def resend(self, request: HttpRequest, queryset: QuerySet[WebhookDelivery]) -> None:
        """Send the chosen ones that were parked."""
        chosen = list(queryset)
        count = webhooks.resend(deliveries=chosen, by=Actor.of(request.user))
        self._tell(request, len(chosen), count, "gesendet: sie sind gleich an der Reihe")

    @admin.action(description="Nicht mehr senden")
    def give_up(self, request: HttpRequest, queryset: QuerySet[WebhookDelivery]) -> None:
        """Give up the chosen ones that were parked."""
        chosen = list(queryset)
        count = webhooks.give_up(deliveries=chosen, by=Actor.of(request.user))
        self._tell(request, len(chosen), count, "aufgegeben")

    def _tell(self, request: HttpRequest, chosen: int, count: int, what: str) -> None:
        self.message_user(request, f"{count} von {chosen} {what}.", messages.SUCCESS if count else messages.WARNING)
        if count < chosen:
            sentence = "Übrige bleiben, wie sie sind: Sie sind nicht zurückgestellt, oder ihr Webhook gilt nicht mehr."
            self.message_user(request, sentence, messages.WARNING)


register_histories("returnchannel")
