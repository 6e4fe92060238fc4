"""The sample court mail of the demonstration, written to a folder that stands for the EGVP inbox.

``first_batch`` opens Vorgänge, answers some by the court's reference and holds the broken messages.
``second_batch`` quotes Aktenzeichen and Vorgangs-IDs that the first one was given, so it comes after it.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

from config.demo.container import Container, container_files, signature_bytes, write_folder, zip_bytes
from config.demo.mail_broken import BROKEN
from config.demo.mail_first import FIRST
from config.demo.mail_more import MORE
from config.demo.mail_second import SECOND
from config.demo.pdf import Page, letter
from config.demo.sample import ENCLOSURE, Expected, Files, Letter, Sample
from config.demo.senders import SEED, TOWN
from config.demo.xjustiz import SIGNATURE, Document, FilePart, Message, Partner, to_xml

XML_NAME = "xjustiz_nachricht.xml"
MONTHS = (
    "Januar", "Februar", "März", "April", "Mai", "Juni",
    "Juli", "August", "September", "Oktober", "November", "Dezember",
)  # fmt: skip
TOWN_ADDRESS = ("Stadt Musterhausen", "Rathausplatz 1", "59999 Musterhausen")

CaseOf = Callable[[str], tuple[str, str]]


@dataclass(frozen=True)
class SampleMessage:
    """A written message: where it lies, what it is, and what is expected to become of it.

    ``subject`` is the one of the container, else of the XJustiz file. ``team`` is the organisational unit
    expected for a new Vorgang, ``joins`` the key of the message whose
    Vorgang it belongs to, ``hints`` what should be noticed without stopping it. ``already_known`` marks one
    that came before under the same message id. ``schema_valid`` says that its XJustiz file is a valid one.
    """

    key: str
    path: Path
    about: str
    subject: str
    expected: Expected
    expected_reason: str = ""
    team: str = ""
    joins: str = ""
    hints: tuple[str, ...] = ()
    already_known: bool = False
    schema_valid: bool = True
    version: str = ""


def first_batch(target: Path) -> list[SampleMessage]:
    """Write the messages that need to know nothing of the authority's own numbers."""
    samples = sorted((*FIRST, *MORE, *BROKEN), key=lambda sample: sample.arrived)
    return _write(samples, target, 1, None)


def second_batch(target: Path, case_of: CaseOf) -> list[SampleMessage]:
    """Write the later messages; ``case_of(key)`` is (Vorgangs-ID, Aktenzeichen) of a message of the first batch."""
    samples = sorted(SECOND, key=lambda sample: sample.arrived)
    return _write(samples, target, len(FIRST) + len(MORE) + len(BROKEN) + 1, case_of)


def _write(samples: Sequence[Sample], target: Path, start: int, case_of: CaseOf | None) -> list[SampleMessage]:
    target.mkdir(parents=True, exist_ok=True)
    by_key = {sample.key: sample for sample in (*FIRST, *MORE, *BROKEN, *SECOND)}
    written = []
    for number, declared in enumerate(samples, start=start):
        original = by_key[declared.repeats] if declared.repeats else declared
        sample = _with_quote(original, case_of)
        path = _lay_down(sample, declared, target / f"{number:03d}-{declared.key}")
        written.append(_written(declared, sample, path))
    return written


def _written(declared: Sample, sample: Sample, path: Path) -> SampleMessage:
    return SampleMessage(
        key=declared.key,
        path=path,
        about=declared.about,
        subject=sample.carrier_subject or sample.subject,
        expected=declared.expected,
        expected_reason=declared.expected_reason,
        team=declared.team,
        joins=declared.joins,
        hints=declared.hints,
        already_known=bool(declared.repeats) and not declared.new_id,
        schema_valid=declared.schema_valid,
        version=sample.version if declared.schema_valid else "",
    )


def _with_quote(sample: Sample, case_of: CaseOf | None) -> Sample:
    """The sample with the Vorgangs-ID or Aktenzeichen of the Vorgang that it answers."""
    if not sample.quote:
        return sample
    if case_of is None:
        raise ValueError(f"{sample.key} quotes a Vorgang, which only the second batch can do")
    case_id, file_reference = case_of(sample.joins)
    plain = case_id.replace("-", "")
    match sample.quote:
        case "own" | "swapped":
            return replace(sample, own=file_reference)
        case "subject":
            shown = case_id
        case "subject_plain":
            shown = plain
        case "subject_lower":
            shown = case_id.lower()
        case _:
            shown = plain.lower()
    return replace(sample, subject=sample.subject.format(case=shown))


