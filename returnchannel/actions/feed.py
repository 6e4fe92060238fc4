"""The feed of public changes: each is written with its change, and gets its position when that is committed."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import connection, transaction

from audit.ledger import insert
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


def write(changes: Sequence[PublicChange]) -> None:
    """Keep public changes, and what webhooks are to be told of them, in the transaction of what they tell of."""
    insert(changes, along=ANNOUNCE)


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
