"""Rückkanal: what the citizen may see of a Vorgang, step by step, and how it reaches them."""

from returnchannel.models.change import PublicChange
from returnchannel.models.court import CourtFile, CourtMessage
from returnchannel.models.delivery import Delivery
from returnchannel.models.message import OutboundMessage
from returnchannel.models.webhook import Webhook, WebhookDelivery

__all__ = ["CourtFile", "CourtMessage", "Delivery", "OutboundMessage", "PublicChange", "Webhook", "WebhookDelivery"]
