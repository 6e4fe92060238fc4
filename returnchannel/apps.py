"""The room of the Rückkanal."""

from django.apps import AppConfig


class ReturnchannelConfig(AppConfig):
    """Status, Nachforderung and Bescheid back to the citizen."""

    name = "returnchannel"
    verbose_name = "Rückkanal"

    def ready(self) -> None:
        """Load what registers itself."""
        from returnchannel import receivers, webhook_monitoring  # noqa: F401
