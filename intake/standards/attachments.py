"""Attachments: which files of a message belong to which document, and what is wrong with them.

File names in the XML are looked up among the files that are there; they are never opened as paths
(``reference/message-standards.md`` section 7).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from intake.envelope import MessageFile
from intake.facts import DocumentFacts, FileFacts, FilePart
from intake.findings import Finding, Severity
from intake.gates import filenames
from intake.standards.layout import MESSAGE_TEXT, Layout, basename

MISSING = "attachment_missing"
"""The code of the finding that a file is named, and not there."""
MAX_FINDINGS = 50
"""How many findings of one kind are spelled out; the rest is counted in one more."""
CONTENT_PARTS = frozenset({FilePart.ORIGINAL, FilePart.REPRESENTATION, FilePart.EEB_REQUEST})
"""What a file must be for its document to be a Schriftstück."""

_SIGNATURE = re.compile(r"^(?P<base>.+)\.(p7s|pkcs7|p7m)$", re.IGNORECASE)
_ENVELOPING = re.compile(r"\.p7m$", re.IGNORECASE)  # holds the signed document itself


class Directory:
    """The files of a message, found by the names that a message gives them.

    Tried in order: the exact name, the exact name without folders, then both in the same normal form and without
    regard to case.
    """

    def __init__(self, files: Iterable[MessageFile]) -> None:
        self._index: dict[str, str] = {}
        names = [file.name for file in files]
        for form in (str, basename, filenames.key, lambda name: filenames.key(basename(name))):
            for name in names:
                self._index.setdefault(form(name), name)

    def find(self, name: str) -> str:
        """The name (inside the message) of the file that is meant by ``name``, or "" when there is none."""
        return self._index.get(name) or self._index.get(filenames.key(name)) or ""


def assign(documents: list[DocumentFacts], layout: Layout) -> list[Finding]:
    """Tie ``documents`` to the files of ``layout`` and add a document for each file that nobody mentions.

    Changes ``documents``: names of files become names inside the message (names of missing files stay as written), and
    what is no Schriftstück (a Prüfvermerk described like one) is dropped.
    Returns ``attachment_missing`` (blocking), ``attachment_surplus`` and ``signature_unmatched`` (hints).
    """
    used: set[str] = set()
    missing = _resolve(documents, layout, used)
    left = [file.name for file in layout.content if file.name not in used]
    unmatched = _add_signatures(documents, layout, left, used)
    lone = set(unmatched)
    surplus = [name for name in left if name not in used and name not in lone]
    documents[:] = [document for document in documents if _is_schriftstueck(document)]
    findings = limited([_missing(name) for name in missing], "attachment_missing", Severity.BLOCKING)
    findings += limited([_surplus(n) for n in surplus if not is_message_text(n)], "attachment_surplus", Severity.HINT)
    documents.extend(_group(surplus))
    return findings + [_unmatched(name) for name in unmatched[:MAX_FINDINGS]]


def documents_of(layout: Layout) -> list[DocumentFacts]:
    """The content of a message that describes none of its documents: each file one, signatures beside theirs."""
    return _group([file.name for file in layout.content])


def _is_schriftstueck(document: DocumentFacts) -> bool:
    """False for a description of nothing but a Prüfvermerk, a VHN or a signature: these are the carrier's."""
    return not document.files or any(file.part in CONTENT_PARTS for file in document.files)


def _resolve(documents: list[DocumentFacts], layout: Layout, used: set[str]) -> list[str]:
    content = Directory(layout.content)
    technical = Directory([*layout.technical, *layout.xjustiz])
    missing: dict[str, None] = {}
    for document in documents:
        for file in document.files:
            name = content.find(file.name) or technical.find(file.name)
            if name:
                file.name = name
                used.add(name)
            else:
                missing[file.name] = None
    return list(missing)


