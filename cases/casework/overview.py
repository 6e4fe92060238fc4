"""What the page of a Vorgang shows of the casework: what can be done now, and what has been written."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef
from django.db.models.functions import JSONObject
from django.urls import reverse
from django.utils import timezone

from cases import gates, standard_texts
from cases.actions import sending
from cases.models import (
    Case,
    Decision,
    Dispatch,
    DocumentFile,
    InformationRequest,
    InformationRequestItem,
    Remedy,
    User,
)
from cases.presenting import DocumentRow
from cases.selectors import Scope

REMEDY = {name: name for name in ("id", "kind", "filed_on", "in_time", "reasons", "state", "settled_on")}


@dataclass(frozen=True)
class Step:
    """Something that can be done with the Vorgang now: a link to its page, or (``is_post``) a button."""

    label: str
    url: str
    icon: str
    is_post: bool = False
    is_first: bool = False


@dataclass(frozen=True)
class RequestRow:
    """A Nachforderung with its items and letters, and what can be done with it."""

    request: InformationRequest
    items: list[InformationRequestItem]
    missing: int
    is_open: bool
    has_ended: bool
    is_sent: bool
    can_extend: bool


@dataclass(frozen=True)
class LetterRow:
    """A letter with its PDF, and whether it may be said that it will not be sent."""

    dispatch: Dispatch
    file: DocumentFile
    can_be_withheld: bool


@dataclass(frozen=True)
class DecisionRow:
    """A Bescheid with its letters and Rechtsbehelfe; of a draft what is still missing."""

    decision: Decision
    dispatches: list[Dispatch]
    remedies: list[Remedy]
    missing: list[str] = field(default_factory=list)
    finality: gates.Finality | None = None


def context(case: Case, scope: Scope, documents: Sequence[DocumentRow]) -> dict[str, Any]:
    """All of it for a Vorgang that is in ``scope``; its letters are among its documents (two queries)."""
    allowed = scope.allowed_with(case)
    letters = [row.document.dispatch for row in documents if hasattr(row.document, "dispatch")]
    dispatches = sorted(letters, key=lambda row: row.pk)
    requests = _requests(case, dispatches)
    decisions = _decisions(case, dispatches, requests)
    return {
        "steps_to_take": [step for step in _steps(case, decisions, scope.user) if step[0] in allowed],
        "requests": requests,
        "decisions": decisions,
        "letters": _letters(documents, requests),
        "unsent": sum(row.state == Dispatch.State.TO_SEND for row in dispatches),
    }


def _steps(case: Case, decisions: list[DecisionRow], user: User) -> list[tuple[str, Step]]:
    """(permission, step), the most likely next one first."""
    steps: list[tuple[str, Step]] = []

    def add(
        permission: str, label: str, name: str, icon: str, *, is_post: bool = False, is_first: bool = False
    ) -> None:
        steps.append((permission, Step(label, reverse(name, args=[case.public_id]), icon, is_post, is_first)))

    if case.status == Case.Status.RECEIVED:
        add("take_up", "Prüfung beginnen", "case-take-up", "search", is_post=True, is_first=True)
    if case.is_open and case.handler_id is None and case.status != Case.Status.RECEIVED:
        add("assign", "Übernehmen", "case-take", "account-circle", is_post=True, is_first=True)
    draft = next((row.decision for row in decisions if row.decision.state == Decision.State.DRAFT), None)
    if case.is_open:
        if case.status == Case.Status.INFORMATION_REQUESTED:
            add("add_documents", "Antwort eingegangen", "case-arrived", "mail", is_post=True, is_first=True)
        add("request_information", "Nachforderung", "case-request", "help", is_first=draft is None)
    if standard_texts.has_decision(case.service_version) and (case.is_open or draft):
        label = "Entwurf weiterschreiben" if draft else "Bescheid entwerfen"
        add("draft_decision", label, "decision-draft", "edit", is_first=case.status == Case.Status.EXAMINING)
        if draft:
            add("release_decision", "Bescheid freigeben", "decision-release", "check", is_first=True)
    add("add_documents", "Dokument ablegen", "case-upload", "drive-folder-upload")
    add("write_note", "Vermerk", "case-note", "draft")
    add("send_notice", "Mitteilung", "case-notice", "mail")
    is_anothers = case.handler_id is not None and case.handler_id != user.pk
    add("assign_other" if is_anothers else "assign", "Zuweisen", "case-assign", "account-circle")
    if case.is_open:
        add("hand_over", "Anderes Team", "case-hand-over", "arrow-forward")
    add("protect", "Schutz ändern" if case.is_protected else "Schützen", "case-protect", "visibility-off")
    if case.is_open:
        add("close", "Abschließen", "case-close", "check")
    else:
        add("reopen", "Wieder aufnehmen", "case-reopen", "autorenew")
    return steps


def _remedy(decision: Decision, values: dict[str, Any]) -> Remedy:
    days = {name: date.fromisoformat(values[name]) for name in ("filed_on", "settled_on") if values[name]}
    return Remedy(decision=decision, **(values | days))


def _requests(case: Case, dispatches: list[Dispatch]) -> list[RequestRow]:
    today, rows = timezone.localdate(), []
    every = InformationRequestItem.objects.filter(request__case=case).select_related("request__deadline")
    links = InformationRequestItem.documents.through.objects.filter(informationrequestitem=OuterRef("pk"))
    came = links.order_by("document__number").values(
        found=JSONObject(number="document__number", case_id="document__case")
    )
    every = every.annotate(came=ArraySubquery(came))
    grouped = itertools.groupby(every.order_by("-request__number", "pk"), key=lambda item: item.request_id)
    for items in (list(group) for _, group in grouped):
        request = items[0].request
        is_open = request.state == InformationRequest.State.OPEN
        sent = any(row.request_id == request.pk and row.state == Dispatch.State.SENT for row in dispatches)
        missing = sum(item.state == InformationRequestItem.State.OPEN for item in items)
        has_ended = is_open and request.ends_on < today
        rows.append(RequestRow(request, items, missing, is_open, has_ended, sent, _can_extend(case, request, missing)))
    return rows


def _letters(documents: Sequence[DocumentRow], requests: Sequence[RequestRow]) -> list[LetterRow]:
    asked = {row.request.pk: row.request for row in requests}
    rows = []
    for filed in documents:
        if not hasattr(filed.document, "dispatch"):
            continue
        letter = filed.document.dispatch
        if letter.request_id is not None:
            letter.request = asked[letter.request_id]
        rows.append(LetterRow(letter, filed.files[0], sending.can_be_withheld(letter)))
    return sorted(rows, key=lambda row: row.dispatch.pk)


def _can_extend(case: Case, request: InformationRequest, missing: int) -> bool:
    state = InformationRequest.State
    asks_again = request.state == state.EXPIRED or (request.state == state.ANSWERED and missing > 0)
    return request.state == state.OPEN or (asks_again and case.is_open)


def _decisions(case: Case, dispatches: list[Dispatch], requests: list[RequestRow]) -> list[DecisionRow]:
    rows = []
    has_ground = any(
        gates.is_ground(row.request, [letter for letter in dispatches if letter.request_id == row.request.pk])
        for row in requests
    )
    decisions = case.decisions.exclude(state=Decision.State.DISCARDED).order_by("-number")
    lodged = Remedy.objects.filter(decision=OuterRef("pk")).order_by("pk").values(found=JSONObject(**REMEDY))
    for decision in decisions.select_related("drafted_by", "released_by").annotate(lodged=ArraySubquery(lodged)):
        decision.case = case
        remedies = [_remedy(decision, values) for values in decision.lodged]
        letters = [row for row in dispatches if row.decision_id == decision.pk]
        for row in letters:
            row.case, row.decision = case, decision
        is_draft = decision.state == Decision.State.DRAFT
        missing = list(gates.what_is_missing(decision, has_ground=has_ground)) if is_draft else []
        is_current = decision.state == Decision.State.RELEASED
        finality = None
        if is_current and not decision.final_since:
            finality = gates.finality_of(decision, letters, remedies)
        rows.append(DecisionRow(decision, letters, remedies, missing, finality))
    return rows
