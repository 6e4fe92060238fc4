"""What may be seen of the exception queue and of what was decided: one visibility for page, Verwaltung and actions."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Exists, F, OuterRef, Prefetch, Q, QuerySet, Subquery, Value
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import JSONObject
from django.utils import timezone

from cases import numbers, references
from cases.models import Case, CaseNumber, OrgUnit, ServiceVersion, User
from cases.selectors import PRESENT, Scope, visible_cases
from intake.models import Submission, SubmissionFile
from routing.duplicates import originals
from routing.models import ClearingQuestion, EntryPresence, ExceptionEntry, RoutingDecision


def visible_entries(user: User) -> QuerySet[ExceptionEntry]:
    """The Klärfälle of the units that ``user`` leads; those without a unit are seen by every Teamleitung.

    Who leads the central clearing also sees what has waited too long elsewhere. What lies in a protected Vorgang by now
    is for those whom it names.
    """
    protected = Case.objects.filter(pk=OuterRef("case"), is_protected=True)
    others = protected.exclude(pk__in=Case.readers.through.objects.filter(user=user).values("case"))
    return entries_of(Scope.known(user).led).filter(Q(resolved_at=None) | ~Exists(others))


def entries_of(led: Collection[int]) -> QuerySet[ExceptionEntry]:
    """``visible_entries`` for who leads these units."""
    if not led:
        return ExceptionEntry.objects.none()
    clears_all = Exists(OrgUnit.objects.filter(pk__in=led, is_clearing=True))
    return ExceptionEntry.objects.filter(Q(unit__in=led) | Q(unit=None) | Q(escalated_at__isnull=False) & clears_all)


def open_entries(user: User) -> QuerySet[ExceptionEntry]:
    """The open ones, oldest first."""
    return (
        visible_entries(user).filter(resolved_at=None).select_related("submission", "unit").order_by("created_at", "id")
    )


def parked() -> Q:
    """Those that are laid aside until a day that has not come yet."""
    return Q(parked_until__isnull=False, parked_until__gt=timezone.localdate())


def open_count(user: User, *, led: Collection[int] | None = None, units: Collection[int] | None = None) -> int | None:
    """How much of the queue is for ``user`` to do: open Klärfälle that are not parked, and questions to their teams.

    None for who leads no team and is asked nothing. ``led``, ``units``: what they lead, and where they work, where
    that is known already.
    """
    if led is None or units is None:
        scope = Scope.known(user)
        led, units = scope.led, scope.units
    if not units:
        return None
    asked = questions_to(units).order_by().values_list(Value(1))
    if not led:
        return asked.count() or None
    waiting = entries_of(led).filter(~parked(), resolved_at=None).order_by().values_list(Value(1))
    return waiting.union(asked, all=True).count()


def questions_to(units: Collection[int]) -> QuerySet[ClearingQuestion]:
    """The open questions to these units, oldest first: not answered, and their Klärfall not solved."""
    return ClearingQuestion.objects.filter(unit__in=units, answered_at=None, entry__resolved_at=None).order_by(
        "asked_at", "id"
    )


def shown_questions(units: Collection[int]) -> QuerySet[ClearingQuestion]:
    """The same with what is needed to answer them: the message and its files (three queries)."""
    files = SubmissionFile.objects.select_related("blob__result").order_by("is_archive", "name", "id")
    rows = questions_to(units).select_related("unit", "asked_by", "entry__submission__number")
    return rows.prefetch_related(Prefetch("entry__submission__files", files, to_attr="shown_files"))


def question_for(user: User, question_id: int) -> ClearingQuestion:
    """A question to a team in which ``user`` works or that they lead, for as long as it is open.

    Else ClearingQuestion.DoesNotExist.
    """
    return shown_questions(works_in(user)).get(pk=question_id)


def works_in(user: User) -> set[int]:
    """The units in which ``user`` works, or which they lead."""
    return set(Scope.known(user).units)


def file_of_question(user: User, question_id: int, file_id: int) -> SubmissionFile:
    """A file of the message that a question to one's own team is about; else SubmissionFile.DoesNotExist."""
    asked = questions_to(works_in(user)).filter(pk=question_id)
    return SubmissionFile.objects.select_related("submission__number", "blob__result").get(
        pk=file_id, submission__in=asked.values("entry__submission")
    )


def entry_for(user: User, entry_id: int) -> ExceptionEntry:
    """A Klärfall that ``user`` may see, with its message; else ExceptionEntry.DoesNotExist.

    ``named_service`` tells of the Leistung that the message names: ``{"id", "name", "unit_id", "schema"}`` (None where
    it names none), ``others_present`` of who has it open beside ``user``,
    as the case page's, ``past`` and ``asked`` of what has happened to it and what was asked about it.
    """
    entries = visible_entries(user).select_related("submission__number", "unit", "case", "resolved_by", "claimed_by")
    slug = KeyTextTransform("service", "submission__facts")
    versions = ServiceVersion.objects.annotate(asked=OuterRef("named_slug")).filter(service__slug=F("asked"))
    about = JSONObject(id="service_id", name="service__name", unit_id="service__unit_id", schema=F("sections__schema"))
    named = Subquery(versions.order_by("-number").values(about=about)[:1])
    others = present_at(OuterRef("pk"), user).values(found=JSONObject(**_person("user"), seen_at="seen_at"))
    return entries.annotate(
        named_slug=slug,
        named_service=named,
        others_present=ArraySubquery(others),
        past=ArraySubquery(_past()),
        asked=ArraySubquery(_asked()),
    ).get(pk=entry_id)


