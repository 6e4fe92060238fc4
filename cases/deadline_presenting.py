"""How Fristen are put before people: in words first, with a level that gives the colour beside them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from django.utils import timezone

from cases import selectors
from cases.deadlines.words import count, short
from cases.models import Case, Deadline, DeadlineKind, Pause


class Level(StrEnum):
    """How urgent a Frist is."""

    OK = "ok"
    WARN = "warn"
    OVERDUE = "overdue"
    STOPPED = "stopped"
    OVER = "over"


@dataclass(frozen=True)
class Standing:
    """Where a Frist stands today, e.g. ``noch 5 Tage``."""

    words: str
    level: Level


@dataclass(frozen=True)
class DeadlineRow:
    """A Frist with where it stands; ``passed`` of ``total`` days are over (for the bar; ``total`` 0: no bar)."""

    deadline: Deadline
    standing: Standing
    passed: int = 0
    total: int = 0


@dataclass(frozen=True)
class DeadlinePanel:
    """All of a Vorgang: open ones by their end, those that are over, and what stopped its clock."""

    open: list[DeadlineRow]
    over: list[DeadlineRow]
    pauses: list[Pause]


def standing(due_on: date, warn_on: date | None = None, today: date | None = None) -> Standing:
    """Where an open Frist stands: ``noch 5 Tage``, ``heute``, ``überfällig seit 4 Tagen``."""
    today = today or timezone.localdate()
    left = (due_on - today).days
    if left < 0:
        return Standing(f"überfällig seit {count(-left, 'Tag', 'Tagen')}", Level.OVERDUE)
    level = Level.WARN if left == 0 or (warn_on is not None and today >= warn_on) else Level.OK
    return Standing("heute" if left == 0 else f"noch {count(left, 'Tag', 'Tage')}", level)


def row_of(deadline: Deadline, pauses: list[Pause] | None = None, today: date | None = None) -> DeadlineRow:
    """A Frist as it stands; ``pauses`` are those of its Vorgang, for the service clock."""
    today = today or timezone.localdate()
    if deadline.state != Deadline.State.OPEN:
        words = f"{deadline.get_state_display()} am {short(deadline.settled_on)}"
        return DeadlineRow(deadline, Standing(words, Level.OVER))
    total = (deadline.due_on - deadline.starts_on).days if deadline.due_on else 0
    passed = min(max((today - deadline.starts_on).days, 0), total)
    stopped = _stopped(deadline, pauses or [], today)
    return DeadlineRow(deadline, stopped or standing(deadline.due_on, deadline.warn_on, today), passed, total)


def panel_of(case: Case, pauses: list[Pause]) -> DeadlinePanel:
    """The Fristen of a Vorgang that somebody may see, with the pauses of its clock (one query)."""
    rows = [row_of(deadline, pauses) for deadline in selectors.deadlines_of(case)]
    running = [row for row in rows if row.standing.level != Level.OVER]
    return DeadlinePanel(running, [row for row in rows if row.standing.level == Level.OVER], pauses)


def _stopped(deadline: Deadline, pauses: list[Pause], today: date) -> Standing | None:
    if deadline.due_on is None:
        return Standing("angehalten", Level.STOPPED)
    if deadline.kind != DeadlineKind.PROCESSING or deadline.is_manual:
        return None
    ends = [pause.ends_on for pause in pauses if pause.ends_on and pause.starts_on <= today < pause.ends_on]
    return Standing(f"angehalten bis {short(max(ends))}", Level.STOPPED) if ends else None