def _add_signatures(documents: list[DocumentFacts], layout: Layout, left: list[str], used: set[str]) -> list[str]:
    """Put signature files among ``left`` to the document whose file they sign; return those that sign nothing here."""
    owners = {file.name: document for document in documents for file in document.files}
    everything = Directory([*layout.content, *layout.technical, *layout.xjustiz])
    unmatched, undescribed = [], set(left)
    for name in left:
        if not is_signature(name):
            continue
        signed = signed_file(name, everything)
        if not signed:
            if not _ENVELOPING.search(name):
                unmatched.append(name)
        elif signed in owners:
            owners[signed].files.append(FileFacts(name=name, part=FilePart.SIGNATURE, refers_to=basename(signed)))
            used.add(name)
        elif signed not in undescribed:  # of the XJustiz message or of a technical file: the carrier's
            used.add(name)
    return unmatched


def is_signature(name: str) -> bool:
    """Whether ``name`` is a signature file's by its ending."""
    return bool(_SIGNATURE.match(name))


def is_message_text(name: str) -> bool:
    """Whether ``name`` is the file that holds the text of the message; nobody is surprised to find it."""
    return basename(name).lower() == MESSAGE_TEXT


def signed_file(name: str, directory: Directory) -> str:
    """The file that the signature ``name`` belongs to: ``x.pdf.p7s`` and ``x.p7s`` both sign ``x.pdf``; or ""."""
    match = _SIGNATURE.match(name)
    if not match:
        return ""
    base = match.group("base")
    return directory.find(base) or directory.find(f"{base}.pdf")


def _group(names: Sequence[str]) -> list[DocumentFacts]:
    """A document for each file in ``names``, its signature files with it; a lone detached signature makes none."""
    directory = Directory(MessageFile(name=name, size=0, open=_never) for name in names)
    documents: dict[str, DocumentFacts] = {}
    signatures = {name: signed for name in names if is_signature(name) and (signed := signed_file(name, directory))}
    for name in names:
        lone_signature = is_signature(name) and not _ENVELOPING.search(name)
        if name not in signatures and not lone_signature:
            documents[name] = DocumentFacts(name=basename(name), files=[FileFacts(name=name)])
            if is_message_text(name):
                documents[name].role, documents[name].title = "schreiben", "Nachrichtentext"
    for name, signed in signatures.items():
        if signed in documents:
            signature = FileFacts(name=name, part=FilePart.SIGNATURE, refers_to=basename(signed))
            documents[signed].files.append(signature)
    return list(documents.values())


def _never() -> None:
    raise AssertionError("only the name of this file is of interest")


def _missing(name: str) -> Finding:
    shown = filenames.display(name)
    return Finding(
        code=MISSING,
        message=f"Die Nachricht nennt die Datei „{shown}“, sie ist aber nicht beigefügt. Bitte beim "
        "Absender anfordern.",
        path=shown,
        value=name,
        expected="eine Datei dieses Namens in der Nachricht",
    )


def _surplus(name: str) -> Finding:
    text = "wird in der Nachricht nicht genannt. Sie wurde als eigenes Dokument übernommen; bitte zuordnen."
    return hint("attachment_surplus", filenames.display(name), text)


def _unmatched(name: str) -> Finding:
    text = "ist eine Signaturdatei ohne zugehöriges Dokument. Sie ist bei der Nachricht gespeichert."
    return hint("signature_unmatched", filenames.display(name), text)


def hint(code: str, name: str, text: str, value: str = "") -> Finding:
    """A hint about the file ``name``: its sentence begins with the name and goes on with ``text``."""
    message = f"Die Datei „{basename(name)}“ {text}"
    return Finding(code=code, message=message, severity=Severity.HINT, path=name, value=value)


def limited(findings: list[Finding], code: str, severity: Severity) -> list[Finding]:
    """The first ``MAX_FINDINGS`` of ``findings``; the others are counted in one more with ``code``."""
    rest = len(findings) - MAX_FINDINGS
    if rest <= 0:
        return findings
    more = Finding(code=code, message=f"… und {rest} weitere Befunde dieser Art.", severity=severity, value=str(rest))
    return [*findings[:MAX_FINDINGS], more]
