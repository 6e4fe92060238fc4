"""The room of the Eingang."""

from django.apps import AppConfig
from django.db.models.signals import post_migrate


class IntakeConfig(AppConfig):
    """Registers what this room knows."""

    name = "intake"
    verbose_name = "Eingang"

    def ready(self) -> None:
        """Load what registers itself."""
        from intake import actions, counting, inbox_monitoring, monitoring, panels  # noqa: F401

        post_migrate.connect(counting.install, sender=self)
