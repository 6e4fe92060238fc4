"""What people (and where it is said so, the machine) do with the Fristen of a Vorgang."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils import timezone
from simple_history.utils import bulk_update_with_history

from audit.acting import Actor, acting
from cases import authority, policy
from cases.actions import deadline_rows as rows
from cases.actions.base import NotPossible, changing
from cases.deadlines import Computed, DeadlineError, Period
from cases.deadlines.calendar import within_reach
from cases.deadlines.words import short
from cases.models import Case, Deadline, DeadlineKind, InformationRequest, LocalHoliday, Pause, Role
from cases.models.deadline import ONCE
from cases.signals import case_event

KIND = "deadlines"  # of the case_event


def open_deadline(
    *,
    case: Case,
    kind: DeadlineKind,
    by: Actor,
    starts_on: date,
    period: Period | None = None,
    due_on: date | None = None,
    title: str = "",
    basis: str = "",
    why: Sequence[str] = (),
    reason: str = "",
) -> Deadline:
    """Enter a Frist: computed from ``starts_on`` and ``period``, or with the day that a person sets.

    A day set by hand (``due_on``) needs a ``reason`` and is moved to a working day where the kind ends on one.
    ``why`` are sentences that come before the computed ones. NotPossible when something is missing, when the Vorgang
    is decided (a Rechtsbehelf begins then), or when a kind that exists once is open already.
    """
    with changing(case, by=by, action="open_deadline", kind=KIND, reason=reason) as locked:
        if not locked.is_open and kind not in (DeadlineKind.REMEDY, DeadlineKind.COURT):
            raise NotPossible("Der Vorgang ist entschieden; bitte ihn zuerst wieder aufnehmen.")
        if kind in ONCE and locked.deadlines.filter(kind=kind, state=Deadline.State.OPEN).exists():
            raise NotPossible(f"Die Frist „{kind.label}“ läuft schon; bitte die vorhandene ändern.")
        if (period is None) == (due_on is None):
            raise NotPossible("Bitte entweder eine Dauer oder ein Datum angeben.")
        deadline = _described(locked, kind, starts_on, period, due_on, reason)
        deadline.title, deadline.basis = title[:100], basis or deadline.basis
        deadline.reasons = [*why, *deadline.reasons]
        deadline.save()
        locked.expected_otherwise = kind == DeadlineKind.PROCESSING
        rows.refresh_next_due(locked)
    return deadline


def settle_deadline(*, deadline: Deadline, by: Actor, met: bool = True, reason: str = "") -> Deadline:
    """What was due has happened, or (``met=False``) has not: the Frist is over."""
    state = Deadline.State.MET if met else Deadline.State.MISSED
    return _end(deadline, state, by=by, action="settle_deadline", reason=reason)


def cancel_deadline(*, deadline: Deadline, by: Actor, reason: str) -> Deadline:
    """The Frist no longer matters; the reason is required."""
    _require_reason(reason)
    return _end(deadline, Deadline.State.CANCELLED, by=by, action="cancel_deadline", reason=reason)


def extend_deadline(*, deadline: Deadline, due_on: date, by: Actor, reason: str) -> Deadline:
    """A person sets a later day, with a reason; also after the Frist has ended (§ 31 Abs. 7 VwVfG, § 26 Abs. 7 SGB X).

    What the law fixes (Rechtsbehelf, § 75 VwGO, § 88 SGG) cannot be extended.
    """
    _require_reason(reason)
    with changing(deadline.case, by=by, action="extend_deadline", kind=KIND, reason=reason) as locked:
        fresh = _locked(deadline)
        kind = DeadlineKind(fresh.kind)
        if not kind.traits.extendable:
            raise NotPossible(f"Die Frist „{fresh}“ steht im Gesetz und lässt sich nicht verlängern.")
        if fresh.state not in (Deadline.State.OPEN, Deadline.State.MISSED) or not locked.is_open:
            raise NotPossible(f"Die Frist „{fresh}“ ist erledigt; bitte eine neue eintragen.")
        if fresh.due_on and due_on <= fresh.due_on:
            raise NotPossible(f"Das neue Datum muss nach dem {short(fresh.due_on)} liegen.")
        moved = _on_working_day(locked, kind, due_on)
        fresh.state, fresh.settled_on, fresh.is_manual, fresh.reason = Deadline.State.OPEN, None, True, reason
        said = f"Verlängert bis {short(moved.on)} von {by.name} am {short(timezone.localdate())}: {reason}"
        rows.put(fresh, moved.on, [*fresh.reasons, said, *moved.reasons])
        locked.expected_otherwise = kind == DeadlineKind.PROCESSING
        rows.refresh_next_due(locked)
    return fresh


def start_pause(
    *, case: Case, cause: str, starts_on: date, by: Actor, ends_on: date | None = None, reason: str = ""
) -> Pause:
    """Stop the service clock from ``starts_on`` (the dispatch) on, at the longest until ``ends_on`` (its Frist)."""
    with changing(case, by=by, action="start_pause", kind=KIND, reason=reason or cause) as locked:
        if not locked.is_open:
            raise NotPossible("Der Vorgang ist entschieden; seine Uhr läuft nicht mehr.")
        if ends_on and ends_on < starts_on:
            raise NotPossible("Die Pause kann nicht enden, bevor sie beginnt; bitte die Daten prüfen.")
        pause = Pause(case=locked, starts_on=starts_on, ends_on=ends_on, cause=cause[:200])
        pause.save()
        rows.recompute_clock(locked)
    return pause


def end_pause(*, pause: Pause, ends_on: date, by: Actor, reason: str = "") -> Pause:
    """The clock runs on: the answer has arrived on this day, or the Frist has ended (or has got another end)."""
    with changing(pause.case, by=by, action="end_pause", kind=KIND, reason=reason or pause.cause) as locked:
        fresh = Pause.objects.get(pk=pause.pk)
        if ends_on < fresh.starts_on:
            raise NotPossible("Die Pause kann nicht enden, bevor sie beginnt; bitte die Daten prüfen.")
        fresh.ends_on = ends_on
        fresh.save()
        rows.recompute_clock(locked)
    return fresh


def add_local_holiday(*, on: date, name: str, by: Actor) -> LocalHoliday:
    """Add a holiday at the authority's seat (Fachadministration); computed open Fristen that end on it move on.

    NotPossible when the day is one already.
    """
    if not (by.is_person and by.user is not None and by.user.is_active and policy.has_role(by.user, Role.ADMIN)):
        raise PermissionDenied("Feiertage trägt die Fachadministration ein.")
    if not name.strip():
        raise NotPossible("Bitte den Namen des Feiertags angeben.")
    reason = f"Feiertag {name.strip()} am {short(on)} nachgetragen."
    with transaction.atomic(), acting(by, "add_local_holiday", reason=reason):
        holiday = _new_holiday(on, name.strip())
        _move_from(on, reason, by)
    return holiday


def _new_holiday(on: date, name: str) -> LocalHoliday:
    if known := authority.calendar().holiday(on):
        raise NotPossible(f"Der {short(on)} ist schon ein Feiertag ({known}).")
    holiday = LocalHoliday(on=on, name=name)
    try:
        with transaction.atomic():
            holiday.save()
    except IntegrityError as error:
        raise NotPossible(f"Der {short(on)} ist schon eingetragen.") from error
    return holiday


def _move_from(on: date, reason: str, by: Actor) -> None:
    """Move the open Fristen that end on this day, Vorgang by Vorgang in the order of their ids.

    Those that are computed, and those that the authority has set somebody (extended ones too); with a Nachforderung
    its pause.
    """
    ours = Q(is_manual=False) | Q(kind__in=(DeadlineKind.REQUEST, DeadlineKind.HEARING, DeadlineKind.NOTICE))
    ending = Deadline.objects.filter(ours, state=Deadline.State.OPEN, due_on=on)
    shifting = [kind for kind in DeadlineKind if kind.traits.shifts]
    cases = Case.objects.select_for_update(of=("self",), no_key=True).select_related("service_version")
    locked = {case.pk: case for case in cases.filter(deadlines__in=ending.filter(kind__in=shifting)).order_by("pk")}
    calendar, moved = authority.calendar(), defaultdict(list)
    for deadline in ending.filter(kind__in=shifting, case__in=locked).order_by("case_id", "pk"):
        case, kind = locked[deadline.case_id], DeadlineKind(deadline.kind)
        regime = rows.law_of(case, kind)
        if deadline.is_manual:
            later = rows.on_working_day(kind, on, regime)
            due_on, reasons = later.on, [*deadline.reasons, *later.reasons]
        else:
            due_on, reasons = rows.compute(
                kind, deadline.starts_on, rows.period_of(deadline), regime=regime, calendar=calendar
            )
        deadline.due_on, deadline.warn_on = due_on, rows.warn_on(kind, due_on)
        deadline.reasons = [*reasons, reason]
        moved[deadline.case_id].append(deadline)
    changed = [deadline for each in moved.values() for deadline in each]
    if not changed:
        return
    bulk_update_with_history(changed, Deadline, ["due_on", "warn_on", "reasons"])
    stopped = InformationRequest.objects.filter(deadline__in=changed, pause__isnull=False)
    for request in stopped.select_related("deadline", "pause").order_by("pk"):
        rows.stretch_pause(locked[request.case_id], request.pause, request.deadline.due_on)
    told = {deadline.case_id for deadline in changed if deadline.kind == DeadlineKind.REQUEST}  # the citizen sees it
    for case_id in moved:
        rows.refresh_next_due(locked[case_id])
        locked[case_id].version += case_id in told
    bulk_update_with_history([locked[case_id] for case_id in moved], Case, ["next_due", "version"])
    for case_id in moved:
        case_event.send(sender=Case, case=locked[case_id], kind=KIND, by=by, public=case_id in told)


def _described(
    case: Case, kind: DeadlineKind, starts_on: date, period: Period | None, due_on: date | None, reason: str
) -> Deadline:
    if period is not None:
        try:
            return rows.new(case, kind, starts_on=starts_on, period=period, spans=rows.spans_of(case))
        except DeadlineError as error:
            raise NotPossible(str(error)) from error
    _require_reason(reason)
    moved = _on_working_day(case, kind, due_on)
    return Deadline(
        case=case,
        kind=kind,
        starts_on=starts_on,
        due_on=moved.on,
        warn_on=rows.warn_on(kind, moved.on),
        basis=rows.BASES.get(kind, ""),
        reasons=[f"Von Hand gesetzt auf {short(due_on)}: {reason}", *moved.reasons],
        is_manual=True,
        reason=reason,
    )


def _on_working_day(case: Case, kind: DeadlineKind, on: date) -> Computed:
    try:
        return rows.on_working_day(kind, within_reach(on), rows.regime_of(case))
    except DeadlineError as error:
        raise NotPossible(str(error)) from error


def _end(deadline: Deadline, state: Deadline.State, *, by: Actor, action: str, reason: str) -> Deadline:
    with changing(deadline.case, by=by, action=action, kind=KIND, reason=reason) as locked:
        fresh = _locked(deadline)
        if fresh.state != Deadline.State.OPEN:
            raise NotPossible(f"Die Frist „{fresh}“ ist schon {fresh.get_state_display()}.")
        rows.settle(fresh, state, timezone.localdate())
        locked.expected_otherwise = fresh.kind == DeadlineKind.PROCESSING
        rows.refresh_next_due(locked)
    return fresh


def _locked(deadline: Deadline) -> Deadline:
    """The Frist as it is now; the lock of its Vorgang guards it. That of a Nachforderung changes with that only."""
    if InformationRequest.objects.filter(deadline=deadline).exists():
        raise NotPossible("Diese Frist gehört zu einer Nachforderung; bitte dort verlängern oder zurücknehmen.")
    return Deadline.objects.get(pk=deadline.pk)


def _require_reason(reason: str) -> None:
    if not reason.strip():
        raise NotPossible("Bitte einen Grund angeben.")
