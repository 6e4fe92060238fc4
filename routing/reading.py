"""A message in the queue as it is read by a person: its findings with their places, its files, what was understood."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.urls import reverse

from cases import marks
from cases.models import Document, Party
from cases.presenting import data_rows
from intake import originals, places
from intake.facts import DocumentFacts, Facts, PartyFacts
from intake.findings import Finding
from intake.models import Submission, SubmissionFile
from intake.presenting import fact_rows, findings
from intake.selectors import files_of
from intake.standards.layout import APPLICATION, RECORD, basename
from intake.standards.mail import ENDING
from routing.models import ExceptionEntry


@dataclass(frozen=True)
class FileRow:
    """A file of the message; ``view`` is where it can be looked at in the browser ("": only downloaded)."""

    file: SubmissionFile
    view: str
    is_text: bool


@dataclass(frozen=True)
class FindingRow:
    """A finding, what its field is called and what stands there; ``show`` is where to see it ("": nowhere)."""

    finding: Finding
    label: str
    value: str
    show: str


@dataclass(frozen=True)
class DocumentRow:
    """A document that the message describes: its title, its role, its date, and each of its files (None: missing)."""

    document: DocumentFacts
    role: str
    files: list[tuple[str, FileRow | None]]


@dataclass(frozen=True)
class PartyRow:
    """Somebody whom the message names, with their role in German."""

    party: PartyFacts
    name: str
    role: str


def of(entry: ExceptionEntry, submission: Submission, facts: Facts) -> dict[str, Any]:
    """All that the page shows of the message itself (one query, for its files)."""
    rows = [_file_row(entry, file) for file in files_of(submission)]
    schema = (getattr(entry, "named_service", None) or {}).get("schema") or {}
    found = [_finding_row(entry, finding, facts, schema, rows) for finding in findings(submission.findings)]
    return {
        "facts": [row for row in fact_rows(facts) if row[0] not in ("Beteiligt", "Dokument")],
        "data": list(data_rows(facts.data, schema)),
        "parties": [_party_row(party) for party in facts.parties],
        "documents": [_document_row(document, rows) for document in facts.documents],
        "findings": found,
        "files": rows,
        "shown": _shown_first(found, rows),
        "has_view": any(row.view for row in rows),
    }


def places_in(file: SubmissionFile, of_message: Sequence[Finding]) -> list[Finding]:
    """The findings of a message that are about this file, in the order in which they are numbered there."""
    return [finding for finding in of_message if _is_about(finding, file.name)]


def _is_about(finding: Finding, name: str) -> bool:
    if finding.file:
        return finding.file == name
    return bool(finding.path) and finding.path in (name, basename(name))


def _file_row(entry: ExceptionEntry, file: SubmissionFile) -> FileRow:
    known = file.blob.known
    kind = originals.kind_of(file.name)
    withheld = (known is not None and known.is_infected) or marks.is_held_back(file.blob, file.name)
    if withheld or not kind:
        return FileRow(file, "", is_text=False)
    is_text = kind in originals.LABELS
    name = "clearing-original" if is_text else "clearing-file"
    return FileRow(file, reverse(name, args=[entry.pk, file.pk]), is_text)


def _finding_row(
    entry: ExceptionEntry, finding: Finding, facts: Facts, schema: dict[str, Any], rows: Sequence[FileRow]
) -> FindingRow:
    row = next((row for row in rows if row.view and _is_about(finding, row.file.name)), None)
    show = row.view if row else ""
    if row and row.is_text:
        own = places_in(row.file, findings(entry.submission.findings))
        show += f"#befund-{own.index(finding) + 1}"
    return FindingRow(finding, places.label_of(finding, schema), places.value_of(finding, facts), show)


def _shown_first(found: Sequence[FindingRow], rows: Sequence[FileRow]) -> str:
    """What stands in the preview at first: the place of the first finding, else the message itself."""
    texts = {row.view for row in rows if row.is_text}
    marked = (row.show for row in found if row.show.partition("#")[0] in texts)
    return next(marked, "") or next((row.view for row in sorted(rows, key=_is_beside) if row.is_text), "")


def _is_beside(row: FileRow) -> bool:
    """False for what is the message itself: the application, the record, the e-mail, the XJustiz message."""
    name = basename(row.file.name).lower()
    return not (name in (APPLICATION, RECORD) or name.endswith(ENDING) or "xjustiz" in name)


def _party_row(party: PartyFacts) -> PartyRow:
    name = party.organisation or " ".join(part for part in (party.first_name, party.last_name) if part)
    return PartyRow(party, name or "ohne Namen", dict(Party.Role.choices).get(party.role, party.role))


def _document_row(document: DocumentFacts, rows: Sequence[FileRow]) -> DocumentRow:
    role = dict(Document.Role.choices).get(document.role, document.role)
    return DocumentRow(document, role, list(_files_of(document, rows)))


def _files_of(document: DocumentFacts, rows: Sequence[FileRow]) -> Iterator[tuple[str, FileRow | None]]:
    by_name = {row.file.name: row for row in rows}
    for file in document.files:
        yield file.name, by_name.get(file.name)
