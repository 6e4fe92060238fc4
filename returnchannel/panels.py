"""What this room shows on the page of a Vorgang: what its portal sees of it."""

from __future__ import annotations

from typing import Any

from cases import panels
from cases.models import Case, User
from returnchannel import court, court_folder, presenting
from returnchannel.models import OutboundMessage


def seen_outside(case: Case, user: User) -> dict[str, Any] | None:
    """The messages that the portal of the applicant shows, newest first, with their ways; None without a portal.

    Two queries.
    """
    rows = OutboundMessage.objects.filter(number__case=case, number__submission__client__isnull=False)
    rows = rows.select_related("number__submission__client", "document").prefetch_related("deliveries")
    found = list(rows.order_by("-at", "-pk"))
    if not found:
        return None
    for message in found:
        message.ways = [presenting.in_words(row) for row in message.deliveries.all()]
    return {"messages": found, "portal": found[0].number.submission.client.name, "version": case.version}


def with_courts(case: Case, user: User) -> dict[str, Any] | None:
    """What goes between the Vorgang and courts (no query: it is read with it); None where none has written."""
    overview = court.overview(case)
    if overview is None:
        return None
    return {"overview": overview, "is_on": court_folder.outbox() is not None, "off": court_folder.OFF}


panels.register_mark("court_mail", court.mail)
panels.register_mark("court_given", court.given)
panels.register("court", 15, with_courts, "returnchannel/court_panel.html", part="work")
panels.register("returnchannel", 40, seen_outside, "returnchannel/panel.html")
