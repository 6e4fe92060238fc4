"""Reading what arrived."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable

from django.db.models import Prefetch, Q, QuerySet, Sum

from cases import blobs
from cases.fileflags import Inspection
from cases.models import Case, User
from cases.selectors import visible_cases
from intake.envelope import MessageFile
from intake.models import ApiClient, Submission, SubmissionFile
from intake.standards.quality import inspect_file


def stored_files(submission: Submission) -> list[SubmissionFile]:
    """All stored files of an Eingang (the whole archive among them), with what is known of their bytes (one query)."""
    return list(submission.files.select_related("blob__result").order_by("id"))


def bytes_of(submission_ids: Collection[int]) -> dict[int, int]:
    """How many bytes the stored files of these Eingänge hold, of each that has any."""
    rows = SubmissionFile.objects.filter(submission__in=submission_ids).order_by()
    return dict(rows.values_list("submission").annotate(bytes=Sum("blob__size")))


def message_files(submission: Submission) -> list[MessageFile]:
    """The stored files of an Eingang as its reader takes them (the whole archive is not among them)."""
    return [message_file(row) for row in stored_files(submission) if not row.is_archive]


def message_file(row: SubmissionFile) -> MessageFile:
    """A stored file (with its blob) as a reader takes it."""
    sha256 = row.blob_id
    return MessageFile(name=row.name, size=row.blob.size, open=lambda: blobs.open_blob(sha256))


def inspector(rows: Iterable[SubmissionFile]) -> Callable[[MessageFile], Inspection]:
    """What is known of the bytes of ``stored_files``; what is not known yet is looked into, and not kept."""
    known = {row.name: row.blob.known.inspection for row in rows if row.blob.known}
    return lambda file: known.get(file.name) or inspect_file(file)


def submissions_of(case: Case) -> QuerySet[Submission]:
    """The Eingänge that are filed in a Vorgang, in order of arrival, with their ids and files."""
    rows = Submission.objects.filter(case=case).select_related("number").order_by("received_at", "id")
    files = SubmissionFile.objects.select_related("blob__result").order_by("is_archive", "name", "id")
    return rows.prefetch_related(Prefetch("files", files))


def noticeable(case: Case) -> QuerySet[Submission]:
    """The Eingänge of a Vorgang that have findings, and those that were taken for a repetition of one of its own."""
    own = Q(case=case) & ~Q(findings=[])
    repeated = Q(state=Submission.State.DUPLICATE, duplicate_of__case=case)
    return Submission.objects.filter(own | repeated).only("case", "findings").order_by("received_at", "id")


def files_of(submission: Submission) -> QuerySet[SubmissionFile]:
    """All stored files of an Eingang, the whole archive among them, with their sizes."""
    return submission.files.select_related("blob__result").order_by("is_archive", "name", "id")


def visible_file(user: User, public_id: str, file_id: int) -> SubmissionFile:
    """A file of an Eingang that is filed in a visible Vorgang; else SubmissionFile.DoesNotExist."""
    cases = visible_cases(user).filter(numbers__public_id=public_id)
    return SubmissionFile.objects.select_related("blob__result").get(pk=file_id, submission__case__in=cases)


def receipt_of(client: ApiClient, public_id: str) -> Submission | None:
    """What ``client`` submitted and got this Vorgangs-ID for, with that; None when there is none for this client."""
    return receipts().filter(client=client, number__public_id=public_id).first()


def receipts() -> QuerySet[Submission]:
    """Eingänge as ``receipt_of`` gives them."""
    return Submission.objects.select_related("number", "case__service")
