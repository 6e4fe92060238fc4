"""What a person gives to a court or lawyer by EGVP/beBPo. The machine gives nothing by itself.

Each message is written and checked here, in the transaction of the person's deed; the worker only hands over the bytes
(``court_outbox``). An Empfangsbekenntnis is given once, by a named person, with the day that this person states
(§ 173 Abs. 3 ZPO).
"""

from __future__ import annotations

import io
import uuid
from collections.abc import Callable, Sequence
from datetime import date, timedelta

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from audit import versions
from audit.acting import Actor
from cases import blobs
from cases.actions.base import NotPossible, changing
from cases.actions.documents import register_blobs
from cases.actions.sending import mark_sent
from cases.models import Case, Dispatch, Document, DocumentFile
from intake.facts import Facts
from intake.models import Submission
from intake.standards import codes
from returnchannel import court, court_folder
from returnchannel.court_container import MESSAGE
from returnchannel.models import CourtFile, CourtMessage
from returnchannel.xjustiz import (
    Attachment,
    CannotWrite,
    Failure,
    Head,
    Partner,
    Received,
    version_for,
    write_documents,
    write_receipt,
)
from returnchannel.xjustiz.letters import FAILURES, answer_head, file_name, line

Kind, State = CourtMessage.Kind, CourtMessage.State
TWICE = timedelta(minutes=5)  # the same documents to the same sender within this time are a button pressed twice
CLASSES = {role: code for code, role in codes.DOCUMENT_ROLES.items()} | {Document.Role.PROOF: "005"}
"""What our documents are in GDS.Dokumentklasse."""
OTHER = "001"


def give_receipt(*, submission: Submission, on: date, by: Actor) -> CourtMessage:
    """Give the Empfangsbekenntnis for a message: this person has taken note of it on this day."""
    return _answer(submission, Received(on), by=by, action="give_receipt", said=f"Kenntnis am {on:%d.%m.%Y}")


def refuse_receipt(*, submission: Submission, code: str, text: str, by: Actor) -> CourtMessage:
    """Report a Störung instead of an Empfangsbekenntnis; ``code`` is one of EEB.StoerungsID."""
    if code not in FAILURES:
        raise NotPossible("Bitte einen der vorgesehenen Gründe wählen.")
    failure = Failure(code, text.strip())
    return _answer(submission, failure, by=by, action="refuse_receipt", said=FAILURES[code])


def note_receipt(*, submission: Submission, on: date, by: Actor) -> CourtMessage:
    """Note that the Empfangsbekenntnis was given in the EGVP client by hand, and which day it states."""
    return _answer(
        submission, Received(on), by=by, action="receipt_by_hand", said=f"Kenntnis am {on:%d.%m.%Y}", by_hand=True
    )


def send_documents(
    *, case: Case, submission: Submission, numbers: Sequence[int], subject: str, by: Actor
) -> CourtMessage:
    """Send documents of a Vorgang (by their numbers) to who has sent ``submission``.

    What is to be served against Empfangsbekenntnis demands one, and counts as sent today.
    """
    with transaction.atomic():
        with changing(case, by=by, action="send_to_court", kind="court", reason=subject) as locked:
            facts = _reachable(_filed(submission, locked))
            found = court.chosen(locked, numbers)
            _check_chosen(found, submission, len(set(numbers)))
            served = _to_serve([document.pk for document, _ in found])
            taken = {MESSAGE}
            names = [file_name(str(document), "pdf", taken) for document, _ in found]
            demanded = {row.document_id for row in served}
            attachments = [_attachment(each, name, demanded) for (each, _), name in zip(found, names, strict=True)]
            message = _new(submission, locked, facts, Kind.DOCUMENTS, subject, by)
            _write(message, facts, lambda head, version: write_documents(head, subject, attachments, version))
            for (document, file), name in zip(found, names, strict=True):
                CourtFile.objects.create(message=message, name=name, blob_id=file.blob_id, document=document)
            message.dispatches.set(served)
        for row in served:
            mark_sent(dispatch=row, on=timezone.localdate(), by=by, reason="Über EGVP gegen Empfangsbekenntnis")
    return message


