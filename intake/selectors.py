"""Reading what arrived."""

from __future__ import annotations

from django.db.models import Prefetch, QuerySet

from cases import blobs
from cases.models import Case, User
from cases.selectors import visible_cases
from intake.envelope import MessageFile
from intake.models import Submission, SubmissionFile


def message_files(submission: Submission) -> list[MessageFile]:
    """The stored files of an Eingang as its reader takes them (the whole archive is not among them)."""
    rows = submission.files.filter(is_archive=False).select_related("blob").order_by("id")
    return [_message_file(row) for row in rows]


def archive_file(submission: Submission) -> MessageFile | None:
    """What an Eingang's files were taken out of (a ZIP, an e-mail), as it is stored; None when it came as files."""
    row = submission.files.filter(is_archive=True).select_related("blob").order_by("id").first()
    return _message_file(row) if row else None


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


def _message_file(row: SubmissionFile) -> MessageFile:
    sha256 = row.blob_id
    return MessageFile(name=row.name, size=row.blob.size, open=lambda: blobs.open_blob(sha256))
