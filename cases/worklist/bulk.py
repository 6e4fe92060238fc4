"""The same thing done with several Vorgänge: each by the same actions, rights and guards as on its own page."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

from django.core.exceptions import PermissionDenied
from django.db import transaction

from audit.acting import Actor
from cases import actions
from cases.actions.base import NotPossible
from cases.models import Case, OrgUnit, User

MOST = 100
NAMED = 10  # so many are named with each reason


@dataclass(frozen=True)
class Change:
    """What is to be done. ``assigns`` tells "nobody" (``handler`` None) from "as it is"."""

    assigns: bool = False
    handler: User | None = None
    follow_up: date | None = None
    unit: OrgUnit | None = None
    reason: str = ""


@dataclass
class Result:
    """How many were done, and which were skipped, by reason."""

    done: int = 0
    skipped: dict[str, list[str]] = field(default_factory=dict)

    def skip(self, reason: str, case: str) -> None:
        """Note that one was skipped."""
        self.skipped.setdefault(reason, []).append(case)

    @property
    def summary(self) -> str:
        """``47 erledigt, 3 übersprungen``."""
        count = sum(len(cases) for cases in self.skipped.values())
        return f"{self.done} erledigt, {count} übersprungen" if count else f"{self.done} erledigt"

    @property
    def reasons(self) -> list[str]:
        """Each reason with the Vorgänge that it holds for."""
        return [f"{', '.join(cases[:NAMED])}{_more(len(cases) - NAMED)}: {why}" for why, cases in self.skipped.items()]


def _more(count: int) -> str:
    return f" und {count} weitere" if count > 0 else ""


def carry_out(change: Change, cases: Iterable[Case], *, by: Actor) -> Result:
    """Change each Vorgang, all of it or nothing; what cannot be done with one does not hold up the others."""
    result = Result()
    for case in cases:
        try:
            with transaction.atomic():
                _change(change, case, by)
        except NotPossible as error:
            result.skip(str(error), str(case))
        except PermissionDenied as error:
            result.skip(str(error), str(case))
        else:
            result.done += 1
    return result


def _change(change: Change, case: Case, by: Actor) -> None:
    if change.unit is not None:
        actions.hand_over(case=case, unit=change.unit, by=by, reason=change.reason)
    if change.assigns:
        actions.assign(case=case, to=change.handler, by=by)
    if change.follow_up is not None:
        actions.set_follow_up(case=case, due_on=change.follow_up, by=by)
