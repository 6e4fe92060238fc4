"""What the citizen may see of a Vorgang, by the token and the Vorgangs-ID of a request: one statement for all of it.

The status is what portals ask for most. So who asks, whether they may, and what there is to say are read at once, and
what a caller knows already is not put together at all. In the same statement the request is counted.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import connection, connections

from cases.models import Case, ServiceVersion
from intake import counting
from intake.actions import Allowance, allowance

STATEMENT = """
SELECT a.id, a.kind, a.token_hash, s.received_at, s.service, n.case_id, c.service_version_id, c.file_reference,
  c.status, c.outcome, k.version, k.is_known,
  CASE WHEN c.id IS NOT NULL AND NOT k.is_known THEN (
    SELECT json_agg(json_build_array(h.status, h.status_since) ORDER BY h.history_id)::text
      FROM cases_historicalcase AS h WHERE h.id = c.id
  ) END,
  CASE WHEN c.status <> 'entschieden' AND NOT k.is_known THEN (
    SELECT d.due_on FROM cases_deadline AS d
     WHERE d.case_id = c.id AND d.kind = 'bearbeitungsziel' AND d.state = 'open'
  ) END,
  CASE WHEN c.status = 'nachforderung' AND NOT k.is_known THEN (
    SELECT json_build_object(
        'id', r.number::text, 'due', greatest(r.due_on, d.due_on),
        'items', (SELECT coalesce(json_agg(json_build_object('key', i.key, 'title', i.title, 'received', EXISTS (
                      SELECT FROM cases_informationrequestitem_documents AS came
                       WHERE came.informationrequestitem_id = i.id)) ORDER BY i.id), '[]')
                    FROM cases_informationrequestitem AS i WHERE i.request_id = r.id AND i.state = 'open'),
        'text', r.text
      )::text
      FROM cases_informationrequest AS r JOIN cases_deadline AS d ON d.id = r.deadline_id
     WHERE r.case_id = c.id AND r.state = 'open' ORDER BY greatest(r.due_on, d.due_on), r.number LIMIT 1
  ) END
FROM intake_apiclient AS a
LEFT JOIN (cases_casenumber AS n JOIN intake_submission AS s ON s.number_id = n.id)
  ON n.public_id = %(public_id)s AND s.client_id = a.id
LEFT JOIN cases_case AS c ON c.id = n.case_id AND c.public_id = n.public_id
CROSS JOIN LATERAL (
  SELECT version, %(any_is_known)s OR version = ANY(%(known)s) FROM (
    SELECT CASE WHEN c.id IS NOT NULL THEN c.version WHEN n.case_id IS NOT NULL THEN 1 ELSE 0 END
  ) AS v (version)
) AS k (version, is_known)
WHERE a.token_hash = %(token_hash)s AND a.is_active"""
ARGUMENTS = {"token_hash": "text", "public_id": "text", "known": "int[]", "any_is_known": "boolean"}
COUNTED = {"count": "int", "seconds": "int"}
COLUMNS = {
    "client_id": "bigint", "kind": "varchar", "stored_hash": "varchar", "received_at": "timestamptz",
    "service": "varchar", "case_key": "bigint", "version_id": "bigint", "file_reference": "varchar",
    "status": "varchar", "outcome": "varchar", "version": "int", "is_known": "boolean", "states": "text",
    "expected_by": "date", "open_request": "text",
}  # fmt: skip
NAME = "returnchannel_case_status"
_TAKES = ", ".join(f"asked_{name} {kind}" for name, kind in (ARGUMENTS | {"limits": "text[]"}).items())
_GIVES = ", ".join(f"{name} {kind}" for name, kind in (COLUMNS | COUNTED).items())
_FOUND = f"({STATEMENT % {name: f'asked_{name}' for name in ARGUMENTS}}) AS f ({', '.join(COLUMNS)})"
CALL = f"SELECT * FROM {NAME}(%s, %s, %s::int[], %s, %s::text[])"  # noqa: S608 - no value of anybody's is in these
FUNCTION = f"""
DROP FUNCTION IF EXISTS {NAME};
CREATE FUNCTION {NAME}({_TAKES}) RETURNS TABLE ({_GIVES}) LANGUAGE plpgsql AS $$
#variable_conflict use_column
BEGIN
  RETURN QUERY SELECT f.*, w.count, w.seconds FROM {_FOUND}
    LEFT JOIN LATERAL {counting.NAME}(f.client_id, asked_limits) AS w ON f.kind = 'portal';
END $$"""  # noqa: S608
"""The statement as a function, which counts the request too.

