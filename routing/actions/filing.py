"""What the pipeline does with an Eingang: file it, open a Vorgang for it, link it, or hold it for a person."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, replace
from typing import Any

from django.db import transaction
from django.utils import timezone

from audit import versions
from audit.acting import SYSTEM, Actor, acting
from audit.ledger import Ledger, insert, rewrite
from cases.actions import NewDocument, NewFile, Opening, add_documents, note_arrival, note_foreign_reference, open_cases
from cases.models import Case, Document, DocumentFile, OrgUnit, Party, Service, User
from intake import actions as intake
from intake import applications, channels
from intake.facts import DocumentFacts, Facts, FileFacts
from intake.findings import Finding, Severity
from intake.gates.filenames import display
from intake.models import Submission, SubmissionFile
from intake.selectors import message_files
from intake.standards.layout import find as find_layout
from intake.standards.portal import number_of
from routing import portal, recognition, replies
from routing.actions import replies as follow_up
from routing.models import ExceptionEntry, RoutingDecision, Rule


def open_for(submission: Submission, facts: Facts, *, service: Service, unit: OrgUnit, by: Actor) -> Case:
    """Open a Vorgang for an Eingang: its reserved Vorgangs-ID, its legal arrival, its Beteiligte.

    What came on another way than the Leistung's binding channel is marked as such, and counted.
    """
    opening, findings = opening_for(submission, facts, service=service, unit=unit, by=by)
    (opened,) = open_cases([opening])
    note_opened(submission, opened.case, findings)
    return opened.case


def opening_for(
    submission: Submission,
    facts: Facts,
    *,
    service: Service,
    unit: OrgUnit,
    by: Actor,
    handler: User | None = None,
) -> tuple[Opening, list[Finding]]:
    """How a Vorgang for an Eingang is to be opened, and what is to be noted with it."""
    if facts.data and not facts.parties:  # a person has chosen the Leistung: now it is known where the data say who
        facts = replace(facts, parties=applications.applicant_for(service.slug, facts.data))
    parties, findings = _parties(facts)
    opening = Opening(
        service=service,
        unit=unit,
        by=by,
        received_at=submission.received_at,
        subject=facts.subject,
        number=submission.number if submission.number.case_id is None else None,
        is_urgent=facts.urgent,
        parties=parties,
        data=facts.data or None,
        handler=handler,
    )
    return opening, findings


def note_opened(submission: Submission, case: Case, findings: Sequence[Finding]) -> None:
    """Keep on the (unsaved) Eingang of a new Vorgang what was found, and whether it came on the binding channel."""
    binding = case.service_version.declaration.get("binding_channel", "")
    submission.is_side_channel = bool(binding) and binding != submission.channel
    if submission.is_side_channel:
        findings = [*findings, _side_channel(binding)]
    submission.findings = [*submission.findings, *(finding.as_json() for finding in findings)]


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

    Where an answer is awaited (a Nachforderung is open), it counts as one, and a person looks whether it suffices;
    mail of a court or an Empfangsbekenntnis does not.
    With ``everything`` (a person files) files that were not understood as documents are filed as such too.
    """
    with transaction.atomic():
        documents = _file_documents(submission, facts, case, by=by, everything=everything)
        for reference, holder in recognition.held_references(facts):
            note_foreign_reference(case=case, reference=reference, holder=holder, by=by)
        if replies.of(submission) is not None:
            follow_up.follow(submission, case, documents, by=by)
        elif _may_answer(facts, case):
            note_arrival(case=case, on=timezone.localdate(submission.received_at), by=by)
        intake.mark_filed(submission, case=case, by=by, reason=reason)
        follow_up.go_on([submission])
        record(submission, case, mode=mode, by=by, explanation=explanation, rule=rule)


def _may_answer(facts: Facts, case: Case) -> bool:
    """False for what nobody has been asked for: a receipt, or what a court writes (unless it was the one asked)."""
    if facts.eeb is not None:
        return False
    return not facts.sender.code or case.parties.filter(role=Party.Role.COURT, receives_post=True).exists()


def note_possible_duplicates(submission: Submission, others: Sequence[Case], opened: Case, *, by: Actor) -> None:
    """The same person has the same Leistung open already (``others``): a hint on both Vorgänge.

    A protected one is not named on another; it gets the hint itself.
    """
    for other in others:
        if not other.is_protected:
            submission.findings = [*submission.findings, portal.possible_duplicate(other).as_json()]
        intake.add_finding(case=other, finding=portal.possible_duplicate(opened), by=by)


