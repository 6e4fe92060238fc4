"""Contradictions among Vorgänge that must not exist."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from django.db.models import F, OuterRef, Q, Subquery
from django.utils import timezone

from audit.registries import Problem, integrity
from cases import blobs
from cases.models import Blob, Case, Dispatch, FollowUp, InformationRequest

UNSENT_DAYS = 3


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


@integrity.register("versand")
def letters_are_sent() -> Iterator[Problem]:
    """No letter waits for days to be sent: a Frist printed in it may run."""
    long_ago = timezone.localdate() - timedelta(days=UNSENT_DAYS)
    waiting = Dispatch.objects.filter(state=Dispatch.State.TO_SEND, document__document_date__lt=long_ago)
    for row in waiting.select_related("case", "document").order_by("pk"):
        said = f"Das Schreiben vom {row.document.document_date:%d.%m.%Y} ist noch nicht als versandt vermerkt."
        yield Problem(row.case.public_id, said)


@integrity.register("nachforderungen")
def requests_end() -> Iterator[Problem]:
    """No Nachforderung stays open after its Frist has ended."""
    ended = timezone.localdate() - timedelta(days=UNSENT_DAYS)
    overdue = InformationRequest.objects.filter(state="open", due_on__lt=ended, deadline__due_on__lt=ended)
    for request in overdue.select_related("case").order_by("pk"):
        said = f"Nachforderung {request.number}: Die Frist ist abgelaufen, und nichts ist geschehen; bitte nachsehen."
        yield Problem(request.case.public_id, said)


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
