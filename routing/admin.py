"""Verwaltung: rules and decisions to be looked at, and the exception queue with the same ways out as its page."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse

from audit.acting import Actor
from audit.admin import ReadOnlyAdmin
from cases.admin import has_role, is_configurator, register_histories
from cases.models import Role
from cases.selectors import Scope
from cases.templatetags.laufmappe import age_in_words
from routing import bulk, exceptions, presenting, selectors
from routing.clearing_form import ClearingForm
from routing.forms import FORMS
from routing.handling_forms import BringBackForm, ClaimForm, ReleaseForm
from routing.models import ExceptionEntry, RoutingDecision, Rule, RuleChange, RuleDraft
from routing.views import log_entry_seen


@admin.register(Rule)
class RuleAdmin(ReadOnlyAdmin):
    """Rules, as they are."""

    list_display = ("rank", "name", "service", "unit", "package", "version", "is_active")
    list_display_links = ("name",)
    list_filter = ("is_active", "service", "package")
    list_select_related = ("service", "unit")
    search_fields = ("name", "note")

    def may_look(self, request: HttpRequest) -> bool:
        """Who configures."""
        return is_configurator(request)


@admin.register(RuleDraft)
class RuleDraftAdmin(ReadOnlyAdmin):
    """Drafts of rules, as they are; worked on they are on their own pages."""

    list_display = ("name", "state", "created_by", "created_at", "closed_by", "closed_at")
    list_filter = ("state",)
    list_select_related = ("created_by", "closed_by")
    search_fields = ("name",)

    def may_look(self, request: HttpRequest) -> bool:
        """Who configures."""
        return is_configurator(request)


@admin.register(RuleChange)
class RuleChangeAdmin(ReadOnlyAdmin):
    """The changes in drafts of rules, as they are."""

    list_display = ("name", "draft", "kind", "rank", "author", "revision")
    list_filter = ("kind",)
    list_select_related = ("draft", "author")
    search_fields = ("name", "note")

    def may_look(self, request: HttpRequest) -> bool:
        """Who configures."""
        return is_configurator(request)


@admin.register(RoutingDecision)
class RoutingDecisionAdmin(ReadOnlyAdmin):
    """Where Eingänge went and why."""

    list_display = ("at", "mode", "rule_name", "rule_version", "actor")
    list_filter = ("mode", "at")
    exclude = ("case", "submission")
    ordering = ("-id",)

    def may_look(self, request: HttpRequest) -> bool:
        """Who configures."""
        return is_configurator(request)


class ResolvedFilter(admin.SimpleListFilter):
    """Open (of these what is parked or escalated) or solved."""

    title = "Stand"
    parameter_name = "stand"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """The choices."""
        named = {"offen": "offen", "geparkt": "zurückgestellt", "eskaliert": "eskaliert", "geloest": "gelöst"}
        return list(named.items())

    def queryset(self, request: HttpRequest, queryset: QuerySet[ExceptionEntry]) -> QuerySet[ExceptionEntry]:
        """Narrow the list."""
        if self.value() not in dict(self.lookup_choices):
            return queryset
        found = queryset.filter(resolved_at__isnull=self.value() != "geloest")
        if self.value() == "geparkt":
            return found.filter(selectors.parked())
        return found.filter(escalated_at__isnull=False) if self.value() == "eskaliert" else found


class ReasonFilter(admin.SimpleListFilter):
    """By cause, in words."""

    title = "Ursache"
    parameter_name = "ursache"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """The causes that occur."""
        reasons = model_admin.get_queryset(request).order_by().values_list("reason", flat=True).distinct()
        return sorted(((reason, exceptions.label_of(reason)) for reason in reasons), key=lambda pair: pair[1])

    def queryset(self, request: HttpRequest, queryset: QuerySet[ExceptionEntry]) -> QuerySet[ExceptionEntry]:
        """Narrow the list."""
        return queryset.filter(reason=self.value()) if self.value() else queryset


@admin.register(ExceptionEntry)
class ExceptionEntryAdmin(ReadOnlyAdmin):
    """The exception queue, for the Teamleitung: the same visibility, forms and actions as on its own page."""

    list_display = ("shown_subject", "shown_reason", "unit", "shown_age", "claimed_by", "shown_resolution")
    list_filter = (ResolvedFilter, ReasonFilter, "unit")
    list_select_related = ("submission", "unit", "claimed_by")
    search_fields = ("subject",)
    actions = ("claim_all", "release_all", "bring_back_all", "resume_all")
    change_form_template = "admin/routing/exceptionentry/change_form.html"

    def may_look(self, request: HttpRequest) -> bool:
        """Teamleitung only, superusers too."""
        return has_role(request, Role.LEAD)

    def get_queryset(self, request: HttpRequest) -> QuerySet[ExceptionEntry]:
        """Those of one's own teams."""
        return selectors.visible_entries(request.user).order_by("created_at", "id")

    @admin.display(description="Betreff")
    def shown_subject(self, entry: ExceptionEntry) -> str:
        """The subject."""
        return entry.subject or "ohne Betreff"

    @admin.display(description="Ursache", ordering="reason")
    def shown_reason(self, entry: ExceptionEntry) -> str:
        """The cause in words."""
        return exceptions.explain(entry).label

    @admin.display(description="in Klärung", ordering="created_at")
    def shown_age(self, entry: ExceptionEntry) -> str:
        """Since when."""
        return age_in_words(entry.created_at)

    @admin.display(description="Stand", ordering="resolution")
    def shown_resolution(self, entry: ExceptionEntry) -> str:
        """How it was solved."""
        if entry.resolved_at:
            return f"gelöst: {entry.get_resolution_display()}"
        if entry.is_parked:
            return f"zurückgestellt bis {entry.parked_until:%d.%m.%Y}"
        return "eskaliert" if entry.escalated_at else "offen"

    @admin.action(description="Annehmen")
    def claim_all(self, request: HttpRequest, queryset: QuerySet[ExceptionEntry]) -> None:
        """Work on the chosen ones."""
        self._all(request, queryset, ClaimForm.verb)

    @admin.action(description="Freigeben")
    def release_all(self, request: HttpRequest, queryset: QuerySet[ExceptionEntry]) -> None:
        """Work on the chosen ones no longer."""
        self._all(request, queryset, ReleaseForm.verb)

    @admin.action(description="Wieder aufnehmen")
    def bring_back_all(self, request: HttpRequest, queryset: QuerySet[ExceptionEntry]) -> None:
        """Take up the chosen ones that are parked."""
        self._all(request, queryset, BringBackForm.verb)

    @admin.action(description="Noch einmal verteilen")
    def resume_all(self, request: HttpRequest, queryset: QuerySet[ExceptionEntry]) -> None:
        """Let the pipeline go on with the chosen ones."""
        self._all(request, queryset, bulk.ResumeAllForm.verb)

    def _all(self, request: HttpRequest, queryset: QuerySet[ExceptionEntry], verb: str) -> None:
        """As on the page of the queue: each by itself, and what did not go is named."""
        form = bulk.form_for(verb, Scope.of_request(request), {})
        entries = list(queryset.select_related("submission__number", "unit")[: bulk.MOST])
        if form is None or not form.is_valid():
            raise ValueError(f"{verb} is no way that needs nothing filled in")
        outcome = bulk.carry_out(form, entries, by=Actor.of(request.user))
        self.message_user(request, outcome.summary, messages.WARNING if outcome.left else messages.SUCCESS)
        for reason in outcome.reasons:
            self.message_user(request, reason, messages.WARNING)

    def get_urls(self) -> list[URLPattern]:
        """The ways out, below the Klärfall."""
        clear = path(
            "<int:entry_id>/change/<slug:verb>/",
            self.admin_site.admin_view(self.clear_view),
            name="routing_exceptionentry_clear",
        )
        return [clear, *super().get_urls()]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """The Klärfall, read-only, with its forms."""
        return self._page(request, object_id)

    def clear_view(self, request: HttpRequest, entry_id: int, verb: str) -> HttpResponse:
        """Carry out one of the forms."""
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        entry = self._entry(request, str(entry_id))
        form_class = FORMS.get(verb)
        if form_class is None or not form_class.fits(entry):
            raise Http404("Diesen Weg gibt es für den Klärfall nicht.")
        form = form_class(request.POST, entry=entry, user=request.user)
        result = presenting.carry_out(request, form)
        if result is None:
            return self._page(request, str(entry_id), bound=form)
        name = "changelist" if result.solved else "change"
        return redirect(f"admin:routing_exceptionentry_{name}", *([] if result.solved else [entry_id]))

    def _page(self, request: HttpRequest, object_id: str, bound: ClearingForm | None = None) -> HttpResponse:
        Scope.of_request(request)
        entry = self._entry(request, object_id)
        log_entry_seen(request, entry)
        context = presenting.entry_context(entry, request.user, bound=bound, chosen=request.GET) | {
            "clear_base": reverse("admin:routing_exceptionentry_change", args=[entry.pk]),
            "has_view_permission": True,
            "title": exceptions.explain(entry).label,
            "original": entry,
            "opts": self.opts,
            "media": self.media,
            **self.admin_site.each_context(request),
        }
        return TemplateResponse(request, self.change_form_template, context, status=422 if bound else 200)

    def _entry(self, request: HttpRequest, object_id: str) -> ExceptionEntry:
        if not self.may_look(request):
            raise PermissionDenied("Klärfälle bearbeitet die Teamleitung.")
        try:
            return selectors.entry_for(request.user, int(object_id))
        except (ValueError, ExceptionEntry.DoesNotExist) as error:
            raise Http404("Diesen Klärfall gibt es nicht, oder er gehört zu einem anderen Team.") from error


register_histories("routing")
