"""The recipe that every change of a Vorgang follows."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Model
from django_fsm import can_proceed

from audit import versions
from audit.acting import Actor, acting
from cases import policy
from cases.actions.searching import index_again
from cases.models import Case
from cases.signals import case_event


class NotPossible(Exception):
    """The Vorgang is not in a state for this; the message is a German sentence for the person who tried."""


class Outdated(Exception):
    """Somebody else has changed it meanwhile: ``current`` is what is stored now; nothing has been written."""

    def __init__(self, current: Model) -> None:
        super().__init__("Inzwischen hat jemand anderes gespeichert; bitte beide Fassungen vergleichen.")
        self.current = current


@contextmanager
def changing(
    case: Case, *, by: Actor, action: str, kind: str, reason: str = "", permission: str = "", public: bool = False
) -> Iterator[Case]:
    """Lock the Vorgang, check the right, name the actor, and after the block save once and tell the upper rooms.

    ``kind`` is that of the ``case_event``; ``permission`` the entry of the policy, when it is not ``action``;
    ``public`` says that the citizen sees the change; another day on which it is expected to end is one, too. Yields
    the locked Vorgang, freshly read.
    """
    with transaction.atomic():
        locked = Case.objects.select_for_update(of=("self",), no_key=True).select_related("service").get(pk=case.pk)
        require(by, permission or action, locked)
        before, reference = versions.snapshot(locked), locked.file_reference
        with acting(by, action, reason=reason):
            yield locked
            public = public or locked.expected_otherwise
            if public:
                locked.version += 1
            locked.save()
            versions.record_changed(locked, before)
            if (versions.snapshot(locked), locked.file_reference) != (before, reference):
                index_again(locked)
            case_event.send(sender=Case, case=locked, kind=kind, by=by, public=public)


def require(by: Actor, action: str, case: Case) -> None:
    """Raise PermissionDenied unless ``by`` may do ``action`` with this Vorgang (``policy.may_with``)."""
    if policy.may_with(by, action, case):
        return
    if case.is_protected and policy.may(by, action, case.unit_id):
        raise PermissionDenied("Diesen Vorgang dürfen nur namentlich Benannte bearbeiten.")
    raise PermissionDenied("Dafür fehlt Ihnen in diesem Team die Berechtigung.")


def require_transition(case: Case, method_name: str) -> None:
    """Raise NotPossible, in words, unless the state machine allows the transition now."""
    if not can_proceed(getattr(case, method_name)):
        raise NotPossible(f"Das ist nicht möglich: Der Vorgang {case} ist {case.get_status_display()}.")