def link_duplicate(submission: Submission, *, of: Submission, by: Actor, why: str) -> None:
    """Link a repeated Eingang to the earlier one; nothing is filed twice."""
    with transaction.atomic():
        intake.mark_duplicate(submission, of=of, by=by, reason=why)
        follow_up.go_on([submission])
        record(submission, of.case, mode=RoutingDecision.Mode.DUPLICATE, by=by, explanation=[why])


def hold(
    submission: Submission, reason: str, details: dict[str, Any], *, facts: Facts, unit: OrgUnit | None = None
) -> ExceptionEntry:
    """Put an Eingang into the exception queue of ``unit`` (else of the central clearing); one open entry each."""
    with transaction.atomic():
        entry = ExceptionEntry.objects.filter(submission=submission, resolved_at=None).first()
        if entry is None:
            return hold_all([(submission, facts, reason, details, unit)])[0]
        intake.mark_exceptions([(submission, reason)], by=SYSTEM)
        with acting(SYSTEM, "raise_exception", reason=reason):
            before = versions.snapshot(entry)
            entry.reason, entry.details, entry.subject = reason, details, facts.subject[:500]
            entry.unit = unit or entry.unit or _clearing_unit()
            entry.save()
            versions.record_changed(entry, before)
    return entry


Held = tuple[Submission, Facts, str, dict[str, Any], OrgUnit | None]


def hold_all(held: Sequence[Held]) -> list[ExceptionEntry]:
    """``hold`` for many that have no open entry: (Eingang, Facts, reason, details, unit)."""
    if not held:
        return []
    clearing = _clearing_unit() if any(unit is None for *_, unit in held) else None
    entries = [
        ExceptionEntry(
            kind="submission",
            submission=submission,
            reason=reason,
            details=details,
            subject=facts.subject[:500],
            unit=unit or clearing,
        )
        for submission, facts, reason, details, unit in held
    ]
    intake.mark_exceptions([(submission, reason) for submission, _, reason, *_ in held], by=SYSTEM)
    insert(entries)
    ledger = Ledger()
    for entry in entries:
        with acting(SYSTEM, "raise_exception", reason=entry.reason):
            ledger.created([entry])
    ledger.write()
    return entries


def _clearing_unit() -> OrgUnit | None:
    return OrgUnit.objects.filter(is_clearing=True).first()


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
    record_all([decision(submission, case, mode=mode, by=by, explanation=explanation, rule=rule)])


def record_all(decisions: Sequence[RoutingDecision]) -> None:
    """Keep where many Eingänge went and why."""
    insert(decisions)


def decision(
    submission: Submission,
    case: Case | None,
    *,
    mode: RoutingDecision.Mode,
    by: Actor,
    explanation: Sequence[str],
    rule: Rule | None = None,
) -> RoutingDecision:
    """The unsaved row that says where an Eingang went and why."""
    return RoutingDecision(
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


def _file_documents(
    submission: Submission, facts: Facts, case: Case, *, by: Actor, everything: bool
) -> dict[int, Document]:
    """File the documents whose files are there (what is missing was a finding before).

    Returns those of a portal's attachments, by number.
    """
    new, rows = documents_of(submission, facts, list(submission.files.all()), everything=everything)
    filed = add_documents(case=case, documents=new, received_at=submission.received_at, by=by)
    note_documents([(filed, rows)])
    numbered = {number_of(files[0].name): document for document, files in zip(filed, rows, strict=True)}
    return {number: document for number, document in numbered.items() if number}


Rows = list[list[SubmissionFile]]


def documents_of(
    submission: Submission, facts: Facts, files: Sequence[SubmissionFile], *, everything: bool
) -> tuple[list[NewDocument], Rows]:
    """The documents to be filed, as far as their files are among the stored ``files``, and the files of each."""
    rows = {row.name: row for row in files if not row.is_archive}
    present = [(d, [f for f in d.files if f.name in rows]) for d in facts.documents]
    present = [(document, found) for document, found in present if found]
    if everything:
        filed = {f.name for _, found in present for f in found}
        rows, others = _left_over(submission, rows, filed)
        present += others
    new = [
        NewDocument(
            files=[_new_file(f, rows[f.name]) for f in found],
            role=Document.Role(document.role),
            title=document.title or display(document.name),
            source_id=document.document_id,
            document_date=document.document_date,
            eeb_required=document.eeb_required,
        )
        for document, found in present
    ]
    return new, [[rows[f.name] for f in found] for _, found in present]


def note_documents(filed: Iterable[tuple[Sequence[Document], Rows]]) -> None:
    """Keep with each stored file in which document it is; of several documents the last one counts."""
    noted: dict[int, SubmissionFile] = {}
    for documents, rows in filed:
        for document, files in zip(documents, rows, strict=True):
            for file in files:
                file.document = document
                noted[file.pk] = file
    rewrite(list(noted.values()), ["document"])


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
