"""The only writers of this room: receiving, and what becomes of an Eingang."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import PurePosixPath
from typing import Any

from django.db import IntegrityError, connection, transaction
from django.db.models import Q
from django.utils import timezone

from audit import versions
from audit.acting import Actor, acting
from audit.ledger import Ledger, insert
from audit.registries import erasure
from cases import blobs
from cases.actions import register_blobs, reserve_number
from cases.models import Case, CaseNumber, InformationRequest
from intake import counting
from intake.actions.settling import (
    add_finding,
    check_files,
    claim,
    claim_new,
    mark_all_filed,
    mark_duplicate,
    mark_exceptions,
    mark_filed,
    mark_rejected,
    pause,
    resume,
)
from intake.envelope import Envelope, MessageFile
from intake.findings import Finding
from intake.models import ApiClient, IdempotencyRecord, Reply, Submission, SubmissionFile
from intake.signals import submission_received, submission_stored
from intake.standards.layout import find as find_layout

__all__ = [
    "Answer",
    "KeyReused",
    "NameTaken",
    "NewReply",
    "Receipt",
    "StillRunning",
    "add_finding",
    "allowance",
    "answer_once",
    "check_files",
    "claim",
    "claim_new",
    "count_request",
    "erase_submissions",
    "fingerprint",
    "forget_answers",
    "make_client",
    "mark_all_filed",
    "mark_duplicate",
    "mark_exceptions",
    "mark_filed",
    "mark_rejected",
    "pause",
    "receive",
    "resume",
    "revoke_client",
]

ANSWERS_KEPT = timedelta(days=30)  # how long a repeated request gets the very answer that was given before
ID_LENGTH = 300
REUSED = Finding(
    "message_id_reused",
    "Unter derselben Kennung ist schon eine Nachricht mit anderem Inhalt eingegangen. Bitte beide vergleichen und "
    "entscheiden, ob diese dazugehört, sie ersetzt oder ein eigener Vorgang ist.",
)


# Counts a request of a client; a minute that is over begins anew. One statement: true across processes.
@dataclass(frozen=True)
class Allowance:
    """What a limit leaves: ``limit`` requests per minute, ``remaining`` of them for ``reset`` seconds."""

    limit: int
    remaining: int
    reset: int
    is_exceeded: bool


class NameTaken(Exception):
    """There is a client of this name; the message is a German sentence."""


class KeyReused(Exception):
    """The Idempotency-Key was used for another request."""


class StillRunning(Exception):
    """The first request with this Idempotency-Key is still being answered."""


@dataclass(frozen=True)
class Answer:
    """An answer of the REST interface: HTTP status, its JSON as text, further headers. Without person data."""

    status: int
    body: str
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Receipt:
    """What the carrier may be told, after commit only."""

    submission: Submission
    already_known: bool


@dataclass(frozen=True)
class NewReply:
    """To what a portal has sent something: the Vorgangs-ID, the Nachforderung (None: whichever is open), its items.

    ``items``: ``[{"key", "attachment"}]`` with the number of the attachment, from 1 on.
    """

    kind: Reply.Kind
    about: CaseNumber
    request: InformationRequest | None = None
    items: Sequence[dict[str, Any]] = ()

    def row_of(self, submission: Submission) -> Reply:
        """The unsaved row for a stored Eingang."""
        return Reply(
            submission=submission, kind=self.kind, about=self.about, request=self.request, items=list(self.items)
        )


def receive(
    envelope: Envelope,
    *,
    by: Actor,
    defer: bool = True,
    client: ApiClient | None = None,
    reply: NewReply | None = None,
) -> Receipt:
    """Store what arrived, whatever it holds: bytes first and durable, then one transaction.

    ``client`` is who handed it over by the REST interface, ``reply`` to what when it is for a Vorgang. With ``defer``
    the pipeline is nudged; without it the caller takes the submission through itself.
    Received again (same channel, external id and content) it is the same submission and nothing is written. Other
    content under a known id is never taken for known: it is received beside it, with a finding for a person. What is
    empty is known again only from the same source.
    """
    external_id, findings = envelope.external_id[:ID_LENGTH], list(envelope.findings)
    known = _known(envelope.channel, external_id)
    if known:
        found = fingerprint((file.name, file.sha256()) for file in _content(envelope))
        if _is_nothing(envelope) and known.source != _source(envelope):
            found = hashlib.sha256(_source(envelope).encode()).hexdigest()  # nothing cannot be known by its content
        elif known.fingerprint == found or external_id == _bytes_id(envelope):
            return Receipt(known, already_known=True)
        else:
            findings.append(REUSED)
        external_id = f"{external_id[: ID_LENGTH - 65]} {found}"
        known = _known(envelope.channel, external_id)
        if known:
            return Receipt(known, already_known=True)
    return _store(envelope, external_id, findings, by=by, defer=defer, client=client, reply=reply)


def _store(
    envelope: Envelope,
    external_id: str,
    findings: list[Finding],
    *,
    by: Actor,
    defer: bool,
    client: ApiClient | None,
    reply: NewReply | None,
) -> Receipt:
    archive = [envelope.archive] if envelope.archive else []
    stored = [(file, *_write(file)) for file in [*envelope.files, *archive]]
    hashes = {id(file): sha for file, sha, _ in stored}  # an archive may hold a member of its own name
    try:
        with transaction.atomic(), acting(by, "receive"):
            register_blobs((sha, size) for _, sha, size in stored)
            submission = _new(envelope, external_id, hashes)
            submission.client = client
            submission.receipt_findings = [finding.as_json() for finding in findings]
            insert([submission])
            ledger = Ledger()
            ledger.received([submission])
            ledger.write()
            if reply:
                insert([reply.row_of(submission)])
            insert(
                [
                    SubmissionFile(
                        submission=submission, blob_id=sha, name=_text(f.name), is_archive=f is envelope.archive
                    )
                    for f, sha, _ in stored
                ]
            )
            submission_stored.send(sender=Submission, submission=submission)
            if defer:
                submission_received.send(sender=Submission, submission=submission)
    except IntegrityError:
        if _known(envelope.channel, external_id) is None:
            raise
        return receive(
            envelope, by=by, defer=defer, client=client, reply=reply
        )  # somebody else received it a moment ago: look at it again
    return Receipt(submission, already_known=False)


def _new(envelope: Envelope, external_id: str, hashes: Mapping[int, str]) -> Submission:
    """The row of what arrived, with a Vorgangs-ID reserved for it; ``hashes``: SHA-256 by ``id()`` of its files."""
    return Submission(
        channel=envelope.channel,
        external_id=external_id,
        source=_source(envelope),
        service=envelope.service[:100],
        reply_channel=envelope.reply_channel,
        received_at=envelope.received_at or timezone.now(),
        number=reserve_number(),
        fingerprint=fingerprint((file.name, hashes[id(file)]) for file in _content(envelope)),
    )


def fingerprint(content: Iterable[tuple[str, str]]) -> str:
    """SHA-256 over the (name, SHA-256) of a message's content, names without folders, in any order."""
    lines = sorted(f"{PurePosixPath(name).name}\0{sha}\n" for name, sha in content)
    return hashlib.sha256("".join(lines).encode("utf-8", "surrogateescape")).hexdigest()


