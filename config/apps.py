"""The room of what needs several rooms: commands, start-up, the demo. It has no models."""

from typing import Any

from django.apps import AppConfig, apps
from django.contrib.auth import user_logged_in
from django.core.management import call_command
from django.db.models.signals import post_migrate


def _create_cache_table(**kwargs: Any) -> None:
    call_command("createcachetable", verbosity=0)


class ConfigConfig(AppConfig):
    """Makes the cache's table with the first migrate: limits must hold across processes."""

    name = "config"

    def ready(self) -> None:
        """Connect the receivers."""
        from config.sessions import remember_start

        user_logged_in.connect(remember_start, dispatch_uid="remember_start")
        # Sent by a room with models: this one has none, so nothing is sent for it.
        post_migrate.connect(_create_cache_table, sender=apps.get_app_config("audit"))
