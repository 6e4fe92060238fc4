"""Forgetting the person data of a Vorgang; that it existed, and what was done when, stays."""

from __future__ import annotations

from django.db import transaction

from audit import versions
from audit.acting import Actor, acting
from audit.registries import erasure
from cases.actions.searching import forget_words
from cases.models import (
    ApplicationData,
    Case,
    Decision,
    Document,
    DocumentFile,
    FollowUp,
    ForeignReference,
    InformationRequest,
    InformationRequestItem,
    Note,
    Notice,
    Party,
    Presence,
)

BLANK_PARTY = {name: "" for name in Party.PERSONAL_FIELDS} | {"birth_date": None}
ERASED = "gelöscht"  # where a text may not be empty
WRITTEN = (InformationRequest, Notice, Decision, Note)  # what people write to and about somebody


@erasure.register("cases")
def erase_case(case: Case, *, by: Actor) -> int:
    """Blank Betreff, Beteiligte, data, titles, what was written and the others' references; erase their old values."""
    owned = {
        Case: [case.pk],
        Party: list(case.parties.values_list("pk", flat=True)),
        ApplicationData: list(ApplicationData.objects.filter(case=case).values_list("pk", flat=True)),
        Document: list(case.documents.values_list("pk", flat=True)),
        ForeignReference: list(case.foreign_references.values_list("pk", flat=True)),
        FollowUp: list(case.follow_ups.values_list("pk", flat=True)),
        DocumentFile: list(DocumentFile.objects.filter(document__case=case).values_list("pk", flat=True)),
        InformationRequestItem: list(
            InformationRequestItem.objects.filter(request__case=case).values_list("pk", flat=True)
        ),
    }
    owned |= {model: list(model.objects.filter(case=case).values_list("pk", flat=True)) for model in WRITTEN}
    with transaction.atomic(), acting(by, "erase"):
        # Blanking is no new value to keep: the version table says that it was erased, and when.
        Case.objects.filter(pk=case.pk).update(subject="")
        case.parties.update(**BLANK_PARTY)
        ApplicationData.objects.filter(case=case).update(data={})
        case.documents.update(title="")
        case.foreign_references.all().delete()
        DocumentFile.objects.filter(document__case=case).update(original_name="")
        case.follow_ups.update(note="")
        for model in WRITTEN:
            model.objects.filter(case=case).update(**dict.fromkeys(model.PERSONAL_FIELDS, ERASED))
        InformationRequestItem.objects.filter(request__case=case).update(title=ERASED, note="")
        Presence.objects.filter(case=case).delete()
        forget_words(case)
        return sum(versions.erase(model, ids) for model, ids in owned.items())
