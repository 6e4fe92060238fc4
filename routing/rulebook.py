"""The rules in force, read once per process for as long as they stay what they are."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import connection

from routing.models import Rule

# What the rules and what they lead to look like now, in one value (what is changed in this transaction included)
_STAMP = """
SELECT md5(concat_ws('#',
  (SELECT string_agg(r::text, '|' ORDER BY r.id) FROM routing_rule r WHERE r.is_active),
  (SELECT string_agg(s::text, '|' ORDER BY s.id) FROM cases_service s),
  (SELECT string_agg(u::text, '|' ORDER BY u.id) FROM cases_orgunit u)))"""
_read: tuple[str, Sequence[Rule]] = ("", ())


def in_force() -> Sequence[Rule]:
    """The rules that are asked, with the Leistung and the team that they lead to.

    Their ``person`` and ``case`` change without them: of a rule that is kept these must not be asked for by attribute.
    """
    global _read
    stamp = _stamp()
    known, rules = _read
    if known != stamp:
        rules = list(Rule.objects.filter(is_active=True).select_related("service__unit", "unit"))
        if _stamp() == stamp:  # nobody has changed them between the two questions
            _read = (stamp, rules)
    return rules


def _stamp() -> str:
    with connection.cursor() as cursor:
        cursor.execute(_STAMP)
        (stamp,) = cursor.fetchone()
    return stamp
