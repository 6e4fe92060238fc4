"""The room of the Vorgang."""

from django.apps import AppConfig
from django.contrib.auth import user_logged_in


class CasesConfig(AppConfig):
    """Registers the timeline, erasure and checks of this room."""

    name = "cases"
    verbose_name = "Vorgänge"

    def ready(self) -> None:
        """Load what registers itself; replace Django's way of noting log-ins, which would write a history row."""
        from cases import checks, deadline_integrity, deadline_timeline, integrity, monitoring, timeline  # noqa: F401
        from cases.actions import erasure  # noqa: F401
        from cases.actions.organisation import note_login

        user_logged_in.disconnect(dispatch_uid="update_last_login")
        user_logged_in.connect(note_login, dispatch_uid="note_login")