def _to_serve(document_ids: Sequence[int]) -> list[Dispatch]:
    """What of these documents waits to be served against Empfangsbekenntnis."""
    rows = Dispatch.objects.filter(document__in=document_ids, method=Dispatch.Method.EEB)
    return list(rows.filter(state=Dispatch.State.TO_SEND))


def _check_chosen(found: Sequence[tuple[Document, DocumentFile]], submission: Submission, wanted: int) -> None:
    if not found or len(found) != wanted:
        raise NotPossible("Bitte Dokumente wählen, die sich senden lassen: geprüfte PDF-Dateien dieses Vorgangs.")
    _limit(found)
    same = {document.pk for document, _ in found}
    recent = CourtMessage.objects.filter(submission=submission, kind=Kind.DOCUMENTS)
    for message in recent.filter(given_at__gte=timezone.now() - TWICE).prefetch_related("files"):
        if {file.document_id for file in message.files.all()} - {None} == same:
            raise NotPossible("Diese Dokumente sind vor wenigen Minuten schon dorthin gegeben worden.")


def send_again(*, message: CourtMessage, by: Actor) -> CourtMessage:
    """Hand a message that was not accepted over once more: the same message, under the same id."""
    permission = _permission(message)
    with changing(message.case, by=by, action="court_again", kind="court", permission=permission) as case:
        row = _refused(message, case)
        if court_folder.outbox() is None:
            raise NotPossible(court_folder.OFF)
        row.state, row.is_staged, row.error = State.WAITING, False, ""
        row.save()
    return row


def settle_by_hand(*, message: CourtMessage, reason: str, by: Actor) -> CourtMessage:
    """Say that what was not accepted has been done by hand; the reason (how, when) is required."""
    if not reason.strip():
        raise NotPossible("Bitte angeben, wie und wann das von Hand erledigt wurde.")
    permission = _permission(message)
    with changing(
        message.case, by=by, action="court_by_hand", kind="court", reason=reason, permission=permission
    ) as case:
        row = _refused(message, case)
        row.state = State.BY_HAND
        row.save()
    return row


def _permission(message: CourtMessage) -> str:
    return "send_to_court" if message.kind == Kind.DOCUMENTS else "give_receipt"


def _refused(message: CourtMessage, case: Case) -> CourtMessage:
    row = CourtMessage.objects.select_for_update(of=("self",)).get(pk=message.pk, case=case)
    if row.state != State.REFUSED:
        raise NotPossible(f"Das ist nicht nötig: Die Nachricht ist „{row.get_state_display()}“.")
    return row


def _answer(
    submission: Submission, content: Received | Failure, *, by: Actor, action: str, said: str, by_hand: bool = False
) -> CourtMessage:
    if submission.case is None:
        raise NotPossible("Dieser Eingang liegt noch in keinem Vorgang.")
    with changing(submission.case, by=by, action=action, kind="court", reason=said, permission="give_receipt") as case:
        asked = _filed(submission, case)
        if not court.is_demanding(asked):
            raise NotPossible("Diese Nachricht verlangt kein Empfangsbekenntnis.")
        if CourtMessage.objects.filter(submission=asked, kind__in=CourtMessage.RECEIPTS).exists():
            raise NotPossible("Zu dieser Nachricht ist das Empfangsbekenntnis oder die Störung schon abgegeben.")
        if isinstance(content, Received):
            _check_day(asked, content.on)
        facts = Facts.from_json(asked.facts) if by_hand else _reachable(asked)
        kind = Kind.RECEIPT if isinstance(content, Received) else Kind.FAILURE
        message = _new(asked, case, facts, kind, _subject(facts), by)
        if isinstance(content, Received):
            message.known_on = content.on
        else:
            message.failure_code, message.failure_text = content.code, content.text[:1000]
        if by_hand:
            message.state = State.BY_HAND
            message.save()
            versions.record_created([message])
            return message
        _write(message, facts, lambda head, version: write_receipt(head, content, version))
    return message


