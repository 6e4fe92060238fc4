"""What may be seen: one function that list, detail, documents, search and API start from."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Exists, F, OuterRef, Prefetch, Q, QuerySet

from cases import numbers, policy, references
from cases.models import Case, CaseNumber, Deadline, Document, DocumentFile, OrgUnit, Role, User

COUNT_LIMIT = 1000  # more are not counted, only said to be more


@dataclass(frozen=True)
class Wanted:
    """What is looked for in the worklist: a text, a team by its slug, a status; ``decided``: closed ones as well."""

    text: str = ""
    team: str = ""
    status: str = ""
    decided: bool = False


def visible_cases(user: User) -> QuerySet[Case]:
    """The Vorgänge that ``user`` may see: those of their teams; protected ones only by name. Nobody sees all."""
    units = policy.units_by_role(user)
    mine = units[Role.CASEWORKER] | units[Role.LEAD]
    open_to_team = Q(unit__in=mine, is_protected=False)
    by_name = Q(is_protected=True, pk__in=Case.readers.through.objects.filter(user=user).values("case"))
    return Case.objects.filter(open_to_team | by_name)


def worklist(user: User) -> QuerySet[Case]:
    """The open Vorgänge of ``user``'s teams: urgent ones first, then by arrival."""
    cases = visible_cases(user).filter(is_open=True).select_related("service", "unit", "handler")
    return cases.order_by(F("is_urgent").desc(), "received_at", "id")


def teams_of(user: User) -> list[OrgUnit]:
    """The teams whose Vorgänge ``user`` works on or leads."""
    units = policy.units_by_role(user)
    return list(OrgUnit.objects.filter(pk__in=units[Role.CASEWORKER] | units[Role.LEAD]))


def find_cases(user: User, wanted: Wanted) -> QuerySet[Case]:
    """The Vorgänge that ``user`` may see and looks for, in the order of the worklist, with ``eeb_required``."""
    cases = visible_cases(user).select_related("service", "unit", "handler")
    if not wanted.decided:
        cases = cases.filter(is_open=True)
    if wanted.team:
        cases = cases.filter(unit__slug=wanted.team)
    if wanted.status:
        cases = cases.filter(status=wanted.status)
    if wanted.text.strip():
        cases = cases.filter(_says(wanted.text.strip()))
    demanded = Document.objects.filter(case=OuterRef("pk"), eeb_required=True)
    return cases.annotate(eeb_required=Exists(demanded)).order_by(F("is_urgent").desc(), "received_at", "id")


def count(cases: QuerySet[Case]) -> int:
    """How many there are, at most one more than ``COUNT_LIMIT``."""
    return cases.order_by().values("pk")[: COUNT_LIMIT + 1].count()


def _says(text: str) -> Q:
    """Vorgangs-ID (or an alias), Aktenzeichen or subject hold the text; a whole Vorgangs-ID is looked up exactly."""
    public_id = numbers.normalise(text)
    if public_id:
        return Q(pk__in=CaseNumber.objects.filter(public_id=public_id).values("case"))
    named = Q(subject__icontains=text) | Q(public_id__icontains=text)
    key = references.key(text)
    return named | Q(file_reference_key__contains=key) if key else named


def case_by_public_id(user: User, public_id: str) -> Case:
    """The Vorgang with this id or alias, if ``user`` may see it; else Case.DoesNotExist."""
    cases = visible_cases(user).select_related("service", "service_version", "unit", "handler")
    return cases.get(pk__in=Case.objects.filter(numbers__public_id=public_id).values("pk"))


def documents_of(case: Case) -> QuerySet[Document]:
    """The documents of a Vorgang that has been selected by one of the above, with their files and bytes."""
    files = DocumentFile.objects.select_related("blob__result").order_by("-version", "id")
    return case.documents.prefetch_related(Prefetch("files", files)).order_by("number")


def deadlines_of(case: Case) -> QuerySet[Deadline]:
    """The Fristen of a Vorgang that has been selected by one of the above, those that end first before the others."""
    return case.deadlines.order_by(F("due_on").asc(nulls_last=True), "pk")


def visible_file(user: User, public_id: str, file_id: int) -> DocumentFile:
    """A file of a document of a visible Vorgang; else DocumentFile.DoesNotExist."""
    files = DocumentFile.objects.select_related("document__case", "blob__result")
    visible = visible_cases(user).filter(numbers__public_id=public_id)
    return files.get(pk=file_id, document__case__in=visible)
