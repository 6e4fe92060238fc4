"""The feed of public changes: each is written with its change, and gets its position when that is committed."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import connection, transaction

from audit.ledger import insert
from cases.models import Case
from returnchannel.actions.deliveries import ANNOUNCE
from returnchannel.models import PublicChange

LINE = 0x5265_7475_726E  # key of the advisory lock: who gives positions does so alone
_NUMBER = """
UPDATE returnchannel_publicchange AS c SET position = n.position FROM (
  SELECT id, (SELECT coalesce(max(position), 0) FROM returnchannel_publicchange) + row_number() OVER (ORDER BY id)
         AS position
    FROM returnchannel_publicchange WHERE position IS NULL
) AS n WHERE c.id = n.id"""
_WAITING = "SELECT EXISTS (SELECT FROM returnchannel_publicchange WHERE position IS NULL)"


_TELL = f"""
WITH new AS (
INSERT INTO returnchannel_publicchange (number_id, client_id, version, kind, status, at)
SELECT number.id, submission.client_id, told.version, told.kind, told.status, statement_timestamp()
  FROM unnest(%s::text[], %s::int[], %s::text[], %s::text[]) WITH ORDINALITY
       AS told (public_id, version, kind, status, n)
  JOIN cases_casenumber AS number ON number.public_id = told.public_id
  LEFT JOIN intake_submission AS submission ON submission.number_id = number.id
 ORDER BY told.n
RETURNING *) {ANNOUNCE}"""  # noqa: S608 (both parts are ours)


def write(changes: Sequence[PublicChange]) -> None:
    """Keep public changes, and what webhooks are to be told of them, in the transaction of what they tell of."""
    insert(changes, along=ANNOUNCE)


def tell(cases: Sequence[Case], kind: PublicChange.Kind) -> None:
    """Keep a public change of each of these Vorgänge, as it is now, for the portal that it came from (one query)."""
    columns = (
        [c.public_id for c in cases],
        [c.version for c in cases],
        [kind.value] * len(cases),
        [c.status for c in cases],
    )
    with connection.cursor() as cursor:
        cursor.execute(_TELL, columns)


def give_positions() -> int:
    """Give what is committed its place in the line of all; returns how many.

    One at a time (advisory lock until the end of the transaction): so positions become visible in their order, and
    who has read up to one has seen all before it. Within a Vorgang the order is that of the changes, because each waits
    for the Vorgang's lock. Must not be called inside another transaction.
    """
    with connection.cursor() as cursor:
        cursor.execute(_WAITING)
        if not cursor.fetchone()[0]:
            return 0
    with transaction.atomic(durable=True), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LINE])
        cursor.execute(_NUMBER)
        return cursor.rowcount
