"""Forgetting what was written to people about a Vorgang."""

from __future__ import annotations

from django.db import transaction

from audit import versions
from audit.acting import Actor, acting
from audit.registries import erasure
from cases.models import Case
from returnchannel.models import CourtMessage, OutboundMessage


@erasure.register("returnchannel")
def erase_messages(case: Case, *, by: Actor) -> int:
    """Blank subject and text of the messages of this Vorgang; that and when they were written stays."""
    with transaction.atomic(), acting(by, "erase"):
        ids = list(OutboundMessage.objects.filter(number__case=case).values_list("pk", flat=True))
        OutboundMessage.objects.filter(pk__in=ids).update(title="", text="")
        versions.erase(OutboundMessage, ids)
        court = list(CourtMessage.objects.filter(case=case).values_list("pk", flat=True))
        CourtMessage.objects.filter(pk__in=court).update(recipient_name="", subject="", failure_text="")
        versions.erase(CourtMessage, court)
        return len(ids) + len(court)
