"""The Bescheid: drafted, changed, released by a named person, corrected, withdrawn. The machine does none of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.utils import timezone

from audit import versions
from audit.acting import Actor
from cases import composing, gates, standard_texts
from cases.actions import deadline_rows, following, sending
from cases.actions.base import NotPossible, Outdated, changing, require_transition
from cases.actions.requests import end_as_withdrawn, open_requests
from cases.models import Case, Deadline, Decision, Dispatch, Document

State = Decision.State
EDITABLE = ("outcome", "operative_part", "reasoning", "remedy_notice", "method")


def draft_decision(
    *, case: Case, values: Mapping[str, Any], by: Actor, corrects: Decision | None = None, reason: str = ""
) -> Decision:
    """Begin a Bescheid; ``values`` are the fields of ``EDITABLE``, what is missing is as the Leistung says.

    ``corrects``: the released Bescheid of this Vorgang that a corrected version takes the place of.
    """
    with changing(case, by=by, action="draft_decision", kind="decision", reason=reason) as locked:
        if not standard_texts.has_decision(locked.service_version):
            raise NotPossible("Für diese Leistung wird hier kein Bescheid geschrieben; bitte den Vorgang abschließen.")
        if locked.decisions.filter(state=State.DRAFT).exists():
            raise NotPossible("Es gibt schon einen Entwurf; bitte diesen weiterschreiben.")
        if corrects is None and not locked.is_open:
            raise NotPossible("Der Vorgang ist entschieden; bitte den Bescheid berichtigen oder ihn wieder aufnehmen.")
        if corrects is not None and not locked.decisions.filter(pk=corrects.pk, state=State.RELEASED).exists():
            raise NotPossible("Berichtigt wird ein freigegebener Bescheid dieses Vorgangs.")
        draft = Decision(case=locked, number=locked.decisions.count() + 1, corrects=corrects, drafted_by=by.user)
        notice = standard_texts.remedy_notice(locked.service_version)
        draft.remedy_notice = standard_texts.fill(notice, standard_texts.values_for(locked, settings.AUTHORITY_NAME))
        _set(draft, values)
        draft.save()
        versions.record_created([draft])
    return draft


def change_draft(
    *, decision: Decision, values: Mapping[str, Any], revision: int, by: Actor, reason: str = ""
) -> Decision:
    """Change a draft, based on its ``revision``; Outdated when somebody has saved since.

    Who changes it has drafted it.
    """
    with changing(
        decision.case, by=by, action="change_draft", kind="decision", reason=reason, permission="draft_decision"
    ) as case:
        draft = _draft(decision, case)
        if draft.revision != revision:
            raise Outdated(draft)
        before = versions.snapshot(draft)
        _set(draft, values)
        draft.revision += 1
        draft.drafted_by = by.user
        draft.save()
        versions.record_changed(draft, before)
    return draft


def discard_draft(*, decision: Decision, by: Actor, reason: str = "") -> None:
    """Drop a draft; its text stays in the trail."""
    with changing(
        decision.case, by=by, action="discard_draft", kind="decision", reason=reason, permission="draft_decision"
    ) as case:
        draft = _draft(decision, case)
        draft.discard()
        draft.save()


def release_decision(*, decision: Decision, revision: int, by: Actor, reason: str = "") -> Decision:
    """Decide: the Bescheid is released as it stands in this ``revision``, filed as PDF, and waits to be sent.

    The gates (``cases.gates``) hold for everybody: Rechtsbehelfsbelehrung, Begründung, Mitwirkung, four eyes.
    """
    if not by.is_person:
        raise PermissionDenied("Es entscheidet immer ein Mensch (§ 35a VwVfG, § 31a SGB X).")
    with changing(decision.case, by=by, action="release_decision", kind="decision", reason=reason, public=True) as case:
        draft = _draft(decision, case)
        if draft.revision != revision:
            raise Outdated(draft)
        gates.require_releasable(draft, by=by.user, drafters=drafters(draft))
        draft.release()
        draft.released_by, draft.released_at = by.user, timezone.now()
        draft.save()
        _file(draft, by=by)
        if draft.corrects:
            _replace(draft.corrects, case)
        if case.is_open or not draft.corrects:
            _decide(case, draft)
        case.outcome = draft.outcome
    return draft


def withdraw_decision(*, decision: Decision, by: Actor, reason: str) -> None:
    """Take a released Bescheid back (§§ 48, 49 VwVfG, §§ 44 to 47 SGB X): the Vorgang is examined again.

    What has not been sent yet is not sent any more. The reason is required.
    """
    if not reason.strip():
        raise NotPossible("Bitte einen Grund angeben.")
    with changing(
        decision.case, by=by, action="withdraw_decision", kind="decision", reason=reason, public=True
    ) as case:
        current = Decision.objects.select_for_update().get(pk=decision.pk, case=case)
        if current.state != State.RELEASED:
            raise NotPossible("Zurückgenommen wird ein freigegebener Bescheid.")
        current.withdraw()
        current.final_since = None
        current.save()
        _lapse(current, case)
        if not case.is_open:
            require_transition(case, "reopen")
            case.reopen()
            case.status_since = timezone.now()
            deadline_rows.at_reopening(case)


def mark_final(*, decision: Decision, by: Actor, reason: str = "") -> Decision:
    """Note that the Bescheid can no longer be challenged (Bestandskraft), once that is so."""
    with changing(decision.case, by=by, action="mark_final", kind="decision", reason=reason) as case:
        current = Decision.objects.select_for_update().get(pk=decision.pk, case=case)
        finality = gates.finality(current)
        if finality.since is None:
            raise NotPossible(finality.sentence)
        current.final_since = finality.since
        current.save()
        challenged = current.remedies.filter(in_time=True).exists()
        following.remedies_ended(case, current, Deadline.State.MET if challenged else Deadline.State.MISSED)
    return current


def drafters(decision: Decision) -> set[int]:
    """The ids of all who have written on the draft: none of them releases it where four eyes are asked for."""
    return set(decision.history.filter(state=State.DRAFT).values_list("drafted_by_id", flat=True))


def _draft(decision: Decision, case: Case) -> Decision:
    rows = Decision.objects.select_for_update(of=("self",)).select_related("corrects", "drafted_by")
    draft = rows.get(pk=decision.pk, case=case)
    if draft.state != State.DRAFT:
        raise NotPossible(f"Dieser Bescheid ist kein Entwurf mehr: {draft.get_state_display()}.")
    draft.case = case
    return draft


def _set(draft: Decision, values: Mapping[str, Any]) -> None:
    for name in EDITABLE:
        if name in values:
            setattr(draft, name, values[name])
    if draft.outcome not in Decision.OUTCOMES:
        raise NotPossible("Bitte ein Ergebnis wählen.")
    if not draft.operative_part.strip():
        raise NotPossible("Bitte eintragen, was entschieden wird.")


def _file(decision: Decision, *, by: Actor) -> None:
    today = timezone.localdate()
    sending.prepare(
        decision.case,
        lambda party: composing.decision(decision, party, on=today, by=by.user),
        of=decision,
        title=f"Bescheid {decision.number}",
        role=Document.Role.DECISION,
        method=Dispatch.Method(decision.method),
        by=by,
    )


def _decide(case: Case, draft: Decision) -> None:
    """The Vorgang ends with this Bescheid; nothing is awaited any more."""
    require_transition(case, "decide")
    for request in open_requests(case):
        end_as_withdrawn(request)
    case.decide()
    case.closed_at = case.status_since = draft.released_at
    deadline_rows.at_end(case)


def _replace(corrected: Decision, case: Case) -> None:
    """The corrected version takes the place of this one; if it has not left the house, it does not any more."""
    current = Decision.objects.select_for_update().get(pk=corrected.pk)
    if current.state != State.RELEASED:
        raise NotPossible("Der berichtigte Bescheid gilt nicht mehr; bitte neu beginnen.")
    current.replace()
    current.save()
    _lapse(current, case)


def _lapse(decision: Decision, case: Case) -> None:
    """It does not stand any more: what has not left the house stays there, and no remedy runs."""
    sending.cancel_unsent(list(decision.dispatches.select_for_update()))
    following.remedies_ended(case, decision, Deadline.State.CANCELLED)