def _content(envelope: Envelope) -> list[MessageFile]:
    """What the sender wrote; what the carrier adds (Prüfvermerk, …) differs from one export to the next.

    A message without any is known by all its files, one that was not opened by its archive.
    """
    layout = find_layout(envelope.files)
    archive = [envelope.archive] if envelope.archive else []
    ours = [file for file in (layout.application, layout.reply) if file]
    return [*ours, *layout.xjustiz, *layout.content] or envelope.files or archive


def _is_nothing(envelope: Envelope) -> bool:
    """Whether there is not a single byte: an empty folder, a file of 0 bytes. One is like the other."""
    return not any(file.size for file in [*envelope.files, envelope.archive] if file)


def _source(envelope: Envelope) -> str:
    return _text(envelope.source)[:1000]


def _bytes_id(envelope: Envelope) -> str:
    """The id that the bytes of a message in one file are; its name may be another the next time. Else ""."""
    single = envelope.archive or (envelope.files[0] if len(envelope.files) == 1 else None)
    return f"sha256:{single.sha256()}" if single else ""


def make_client(*, name: str, kind: ApiClient.Kind, services: Iterable[str], by: Actor) -> tuple[ApiClient, str]:
    """Let a portal or Fachverfahren in; returns it and its token, which is told once and stored as a hash only.

    ``services``: the slugs of the Leistungen that it may use; none: all. Raises NameTaken.
    """
    token = secrets.token_urlsafe(32)
    with transaction.atomic(), acting(by, "make_client"):
        if ApiClient.objects.filter(name=name).exists():
            raise NameTaken(f"Den Zugang „{name}“ gibt es schon; bitte einen anderen Namen wählen.")
        token_hash = hashlib.sha256(token.encode()).hexdigest()
        client = ApiClient(name=name, kind=kind, services=sorted(set(services)), token_hash=token_hash)
        client.save()
    return client, token


