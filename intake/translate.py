"""Translation: from the files of a message to version-neutral Facts, with everything that was noticed on the way.

The reader for the message's standard is found by the content, never by the channel. Bad content gives findings, not
exceptions: an arrival is never refused for what it holds. What the findings mean for the message (filed, or to a
person) is decided in routing; ``facts.case_id`` is what stands on a scan, whether or not there is such a Vorgang.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from intake import applications
from intake.envelope import MessageFile
from intake.facts import Facts
from intake.findings import Finding
from intake.gates import Refused, filenames, limits
from intake.gates.xml import check_size, parse
from intake.standards import attachments, egvp_container, mail, manual, portal, quality, replies, scan, xjustiz
from intake.standards import layout as layouts
from intake.standards.application import Unreadable
from intake.standards.quality import Inspect

CONTAINER_STANDARD = "egvp"
"""``Facts.standard`` of a container that holds no XJustiz message."""


@dataclass
class Translation:
    """The Facts of a message, and all findings: the adapter's first, then those of the translation."""

    facts: Facts
    findings: list[Finding] = field(default_factory=list)


def translate(
    files: Sequence[MessageFile],
    *,
    archive: MessageFile | None = None,
    envelope_findings: Sequence[Finding] = (),
    inspect: Inspect = quality.inspect_file,
    channel: str = "",
) -> Translation:
    """What the message of ``files`` says; ``archive`` is what they were taken out of, if anything (ZIP, e-mail).

    ``envelope_findings`` is what the channel adapter noticed (a refused archive has no files, only a finding); they
    lead the findings of the result. ``inspect`` tells what the bytes of a file are, where that is known already. Names
    of files in the Facts are names of ``files``, except where a document names a file that is missing. Never raises
    for bad content. Only for an application the database is asked: what its Leistung says.
    """
    if archive and mail.is_mail(archive):
        facts, noticed = mail.read(archive, files, inspect)
    elif scan.is_scan(files):
        facts, noticed = scan.read(files[0])
        noticed += [*quality.findings(files, inspect), *limits.message_findings(files)]
    else:
        return _translate_container(files, list(envelope_findings), inspect, channel)
    return Translation(facts, [*envelope_findings, *noticed])


def _translate_container(
    files: Sequence[MessageFile], findings: list[Finding], inspect: Inspect, channel: str
) -> Translation:
    """A message of files, in a container or not, with an XJustiz message or without."""
    if not files:
        if not any(finding.is_blocking for finding in findings):
            findings.append(_empty())
        return Translation(Facts(), findings)
    layout = layouts.find(files)
    if layout.record and channel == manual.STANDARD:  # only our own page writes records
        return Translation(manual.read(layout.record, layout), [*findings, *_of_content(layout, inspect)])
    if layout.reply and channel == portal.STANDARD:  # only the interface takes replies
        facts, noticed = _read_reply(layout)
        noticed = _in_file(layout.reply, noticed)
        return Translation(facts, [*findings, *noticed, *_of_content(layout, inspect)])
    if layout.application:
        facts, noticed = _read_application(layout)
        noticed = _in_file(layout.application, noticed)
        return Translation(facts, [*findings, *noticed, *_of_content(layout, inspect)])
    carrier = egvp_container.read(files)
    facts, noticed = _read_xjustiz(layout)
    egvp_container.complete(facts, carrier)
    findings += [*carrier.findings, *noticed]
    if facts.standard == xjustiz.STANDARD:
        named_in = layout.xjustiz[0].name
        for finding in attachments.assign(facts.documents, layout):
            findings.append(replace(finding, file=named_in) if finding.code == attachments.MISSING else finding)
    else:
        facts.documents = attachments.documents_of(layout)
    if not layout.xjustiz:
        facts.standard = CONTAINER_STANDARD if carrier.is_container or len(files) > 1 else ""
        if not facts.documents and not facts.text:
            findings.append(_empty())
    return Translation(facts, findings + _of_content(layout, inspect))


def _of_content(layout: layouts.Layout, inspect: Inspect) -> list[Finding]:
    """What is noticed about the sender's files, whatever the standard."""
    too_much = limits.message_findings([*layout.xjustiz, *layout.content])
    return [*quality.findings(layout.content, inspect), *too_much]


def _read_application(layout: layouts.Layout) -> tuple[Facts, list[Finding]]:
    """The Facts of an application from a portal, and how it fits its Leistung."""
    try:
        application, facts = portal.read(layout)
    except Refused as refused:
        return Facts(standard=portal.STANDARD), [refused.finding]
    except Unreadable as unreadable:
        return Facts(standard=portal.STANDARD), unreadable.findings
    leistung = applications.find(application.service)
    if leistung is None:
        return facts, [portal.service_unknown(), *portal.unknown_members(application, {})]
    facts.subject = leistung.name
    facts.parties = applications.applicant(facts.data, leistung.applicant)
    findings = portal.data_findings(facts.data, leistung.schema)
    return facts, [*findings, *portal.unknown_members(application, leistung.schema)]


def _read_reply(layout: layouts.Layout) -> tuple[Facts, list[Finding]]:
    """The Facts of what a portal sent to a Vorgang."""
    try:
        return replies.read(layout)
    except Refused as refused:
        return Facts(standard=portal.STANDARD), [refused.finding]
    except Unreadable as unreadable:
        return Facts(standard=portal.STANDARD), unreadable.findings


def _read_xjustiz(layout: layouts.Layout) -> tuple[Facts, list[Finding]]:
    """The Facts of the XJustiz message in ``layout``; of several the first by name, with a blocking finding."""
    if not layout.xjustiz:
        return Facts(), []
    file = layout.xjustiz[0]
    findings = [_several(layout.xjustiz)] if len(layout.xjustiz) > 1 else []
    try:
        check_size(file.size, filenames.display(file.name))
        root = parse(file.read(), filenames.display(file.name))
    except Refused as refused:
        return Facts(), [*findings, *_in_file(file, [refused.finding])]
    facts, noticed = xjustiz.read(root)
    return facts, [*findings, *_in_file(file, noticed)]


def _in_file(file: MessageFile, findings: Sequence[Finding]) -> list[Finding]:
    """The findings, each with the file that its path and line are of."""
    return [replace(finding, file=file.name) for finding in findings]


def _several(files: Sequence[MessageFile]) -> Finding:
    names = ", ".join(f"„{filenames.display(layouts.basename(file.name))}“" for file in files[:5])
    return Finding(
        code="several_xjustiz",
        message=f"Die Nachricht enthält mehrere XJustiz-Datensätze ({names}), zulässig ist einer. Gelesen wurde der "
        "erste; bitte prüfen, welcher gilt, und von Hand zuordnen.",
        value=str(len(files)),
        expected="ein XJustiz-Datensatz je Nachricht",
        file=files[0].name,
    )


def _empty() -> Finding:
    return Finding(
        code="message_empty",
        message="Die Nachricht ist leer: Sie enthält weder Dokumente noch Text noch einen XJustiz-Datensatz. Bitte im "
        "Postfach nachsehen und die Nachricht beim Absender neu anfordern.",
    )
