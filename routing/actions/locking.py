"""How an entry of the exception queue is taken hold of: always in the same order, by who may, and by one at a time."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied
from django.utils import timezone

from audit.acting import Actor
from intake.models import Submission
from routing import selectors
from routing.models import ExceptionEntry


class NotClearable(Exception):
    """The entry cannot be cleared this way; the message is a German sentence for the person who tried."""


class Claimed(NotClearable):
    """Somebody else is working on it."""

    def __init__(self, entry: ExceptionEntry) -> None:
        super().__init__(
            f"{in_whose_hands(entry)} Bitte sprechen Sie sich ab, oder nehmen Sie ihn mit „Übernehmen“ an sich."
        )


def lock(entry: ExceptionEntry, *, by: Actor, over_claim: bool = False) -> tuple[ExceptionEntry, Submission | None]:
    """Lock message and entry of an open Klärfall that ``by`` may clear, inside a transaction; both freshly read.

    Message first, then entry: the order in which the pipeline takes them. Raises PermissionDenied, NotClearable when
    it is solved, and Claimed when somebody else works on it (unless ``over_claim``).
    """
    may_clear = selectors.visible_entries(by.user)
    if by.user is None or not by.user.is_active or not may_clear.filter(pk=entry.pk).exists():
        raise PermissionDenied("Diesen Klärfall dürfen Sie nicht bearbeiten.")
    submission = None
    if entry.submission_id is not None:
        rows = Submission.objects.select_for_update(no_key=True, of=("self",)).select_related("number")
        submission = rows.get(pk=entry.submission_id)
    found = may_clear.filter(pk=entry.pk).select_for_update(no_key=True, of=("self",)).first()
    if found is None:  # it went to another team while we waited
        raise PermissionDenied("Diesen Klärfall hat inzwischen ein anderes Team.")
    if found.resolved_at is not None:
        raise NotClearable(f"Dieser Klärfall ist schon gelöst ({found.get_resolution_display()}).")
    if not over_claim and found.claimed_by_id not in (None, by.user.pk):
        raise Claimed(found)
    return found, submission


def in_whose_hands(entry: ExceptionEntry) -> str:
    """Who works on a claimed Klärfall, and since when, as a sentence."""
    at = timezone.localtime(entry.claimed_at)
    today = at.date() == timezone.localdate()
    since = f"{at:%H:%M} Uhr" if today else f"dem {at:%d.%m.%Y}, {at:%H:%M} Uhr"
    return f"{entry.claimed_by} bearbeitet diesen Klärfall seit {since}."
