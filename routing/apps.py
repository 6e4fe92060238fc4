"""The room of the Verteilung."""

from django.apps import AppConfig
from django.db.models.signals import post_migrate


class RoutingConfig(AppConfig):
    """Registers what this room knows."""

    name = "routing"
    verbose_name = "Verteilung"

    def ready(self) -> None:
        """Load what registers itself."""
        from routing import monitoring, packages, panels, receivers, timeline, triggers  # noqa: F401
        from routing.actions import erasure  # noqa: F401
        from routing.actions.clearing import correct_and_resume
        from routing.exceptions import explain_submission, register

        post_migrate.connect(triggers.install, sender=self)
        register("submission", explain_submission, correct_and_resume)