def _past() -> QuerySet[Any]:
    """What has happened to a Klärfall before it is solved, in order."""
    rows = ExceptionEntry.history.filter(id=OuterRef("pk")).exclude(history_action__startswith="resolve_")
    names = ("history_date", "history_action", "history_reason", "reason", "unit_id", "parked_until")
    found = JSONObject(actor="history_user_id", **{name: name for name in names})
    return rows.exclude(history_action="erase").order_by("history_id").values(found=found)


def _asked() -> QuerySet[Any]:
    """The questions about a Klärfall and their answers, in order."""
    names = ("text", "answer", "asked_at", "answered_at", "unit_id")
    people = {f"{who}_{key}": path for who in ("asked_by", "answered_by") for key, path in _person(who).items()}
    found = JSONObject(**{name: name for name in names}, **people)
    return ClearingQuestion.objects.filter(entry=OuterRef("pk")).order_by("asked_at", "id").values(found=found)


def _person(path: str) -> dict[str, str]:
    return {name: f"{path}__{name}" for name in ("username", "first_name", "last_name")}


def present_at(entry: ExceptionEntry | OuterRef, user: User) -> QuerySet[EntryPresence]:
    """Who else has the Klärfall open, who was seen last first."""
    seen = EntryPresence.objects.filter(entry=entry, seen_at__gte=timezone.now() - PRESENT).exclude(user=user)
    return seen.select_related("user").order_by("-seen_at")


def content_of(user: User, entry: ExceptionEntry) -> Submission | None:
    """The message of a visible Klärfall, as long as it is one; of a solved one only for who may see its Vorgang."""
    solved_elsewhere = entry.resolved_at is not None and entry.case_id is not None
    if solved_elsewhere and not visible_cases(user).filter(pk=entry.case_id).exists():
        return None
    return entry.submission


def file_of_entry(user: User, entry_id: int, file_id: int) -> SubmissionFile:
    """A file of the message of a visible Klärfall (see ``content_of``); else SubmissionFile.DoesNotExist."""
    entry = visible_entries(user).select_related("submission").filter(pk=entry_id).first()
    message = content_of(user, entry) if entry else None
    if message is None:
        raise SubmissionFile.DoesNotExist
    return SubmissionFile.objects.select_related("submission__number", "blob__result").get(
        pk=file_id, submission=message
    )


def may_reconsider(user: User, submission: Submission) -> bool:
    """True for who leads where its Klärfall or that of its original was, or may see the original's Vorgang."""
    original = submission.duplicate_of
    entries = Q(submission=submission) | Q(submission=original, submission__isnull=False)
    if visible_entries(user).filter(entries).exists():
        return True
    return original is not None and visible_cases(user).filter(pk=original.case_id).exists()


def units_to_file_in(user: User) -> QuerySet[OrgUnit]:
    """The units in which ``user`` may open a Vorgang or file something: their own, for the central clearing all."""
    return OrgUnit.objects.filter(pk__in=unit_ids_to_file_in(user))


def unit_ids_to_file_in(user: User) -> frozenset[int]:
    """The ids of the same (no query where the scope of a page is known)."""
    scope = Scope.known(user)
    if any(scope.all_units[unit_id].is_clearing for unit_id in scope.led):
        return frozenset(scope.all_units)
    return scope.units


def units_to_open_in(scope: Scope) -> list[OrgUnit]:
    """The same, by name, for who sees ``scope``."""
    if any(scope.all_units[pk].is_clearing for pk in scope.led):
        return list(scope.all_units.values())
    return scope.teams


def case_for_assignment(user: User, text: str) -> Case | None:
    """The Vorgang with exactly this Vorgangs-ID (or alias) or Aktenzeichen, if ``user`` may file something into it."""
    public_id, key = numbers.normalise(text), references.key(text)
    if public_id:
        named = Q(pk__in=CaseNumber.objects.filter(public_id=public_id).values("case"))
    elif key:
        named = Q(file_reference_key=key)
    else:
        return None
    found = Case.objects.filter(named, unit__in=units_to_file_in(user))[:2]
    return found[0] if len(found) == 1 else None


def possible_originals(submission: Submission) -> list[Submission]:
    """Earlier Eingänge with the same message id or the same documents, oldest first, at most five."""
    same = Q()
    if submission.message_id:
        same |= Q(message_id=submission.message_id)
    if submission.content_key:
        same |= Q(content_key=submission.content_key)
    if not same:
        return []
    others = Submission.objects.filter(same, originals(submission)).exclude(state=Submission.State.RECEIVED)
    return list(others.select_related("number").order_by("pk")[:5])


def original_submission(public_id: str) -> Submission | None:
    """The Eingang that a Vorgangs-ID was reserved for."""
    return Submission.objects.filter(number__public_id=public_id).first()


def duplicates_of(case: Case) -> list[Submission]:
    """What was taken for a repetition of an Eingang of this Vorgang, in order of arrival."""
    rows = Submission.objects.filter(duplicate_of__case=case).select_related("number", "duplicate_of__number")
    return list(rows.order_by("received_at", "id"))


def decisions_of(case: Case) -> QuerySet[RoutingDecision]:
    """Why the messages of a Vorgang are in it."""
    return RoutingDecision.objects.filter(case=case).order_by("id")


def with_rules_decided(submissions: QuerySet[Submission]) -> QuerySet[Submission]:
    """Each with ``rules_decided``: True when it depended on the rules where it went, or that a person had to look."""
    mode = RoutingDecision.Mode
    decisions = RoutingDecision.objects.filter(submission=OuterRef("pk"))
    without_rules = Exists(decisions.filter(mode__in=[mode.REPLY, mode.DUPLICATE]))
    in_queue = Exists(ExceptionEntry.objects.filter(submission=OuterRef("pk"), details__has_key="rules"))
    by_rule = Exists(decisions.filter(mode=mode.RULE))
    return submissions.annotate(rules_decided=by_rule | (in_queue & ~without_rules))