def _lay_down(sample: Sample, declared: Sample, path: Path) -> Path:
    """Write one message; ``declared`` differs from ``sample`` when it sends that one again."""
    salt = declared.key if declared.new_id else sample.key
    attachments = _attachments(sample, salt)
    if sample.form == "xml":
        path = path.with_name(path.name + ".xml")
        path.write_bytes(attachments[XML_NAME])
        return path
    theirs, ours = _references(sample)
    moment = declared.moment if declared.new_id else sample.moment
    container = Container(
        message_id=_message_id(salt, int(moment.timestamp() * 1000)),
        arrived=moment,
        sender=sample.sender,
        subject=sample.subject if sample.carrier_subject is None else sample.carrier_subject,
        attachments=attachments,
        sender_reference=theirs or "",
        recipient_reference=ours or "",
        text=sample.text,
        old_client=sample.old_client,
    )
    files = container_files(container)
    if sample.container:
        files = sample.container(files)
    if sample.form == "zip":
        path = path.with_name(path.name + ".zip")
        path.write_bytes(sample.pack(files) if sample.pack else zip_bytes(files))
    else:
        write_folder(files, path)
    return path


def _references(sample: Sample) -> tuple[str | None, str | None]:
    """What stands in the sender's field and in ours; one sender mixes them up."""
    return (sample.own, sample.reference) if sample.quote == "swapped" else (sample.reference, sample.own)


def _message_id(salt: str, milliseconds: int) -> str:
    return f"govapp_{milliseconds}{uuid.uuid5(SEED, salt).int % 10**20:020d}"


def _attachments(sample: Sample, salt: str) -> Files:
    files: Files = {}
    documents = []
    for number, declared in enumerate(sample.letters):
        content = _pdf(sample, declared)
        files[declared.file] = content
        parts = [FilePart(declared.file)]
        if declared.signed:
            name = declared.file + ".p7s"
            files[name] = signature_bytes(content)
            parts.append(FilePart(name, SIGNATURE, declared.file))
        document = Document(
            id=str(uuid.uuid5(SEED, f"{sample.key}/{declared.file}")),
            title=declared.title,
            document_class=declared.document_class,
            dated=(sample.moment - timedelta(days=declared.days_before)).date(),
            files=tuple(parts),
            eeb_required=sample.eeb and number == 0,
        )
        documents.append(document)
    files[XML_NAME] = to_xml(_message(sample, salt, tuple(documents)))
    return sample.attachments(files) if sample.attachments else files


def _message(sample: Sample, salt: str, documents: tuple[Document, ...]) -> Message:
    created = sample.moment - timedelta(minutes=4, seconds=27)
    days = sample.eeb_days
    theirs, ours = _references(sample)
    return Message(
        version=sample.version,
        kind=sample.kind,
        created=created.replace(tzinfo=None).isoformat() if sample.version == "2.4.0" else created.isoformat(),
        sender=Partner(sample.sender.name, sample.sender.code, sample.sender.safe_id),
        recipient=Partner(TOWN.name, safe_id=TOWN.safe_id),
        id=str(uuid.uuid5(SEED, f"xjustiz/{salt}")),
        reply_to=str(uuid.uuid5(SEED, f"request/{sample.key}")) if sample.kind == "2200007" else "",
        sender_reference=theirs,
        recipient_reference=ours,
        court_reference=sample.reference,
        subject=sample.subject,
        rubrum=sample.rubrum,
        urgent=sample.urgent,
        parties=sample.parties,
        documents=documents,
        eeb_date=None if days is None else (sample.moment - timedelta(days=days)).date(),
        failure=sample.failure,
    )


def _pdf(sample: Sample, declared: Letter) -> bytes:
    sender = sample.sender
    if declared.document_class == ENCLOSURE:
        return letter(Page(declared.author or sender.name, declared.title, declared.paragraphs))
    day = (sample.moment - timedelta(days=declared.days_before)).date()
    dated = f"{day.day}. {MONTHS[day.month - 1]} {day.year}"
    paragraphs = declared.paragraphs
    if paragraphs[0][0].islower():
        paragraphs = ("Sehr geehrte Damen und Herren,", *paragraphs)
    to_court = bool(declared.author and sender.code)
    page = Page(
        letterhead=declared.author or f"{sender.name}\n{sender.postcode} {sender.city}",
        subject=declared.title + (f": {sample.rubrum}" if sample.rubrum else ""),
        paragraphs=paragraphs,
        place_and_date=dated if declared.author else f"{sender.city}, den {dated}",
        to=(sender.name, f"{sender.postcode} {sender.city}") if to_court else TOWN_ADDRESS,
        references=() if to_court else _reference_lines(sample),
        closing=tuple(declared.closing.split("\n")) if declared.closing else (),
    )
    return letter(page)


def _reference_lines(sample: Sample) -> tuple[str, ...]:
    values = (("Geschäftszeichen", sample.reference), ("Ihr Zeichen", sample.own))
    return tuple(f"{label}: {' '.join(value.split())}" for label, value in values if value and value.strip())