def revoke_client(*, client: ApiClient, by: Actor) -> None:
    """From now on its token is worth nothing."""
    with transaction.atomic(), acting(by, "revoke_client"):
        client.is_active = False
        client.save()


def count_request(*, client_id: int, limits: Mapping[str, int]) -> Allowance | None:
    """Count a request against each of ``limits`` (name → requests per minute); what the tightest leaves, or None."""
    if not limits:
        return None
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT * FROM {counting.NAME}(%s, %s)", [client_id, sorted(limits)])  # noqa: S608
        left = [allowance(limits[name], count, seconds) for name, count, seconds in cursor.fetchall()]
    return min(left, key=lambda each: (not each.is_exceeded, -each.reset if each.is_exceeded else each.remaining))


def allowance(limit: int, count: int, seconds: int) -> Allowance:
    """What a limit leaves after so many requests, when its minute goes on for so many seconds."""
    return Allowance(limit, max(0, limit - count), max(1, seconds), count > limit)


def answer_once(*, client: ApiClient, path: str, key: str, digest: str, make: Callable[[], Answer]) -> Answer:
    """The answer to this request: made now, together with its record, or the one that was given before.

    The key is held by an advisory lock for the length of the transaction, so whoever is killed holds none, and has
    written nothing. Raises KeyReused (another ``digest``) or StillRunning; what ``make`` raises leaves no trace.
    """
    known = _answer_given(client, path, key, digest)
    if known:
        return known
    number = int.from_bytes(hashlib.sha256(f"{client.pk} {path} {key}".encode()).digest()[:8], signed=True)
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [number])
            if not cursor.fetchone()[0]:
                raise StillRunning
        known = _answer_given(client, path, key, digest)
        if known:
            return known
        made = make()
        IdempotencyRecord.objects.create(
            client=client,
            path=path,
            key=key,
            digest=digest,
            status=made.status,
            body=made.body,
            headers=made.headers,
        )
    return made


def forget_answers() -> int:
    """Delete the answers under Idempotency-Keys that are older than ``ANSWERS_KEPT``; returns how many.

    The Eingang stays known by its key: the same body again is the same one, another body is received beside it with a
    finding.
    """
    deleted, _ = IdempotencyRecord.objects.filter(created_at__lt=timezone.now() - ANSWERS_KEPT).delete()
    return deleted


def _answer_given(client: ApiClient, path: str, key: str, digest: str) -> Answer | None:
    given = IdempotencyRecord.objects.filter(client=client, path=path, key=key).first()
    if given is None:
        return None
    if given.digest != digest:
        raise KeyReused
    return Answer(given.status, given.body, given.headers)


@erasure.register("intake")
def erase_submissions(case: Case, *, by: Actor) -> int:
    """Blank Facts, corrections, findings and file names of the Eingänge of this Vorgang."""
    with transaction.atomic(), acting(by, "erase"):
        mine = Q(case=case) | Q(duplicate_of__case=case)
        ids = list(Submission.objects.filter(mine).values_list("pk", flat=True))
        blank = {"source": "", "reply_channel": None, "facts": {}, "corrections": {}}
        Submission.objects.filter(pk__in=ids).update(**blank, findings=[], receipt_findings=[])
        SubmissionFile.objects.filter(submission__in=ids).update(name="")
        versions.erase(Submission, ids)
        return len(ids)


def _known(channel: str, external_id: str) -> Submission | None:
    return Submission.objects.filter(channel=channel, external_id=external_id).first()


def _write(file: MessageFile) -> tuple[str, int]:
    with file.open() as stream:
        return blobs.write(stream)


def _text(name: str) -> str:
    """A name as text that PostgreSQL takes: undecodable bytes and NUL are made visible, not dropped."""
    return name.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace").replace("\0", "\\x00")
