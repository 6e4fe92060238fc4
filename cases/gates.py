"""The gates before a Bescheid: asked in one place, by every way of releasing one. They hold for superusers too."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.utils import timezone

from cases import authority, deadlines, standard_texts
from cases.actions import deadline_rows
from cases.actions.base import NotPossible
from cases.deadlines import Calendar, Computed
from cases.models import Case, Decision, Dispatch, InformationRequest, Remedy, User

NEEDS_REASONING = (Case.Outcome.REJECTED, Case.Outcome.REFUSED, Case.Outcome.PARTLY_GRANTED)
WRITTEN = (Dispatch.Method.LETTER, Dispatch.Method.REGISTERED, Dispatch.Method.PZU)  # meets the written form


@dataclass(frozen=True)
class Finality:
    """Since when a Bescheid cannot be challenged any more; else the sentence says what is awaited."""

    since: date | None
    sentence: str


@dataclass(frozen=True)
class Timeliness:
    """Whether a Rechtsbehelf is in time (None: not known yet), and why."""

    in_time: bool | None
    reasons: tuple[str, ...]


def require_releasable(draft: Decision, *, by: User, drafters: Collection[int]) -> None:
    """Raise NotPossible with all that still stands in the way, unless ``by`` may release this draft now."""
    open_points = list(what_is_missing(draft))
    if needs_four_eyes(draft.case) and by.pk in drafters:
        open_points.append(
            "Vier-Augen-Prinzip: Sie haben an diesem Entwurf geschrieben; freigeben muss ihn jemand anderes."
        )
    if open_points:
        raise NotPossible(" ".join(open_points))


def what_is_missing(draft: Decision, *, has_ground: bool | None = None) -> Iterator[str]:
    """What the draft lacks before anybody could release it, one German sentence each.

    ``has_ground``: whether some Nachforderung carries a Versagung (``is_ground``), where that is known already.
    """
    if not draft.remedy_notice.strip():
        yield "Die Rechtsbehelfsbelehrung fehlt; ohne sie liefe der Rechtsbehelf ein Jahr (§ 58 Abs. 2 VwGO)."
    if draft.outcome in NEEDS_REASONING and not draft.reasoning.strip():
        yield "Die Begründung fehlt (§ 39 VwVfG, § 35 SGB X)."
    for gap in standard_texts.gaps(draft.operative_part, draft.reasoning, draft.remedy_notice):
        yield f"Im Text steht noch ein Platzhalter: {gap}."
    if draft.outcome == Case.Outcome.REFUSED:
        yield from _cooperation(draft.case, has_ground)


def needs_four_eyes(case: Case) -> bool:
    """True where the Leistung says that nobody releases their own draft."""
    return bool(case.service_version.declaration.get("four_eyes"))


def _cooperation(case: Case, has_ground: bool | None) -> Iterator[str]:
    """Versagung under SGB I: only after a written Nachforderung that named the consequence and has run out (§ 66)."""
    if case.service_version.declaration["regime"] != "sgb":
        yield "Versagen lässt sich nur eine Sozialleistung (§ 66 SGB I); bitte ablehnen oder einstellen."
        return
    if has_ground is None:
        requests = case.information_requests.select_related("deadline").prefetch_related("dispatches")
        has_ground = any(is_ground(request, request.dispatches.all()) for request in requests)
    if not has_ground:
        yield (
            "Eine Versagung setzt eine schriftliche Nachforderung voraus, die auf die Folgen hingewiesen hat, "
            "nachweislich versandt wurde und deren Frist ohne Antwort abgelaufen ist (§ 66 Abs. 3 SGB I)."
        )


def is_ground(request: InformationRequest, letters: Iterable[Dispatch]) -> bool:
    """True when a Versagung can rest on this Nachforderung: one of these letters was known before its Frist ended.

    A reminder names no consequence and sets no Frist.
    """
    sent = any(
        row.state == Dispatch.State.SENT
        and row.method in WRITTEN
        and not row.is_reminder
        and row.known_on is not None
        and row.known_on < request.ends_on
        for row in letters
    )
    ended = request.state == InformationRequest.State.EXPIRED and request.ends_on < timezone.localdate()
    return sent and ended and request.names_consequence


def remedy_end(row: Dispatch, calendar: Calendar) -> Computed | None:
    """When the remedy of this recipient ends, and why; None while the Bekanntgabe is not known."""
    if row.state != Dispatch.State.SENT or row.known_on is None:
        return None
    return deadlines.remedy(
        row.known_on,
        regime=deadline_rows.remedy_law_of(row.case),
        calendar=calendar,
        has_notice=bool(row.decision.remedy_notice.strip()),
    )


def timeliness(decision: Decision, filed_on: date) -> Timeliness:
    """Whether a Rechtsbehelf of this day is in time; not known while the Bekanntgabe to somebody is not."""
    calendar = authority.calendar()
    ends = [remedy_end(row, calendar) for row in _letters(decision)]
    if not ends or None in ends:
        return Timeliness(None, ("Die Bekanntgabe steht noch nicht für alle fest; so läuft noch keine Frist.",))
    last = max(ends, key=lambda end: end.on)
    late = filed_on > last.on
    verdict = "verspätet" if late else "fristgerecht"
    return Timeliness(not late, (*last.reasons, f"Eingegangen am {filed_on:%d.%m.%Y}: {verdict}."))


def finality(decision: Decision) -> Finality:
    """Since when the Bescheid is final: the remedy has ended for every recipient, and none is pending."""
    return finality_of(decision, _letters(decision), list(decision.remedies.all()))


def finality_of(decision: Decision, letters: Sequence[Dispatch], remedies: Sequence[Remedy]) -> Finality:
    """The same from its letters and Rechtsbehelfe, where they are known already (one query, for the calendar)."""
    if decision.state != Decision.State.RELEASED:
        return Finality(None, "Nur ein freigegebener Bescheid wird bestandskräftig.")
    if any(remedy.state in Remedy.PENDING for remedy in remedies):
        return Finality(None, "Ein Rechtsbehelf ist noch anhängig.")
    if any(remedy.state == Remedy.State.REMEDIED for remedy in remedies):
        return Finality(None, "Einem Rechtsbehelf wurde abgeholfen; bestandskräftig wird der neue Bescheid.")
    calendar = authority.calendar()
    ends = [remedy_end(row, calendar) for row in letters if row.state != Dispatch.State.CANCELLED]
    if not ends or None in ends:
        return Finality(None, "Der Bescheid ist noch nicht allen bekannt gegeben.")
    last = max(end.on for end in ends)
    if last >= timezone.localdate():
        return Finality(None, f"Die Rechtsbehelfsfrist läuft noch bis zum {last:%d.%m.%Y}.")
    return Finality(last + timedelta(days=1), "")


def _letters(decision: Decision) -> list[Dispatch]:
    rows = decision.dispatches.exclude(state=Dispatch.State.CANCELLED)
    return list(rows.select_related("case__service_version", "decision"))
