"""The channel ``portal``: what is written is provided where the application was made, and fetched there.

Nothing is sent: from the commit on the portal is shown it. It hears of it by the feed or a webhook.
"""

from __future__ import annotations

from returnchannel.channels import register
from returnchannel.channels.base import Channel, Outcome, Result
from returnchannel.models import Delivery


@register
class PortalChannel(Channel[Delivery]):
    """Provides."""

    slug = "portal"
    label = "Portal"
    is_written_form = False

    def send(self, item: Delivery) -> Outcome:
        """It is there already."""
        return Outcome(Result.DELIVERED)
