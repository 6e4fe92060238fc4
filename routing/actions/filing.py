"""What the pipeline does with an Eingang: file it, open a Vorgang for it, link it, or hold it for a person."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, replace
from typing import Any

from django.db import transaction

from audit import versions
from audit.acting import SYSTEM, Actor, acting
from cases.actions import NewDocument, NewFile, add_documents, note_foreign_reference, open_case
from cases.models import Case, Document, DocumentFile, OrgUnit, Party, Service, User
from intake import actions as intake
from intake import applications, channels
from intake.facts import DocumentFacts, Facts, FileFacts
from intake.findings import Finding, Severity
from intake.gates.filenames import display
from intake.models import Submission, SubmissionFile
from intake.selectors import message_files
from intake.standards.layout import find as find_layout
from routing import portal, recognition
from routing.models import ExceptionEntry, RoutingDecision, Rule


def open_for(
    submission: Submission,
    facts: Facts,
    *,
    service: Service,
    unit: OrgUnit,
    by: Actor,
    handler: User | None = None,
) -> Case:
    """Open a Vorgang for an Eingang: its reserved Vorgangs-ID, its legal arrival, its Beteiligte.

    What came on another way than the Leistung's binding channel is marked as such, and counted.
    """
    number = submission.number if submission.number.case_id is None else None
    if facts.data and not facts.parties:  # a person has chosen the Leistung: now it is known where the data say who
        facts = replace(facts, parties=applications.applicant_for(service.slug, facts.data))
    parties, findings = _parties(facts)
    case = open_case(
        service=service,
        unit=unit,
        by=by,
        received_at=submission.received_at,
        subject=facts.subject,
        number=number,
        is_urgent=facts.urgent,
        parties=parties,
        data=facts.data or None,
        handler=handler,
    )
    binding = case.service_version.declaration.get("binding_channel", "")
    submission.is_side_channel = bool(binding) and binding != submission.channel
    if submission.is_side_channel:
        findings = [*findings, _side_channel(binding)]
    submission.findings = [*submission.findings, *(finding.as_json() for finding in findings)]
    return case


def file_into(
    submission: Submission,
    facts: Facts,
    case: Case,
    *,
    by: Actor,
    mode: RoutingDecision.Mode,
    explanation: Sequence[str],
    rule: Rule | None = None,
    reason: str = "",
    everything: bool = False,
) -> None:
    """File an Eingang into a Vorgang: documents, the others' references, the decision with its explanation.

    With ``everything`` (a person files) files that were not understood as documents are filed as such too.
    """
    with transaction.atomic():
        _file_documents(submission, facts, case, by=by, everything=everything)
        for reference, holder in recognition.held_references(facts):
            note_foreign_reference(case=case, reference=reference, holder=holder, by=by)
        intake.mark_filed(submission, case=case, by=by, reason=reason)
        record(submission, case, mode=mode, by=by, explanation=explanation, rule=rule)


def note_possible_duplicates(submission: Submission, facts: Facts, opened: Case, *, by: Actor) -> None:
    """The same person has the same Leistung open already: a hint on both Vorgänge.

    A protected one is not named on another; it gets the hint itself.
    """
    for other in portal.open_cases_of_applicant(facts, opened):
        if not other.is_protected:
            submission.findings = [*submission.findings, portal.possible_duplicate(other).as_json()]
        intake.add_finding(case=other, finding=portal.possible_duplicate(opened), by=by)


def link_duplicate(submission: Submission, *, of: Submission, by: Actor, why: str) -> None:
    """Link a repeated Eingang to the earlier one; nothing is filed twice."""
    with transaction.atomic():
        intake.mark_duplicate(submission, of=of, by=by, reason=why)
        record(submission, of.case, mode=RoutingDecision.Mode.DUPLICATE, by=by, explanation=[why])


def hold(
    submission: Submission, reason: str, details: dict[str, Any], *, facts: Facts, unit: OrgUnit | None = None
) -> ExceptionEntry:
    """Put an Eingang into the exception queue of ``unit`` (else of the central clearing); one open entry each."""
    with transaction.atomic():
        intake.mark_exception(submission, by=SYSTEM, reason=reason)
        with acting(SYSTEM, "raise_exception", reason=reason):
            entry = ExceptionEntry.objects.filter(submission=submission, resolved_at=None).first()
            entry = entry or ExceptionEntry(kind="submission", submission=submission)
            before = versions.snapshot(entry) if entry.pk else None
            entry.reason, entry.details, entry.subject = reason, details, facts.subject[:500]
            entry.unit = unit or entry.unit or OrgUnit.objects.filter(is_clearing=True).first()
            entry.save()
            if before is None:
                versions.record_created([entry])
            else:
                versions.record_changed(entry, before)
    return entry


def record(
    submission: Submission,
    case: Case | None,
    *,
    mode: RoutingDecision.Mode,
    by: Actor,
    explanation: Sequence[str],
    rule: Rule | None = None,
) -> None:
    """Keep where an Eingang went and why."""
    RoutingDecision.objects.create(
        submission=submission,
        case=case,
        actor=by.name,
        mode=mode,
        rule_id_then=rule.pk if rule else None,
        rule_name=rule.name if rule else "",
        rule_version=rule.version if rule else None,
        explanation=list(explanation),
    )


def _parties(facts: Facts) -> tuple[list[Party], list[Finding]]:
    """The Beteiligte as rows; what is longer than its column is cut, with a finding (the message keeps it whole)."""
    parties, shortened = [], set()
    for party in facts.parties:
        values = asdict(party)
        del values["role_code"]
        for name, value in values.items():
            limit = Party._meta.get_field(name).max_length
            if limit and len(value) > limit:
                values[name] = value[:limit]
                shortened.add(str(Party._meta.get_field(name).verbose_name))
        parties.append(Party(**values))
    return parties, [_shortened(sorted(shortened))] if shortened else []


def _side_channel(binding: str) -> Finding:
    label = channels.get(binding).label if binding in channels.slugs() else binding
    sentence = (
        f"Nebenkanal: Für diese Leistung ist der Weg „{label}“ vorgesehen; angenommen wurde die Nachricht trotzdem."
    )
    return Finding("side_channel", sentence, Severity.HINT)


def _shortened(names: list[str]) -> Finding:
    sentence = "Bei Beteiligten war länger als vorgesehen und wurde gekürzt: {}. Bitte mit der Nachricht vergleichen."
    return Finding("party_shortened", sentence.format(", ".join(names)), Severity.HINT)


def _file_documents(submission: Submission, facts: Facts, case: Case, *, by: Actor, everything: bool) -> None:
    """File the documents whose files are there (what is missing was a finding before)."""
    rows = {row.name: row for row in submission.files.filter(is_archive=False)}
    present = [(d, [f for f in d.files if f.name in rows]) for d in facts.documents]
    present = [(document, files) for document, files in present if files]
    if everything:
        filed = {f.name for _, files in present for f in files}
        rows, others = _left_over(submission, rows, filed)
        present += others
    new = [
        NewDocument(
            files=[_new_file(f, rows[f.name]) for f in files],
            role=Document.Role(document.role),
            title=document.title or display(document.name),
            source_id=document.document_id,
            document_date=document.document_date,
            eeb_required=document.eeb_required,
        )
        for document, files in present
    ]
    filed_documents = add_documents(case=case, documents=new, received_at=submission.received_at, by=by)
    for row, (_, files) in zip(filed_documents, present, strict=True):
        SubmissionFile.objects.filter(pk__in=[rows[f.name].pk for f in files]).update(document=row)


def _left_over(
    submission: Submission, rows: dict[str, SubmissionFile], filed: set[str]
) -> tuple[dict[str, SubmissionFile], list[tuple[DocumentFacts, list[FileFacts]]]]:
    """What the machine has not understood as documents, each file one: when a person files, nothing stays behind.

    The sender's content; of a message in which that cannot be told, all files; of an archive that was not
    opened, the archive.
    """
    files = message_files(submission)
    names = [file.name for file in find_layout(files).content] or [file.name for file in files]
    if not names:
        rows = {row.name: row for row in submission.files.all()}
        names = list(rows)
    left = [name for name in names if name not in filed]
    found = [(DocumentFacts(name=name.rsplit("/", 1)[-1]), [FileFacts(name=name)]) for name in left]
    return rows, found


def _new_file(file: FileFacts, row: SubmissionFile) -> NewFile:
    return NewFile(
        sha256=row.blob_id,
        original_name=row.name.rsplit("/", 1)[-1],
        part=DocumentFile.Part(file.part),
        version=file.version,
    )
