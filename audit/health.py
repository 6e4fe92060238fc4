"""Is the database there? The other rooms register what only they know."""

from django.db import DatabaseError, connection

from audit.registries import Health, health


@health.register("database")
def database() -> Health:
    """The database answers."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return Health(False, "Die Datenbank antwortet nicht. Bitte den Datenbankserver und DATABASE_URL prüfen.")
    return Health(True, "Die Datenbank antwortet.")