def _check_day(submission: Submission, on: date) -> None:
    arrived = court.earliest(submission)
    if on > timezone.localdate():
        raise NotPossible("Das Datum liegt in der Zukunft; bitte den Tag angeben, an dem Sie Kenntnis genommen haben.")
    if on < arrived:
        raise NotPossible(f"Die Nachricht ist erst am {arrived:%d.%m.%Y} eingegangen; bitte das Datum prüfen.")


def _filed(submission: Submission, case: Case) -> Submission:
    found = Submission.objects.filter(pk=submission.pk, case=case, state=Submission.State.FILED).first()
    if found is None:
        raise NotPossible("Diese Nachricht liegt nicht in diesem Vorgang.")
    return found


def _reachable(submission: Submission) -> Facts:
    if court_folder.outbox() is None:
        raise NotPossible(court_folder.OFF)
    if not court.can_be_answered(submission):
        raise NotPossible(
            "Das Postfach (SAFE-ID) des Absenders ist nicht bekannt. Bitte im EGVP-Client von Hand senden und hier "
            "vermerken."
        )
    return Facts.from_json(submission.facts)


def _new(submission: Submission, case: Case, facts: Facts, kind: Kind, subject: str, by: Actor) -> CourtMessage:
    return CourtMessage(
        case=case,
        submission=submission,
        kind=kind,
        recipient_name=court.name_of(facts)[:300],
        safe_id=facts.sender.safe_id[:200],
        subject=line(subject)[:300],
        given_by=by.user,
    )


def _write(message: CourtMessage, facts: Facts, write: Callable[[Head, str], bytes]) -> None:
    """Write and check the XML, then store message and bytes. NotPossible, and nothing stored, when it is not valid."""
    now = timezone.localtime()
    sender = Partner(settings.AUTHORITY_NAME, safe_id=facts.recipient.safe_id)
    head = answer_head(
        facts,
        message_id=message.message_id,
        created_at=now,
        sender=sender,
        own_reference=message.case.file_reference or message.case.public_id,
    )
    message.version = version_for(now.date())
    try:
        content = write(head, message.version)
    except CannotWrite as error:
        raise NotPossible(str(error)) from error
    sha256, size = blobs.write(io.BytesIO(content))
    register_blobs([(sha256, size)])
    message.save()
    versions.record_created([message])
    CourtFile.objects.create(message=message, name=MESSAGE, blob_id=sha256)


def _subject(facts: Facts) -> str:
    return f"EB zu: {facts.foreign_reference or facts.subject}"


def _attachment(document: Document, name: str, demanded: set[int]) -> Attachment:
    """A document under an id that stays the same when it is sent again."""
    identity = uuid.uuid5(uuid.NAMESPACE_URL, f"urn:laufmappe:document:{document.case.public_id}:{document.pk}")
    return Attachment(
        identity,
        str(document),
        name,
        CLASSES.get(document.role, OTHER),
        document.document_date,
        document.pk in demanded,
    )


def _limit(found: Sequence[tuple[Document, DocumentFile]]) -> None:
    if len(found) >= settings.MAX_MESSAGE_FILES:
        raise NotPossible(f"Das sind zu viele Dokumente: höchstens {settings.MAX_MESSAGE_FILES - 1} je Nachricht.")
    size = sum(file.blob.size for _, file in found)
    if size > settings.MAX_MESSAGE_MB * 1_000_000:
        raise NotPossible(f"Die Dokumente sind zusammen größer als {settings.MAX_MESSAGE_MB} MB; bitte aufteilen.")
    for document, file in found:
        with blobs.open_blob(file.blob_id) as stream:
            if b"%PDF" not in stream.read(1024):
                raise NotPossible(f"„{document}“ ist keine PDF-Datei; bitte ein anderes Dokument wählen.")
