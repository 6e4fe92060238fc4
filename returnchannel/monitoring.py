"""Figures and checks of the Rückkanal."""

from __future__ import annotations

from collections.abc import Iterator

from django.db.models import Count, F, Max

from audit.registries import Figure, Problem, integrity, metrics
from cases.models import Case
from returnchannel.models import OutboundMessage, PublicChange


@metrics.register("rueckkanal")
def messages_written() -> Iterator[Figure]:
    """How much was told, by kind."""
    rows = OutboundMessage.objects.order_by().values_list("kind").annotate(n=Count("pk"))
    for kind, count in sorted(rows):
        label = OutboundMessage.Kind(kind).label
        yield Figure(f"outbound_{kind}", f"Nachrichten an Antragstellende: {label}", count)


@integrity.register("rueckkanal")
def every_change_is_told() -> Iterator[Problem]:
    """The last step that was told of a Vorgang is the one that it is at."""
    told = PublicChange.objects.filter(number__public_id=F("number__case__public_id"))
    last = told.order_by().values("number__case").annotate(last=Max("version"))
    behind = {row["number__case"]: row["last"] for row in last.exclude(last=F("number__case__version"))}
    for case in Case.objects.filter(pk__in=behind).only("public_id", "version"):
        yield Problem(
            case.public_id,
            f"Der Stand {case.version} ist nicht gemeldet (zuletzt {behind[case.pk]}); bitte den Betrieb verständigen.",
        )