So the database plans it once per connection (that takes ten times as long as to run it). A prepared statement would do
the same, but not behind a pooler that shares connections.
"""

Step = tuple[str, datetime]


@dataclass(frozen=True)
class Asked:
    """Who asks, what their rate limit leaves, and what there is: no ``status`` if nothing under this Vorgangs-ID."""

    kind: str
    token_hash: str
    allowance: Allowance | None
    status: CaseStatus | None


@dataclass(frozen=True)
class CaseStatus:
    """What may be told. An alias and an id that is only reserved tell nothing but their own receipt.

    ``is_known``: the caller has this version already; then ``steps``, ``expected_by`` and ``open_request`` are not
    read. ``open_request``: ``{"id", "due", "items": [{"key", "title", "received"}], "text"}``, of what is still missing
    or to be looked at.
    """

    case_id: str
    received_at: datetime
    service: str
    version: int
    is_alias: bool
    is_known: bool
    file_reference: str | None
    public_note: str | None
    outcome: str | None
    expected_by: date | None
    open_request: dict[str, Any] | None
    steps: list[Step]


@dataclass(frozen=True)
class Published:
    """What the package of a Leistung, in one of its versions, says about telling: it never changes."""

    service: str
    notes: dict[str, str]
    with_outcome: bool


_published: dict[int, Published] = {}


def install(sender: Any, using: str = "default", **kwargs: Any) -> None:
    """Receiver of post_migrate: the function as this version has it."""
    with connections[using].cursor() as cursor:
        cursor.execute(FUNCTION)


def ask(
    token_hash: str,
    public_id: str | None,
    *,
    known: Collection[int],
    any_is_known: bool = False,
    limits: Mapping[str, int] | None = None,
) -> Asked | None:
    """Who asks by the hash of their token, and what they may see under a Vorgangs-ID (None: it is none).

    None when no active client has this token. ``known`` are the versions that the caller has; a portal's request counts
    against ``limits`` (one, or none). One query, and one more for a version of a Leistung that this process has not
    met yet.
    """
    limits = limits or {}
    with connection.cursor() as cursor:
        cursor.execute(CALL, [token_hash, public_id, list(known), any_is_known, list(limits)])
        row = cursor.fetchone()
    if row is None:
        return None
    _, kind, stored_hash, received_at, *found, count, seconds = row
    left = None if count is None else allowance(*limits.values(), count, seconds)
    return Asked(kind, stored_hash, left, received_at and _status(public_id, received_at, found))


def of_reported(token_hash: str, public_id: str) -> CaseStatus:
    """The status of a Vorgang that the Fachverfahren with this token may report on: as its portal sees it (one query).

    Whether it may is for the caller to have asked.
    """
    statement = STATEMENT.replace(" AND s.client_id = a.id", "")
    asked = {"token_hash": token_hash, "public_id": public_id, "known": [], "any_is_known": False}
    with connection.cursor() as cursor:
        cursor.execute(statement, asked)
        _, _, _, received_at, *found = cursor.fetchone()
    return _status(public_id, received_at, found)


def _status(public_id: str, received_at: datetime, found: list[Any]) -> CaseStatus:
    service, case_key, version_id, file_reference, status, outcome, version, is_known, states, due_on, request = found
    said = _published_by(version_id) if version_id else Published(service, {}, False)
    return CaseStatus(
        case_id=public_id,
        received_at=received_at,
        service=said.service,
        version=version,
        is_alias=case_key is not None and version_id is None,
        is_known=is_known,
        file_reference=file_reference,
        public_note=said.notes.get(status),
        outcome=(outcome or None) if said.with_outcome else None,
        expected_by=due_on,
        open_request=json.loads(request) if request else None,
        steps=_steps(received_at, json.loads(states) if states else []),
    )


def _steps(received_at: datetime, states: list[list[str]]) -> list[Step]:
    """The states in order, each with its beginning; the first is the receipt."""
    steps: list[Step] = [(Case.Status.RECEIVED.value, received_at)]
    for status, since in states:
        if status != steps[-1][0]:
            steps.append((status, datetime.fromisoformat(since)))
    return steps


def _published_by(version_id: int) -> Published:
    if version_id not in _published:
        row = ServiceVersion.objects.filter(pk=version_id).values_list(
            "service__slug", "sections__leistung__public_notes", "sections__leistung__publish_outcome"
        )
        slug, notes, with_outcome = row.get()
        _published[version_id] = Published(slug, notes or {}, bool(with_outcome))
    return _published[version_id]
