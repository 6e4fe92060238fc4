"""Forgetting what the exception queue says about a Vorgang."""

from __future__ import annotations

from django.db import transaction
from django.db.models import Q

from audit import versions
from audit.acting import Actor, acting
from audit.registries import erasure
from cases.models import Case
from routing.models import ClearingQuestion, ExceptionEntry


@erasure.register("routing")
def erase_entries(case: Case, *, by: Actor) -> int:
    """Blank what the Klärfälle of this Vorgang, and the questions about them, say of people."""
    with transaction.atomic(), acting(by, "erase"):
        ids = list(
            ExceptionEntry.objects.filter(
                Q(case=case) | Q(submission__case=case) | Q(submission__duplicate_of__case=case)
            ).values_list("pk", flat=True)
        )
        ExceptionEntry.objects.filter(pk__in=ids).update(subject="", sender_text="")
        versions.erase(ExceptionEntry, ids)
        asked = list(ClearingQuestion.objects.filter(entry__in=ids).values_list("pk", flat=True))
        ClearingQuestion.objects.filter(pk__in=asked).update(text="", answer="")
        versions.erase(ClearingQuestion, asked)
        return len(ids) + len(asked)
