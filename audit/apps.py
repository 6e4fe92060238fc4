"""The ground floor: it knows none of the other rooms."""

from django.apps import AppConfig
from django.db.models.signals import post_migrate


class AuditConfig(AppConfig):
    """Installs the append-only triggers after each migrate and registers its own checks."""

    name = "audit"
    verbose_name = "Betrieb"

    def ready(self) -> None:
        """Connect the receiver, load the checks."""
        from audit import checks, health, triggers  # noqa: F401

        post_migrate.connect(triggers.install, sender=self)
