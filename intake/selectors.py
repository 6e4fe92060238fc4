"""Reading what arrived."""

from __future__ import annotations

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef, Prefetch, QuerySet
from django.db.models.functions import JSONObject

from cases import blobs
from cases.models import Case, User
from cases.selectors import visible_cases
from intake.envelope import MessageFile
from intake.models import ApiClient, Submission, SubmissionFile


def message_files(submission: Submission) -> list[MessageFile]:
    """The stored files of an Eingang as its reader takes them (the whole archive is not among them)."""
    rows = submission.files.filter(is_archive=False).select_related("blob").order_by("id")
    return [_message_file(row) for row in rows]


def submissions_of(case: Case) -> QuerySet[Submission]:
    """The Eingänge that are filed in a Vorgang, in order of arrival, with their ids, files and duplicates."""
    rows = Submission.objects.filter(case=case).select_related("number").order_by("received_at", "id")
    duplicates = Submission.objects.select_related("number").order_by("id")
    files = SubmissionFile.objects.select_related("blob").order_by("is_archive", "name", "id")
    return rows.prefetch_related(Prefetch("duplicates", duplicates), Prefetch("files", files))


def files_of(submission: Submission) -> QuerySet[SubmissionFile]:
    """All stored files of an Eingang, the whole archive among them, with their sizes."""
    return submission.files.select_related("blob").order_by("is_archive", "name", "id")


def visible_file(user: User, public_id: str, file_id: int) -> SubmissionFile:
    """A file of an Eingang that is filed in a visible Vorgang; else SubmissionFile.DoesNotExist."""
    cases = visible_cases(user).filter(numbers__public_id=public_id)
    return SubmissionFile.objects.get(pk=file_id, submission__case__in=cases)


def receipt_of(client: ApiClient, public_id: str) -> Submission | None:
    """What ``client`` submitted and got this Vorgangs-ID for, with its Vorgang and the ``states`` of that (one query).

    None when there is no such thing for this client. ``states``: ``[{"status", "since"}]``, oldest first.
    """
    rows = Case.history.filter(id=OuterRef("case_id")).order_by("history_id")
    states = ArraySubquery(rows.values(state=JSONObject(status="status", since="status_since")))
    submissions = Submission.objects.select_related("number", "case__service").annotate(states=states)
    return submissions.filter(client=client, number__public_id=public_id).first()


def _message_file(row: SubmissionFile) -> MessageFile:
    sha256 = row.blob_id
    return MessageFile(name=row.name, size=row.blob.size, open=lambda: blobs.open_blob(sha256))
