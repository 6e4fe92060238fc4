"""What the lower rooms tell, in the transaction of what has happened there."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.dispatch import receiver

from cases.models import Case, Dispatch
from cases.signals import case_event, cases_opened, letters_recalled
from intake.models import Submission
from intake.signals import submission_stored
from returnchannel.actions import outbox, sending


@receiver(submission_stored, dispatch_uid="returnchannel.receipt")
def receipt(submission: Submission, **kwargs: Any) -> None:
    """What a portal hands over is acknowledged; what it sends to a Vorgang has no receipt of its own."""
    if submission.client_id is not None and not hasattr(submission, "reply"):
        outbox.acknowledge(submission)


@receiver(cases_opened, dispatch_uid="returnchannel.opened")
def opened(cases: Sequence[Case], **kwargs: Any) -> None:
    """A Vorgang is there."""
    outbox.tell_opened(cases)


@receiver(case_event, dispatch_uid="returnchannel.public")
def public_change(case: Case, kind: str, public: bool, **kwargs: Any) -> None:
    """What the citizen sees has changed."""
    if public:
        outbox.tell(case, kind=kind)


@receiver(letters_recalled, dispatch_uid="returnchannel.recall")
def recall(dispatches: Sequence[Dispatch], **kwargs: Any) -> set[int]:
    """Letters shall not be sent any more; what the print shop has is out of reach."""
    return sending.call_back(dispatches)
