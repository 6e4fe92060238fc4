"""The room of the Rückkanal."""

from django.apps import AppConfig


class ReturnchannelConfig(AppConfig):
    """Status, Nachforderung and Bescheid back to the citizen."""

    name = "returnchannel"
    verbose_name = "Rückkanal"
