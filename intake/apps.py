"""The room of the Eingang."""

from django.apps import AppConfig


class IntakeConfig(AppConfig):
    """Registers what this room knows."""

    name = "intake"
    verbose_name = "Eingang"

    def ready(self) -> None:
        """Load what registers itself."""
        from intake import actions, inbox_monitoring, monitoring, panels  # noqa: F401
