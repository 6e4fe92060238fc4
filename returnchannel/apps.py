"""The room of the Rückkanal."""

from django.apps import AppConfig
from django.db.models.signals import post_migrate


class ReturnchannelConfig(AppConfig):
    """Status, Nachforderung and Bescheid back to the citizen."""

    name = "returnchannel"
    verbose_name = "Rückkanal"

    def ready(self) -> None:
        """Load what registers itself."""
        from returnchannel import (  # noqa: F401
            case_status,
            court_monitoring,
            monitoring,
            panels,
            receivers,
            webhook_monitoring,
        )
        from returnchannel.actions import erasure  # noqa: F401

        post_migrate.connect(case_status.install, sender=self)
