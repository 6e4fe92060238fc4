"""Building the demonstration: the town, then its mail and its portal through the real pipeline."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

from django.conf import settings
from django.db import connection

from config import importing
from config.demo import mail, other_ways, portal
from intake.models import Submission

MARK = "Laufmappe: Vorführung"  # the comment on a demo's schema, by which it is known


class NotADemo(Exception):
    """The database holds something else than a demonstration; the message says what to do."""


def prepare(*, fresh: bool) -> None:
    """Make sure that the database is a demo's (or empty); with ``fresh`` empty it. Call it before migrating."""
    is_demo = _mark() == MARK
    if not is_demo and connection.introspection.table_names():
        raise NotADemo(
            "Diese Datenbank gehört nicht zu einer Vorführung und bleibt unverändert. "
            "Bitte DATA_DIR oder DATABASE_URL auf eine leere Datenbank setzen."
        )
    with connection.cursor() as cursor:
        if fresh:
            cursor.execute("DROP SCHEMA public CASCADE")
            cursor.execute("CREATE SCHEMA public")
        cursor.execute(f"COMMENT ON SCHEMA public IS '{MARK}'")


def deliver(*, progress: Callable[[str], None]) -> importing.Import:
    """Take the sample mail through the pipeline, first what opens Vorgänge, then what answers them; then a portal's."""
    inbox = Path(settings.DATA_DIR) / "demo" / "egvp"
    shutil.rmtree(inbox, ignore_errors=True)
    first = mail.first_batch(inbox / "1")
    result = importing.run([inbox / "1"], channel="egvp", progress=progress)
    id_of = {Path(source).name: submission_id for source, submission_id, _ in result.submissions}
    path_of = {message.key: message.path.name for message in first}

    def case_of(key: str) -> tuple[str, str]:
        case = Submission.objects.select_related("case").get(pk=id_of[path_of[key]]).case
        return case.public_id, case.file_reference

    mail.second_batch(inbox / "2", case_of)
    result += importing.run([inbox / "2"], channel="egvp", progress=progress)
    for channel, folder in other_ways.write(inbox / "3", case_of):
        result += importing.run([folder], channel=channel, progress=progress)
    return result + portal.deliver(progress=progress)


def _mark() -> str | None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT obj_description('public'::regnamespace, 'pg_namespace')")
        (mark,) = cursor.fetchone()
    return mark
