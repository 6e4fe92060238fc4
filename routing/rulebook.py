"""The rules in force, read and compiled once per process for as long as they stay what they are."""

from __future__ import annotations

from django.db import connection

from routing.engine import Rules
from routing.models import Rule

_read: tuple[object, Rules] = (None, Rules(()))


def in_force() -> Rules:
    """The rules that are asked, with the Leistung and the team that they lead to (one query when nothing changed).

    Their ``person`` and ``case`` change without them: of a rule that is kept these must not be asked for by attribute.
    """
    global _read
    stamp = _stamp()
    known, rules = _read
    if stamp is None or known != stamp:
        rules = Rules(Rule.objects.filter(is_active=True).select_related("service__unit", "unit"))
        if _stamp() == stamp:  # nobody has changed them between the two questions
            _read = (stamp, rules)
    return rules


def _stamp() -> object:
    """Another value after each change of rules, Leistungen or teams; None before the first."""
    with connection.cursor() as cursor:  # asked for every message: without the ORM it takes a third of the time
        cursor.execute("SELECT stamp FROM routing_rulebook")
        row = cursor.fetchone()
    return row and row[0]
