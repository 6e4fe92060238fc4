"""Bekanntgabe: when a letter or a notice in a mailbox counts as known, and the remedy that runs from then."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from cases.deadlines.calendar import LAENDER, Calendar, within_reach
from cases.deadlines.computing import SHIFT_NORMS, Computed, Period, Regime, end_of_period, shift
from cases.deadlines.errors import DeadlineError
from cases.deadlines.rules import BASES, EVENTS, Basis, Event, Rule, find
from cases.deadlines.words import count, day

ONE_MONTH, ONE_YEAR = Period.months(1), Period.months(12)
REMEDY_NORMS = {
    Regime.VWVFG: ("§§ 70, 74 VwGO", "§ 58 Abs. 2 VwGO", "§ 57 Abs. 2 VwGO, § 222 ZPO"),
    Regime.SGB: ("§§ 84, 87 SGG", "§ 66 Abs. 2 SGG", "§ 64 Abs. 3 SGG"),
    Regime.AO: ("§ 355 AO, § 47 FGO", "§ 356 Abs. 2 AO", "§ 108 Abs. 3 AO"),
}


@dataclass(frozen=True)
class Known:
    """The day of the Bekanntgabe with its reasons; ``on`` is None when there is none. ``rule`` is the row used."""

    on: date | None
    reasons: tuple[str, ...]
    rule: Rule


def known(
    event: Event,
    on: date,
    *,
    regime: Regime,
    calendar: Calendar,
    basis: Basis | None = None,
    arrived: date | None = None,
    rows: Sequence[Rule] | None = None,
) -> Known:
    """When what was posted, provided, notified or retrieved on this day counts as known.

    ``basis`` is the ground, where the event leaves a choice; ``arrived`` the day on which it really arrived, if that
    is known: later than the fiction it counts, earlier it does not. DeadlineError when event, basis and regime do not
    belong together or there was no such law on that day.
    """
    basis = basis or basis_of(event, regime)
    rule = find(basis, regime, calendar.land, within_reach(on), rows)
    said = f"{EVENTS[event]} am {day(on)}."
    if event is not rule.event:
        if rule.unretrieved_days and event is Event.NOTIFIED:
            return Known(None, (said, *_unretrieved(rule, on), *_remarks(rule, calendar)), rule)
        raise DeadlineError(
            f"„{BASES[basis]}“ zählt ab einem anderen Ereignis: {EVENTS[rule.event].lower()}. Bitte diesen Tag angeben."
        )
    fiction = _fiction(rule, on, calendar)
    if arrived is None:
        return Known(fiction.on, (said, *fiction.reasons, *_remarks(rule, calendar)), rule)
    if arrived < on:
        raise DeadlineError("Der Zugang liegt vor der Absendung; bitte die Daten prüfen.")
    really = _arrival(arrived, fiction.on)
    return Known(really.on, (said, *fiction.reasons, *really.reasons, *_remarks(rule, calendar)), rule)


def basis_of(event: Event, regime: Regime) -> Basis:
    """The ground that an event points to when none is named."""
    if event is Event.POSTED:
        return Basis.DISPATCH
    if event is Event.PROVIDED:
        return Basis.OZG_9
    return {Regime.SGB: Basis.SGBX_37_2A, Regime.AO: Basis.AO_122A}.get(regime, Basis.VWVFG_41_2A)


def remedy(known_on: date, *, regime: Regime, calendar: Calendar, has_notice: bool = True) -> Computed:
    """When the remedy against a Bescheid ends: one month, or one year without a correct Rechtsbehelfsbelehrung.

    For the caseworker only: a computed end is never printed into a Bescheid.
    """
    month_norm, year_norm, shift_norm = REMEDY_NORMS[regime]
    period, norm = (ONE_MONTH, month_norm) if has_notice else (ONE_YEAR, year_norm)
    why = f"Rechtsbehelf: ein Monat ab Bekanntgabe ({norm})."
    if not has_notice:
        why = f"Ohne richtige Rechtsbehelfsbelehrung läuft der Rechtsbehelf ein Jahr ({norm})."
    end = end_of_period(known_on, period, calendar, f"{shift_norm}, § 193 BGB")
    return Computed(end.on, (why, *end.reasons))


def service_start(*, arrived: date, eeb_required: bool, eeb_on: date | None = None) -> Computed | None:
    """From which day a Frist runs that begins with what was served on the authority.

    Against eEB it is the date in the eEB, else the legal arrival. None: an eEB is demanded and not given yet,
    so that the Frist does not run.
    """
    if not eeb_required:
        return Computed(arrived, (f"Eingegangen am {day(arrived)}; die Frist läuft ab diesem Tag.",))
    if eeb_on is None:
        return None
    if eeb_on < arrived:
        raise DeadlineError("Das Empfangsbekenntnis ist früher datiert als der Eingang; bitte das Datum prüfen.")
    return Computed(
        eeb_on,
        (f"Zugestellt gegen Empfangsbekenntnis; es zählt dessen Datum: {day(eeb_on)} (§ 173 Abs. 3 ZPO).",),
    )


def _fiction(rule: Rule, on: date, calendar: Calendar) -> Computed:
    fiction = on + timedelta(days=rule.days)
    counted = "am Tag danach" if rule.days == 1 else f"am {rule.days}. Tag danach"
    reasons = [f"Gilt {counted} als bekannt gegeben: {day(fiction)} ({rule.source})."]
    if rule.shifts:
        moved = shift(fiction, calendar, SHIFT_NORMS[rule.regime])
        return Computed(moved.on, (*reasons, *moved.reasons))
    if free := calendar.why_free(fiction):
        reasons.append(f"Der Tag ist kein Werktag ({free}), verschiebt sich aber nicht: Die Fiktion ist keine Frist.")
    return Computed(fiction, tuple(reasons))


def _arrival(arrived: date, fiction: date) -> Computed:
    if arrived > fiction:
        return Computed(arrived, (f"Tatsächlich später zugegangen: {day(arrived)}; das geht vor.",))
    if arrived < fiction:
        return Computed(fiction, (f"Der frühere Zugang am {day(arrived)} ändert daran nichts.",))
    return Computed(fiction, ())


def _unretrieved(rule: Rule, notified: date) -> tuple[str, ...]:
    last = notified + timedelta(days=rule.unretrieved_days)
    return (
        f"Bekannt gegeben ist erst am Tag nach dem Abruf; abzurufen ist bis {day(last)}, "
        f"{count(rule.unretrieved_days, 'Tag', 'Tage')} nach der Benachrichtigung ({rule.source}).",
    )


def _remarks(rule: Rule, calendar: Calendar) -> tuple[str, ...]:
    remarks = [f"Einwilligung: {rule.consent}." if rule.consent else "", rule.unretrieved]
    if not rule.confirmed:
        remarks.append(
            f"Ungeprüft: Für {LAENDER[calendar.land]} hat noch niemand bestätigt, dass diese Regel seit "
            f"{rule.valid_from.year} so gilt ({rule.source}); bitte im Landesrecht nachsehen."
        )
    return tuple(remark for remark in remarks if remark)
