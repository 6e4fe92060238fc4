"""The room of the Verteilung."""

from django.apps import AppConfig


class RoutingConfig(AppConfig):
    """Registers what this room knows."""

    name = "routing"
    verbose_name = "Verteilung"

    def ready(self) -> None:
        """Load what registers itself."""
        from routing import monitoring, packages, panels, receivers, timeline  # noqa: F401
        from routing.actions import erasure  # noqa: F401
        from routing.actions.clearing import correct_and_resume
        from routing.exceptions import explain_submission, register

        register("submission", explain_submission, correct_and_resume)
