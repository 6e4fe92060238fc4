"""What the Verwaltung of every room is built from: nothing is written there without saying who does it.

The ground floor knows no roles; the rooms above say who may look or change.
"""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest

from audit.acting import Actor, acting

admin.site.site_header = "Laufmappe – Verwaltung"
admin.site.site_title = "Laufmappe – Verwaltung"
admin.site.index_title = "Übersicht"
admin.site.enable_nav_sidebar = False
admin.site.site_url = None  # the template links the worklist by its name


class ReadOnlyAdmin(admin.ModelAdmin):
    """To be looked at only. Who may look, a subclass says by ``may_look``."""

    actions = None

    def may_look(self, request: HttpRequest) -> bool:
        """True when the person may see these rows."""
        return False

    def has_module_permission(self, request: HttpRequest) -> bool:
        """Shown in the overview to who may look."""
        return self.may_look(request)

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """To who may look."""
        return self.may_look(request)

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Never."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Never."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Never."""
        return False


class ActingAdmin(admin.ModelAdmin):
    """Configuration by hand: every write is in the history as ``admin_change`` of the person. Nothing in bulk."""

    actions = None

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Save in the person's name."""
        with acting(Actor.of(request.user), "admin_change"):
            super().save_model(request, obj, form, change)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """Save in the person's name."""
        with acting(Actor.of(request.user), "admin_change"):
            super().save_related(request, form, formsets, change)

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        """Delete in the person's name."""
        with acting(Actor.of(request.user), "admin_change"):
            super().delete_model(request, obj)
