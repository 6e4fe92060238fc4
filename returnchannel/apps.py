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
            way_monitoring,
            webhook_monitoring,
        )
        from returnchannel.actions import erasure, failures  # noqa: F401
        from routing.exceptions import register

        register(failures.KIND, failures.explain, failures.resume, failures.WAYS)
        post_migrate.connect(case_status.install, sender=self)
