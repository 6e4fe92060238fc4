"""E-mails (RFC 5322, MIME) as files: headers, text and parts, whatever state they are in.

Read with the lenient ``compat32`` policy of the standard library: the newer policies raise in their header parsers for
mail that arrives every day. Nothing of a mail is ever rendered, fetched or trusted; addresses prove nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from email import message_from_bytes, policy
from email.message import Message
from email.parser import BytesHeaderParser
from email.utils import getaddresses, parsedate_to_datetime

from intake.envelope import MessageFile
from intake.facts import Correspondent, Facts
from intake.findings import Finding, Severity
from intake.gates import filenames, limits
from intake.standards import attachments, quality, values
from intake.standards.layout import Layout
from intake.standards.mail_parts import Part, PartKind, TooManyParts, decoded, header_text, parts_of
from intake.standards.mail_text import from_html
from intake.standards.quality import Inspect

STANDARD = "eml"
ENDING = ".eml"
HEAD_BYTES = 256 * 1024
"""How much of a mail that is too large is read, for its headers."""
BASE64_SHARE = 1.4
"""By how much a mail is larger than its attachments."""
MAX_HEADER = 20_000
"""The longest header that is looked at, in characters."""
MAX_RECIPIENTS = 3
MAX_BOUNDARIES = 500
"""How many multiparts a mail may announce: the parser compares every line with every one that is open."""
_LEAST_HEADERS = ("from", "date", "subject", "message-id", "received", "to")


@dataclass
class Mail:
    """What an e-mail says. ``received_at`` is when our own server took it (its topmost Received header), aware."""

    message_id: str = ""
    subject: str = ""
    sender: str = ""
    recipient: str = ""
    sent_at: datetime | None = None
    received_at: datetime | None = None
    text: str = ""
    parts: list[Part] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)


def is_mail(archive: MessageFile | None) -> bool:
    """Whether a message came as an e-mail file."""
    return archive is not None and archive.name.lower().endswith(ENDING)


def open_mail(file: MessageFile) -> Mail:
    """The mail in ``file``. Never raises for content: what is wrong is in ``findings``; of a mail that is too large
    only the headers are read."""
    name = filenames.display(file.name)
    if file.size > limits.max_bytes() * BASE64_SHARE:
        with file.open() as stream:
            mail = _headers(BytesHeaderParser(policy=policy.compat32).parsebytes(stream.read(HEAD_BYTES)))
        mail.findings += limits.message_findings([file])
        return mail
    message = _parsed(file.read())
    if message is None:
        return Mail(findings=[_finding("mail_too_many_parts", name)])
    mail = _headers(message)
    if not any(message[header] for header in _LEAST_HEADERS):
        mail.findings.append(_finding("mail_unreadable", name))
        return mail
    try:
        mail.parts = parts_of(message, limit=limits.max_entries())
    except TooManyParts:
        mail.findings.append(_finding("mail_too_many_parts", name))
        return mail
    mail.text = values.free_text(_text(mail.parts))
    mail.findings += _oddities(message, mail.parts, name)
    return mail


def read(
    archive: MessageFile, files: Sequence[MessageFile], inspect: Inspect = quality.inspect_file
) -> tuple[Facts, list[Finding]]:
    """The Facts of the mail ``archive`` whose parts are stored as ``files``, and what was noticed.

    Documents are the attachments; text, and pictures that belong into it, are files of the message only.
    """
    mail = open_mail(archive)
    facts = Facts(
        standard=STANDARD,
        message_id=mail.message_id,
        sender=Correspondent(name=mail.sender),
        recipient=Correspondent(name=mail.recipient),
        subject=mail.subject,
        text=mail.text,
        created_at=mail.sent_at,
        received_at=mail.received_at,
    )
    beside = {part.name for part in mail.parts if part.kind is not PartKind.ATTACHMENT}
    content = [file for file in files if file.name not in beside]
    facts.documents = attachments.documents_of(Layout(content=content))
    findings = [*mail.findings, *quality.findings(content, inspect), *limits.message_findings(files)]
    if not facts.text and not facts.documents and not any(finding.is_blocking for finding in findings):
        findings.append(_finding("mail_empty", filenames.display(archive.name)))
    return facts, findings


def _parsed(data: bytes) -> Message | None:
    """The mail in ``data``; None when it is nested so deeply that reading it would take the machine down."""
    if data.count(b"oundary=") + data.count(b"OUNDARY=") > MAX_BOUNDARIES:
        return None
    try:
        return message_from_bytes(data, policy=policy.compat32)
    except RecursionError:
        return None


def _headers(message: Message) -> Mail:
    arrived = _moment(_first(message, "received").rpartition(";")[2])
    return Mail(
        message_id=values.text(_first(message, "message-id")).strip("<> ")[: values.MAX_ID],
        subject=values.text(header_text(_first(message, "subject"))),
        sender=_people(message, "from", 1),
        recipient=_people(message, "to", MAX_RECIPIENTS),
        sent_at=_moment(_first(message, "date")),
        received_at=arrived if arrived and arrived <= datetime.now(tz=values.BERLIN) else None,
    )


def _first(message: Message, name: str) -> str:
    """The topmost header ``name`` as it stands there (undecodable bytes as surrogates), or ""."""
    found = (str(value) for header, value in message.raw_items() if header.lower() == name)
    return next(found, "")[:MAX_HEADER]


def _people(message: Message, name: str, limit: int) -> str:
    """The first addresses of a header, ``Eva Klug <eva@example.org>``, joined by commas."""
    pairs = [pair for pair in getaddresses([_first(message, name)]) if any(pair)]
    shown = []
    for display_name, address in pairs[:limit]:
        person, mailbox = values.text(header_text(display_name)), values.text(values.clean(address))
        shown.append(f"{person} <{mailbox}>" if person and mailbox else person or mailbox)
    return ", ".join(shown)


def _moment(value: str) -> datetime | None:
    """The time in a Date or Received header, aware (without a zone: German time); None where it cannot be read."""
    try:
        moment = parsedate_to_datetime(value.strip()[:100])
    except (ValueError, TypeError, OverflowError):
        return None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=values.BERLIN)
    return moment if moment.year in values.PLAUSIBLE_YEARS else None


def _text(parts: Sequence[Part]) -> str:
    plain = [decoded(part.data, part.charset) for part in parts if part.kind is PartKind.TEXT]
    if any(text.strip() for text in plain):
        return values.clean("\n\n".join(text.strip() for text in plain))
    return values.clean("\n\n".join(from_html(part.data, part.charset) for part in parts if part.kind is PartKind.HTML))


def _oddities(message: Message, parts: Sequence[Part], name: str) -> Iterator[Finding]:
    """Hints: encrypted, packed by Outlook, or not built by the rules."""
    types = {part.content_type for part in parts} | {message.get_content_type()}
    if types & {"application/pkcs7-mime", "application/x-pkcs7-mime", "multipart/encrypted"}:
        yield _finding("mail_encrypted", name)
    if any(_WINMAIL.search(part.name) or part.content_type == "application/ms-tnef" for part in parts):
        yield _finding("mail_winmail", name)
    if any(part.is_damaged for part in parts) or message.defects:
        yield _finding("mail_damaged", name)


def _finding(code: str, name: str) -> Finding:
    severity, sentence = _SENTENCES[code]
    return Finding(code, sentence, severity, path=name)


_WINMAIL = re.compile(r"winmail\.dat$", re.IGNORECASE)
_SENTENCES = {
    "mail_unreadable": (
        Severity.BLOCKING,
        "Die Datei ist keine lesbare E-Mail: Sie hat weder Absender noch Betreff noch Datum. Sie ist gespeichert; "
        "bitte im Postfach nachsehen und von Hand zuordnen.",
    ),
    "mail_too_many_parts": (
        Severity.BLOCKING,
        "Die E-Mail besteht aus zu vielen oder zu tief verschachtelten Teilen und wurde nicht zerlegt. Sie ist "
        "gespeichert; bitte ansehen und von Hand zuordnen.",
    ),
    "mail_empty": (
        Severity.BLOCKING,
        "Die E-Mail enthält weder Text noch Anlagen. Bitte im Postfach nachsehen und beim Absender nachfragen.",
    ),
    "mail_encrypted": (
        Severity.HINT,
        "Die E-Mail ist verschlüsselt oder als Ganzes signiert; ihr Inhalt steckt in der Anlage. Bitte im Mailprogramm "
        "öffnen oder unverschlüsselt neu anfordern.",
    ),
    "mail_winmail": (
        Severity.HINT,
        "Die E-Mail enthält eine Datei „winmail.dat“, in die Outlook die Anlagen verpackt hat. Bitte die Anlagen "
        "einzeln oder als PDF neu anfordern.",
    ),
    "mail_damaged": (
        Severity.HINT,
        "Die E-Mail ist nicht nach den Regeln aufgebaut; Text oder Anlagen können unvollständig sein. Bitte mit dem "
        "Original vergleichen.",
    ),
}
