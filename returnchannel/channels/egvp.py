"""The channel back to courts and lawyers: EGVP/beBPo, by the folder from which the EGVP client sends."""

from __future__ import annotations

from cases import blobs
from returnchannel import court_folder
from returnchannel.channels import register
from returnchannel.channels.base import Channel, Outcome, Result
from returnchannel.court_container import container
from returnchannel.models import CourtMessage


@register
class Egvp(Channel[CourtMessage]):
    """Hands a message over to the EGVP client: first ``stage``, and when that is noted, ``send``."""

    slug = "egvp"
    label = "EGVP/beBPo"
    is_written_form = True  # a secure way of transmission (§ 55a Abs. 4 VwGO)

    def stage(self, item: CourtMessage) -> Outcome:
        """Lay the container down, complete and durable, under a name that nobody takes."""
        if court_folder.outbox() is None:
            return Outcome(Result.FAILED, error=court_folder.OFF, is_away=True)
        try:
            court_folder.stage(item.message_id, container(item, blobs.open_blob))
        except OSError as error:
            return Outcome(Result.FAILED, error=_trouble(error), is_away=True)
        return Outcome(Result.DELIVERED)

    def send(self, item: CourtMessage) -> Outcome:
        """Give the staged container its name. Sent twice = once: there is only one that can be given it."""
        if court_folder.outbox() is None:
            return Outcome(Result.FAILED, error=court_folder.OFF, is_away=True)
        try:
            court_folder.publish(item.message_id)
        except OSError as error:
            return Outcome(Result.FAILED, error=_trouble(error), is_away=True)
        return Outcome(Result.DELIVERED)


def _trouble(error: OSError) -> str:
    return f"In den Ausgang des EGVP-Clients lässt sich nicht schreiben ({error.strerror or type(error).__name__})."
