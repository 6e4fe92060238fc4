"""What this room shows on the page of a Vorgang: what its portal sees of it."""

from __future__ import annotations

from typing import Any

from cases import panels
from cases.models import Case, User
from returnchannel.models import OutboundMessage


def seen_outside(case: Case, user: User) -> dict[str, Any] | None:
    """The messages that the portal of the applicant shows, newest first (one query); None where there is no portal."""
    rows = OutboundMessage.objects.filter(number__case=case, number__submission__client__isnull=False)
    found = list(rows.select_related("number__submission__client", "document").order_by("-at", "-pk"))
    if not found:
        return None
    return {"messages": found, "portal": found[0].number.submission.client.name, "version": case.version}


panels.register("returnchannel", 40, seen_outside, "returnchannel/panel.html")
