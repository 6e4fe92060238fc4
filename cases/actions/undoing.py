"""Taking back what was not final: a step of its own in the history, and only while nothing else has happened."""

from __future__ import annotations

from audit.acting import Actor
from cases import policy
from cases.actions.base import NotPossible, changing
from cases.models import Case, User

REASON = "rückgängig"
TOO_LATE = "Das lässt sich nicht mehr rückgängig machen: An dem Vorgang ist inzwischen etwas anderes geschehen."


def undo_assign(*, case: Case, by: Actor) -> Case:
    """Give the Vorgang back to who had it before ``by`` assigned it (to somebody, to nobody, or to oneself).

    Raises NotPossible when that assignment is not the last thing that happened to the Vorgang.
    """
    with changing(case, by=by, action="undo_assign", kind="assigned", reason=REASON, permission="assign") as locked:
        last, before = _last_two(locked)
        if last.history_action != "assign" or last.history_user_id != by.name or before is None:
            raise NotPossible(TOO_LATE)
        earlier = User.objects.filter(pk=before.handler_id).first() if before.handler_id else None
        if earlier is not None and not policy.works_in(earlier, locked.unit_id):
            raise NotPossible(f"{earlier} gehört nicht mehr zum Team {locked.unit}; bitte neu zuweisen.")
        locked.handler = earlier
    return locked


def _last_two(case: Case) -> tuple[object, object | None]:
    rows = [*case.history.order_by("-history_id")[:2], None]
    return rows[0], rows[1]
