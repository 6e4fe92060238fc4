"""What this room does when a lower one tells it something, in the same transaction."""

from __future__ import annotations

from typing import Any

from django.dispatch import receiver
from django_q.tasks import async_task

from intake.signals import submission_received


@receiver(submission_received, dispatch_uid="routing.nudge")
def nudge(submission: Any, **kwargs: Any) -> None:
    """Wake a worker; the task is part of the receiving transaction, and if it is lost the sweeper finds the row."""
    async_task("routing.tasks.process_due")
