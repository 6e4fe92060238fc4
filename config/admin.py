"""Verwaltung of the task queue, to be looked at only: a schedule made by hand could run anything."""

from __future__ import annotations

from django.contrib import admin
from django.http import HttpRequest
from django_q import admin as _registered  # noqa: F401  # registers its own pages, which are taken back here
from django_q.models import Failure, OrmQ, Schedule, Success

from audit.admin import ReadOnlyAdmin
from cases.admin import has_role, is_configurator
from cases.models import Role


class TaskAdmin(ReadOnlyAdmin):
    """Tasks and schedules, for IT-Betrieb and who configures."""

    def may_look(self, request: HttpRequest) -> bool:
        """IT-Betrieb, and who configures."""
        return is_configurator(request) or has_role(request, Role.OPERATIONS)


class FinishedTaskAdmin(TaskAdmin):
    """Tasks that have ended, and how."""

    list_display = ("name", "func", "started", "stopped")
    list_filter = ("func",)


class ScheduleAdmin(TaskAdmin):
    """What runs at set times."""

    list_display = ("name", "func", "schedule_type", "next_run")


class QueueAdmin(TaskAdmin):
    """What waits for a worker."""

    list_display = ("id", "key", "lock")
    fields = ("key", "lock")


admin.site.unregister([Failure, OrmQ, Schedule, Success])
admin.site.register([Failure, Success], FinishedTaskAdmin)
admin.site.register(Schedule, ScheduleAdmin)
admin.site.register(OrmQ, QueueAdmin)
