"""Contradictions among Vorgänge that must not exist."""

from __future__ import annotations

from collections.abc import Iterator

from django.db.models import F, OuterRef, Q, Subquery

from audit.registries import Problem, integrity
from cases import blobs
from cases.models import Blob, Case, FollowUp


@integrity.register("vorgangs-id")
def numbers_belong() -> Iterator[Problem]:
    """Each Vorgang owns its Vorgangs-ID."""
    owned = Case.objects.filter(numbers__public_id=F("public_id")).values("pk")
    for case in Case.objects.exclude(pk__in=owned):
        yield Problem(case.public_id, "Die Vorgangs-ID gehört nicht zu diesem Vorgang; bitte den Betrieb verständigen.")


@integrity.register("bearbeitung")
def handlers_are_there() -> Iterator[Problem]:
    """No open Vorgang lies with somebody who has left."""
    for case in Case.objects.filter(is_open=True, handler__is_active=False):
        yield Problem(case.public_id, "Liegt bei einer Person, die nicht mehr da ist; bitte neu zuweisen.")


@integrity.register("wiedervorlagen")
def follow_ups_agree() -> Iterator[Problem]:
    """Each Vorgang names its nearest open Wiedervorlage."""
    days = FollowUp.objects.filter(case=OuterRef("pk"), done_at=None).order_by("due_on").values("due_on")[:1]
    for case in Case.objects.alias(day=Subquery(days)).exclude(_same_day()):
        yield Problem(case.public_id, "Die nächste Wiedervorlage stimmt nicht; bitte den Betrieb verständigen.")


@integrity.register("suche")
def cases_are_indexed() -> Iterator[Problem]:
    """Each Vorgang can be found by its words."""
    for case in Case.objects.filter(search=None):
        yield Problem(case.public_id, "Fehlt in der Suche; bitte den Betrieb verständigen.")


def _same_day() -> Q:
    return Q(next_follow_up=F("day")) | Q(next_follow_up=None, day=None)


@integrity.register("dateien")
def blobs_are_there() -> Iterator[Problem]:
    """Every stored file lies on disk with its size."""
    for sha256, size in Blob.objects.values_list("sha256", "size").iterator():
        path = blobs.path_of(sha256)
        if not path.is_file() or path.stat().st_size != size:
            yield Problem(sha256, "Die Datei fehlt oder ist verändert; bitte aus der Sicherung zurückholen.")


@integrity.register("leistungen")
def services_are_staffed() -> Iterator[Problem]:
    """Each team with open Vorgänge has somebody in it."""
    abandoned = Case.objects.filter(is_open=True).exclude(Q(unit__memberships__user__is_active=True))
    for name in abandoned.values_list("unit__name", flat=True).distinct().order_by("unit__name"):
        yield Problem(name, "Das Team hat offene Vorgänge, aber niemanden, der sie bearbeiten kann.")
