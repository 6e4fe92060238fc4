"""Filing: documents come into a Vorgang, named by the naming rule."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction
from django.db.models import Max
from django.utils import timezone
from simple_history.utils import bulk_create_with_history

from audit import versions
from audit.acting import Actor, acting
from cases import naming
from cases.actions.base import require
from cases.actions.checking import check_blobs
from cases.models import Blob, Case, Document, DocumentFile
from cases.signals import case_event


@dataclass(frozen=True)
class NewFile:
    """A file to be filed: SHA-256 of a stored blob, its original name, what it is to the document, its version."""

    sha256: str
    original_name: str
    part: DocumentFile.Part = DocumentFile.Part.ORIGINAL
    version: int = 1


@dataclass(frozen=True)
class NewDocument:
    """A document to be filed."""

    files: Sequence[NewFile]
    role: Document.Role = Document.Role.OTHER
    title: str = ""
    source_id: str = ""
    document_date: date | None = None
    eeb_required: bool = False


def register_blobs(written: Iterable[tuple[str, int]]) -> None:
    """Make rows for bytes (SHA-256, size) that ``blobs.write`` put on disk; known ones stay as they are."""
    rows = {sha: Blob(sha256=sha, size=size) for sha, size in written}
    Blob.objects.bulk_create([rows[sha] for sha in sorted(rows)], ignore_conflicts=True)


def add_documents(
    *, case: Case, documents: Sequence[NewDocument], received_at: datetime, by: Actor, reason: str = ""
) -> list[Document]:
    """File documents, in this order, with running numbers; returns them. The blobs must be stored already."""
    with transaction.atomic(), acting(by, "add_documents", reason=reason):
        locked = Case.objects.select_for_update(no_key=True).get(pk=case.pk)
        require(by, "add_documents", locked)
        if not documents:
            return []
        check_blobs({file.sha256 for new in documents for file in new.files})
        last = locked.documents.aggregate(last=Max("number"))["last"] or 0
        rows = [
            Document(
                case=locked,
                number=last + index,
                role=new.role,
                title=new.title[:300],
                source_id=new.source_id[:64],
                document_date=new.document_date,
                received_at=received_at,
                eeb_required=new.eeb_required,
            )
            for index, new in enumerate(documents, 1)
        ]
        rows = list(bulk_create_with_history(rows, Document))
        files = [
            file for row, new in zip(rows, documents, strict=True) for file in _files(locked, row, new, received_at)
        ]
        files = list(bulk_create_with_history(files, DocumentFile))
        versions.record_created([*rows, *files])
        case_event.send(sender=Case, case=locked, kind="documents", by=by)
    return rows


def _files(case: Case, row: Document, new: NewDocument, received_at: datetime) -> list[DocumentFile]:
    taken: set[str] = set()
    files = []
    for file in new.files:
        name = naming.file_name(
            on=timezone.localdate(received_at),
            file_reference=case.file_reference or case.public_id,
            role=row.role,
            number=row.number,
            original_name=file.original_name,
            version=file.version,
        )
        name = _distinct(name, taken)
        files.append(
            DocumentFile(
                document=row,
                blob_id=file.sha256,
                part=file.part,
                version=file.version,
                file_name=name,
                original_name=file.original_name[:1000],
            )
        )
    return files


def _distinct(name: str, taken: set[str]) -> str:
    """``name``, or with ``-2``, ``-3`` … before its extension when the document has such a file already."""
    ending = f".{naming.extension(name)}"
    candidate, count = name, 1
    while candidate in taken:
        count += 1
        candidate = f"{name.removesuffix(ending)}-{count}{ending}"
    taken.add(candidate)
    return candidate
