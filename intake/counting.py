"""Counting the requests of clients, in the database: true across processes, planned once per connection."""

from __future__ import annotations

from typing import Any

from django.db import connections

NAME = "intake_count_request"
FUNCTION = f"""
DROP FUNCTION IF EXISTS {NAME};
CREATE FUNCTION {NAME}(asked_client bigint, asked_names text[])
RETURNS TABLE (name varchar, count int, seconds int) LANGUAGE plpgsql AS $$
#variable_conflict use_column
BEGIN
  PERFORM set_config('synchronous_commit', 'off', true);
  RETURN QUERY INSERT INTO intake_ratewindow AS w (client_id, name, started_at, count)
    SELECT asked_client, each, now(), 1 FROM unnest(asked_names) AS each
    ON CONFLICT (client_id, name) DO UPDATE SET
      count = CASE WHEN w.started_at <= now() - interval '1 minute' THEN 1 ELSE w.count + 1 END,
      started_at = CASE WHEN w.started_at <= now() - interval '1 minute' THEN now() ELSE w.started_at END
    RETURNING w.name, w.count, ceil(60 - extract(epoch FROM now() - w.started_at))::int;
END $$"""  # noqa: S608 - no value of anybody's is in it
"""Counts a request of a client against each limit by name; gives how many it is in this minute, and its seconds left.

No request waits for the disk to be counted: after a crash some of the last second are not. Not to be called in a
transaction that writes anything else.
"""


def install(sender: Any, using: str = "default", **kwargs: Any) -> None:
    """Receiver of post_migrate: the function as this version has it."""
    with connections[using].cursor() as cursor:
        cursor.execute(FUNCTION)
