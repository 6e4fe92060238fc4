"""The rows of the Fristen, for actions that have the Vorgang locked already and are inside ``acting()``.

Each function leaves ``case.next_due`` right and unsaved: ``changing`` saves the Vorgang at its end.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, timedelta

from django.utils import timezone
from simple_history.utils import bulk_create_with_history

from cases import authority, deadlines
from cases.deadlines import Calendar, Computed, DeadlineError, Duty, Period, Regime, Span
from cases.deadlines.calendar import is_within_reach
from cases.deadlines.computing import SHIFT_NORMS, shift
from cases.models import Case, Deadline, DeadlineKind, Dispatch, Pause

BASES = {
    DeadlineKind.PROCESSING: "Bearbeitungsziel der Leistung",
    DeadlineKind.FICTION: "§ 42a VwVfG",
    DeadlineKind.VWGO: "§ 75 VwGO",
    DeadlineKind.SGG: "§ 88 SGG",
}
DUTY_OF = {Regime.VWVFG: DeadlineKind.VWGO, Regime.SGB: DeadlineKind.SGG}
REMEDY_LAW_OF = {DeadlineKind.VWGO: Regime.VWVFG, DeadlineKind.SGG: Regime.SGB}


def compute(
    kind: DeadlineKind,
    starts_on: date,
    period: Period,
    *,
    regime: Regime = Regime.VWVFG,
    calendar: Calendar | None = None,
    spans: Iterable[Span] = (),
) -> tuple[date | None, tuple[str, ...]]:
    """When a Frist of this kind ends and why. ``calendar`` is asked for those only that end on a working day."""
    if kind == DeadlineKind.PROCESSING:
        expected = deadlines.expected_by(starts_on, _days(period), spans)
        return expected.on, expected.reasons
    if kind.is_duty:
        duty = deadlines.duty(Duty(kind.value), starts_on, period)
        return duty.warn_on, duty.reasons
    calendar = calendar or authority.calendar()
    if kind in (DeadlineKind.REQUEST, DeadlineKind.HEARING, DeadlineKind.NOTICE):
        found: Computed = deadlines.request_due(starts_on, _days(period), regime=regime, calendar=calendar)
    else:
        found = deadlines.end_of_period(starts_on, period, calendar, SHIFT_NORMS[regime])
    return found.on, found.reasons


def new(
    case: Case,
    kind: DeadlineKind,
    *,
    starts_on: date,
    period: Period,
    title: str = "",
    basis: str = "",
    why: Sequence[str] = (),
    spans: Iterable[Span] = (),
) -> Deadline:
    """An unsaved computed Frist; ``why`` are sentences that come before its own."""
    due_on, reasons = compute(kind, starts_on, period, regime=law_of(case, kind), spans=spans)
    return Deadline(
        case=case,
        kind=kind,
        title=title[:100],
        starts_on=starts_on,
        length=period.number,
        unit=period.unit,
        due_on=due_on,
        warn_on=warn_on(kind, due_on),
        basis=basis or BASES.get(kind, ""),
        reasons=[*why, *reasons],
    )


def at_opening(case: Case) -> list[Deadline]:
    """The unsaved Fristen of a new Vorgang, with ``case.next_due``: no query, the Vorgang may be unsaved too.

    The processing target runs from the arrival, and so does the authority's duty to decide on an application
    (§ 75 VwGO, § 88 SGG). Leistungen that are not applied for, as court mail, have neither target nor applicant.
    What is dated out of reach (a wrong clock at the sender's) is opened all the same, without Fristen.
    """
    start, declared = timezone.localdate(case.received_at), case.service_version.declaration
    if not is_within_reach(start):
        return []
    found = _processing_target(case, start)
    duty = duty_of(case)
    if duty and ("applicant" in declared or "processing_days" in declared):
        found.append(new(case, duty, starts_on=start, period=deadlines.duties.DUTIES[Duty(duty.value)].period))
    case.next_due = min((each.due_on for each in found if each.due_on), default=None)
    return found


def store(rows: Sequence[Deadline]) -> None:
    """Store new Fristen of Vorgänge that are saved by now, with their history, in bulk."""
    if rows:
        bulk_create_with_history(list(rows), Deadline)


def at_reopening(case: Case) -> None:
    """A Vorgang that is examined again has a new processing target from today on."""
    store(_processing_target(case, timezone.localdate()))
    refresh_next_due(case)


def at_end(case: Case) -> None:
    """What bound the authority is met or missed, the rest lapses; remedies against Bescheide that stand run on."""
    today = timezone.localdate()
    standing = Dispatch.objects.filter(case=case, decision__state="released", deadline__isnull=False)
    for deadline in case.deadlines.filter(state=Deadline.State.OPEN).exclude(pk__in=standing.values("deadline")):
        state = Deadline.State.CANCELLED
        if deadline.traits.of_duty:
            late = deadline.due_on is not None and deadline.due_on < today
            state = Deadline.State.MISSED if late else Deadline.State.MET
        settle(deadline, state, today)
    for pause in case.pauses.exclude(ends_on__lte=today):
        pause.ends_on = max(pause.starts_on, today)
        pause.save()
    refresh_next_due(case)


def settle(deadline: Deadline, state: Deadline.State, on: date) -> None:
    """An open Frist is over."""
    deadline.state, deadline.settled_on = state, on
    deadline.save()


def recompute_clock(case: Case) -> None:
    """The open processing target, with the pauses as they are now; one that a person has set stays."""
    target = case.deadlines.filter(kind=DeadlineKind.PROCESSING, state=Deadline.State.OPEN, is_manual=False).first()
    if target is not None:
        before = target.due_on
        put(target, *compute(DeadlineKind.PROCESSING, target.starts_on, period_of(target), spans=spans_of(case)))
        case.expected_otherwise |= target.due_on != before
    refresh_next_due(case)


def stretch_pause(case: Case, pause: Pause, ends_on: date) -> None:
    """What the clock stands for ends on another day now."""
    pause.ends_on = max(pause.starts_on, ends_on)
    pause.save()
    recompute_clock(case)


def put(deadline: Deadline, due_on: date | None, reasons: Sequence[str]) -> None:
    """Save another end of a Frist, if it is another one."""
    if (deadline.due_on, deadline.reasons) == (due_on, list(reasons)):
        return
    deadline.due_on, deadline.reasons = due_on, list(reasons)
    deadline.warn_on = warn_on(DeadlineKind(deadline.kind), due_on)
    deadline.save()


def refresh_next_due(case: Case) -> None:
    """``case.next_due`` is the earliest end of its open Fristen."""
    ends = case.deadlines.filter(state=Deadline.State.OPEN, due_on__isnull=False).order_by("due_on")
    case.next_due = ends.values_list("due_on", flat=True).first()


def on_working_day(kind: DeadlineKind, on: date, regime: Regime) -> Computed:
    """A day that a person has chosen, moved to a working day where the kind ends on one."""
    return shift(on, authority.calendar(), SHIFT_NORMS[regime]) if kind.traits.shifts else Computed(on, ())


def warn_on(kind: DeadlineKind, due_on: date | None) -> date | None:
    """From when on a Frist is warned of."""
    return due_on - timedelta(days=kind.traits.early_days) if due_on else None


def spans_of(case: Case) -> list[Span]:
    """The pauses of a Vorgang."""
    return [Span(pause.starts_on, pause.ends_on) for pause in Pause.objects.filter(case=case)]


def period_of(deadline: Deadline) -> Period:
    """The length of a computed Frist."""
    return Period(deadline.length, deadline.unit)


def regime_of(case: Case) -> Regime:
    """The procedural law of the Vorgang's Leistung."""
    return Regime(case.service_version.declaration["regime"])


def duty_of(case: Case) -> DeadlineKind | None:
    """What follows when nobody decides in time (§ 75 VwGO, § 88 SGG): as the package says, else by its regime.

    Wohngeld follows the SGB X, and its remedies go to the Verwaltungsgericht all the same (§ 62 SGB X, § 40 VwGO).
    """
    said = case.service_version.declaration.get("inaction", "")
    if not said:
        return DUTY_OF.get(regime_of(case))
    return None if said == "none" else DeadlineKind(said)


def remedy_law_of(case: Case) -> Regime:
    """By which law remedies against its Bescheid run: that of the court which they lead to."""
    return REMEDY_LAW_OF.get(duty_of(case), regime_of(case))


def law_of(case: Case, kind: DeadlineKind) -> Regime:
    """By which law a Frist of this kind is computed."""
    return remedy_law_of(case) if kind == DeadlineKind.REMEDY else regime_of(case)


def _days(period: Period) -> int:
    """Its days; DeadlineError for months, which a target and a date that is printed are not counted in."""
    if period.unit == "months":
        raise DeadlineError("Diese Frist wird in Tagen oder Wochen angegeben.")
    return period.number * (7 if period.unit == "weeks" else 1)


def _processing_target(case: Case, start: date) -> list[Deadline]:
    days = case.service_version.declaration.get("processing_days")
    return [new(case, DeadlineKind.PROCESSING, starts_on=start, period=Period.days(days))] if days else []
