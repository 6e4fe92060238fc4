"""Filing: documents come into a Vorgang, named by the naming rule."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from audit import versions
from audit.acting import Actor, acting
from audit.ledger import Ledger, insert
from cases import naming
from cases.actions.base import NotPossible, changing, require
from cases.actions.checking import check_blobs
from cases.models import Blob, Case, Dispatch, Document, DocumentFile
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
    """File documents, in this order, with running numbers; returns where each one is. The blobs must be stored already.

    A document with the sender's id (``source_id``) of one that the Vorgang has already is a newer version of that
    one; with the same content it is that one, and nothing is filed.
    """
    with transaction.atomic(), acting(by, "add_documents", reason=reason):
        locked = Case.objects.select_for_update(no_key=True).get(pk=case.pk)
        require(by, "add_documents", locked)
        if not documents:
            return []
        check_blobs({file.sha256 for new in documents for file in new.files})
        known = _known(locked, documents)
        last = locked.documents.aggregate(last=Max("number"))["last"] or 0
        rows = new_rows(locked, [new for new in documents if new.source_id not in known], received_at, last=last)
        insert(rows)
        fresh = iter(rows)
        places = [known.get(new.source_id) or next(fresh) for new in documents]
        files = []
        for row, new in zip(places, documents, strict=True):
            there = list(row.files.all()) if new.source_id in known else []
            files += file_rows(locked, row, there, new, received_at)
        insert(files)
        ledger = Ledger()
        ledger.created([*rows, *files])
        ledger.write()
        if files:
            case_event.send(sender=Case, case=locked, kind="documents", by=by, public=False)
    return places


def describe_document(*, document: Document, role: Document.Role, title: str, by: Actor, reason: str = "") -> Document:
    """Say what a document is; its files keep the names that they were filed by."""
    with changing(
        document.case, by=by, action="describe_document", kind="documents", reason=reason, permission="edit_document"
    ) as case:
        current = Document.objects.select_for_update().get(pk=document.pk, case=case)
        before = versions.snapshot(current)
        current.role, current.title = role, title.strip()[:300]
        current.save()
        versions.record_changed(current, before)
    return current


def move_document(*, document: Document, to: Case, by: Actor, reason: str) -> Document:
    """A document was filed wrongly: it moves to another Vorgang, with all its files, which keep their names.

    Counts as a misassignment; the reason is required. What this authority has written itself does not move.
    """
    if not reason.strip():
        raise NotPossible("Bitte einen Grund angeben.")
    if to.pk == document.case_id:
        raise NotPossible("Das Dokument liegt schon in diesem Vorgang.")
    with transaction.atomic():
        for pk in sorted({document.case_id, to.pk}):  # in this order, so that two who move crosswise wait
            Case.objects.select_for_update(no_key=True).get(pk=pk)
        with changing(document.case, by=by, action="move_document", kind="documents", reason=reason) as case:
            current = Document.objects.select_for_update().get(pk=document.pk, case=case)
            if Dispatch.objects.filter(document=current).exists():
                raise NotPossible("Das ist ein Schreiben dieses Vorgangs; es bleibt bei ihm.")
            target = Case.objects.get(pk=to.pk)
            require(by, "add_documents", target)
            if current.source_id and target.documents.filter(source_id=current.source_id).exists():
                raise NotPossible(f"Im Vorgang {target} liegt dieses Dokument schon.")
            current.case, current.number = target, _last_number(target) + 1
            current.save()
            case_event.send(sender=Case, case=target, kind="documents", by=by, public=False)
    return current


def _last_number(case: Case) -> int:
    return case.documents.aggregate(last=Max("number"))["last"] or 0


def _known(case: Case, documents: Sequence[NewDocument]) -> dict[str, Document]:
    """The documents that the Vorgang has already, by the sender's id, with their files."""
    ids = {new.source_id for new in documents if new.source_id}
    found = case.documents.filter(source_id__in=ids).prefetch_related("files") if ids else []
    return {document.source_id: document for document in found}


def new_rows(case: Case, documents: Sequence[NewDocument], received_at: datetime, *, last: int = 0) -> list[Document]:
    """The unsaved rows of new documents, numbered from ``last`` on."""
    return [
        Document(
            case=case,
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


def file_rows(
    case: Case, row: Document, there: Sequence[DocumentFile], new: NewDocument, received_at: datetime
) -> list[DocumentFile]:
    """The unsaved rows for the files of a document that has the files ``there``; none when it has these already."""
    if there and {file.sha256 for file in new.files} <= {file.blob_id for file in there}:
        return []
    offset = max((file.version for file in there), default=0)
    taken = {file.file_name for file in there}
    return [_file(case, row, file, file.version + offset, received_at, taken) for file in new.files]


def _file(
    case: Case, row: Document, file: NewFile, version: int, received_at: datetime, taken: set[str]
) -> DocumentFile:
    name = naming.file_name(
        on=timezone.localdate(received_at),
        file_reference=case.file_reference or case.public_id,
        role=row.role,
        number=row.number,
        original_name=file.original_name,
        version=version,
    )
    return DocumentFile(
        document=row,
        blob_id=file.sha256,
        part=file.part,
        version=version,
        file_name=_distinct(name, taken),
        original_name=file.original_name[:1000],
    )


def _distinct(name: str, taken: set[str]) -> str:
    """``name``, or with ``-2``, ``-3`` … before its extension when the document has such a file already."""
    ending = f".{naming.extension(name)}"
    candidate, count = name, 1
    while candidate in taken:
        count += 1
        candidate = f"{name.removesuffix(ending)}-{count}{ending}"
    taken.add(candidate)
    return candidate
