"""Verwaltung: people, teams and roles are set here; Leistungen, Vorgänge and the trail are only to be looked at."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django import forms
from django.apps import apps
from django.contrib import admin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.forms import AdminUserCreationForm, UserChangeForm
from django.contrib.auth.models import Group
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse

from audit.acting import Actor, acting
from audit.actions import log_access
from audit.admin import ActingAdmin, ReadOnlyAdmin
from audit.models import AccessLog
from cases import actions, authority, selectors
from cases.models import Case, LocalHoliday, Membership, OrgUnit, Role, Service, ServiceVersion, User
from cases.timeline import TEXTS

admin.site.unregister(Group)  # rights come from memberships


def has_role(request: HttpRequest, *roles: Role) -> bool:
    """True for active staff with one of the roles anywhere; the roles are asked for once per request."""
    user = request.user
    if not (user.is_active and user.is_staff):
        return False
    if not hasattr(request, "roles_in_admin"):
        request.roles_in_admin = set(Membership.objects.filter(user=user).values_list("role", flat=True))
    return not request.roles_in_admin.isdisjoint(roles)


def is_configurator(request: HttpRequest) -> bool:
    """True for the Fachadministration and for superusers: they configure, and see no content of Vorgänge by that."""
    return _is_superuser(request) or has_role(request, Role.ADMIN)


def is_auditor(request: HttpRequest) -> bool:
    """True for who may read the trail: Revision, and who configures."""
    return _is_superuser(request) or has_role(request, Role.ADMIN, Role.AUDITOR)


def _is_superuser(request: HttpRequest) -> bool:
    return request.user.is_active and request.user.is_staff and request.user.is_superuser


class ConfiguratorAdmin(ActingAdmin):
    """What the Fachadministration sets."""

    def has_module_permission(self, request: HttpRequest) -> bool:
        """For who configures."""
        return is_configurator(request)

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """For who configures."""
        return is_configurator(request)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """For who configures."""
        return is_configurator(request)

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """For who configures."""
        return is_configurator(request)

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Never, unless a subclass says so: what was used once stays."""
        return False


class NewUserForm(AdminUserCreationForm):
    """A new person, with or without a password of their own."""

    class Meta(AdminUserCreationForm.Meta):
        model = User


class UserForm(UserChangeForm):
    """A person."""

    class Meta(UserChangeForm.Meta):
        model = User


@admin.register(User)
class UserAdmin(ConfiguratorAdmin, DjangoUserAdmin):
    """People. Who has left is made inactive, never deleted: the trail names them."""

    form = UserForm
    add_form = NewUserForm
    list_display = ("username", "first_name", "last_name", "email", "is_active", "is_staff")
    list_filter = ("is_active", "is_staff", "memberships__role", "memberships__unit")
    filter_horizontal = ()
    fieldsets = (
        (None, {"fields": ("username", "password")}),
        ("Person", {"fields": ("first_name", "last_name", "email", "oidc_subject", "shortcuts", "theme")}),
        ("Zugang", {"fields": ("is_active", "is_staff", "is_superuser")}),
        ("Zeiten", {"fields": ("last_login", "date_joined")}),
    )

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> tuple[str, ...]:
        """Only superusers make superusers."""
        return ("last_login", "date_joined", *(() if request.user.is_superuser else ("is_superuser",)))

    def has_change_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        """A superuser is changed by superusers only."""
        allowed = super().has_change_permission(request, obj)
        return allowed and (obj is None or not obj.is_superuser or request.user.is_superuser)

    def user_change_password(self, request: HttpRequest, id: str, form_url: str = "") -> HttpResponse:
        """As Django's, in the person's name."""
        with acting(Actor.of(request.user), "admin_change"):
            return super().user_change_password(request, id, form_url)


@admin.register(OrgUnit)
class OrgUnitAdmin(ConfiguratorAdmin):
    """Teams."""

    list_display = ("name", "slug", "parent", "is_clearing")
    list_select_related = ("parent",)
    search_fields = ("name", "slug")
    prepopulated_fields = {"slug": ("name",)}


