"""What may be seen: one function that list, detail, documents, search and API start from."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from datetime import timedelta
from functools import cached_property

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Exists, F, OuterRef, Prefetch, Q, QuerySet
from django.db.models.functions import JSONObject
from django.http import HttpRequest
from django.utils import timezone

from cases import panels, policy
from cases.models import (
    Case,
    CaseNumber,
    Deadline,
    Dispatch,
    Document,
    DocumentFile,
    ForeignReference,
    InformationRequest,
    Membership,
    OrgUnit,
    Pause,
    Presence,
    Role,
    Service,
    ServiceVersion,
    User,
)

PRESENT = timedelta(minutes=10)
"""So long somebody is said to have a Vorgang open after they were last seen there."""
MANY_UNITS = 12  # from here on the Vorgänge of several teams are sorted together


class Scope:
    """What a person sees: the teams that they work in or lead, and whom they cover today, in which teams.

    Asks the database as it is needed, each thing once: it holds for one request, not longer.
    """

    def __init__(self, user: User) -> None:
        self.user = user

    @classmethod
    def of_request(cls, request: HttpRequest) -> Scope:
        """The scope of who is logged in, the same for all of the page."""
        if not hasattr(request, "scope"):
            request.scope = cls(request.user)
            request.user.scope_of_request = request.scope  # this object, too, is there for one request
        return request.scope

    @classmethod
    def known(cls, user: User) -> Scope:
        """The scope of a page that ``user`` has asked for, where there is one, else a new one."""
        return getattr(user, "scope_of_request", None) or cls(user)

    @cached_property
    def _found(self) -> list[Membership]:
        """Where this person works or what they configure, and where those work whom they cover today (one query)."""
        absent = policy.covers_today(self.user).values("absent")
        whose = Q(user=self.user) | Q(user__in=absent, user__is_active=True)
        work = Q(unit__isnull=False, role__in=policy.CASEWORK)
        house = Q(user=self.user, role__in=[Role.ADMIN, Role.OPERATIONS])
        found = Membership.objects.filter(whose & work | house)
        return list(found.select_related("unit"))

    @cached_property
    def _rows(self) -> list[Membership]:
        return [row for row in self._found if row.role in policy.CASEWORK]

    @cached_property
    def configures(self) -> bool:
        """True for the Fachadministration."""
        return any(row.role == Role.ADMIN for row in self._found)

    @cached_property
    def runs_the_house(self) -> bool:
        """True for the IT-Betrieb and the Fachadministration."""
        return any(row.role in (Role.ADMIN, Role.OPERATIONS) for row in self._found)

    @cached_property
    def _memberships(self) -> list[Membership]:
        return [row for row in self._rows if row.user_id == self.user.pk]

    @cached_property
    def all_units(self) -> dict[int, OrgUnit]:
        """Every Organisationseinheit by its id, in the order of their names."""
        return {unit.pk: unit for unit in OrgUnit.objects.all()}

    @cached_property
    def all_services(self) -> list[Service]:
        """All Leistungen by name; ``is_loaded`` where there is a version of the Leistungspaket (one query)."""
        loaded = Exists(ServiceVersion.objects.filter(service=OuterRef("pk")))
        return list(Service.objects.annotate(is_loaded=loaded).order_by("name"))

    @cached_property
    def led(self) -> frozenset[int]:
        """The units that the person leads, and those below."""
        direct = [each.unit_id for each in self._memberships if each.role == Role.LEAD]
        if not direct:
            return frozenset()
        return frozenset(policy.below(direct, [(unit.pk, unit.parent_id) for unit in self.all_units.values()]))

    @cached_property
    def units(self) -> frozenset[int]:
        """The units in which the person works or which they lead."""
        return self.led | {each.unit_id for each in self._memberships}

    @cached_property
    def teams(self) -> list[OrgUnit]:
        """The same as teams, by name."""
        if self.led:
            return [unit for pk, unit in self.all_units.items() if pk in self.units]
        return sorted({each.unit for each in self._memberships}, key=lambda unit: unit.name)

    @cached_property
    def covered(self) -> Mapping[int, frozenset[int]]:
        """Whom the person covers today: the ids of those people, and the units in which they work."""
        found: dict[int, set[int]] = {}
        for row in self._rows:
            if row.user_id != self.user.pk:
                found.setdefault(row.user_id, set()).add(row.unit_id)
        return {absent: frozenset(places) for absent, places in found.items()}

    def works_on(self, case: Case) -> bool:
        """True when the person does the casework of a Vorgang that they see: in its team, or for whom they cover."""
        if case.unit_id in self.units:
            return True
        return not case.is_protected and case.unit_id in self.covered.get(case.handler_id or 0, ())

    def allowed_with(self, case: Case) -> frozenset[str]:
        """All that the person may do with a Vorgang that they see: what ``policy.may_with`` says, for showing it.

        Some queries for a protected one (fewer where ``is_named`` says whether it names the person).
        """
        if not self.user.is_active or not self.works_on(case):
            return frozenset()
        if case.is_protected and not self._is_named(case):
            return frozenset({"add_documents"})
        here = {each.role for each in self._memberships if each.unit_id == case.unit_id}
        if case.unit_id in self.led:
            here.add(Role.LEAD)
        if not here:  # for whom they cover
            return frozenset(a for a, roles in policy.PEOPLE.items() if Role.CASEWORKER in roles) - policy.NOT_BY_COVER
        allowed = frozenset(action for action, roles in policy.PEOPLE.items() if roles & here)
        if case.is_protected and "protect" not in allowed and policy.inherits_protection(self.user, case):
            return allowed | {"protect"}
        return allowed

    def _is_named(self, case: Case) -> bool:
        known: bool | None = getattr(case, "is_named", None)
        return case.readers.filter(pk=self.user.pk).exists() if known is None else known

    def branches(self) -> list[Q]:
        """The visible Vorgänge as conditions, no two of which are true of one Vorgang.

        A list can so be read branch by branch, each in the order of an index.
        """
        named = Case.readers.through.objects.filter(user=self.user).values("case")
        found = [Q(unit=unit, is_protected=False) for unit in sorted(self.units)]
        if len(found) > MANY_UNITS:
            found = [Q(unit__in=self.units, is_protected=False)]
        for absent, places in sorted(self.covered.items()):
            if elsewhere := places - self.units:
                found.append(Q(handler=absent, unit__in=elsewhere, is_protected=False))
        return [*found, Q(is_protected=True, pk__in=named)]


def visible_cases(user: User, scope: Scope | None = None) -> QuerySet[Case]:
    """The Vorgänge that ``user`` may see: of their teams, and of whom they cover; protected ones only by name.

    Nobody sees all. ``scope`` saves its queries where it is known already.
    """
    visible = Q()
    for branch in (scope or Scope(user)).branches():
        visible |= branch
    return Case.objects.filter(visible)


def case_by_public_id(user: User, public_id: str, scope: Scope | None = None) -> Case:
    """The Vorgang with this id or alias, if ``user`` may see it; else Case.DoesNotExist."""
    cases = visible_cases(user, scope).select_related("service", "service_version", "unit", "handler")
    return cases.get(pk__in=Case.objects.filter(numbers__public_id=public_id).values("pk"))


def case_with_marks(user: User, public_id: str, scope: Scope) -> Case:
    """``case_by_public_id`` with what is small and stands on its page, in one query: the application data,
    ``aliases``, ``pause_spans``, ``held_references``, ``others_present``, who has it open beside ``user``, and
    ``is_named``, whether ``user`` is one of its readers, and what the upper rooms have registered.
    """
    mine = {"case": OuterRef("pk")}
    others = Presence.objects.filter(**mine, seen_at__gte=timezone.now() - PRESENT).exclude(user=user)
    aliases = CaseNumber.objects.filter(**mine).exclude(public_id=OuterRef("public_id")).order_by("pk")
    spans = Pause.objects.filter(**mine).order_by("starts_on", "pk")
    references = ForeignReference.objects.filter(**mine).order_by("pk")
    cases = visible_cases(user, scope).select_related("service", "service_version", "unit", "handler", "application")
    return cases.annotate(
        is_named=Exists(Case.readers.through.objects.filter(**mine, user=user)),
        aliases=ArraySubquery(aliases.values("public_id")),
        pause_spans=ArraySubquery(
            spans.values(found=JSONObject(starts_on="starts_on", ends_on="ends_on", cause="cause"))
        ),
        others_present=ArraySubquery(
            others.order_by("-seen_at").values(
                found=JSONObject(
                    username="user__username",
                    first_name="user__first_name",
                    last_name="user__last_name",
                    seen_at="seen_at",
                )
            )
        ),
        held_references=ArraySubquery(references.values(found=JSONObject(reference="reference", holder="holder"))),
        **panels.marks(),
    ).get(pk__in=Case.objects.filter(numbers__public_id=public_id).values("pk"))


def documents_of(case: Case) -> QuerySet[Document]:
    """The documents of a Vorgang that has been selected by one of the above, with their files and bytes."""
    files = DocumentFile.objects.select_related("blob__result").order_by("-version", "id")
    return case.documents.prefetch_related(Prefetch("files", files)).order_by("number")


def filed_documents(case: Case) -> list[tuple[Document, list[DocumentFile]]]:
    """The same, each with its files, newest version first, and a letter of ours with its Versand.

    One query, since every document has a file.
    """
    letters = ("document__dispatch__recipient", "document__dispatch__deadline")
    files = DocumentFile.objects.filter(document__case=case).select_related("document", "blob__result", *letters)
    in_order = files.order_by("document__number", "-version", "id")
    grouped = itertools.groupby(in_order, key=lambda file: file.document_id)
    return [(each[0].document, each) for each in (list(group) for _, group in grouped)]


def deadlines_of(case: Case) -> QuerySet[Deadline]:
    """The Fristen of a Vorgang that has been selected by one of the above, those that end first before the others."""
    return case.deadlines.order_by(F("due_on").asc(nulls_last=True), "pk")


def requests_run_out() -> QuerySet[InformationRequest]:
    """The open Nachforderungen that were sent and whose Frist is over."""
    today = timezone.localdate()
    sent = Dispatch.objects.filter(request=OuterRef("pk"), state=Dispatch.State.SENT, is_reminder=False)
    over = InformationRequest.objects.filter(state="open", due_on__lt=today, deadline__due_on__lt=today)
    return over.filter(Exists(sent)).select_related("case").order_by("pk")


def visible_file(user: User, public_id: str, file_id: int) -> DocumentFile:
    """A file of a document of a visible Vorgang; else DocumentFile.DoesNotExist."""
    files = DocumentFile.objects.select_related("document__case", "blob__result")
    visible = visible_cases(user).filter(numbers__public_id=public_id)
    return files.get(pk=file_id, document__case__in=visible)
