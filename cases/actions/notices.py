"""Mitteilungen: Zwischennachricht, Termin, Anhörung, Abgabenachricht."""

from __future__ import annotations

from datetime import date, datetime

from django.utils import timezone

from audit import versions
from audit.acting import Actor
from cases import authority, composing
from cases.actions import following, sending
from cases.actions.base import NotPossible, changing
from cases.models import Case, Dispatch, Document, Notice


def send_notice(
    *,
    case: Case,
    kind: Notice.Kind,
    subject: str,
    text: str,
    by: Actor,
    due_on: date | None = None,
    appointment_at: datetime | None = None,
    method: Dispatch.Method = Dispatch.Method.LETTER,
    reason: str = "",
) -> Notice:
    """Write to who receives the post. A hearing has a Frist (``due_on``), an appointment its time.

    The letter becomes a document of the Vorgang and waits to be sent.
    """
    with changing(case, by=by, action="send_notice", kind="notice", reason=reason, public=True) as locked:
        notice = new_notice(locked, kind=kind, subject=subject, text=text, due_on=due_on, appointment_at=appointment_at)
        sending.require_filled(notice.subject, notice.text)
        notice.save()
        versions.record_created([notice])
        sending.prepare(
            locked,
            lambda party: composing.notice(notice, party, by=by.user),
            of=notice,
            title=f"{notice.get_kind_display()} {notice.number}",
            role=Document.Role.LETTER,
            method=method,
            by=by,
        )
        if notice.due_on:
            following.notice_awaits(notice)
    return notice


def new_notice(
    case: Case, *, kind: Notice.Kind, subject: str, text: str, due_on: date | None, appointment_at: datetime | None
) -> Notice:
    """The Mitteilung as it would be sent today, unsaved; NotPossible says what is missing."""
    if not text.strip() or not subject.strip():
        raise NotPossible("Bitte Betreff und Text eingeben.")
    today = timezone.localdate()
    if kind == Notice.Kind.HEARING and due_on is None:
        raise NotPossible("Eine Anhörung braucht eine Frist.")
    if kind == Notice.Kind.APPOINTMENT and appointment_at is None:
        raise NotPossible("Zu einem Termin gehören Tag und Uhrzeit.")
    if appointment_at is not None and appointment_at <= timezone.now():
        raise NotPossible("Der Termin liegt in der Vergangenheit.")
    if due_on is not None and due_on <= today:
        raise NotPossible("Die Frist muss nach dem heutigen Tag enden.")
    if due_on is not None and (free := authority.calendar().why_free(due_on)):
        raise NotPossible(f"Der {due_on:%d.%m.%Y} ist kein Werktag ({free}); bitte einen Werktag wählen.")
    return Notice(
        case=case,
        number=case.notices.count() + 1,
        kind=kind,
        subject=subject.strip()[:200],
        text=text.strip(),
        sent_on=today,
        due_on=due_on,
        appointment_at=appointment_at,
    )
