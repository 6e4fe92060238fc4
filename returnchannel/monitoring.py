"""Figures and checks of the Rückkanal."""

from __future__ import annotations

from collections.abc import Iterator

from django.db.models import Count, F, Max, Q

from audit.registries import Figure, Problem, integrity, metrics
from cases.models import Case
from intake.models import Submission
from returnchannel.models import OutboundMessage, PublicChange

# Written by hand or machine; the database does not compute check characters
AN_ID = r"\mV[\s._-]{0,3}[0-9A-Z]{4}[\s._-]{0,3}[0-9A-Z]{4}[\s._-]{0,3}[0-9A-Z]\M"
_READ = ("case_id", "subject", "own_reference", "foreign_reference", "text")  # where routing looks for it
_NAMED = Q(*((f"facts__{name}__iregex", AN_ID) for name in _READ), _connector=Q.OR)
SHOWN = 20
"""How many messages the integrity check names."""


@metrics.register("rueckkanal")
def messages_written() -> Iterator[Figure]:
    """How much was told, by kind."""
    rows = OutboundMessage.objects.order_by().values_list("kind").annotate(n=Count("pk"))
    for kind, count in sorted(rows):
        label = OutboundMessage.Kind(kind).label
        yield Figure(f"outbound_{kind}", f"Nachrichten an Antragstellende: {label}", count)


@metrics.register("vorgangs_id")
def communication_without_id() -> Iterator[Figure]:
    """What goes out without the Vorgangs-ID (it must be 0), and the share of what comes in to a Vorgang without it."""
    nameless = OutboundMessage.objects.filter(names_case_id=False)
    yield Figure("outbound_without_case_id", "Ausgegangen ohne Vorgangs-ID (muss 0 sein)", nameless.count())
    joined = Submission.objects.filter(state=Submission.State.FILED, case__isnull=False)
    joined = joined.exclude(number__public_id=F("case__public_id"))
    unnamed = joined.filter(reply=None, facts__has_key="subject").exclude(_NAMED)  # what was erased has no facts
    total, without = joined.count(), unnamed.count()
    share = 100 * without / total if total else 0
    yield Figure("inbound_to_cases", "Eingänge zu einem bestehenden Vorgang", total)
    yield Figure("inbound_without_case_id", "davon ohne Vorgangs-ID", without)
    yield Figure("inbound_without_case_id_percent", "davon ohne Vorgangs-ID (Prozent)", round(share, 1))


@integrity.register("vorgangs_id")
def every_message_names_its_vorgang() -> Iterator[Problem]:
    """Nothing has left the house without its Vorgangs-ID."""
    for message in OutboundMessage.objects.filter(names_case_id=False).select_related("number")[:SHOWN]:
        sentence = (
            f"{message.get_kind_display()} {message.n} nennt die Vorgangs-ID nicht; bitte den Betrieb verständigen."
        )
        yield Problem(message.number.public_id, sentence)


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
