"""Vermerke: written by people, changed by who wrote them, with every earlier text kept."""

from __future__ import annotations

from audit import versions
from audit.acting import Actor
from cases.actions.base import NotPossible, Outdated, changing
from cases.models import Case, Note


def write_note(
    *, case: Case, text: str, by: Actor, kind: Note.Kind = Note.Kind.NOTE, with_whom: str = "", reason: str = ""
) -> Note:
    """Write a Vermerk; ``with_whom`` says whom a Telefonvermerk is about."""
    if not text.strip():
        raise NotPossible("Der Vermerk ist leer; bitte einen Text eingeben.")
    with changing(case, by=by, action="write_note", kind="note", reason=reason) as locked:
        note = Note(case=locked, kind=kind, text=text.strip(), with_whom=with_whom.strip()[:200], author=by.user)
        note.save()
        versions.record_created([note])
    return note


def change_note(*, note: Note, text: str, revision: int, by: Actor, with_whom: str = "", reason: str = "") -> Note:
    """Change one's own Vermerk, based on its ``revision``; Outdated when it has changed since."""
    if not text.strip():
        raise NotPossible("Der Vermerk ist leer; bitte einen Text eingeben.")
    with changing(note.case, by=by, action="change_note", kind="note", reason=reason, permission="write_note") as case:
        current = Note.objects.select_for_update().get(pk=note.pk, case=case)
        if current.author_id != by.user.pk:
            raise NotPossible(f"Den Vermerk hat {current.author} geschrieben; bitte einen eigenen schreiben.")
        if current.revision != revision:
            raise Outdated(current)
        before = versions.snapshot(current)
        current.text, current.with_whom = text.strip(), with_whom.strip()[:200]
        current.revision += 1
        current.save()
        versions.record_changed(current, before)
    return current