@admin.register(Membership)
class MembershipAdmin(ConfiguratorAdmin):
    """Roles. They are given and taken; a changed one would be another one."""

    list_display = ("user", "role", "unit")
    list_filter = ("role", "unit")
    list_select_related = ("user", "unit")

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Never."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """For who configures."""
        return is_configurator(request)

    def save_model(self, request: HttpRequest, obj: Membership, form: Any, change: bool) -> None:
        """Give the role by the action, which also opens the Verwaltung to a Teamleitung."""
        given = actions.set_membership(user=obj.user, role=Role(obj.role), unit=obj.unit, by=Actor.of(request.user))
        obj.pk = given.pk


@admin.register(Service)
class ServiceAdmin(ReadOnlyAdmin):
    """Leistungen, as their Leistungspakete say."""

    list_display = ("name", "slug", "leika_key", "unit", "is_open")
    list_select_related = ("unit",)
    search_fields = ("name", "slug", "leika_key")

    def may_look(self, request: HttpRequest) -> bool:
        """Who configures."""
        return is_configurator(request)


@admin.register(ServiceVersion)
class ServiceVersionAdmin(ReadOnlyAdmin):
    """The versions of the Leistungen, as loaded."""

    list_display = ("service", "number", "loaded_at", "digest")
    list_filter = ("service",)
    list_select_related = ("service",)

    def may_look(self, request: HttpRequest) -> bool:
        """Who configures."""
        return is_configurator(request)


@admin.register(Case)
class CaseAdmin(ReadOnlyAdmin):
    """Vorgänge, for support: the same ones that the person sees in the worklist, and nothing can be changed."""

    list_display = ("__str__", "public_id", "service", "unit", "status", "received_at")
    list_filter = ("status", "service", "unit", "is_urgent")
    list_select_related = ("service", "unit")
    search_fields = ("public_id", "file_reference")
    exclude = ("file_reference_key",)

    def may_look(self, request: HttpRequest) -> bool:
        """Who works in a team; which Vorgänge, ``get_queryset`` says."""
        return has_role(request, Role.CASEWORKER, Role.LEAD)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Show it; seeing it is logged."""
        case = self.get_object(request, object_id)
        if case is not None:
            log_access(by=Actor.of(request.user), what="case_seen", subject=case.public_id)
        return super().change_view(request, object_id, form_url, extra_context)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Case]:
        """Visible ones only."""
        return selectors.visible_cases(request.user).order_by("-received_at")


class LocalHolidayForm(forms.ModelForm):
    """A holiday that the calendar does not know yet."""

    class Meta:
        model = LocalHoliday
        fields = ("on", "name")

    def clean_on(self) -> date:
        """A day that is none already."""
        on = self.cleaned_data["on"]
        if known := authority.calendar().holiday(on):
            raise forms.ValidationError(f"An diesem Tag ist schon ein Feiertag ({known}).")
        return on


@admin.register(LocalHoliday)
class LocalHolidayAdmin(ConfiguratorAdmin):
    """Holidays at the authority's seat. Entering one moves the computed Fristen that end on it."""

    form = LocalHolidayForm
    list_display = ("on", "name", "entered_at")

    def has_add_permission(self, request: HttpRequest) -> bool:
        """For the Fachadministration."""
        return has_role(request, Role.ADMIN)

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Never: Fristen have been computed with it."""
        return False

    def save_model(self, request: HttpRequest, obj: LocalHoliday, form: Any, change: bool) -> None:
        """Enter it by the action."""
        obj.pk = actions.add_local_holiday(on=obj.on, name=obj.name, by=Actor.of(request.user)).pk


@admin.register(AccessLog)
class AccessLogAdmin(ReadOnlyAdmin):
    """Who looked at what."""

    list_display = ("at", "actor", "what", "subject")
    list_filter = ("what", "at")
    search_fields = ("actor", "subject")
    ordering = ("-at",)

    def may_look(self, request: HttpRequest) -> bool:
        """Who reads the trail."""
        return is_auditor(request)


SOURCES = {"user": "Person", "rule": "Regel", "channel": "Kanal", "system": "Laufmappe"}


class HistoryAdmin(ReadOnlyAdmin):
    """The history of one model: who did what, when and why. Without person data."""

    list_display = ("when", "history_object", "shown_action", "history_user_id", "shown_source", "history_reason")
    list_filter = ("history_action", "history_source", "history_date")
    search_fields = ("history_user_id", "history_reason")
    ordering = ("-history_id",)

    @admin.display(description="Wann", ordering="history_date")
    def when(self, row: Any) -> datetime:
        """When it was done."""
        return row.history_date

    @admin.display(description="Was", ordering="history_action")
    def shown_action(self, row: Any) -> str:
        """What was done, in words where there are some."""
        return TEXTS.get(row.history_action, row.history_action)

    @admin.display(description="Quelle", ordering="history_source")
    def shown_source(self, row: Any) -> str:
        """Where it came from."""
        return SOURCES.get(row.history_source, row.history_source)

    @admin.display(description="Gegenstand")
    def history_object(self, row: Any) -> str:
        """The number of what was changed; its name could be person data."""
        return f"{row.history_object._meta.verbose_name} {row.id}"

    def may_look(self, request: HttpRequest) -> bool:
        """Who reads the trail."""
        return is_auditor(request)


def register_histories(app_label: str) -> None:
    """Put the histories of an app's models into the Verwaltung."""
    for model in apps.get_app_config(app_label).get_models():
        if hasattr(model, "history"):
            admin.site.register(model.history.model, HistoryAdmin)


register_histories("cases")
