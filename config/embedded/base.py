"""The engine: Django's PostgreSQL backend, whose server starts on the first connection."""

from pathlib import Path
from typing import Any

from django.db.backends.postgresql import base

from config.embedded import server


class DatabaseWrapper(base.DatabaseWrapper):
    """PostgreSQL below ``DATA_DIR``; nothing starts before somebody connects."""

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        """Connect, after making sure that the server runs; OperationalError says where to look."""
        data = Path(self.settings_dict["DATA_DIR"])
        connect = super().get_new_connection
        try:
            return server.connect_patiently(data, lambda: connect(conn_params))
        except OSError as error:
            raise base.Database.OperationalError(str(error)) from error
