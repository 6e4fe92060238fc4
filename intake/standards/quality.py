"""The quality of a message's files: what they are, what they do, and whether that is what their names say.

All of it is hints: the file is filed, and who opens it knows. One sentence for each file and matter: a program that
calls itself a PDF is a program, and not a wrong PDF as well.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator, Sequence

from cases import filetypes
from cases import inspection as bytes_of
from cases.fileflags import ACTIVE_WORDS, Flag, Inspection
from intake.envelope import MessageFile
from intake.findings import Finding, Severity
from intake.gates import filenames
from intake.standards.attachments import hint, limited

Inspect = Callable[[MessageFile], Inspection]  # tells what the bytes of a file are
SENTENCES = {
    "file_empty": "ist leer (0 Byte). Bitte beim Absender nachfragen.",
    "file_executable": "ist ein Programm oder Skript. Bitte nicht öffnen, sondern die IT fragen.",
    "file_macro": "enthält Makros. Bitte nicht öffnen, sondern beim Absender ohne Makros anfordern oder die IT fragen.",
    "file_type_mismatch": "ist trotz ihrer Endung kein {ending}. Bitte vor dem Öffnen prüfen.",
    "file_type_unexpected": "hat ein Format, das im Schriftverkehr nicht vorgesehen ist. Bitte vor dem Öffnen "
    "prüfen und bei Bedarf als PDF anfordern.",
    "pdf_encrypted": "ist verschlüsselt oder mit einem Kennwort geschützt. Lässt sie sich nicht öffnen, bitte beim "
    "Absender ungeschützt anfordern.",
    "file_encrypted": "ist ein Office-Dokument mit Kennwort. Bitte beim Absender ungeschützt anfordern.",
    "pdf_broken": "ist ein beschädigtes PDF und lässt sich nicht lesen. Bitte beim Absender neu anfordern.",
    "pdf_active": "ist ein PDF mit aktivem Inhalt ({what}). Bitte nur im Browser ansehen, nichts daraus starten.",
    "file_not_inspected": "ist zu groß, um ihren Inhalt ganz zu untersuchen. Bitte mit Vorsicht öffnen.",
}


def inspect_file(file: MessageFile) -> Inspection:
    """Look at the bytes of a file whose Inspection nobody has kept."""
    with file.open() as stream:  # one out of an archive cannot go back and forth
        return bytes_of.inspect(stream if stream.seekable() else io.BytesIO(stream.read()), file.size)


def findings(files: Sequence[MessageFile], inspect: Inspect) -> list[Finding]:
    """Hints about ``files``; the codes are those of ``SENTENCES``, which are flooded by no message."""
    found = [each for file in files for each in _of(file, inspect(file))]
    return limited(found, "file_quality", Severity.HINT)


def _of(file: MessageFile, inspection: Inspection) -> Iterator[Finding]:
    ending = filetypes.ending(file.name)
    what = ", ".join(words for flag, words in ACTIVE_WORDS.items() if flag in inspection.flags)
    for code in _codes(file.name, inspection):
        text = SENTENCES[code].format(ending=ending.upper(), what=what)
        value = what if code == "pdf_active" else inspection.media_type if code.startswith("file_type") else ""
        yield hint(code, filenames.display(file.name), text, value)


def _codes(name: str, inspection: Inspection) -> Iterator[str]:
    flags = inspection.flags
    yield from _kind_codes(name, inspection)
    if Flag.ENCRYPTED in flags:
        yield "pdf_encrypted" if inspection.media_type == filetypes.PDF else "file_encrypted"
    if Flag.BROKEN in flags:
        yield "pdf_broken"
    if inspection.is_active:
        yield "pdf_active"
    if Flag.TOO_LARGE in flags:
        yield "file_not_inspected"


def _kind_codes(name: str, inspection: Inspection) -> Iterator[str]:
    """At most one: the gravest that the type of a file, or its name, gives cause for."""
    if Flag.EMPTY in inspection.flags:
        yield "file_empty"
    elif Flag.EXECUTABLE in inspection.flags or filetypes.is_program_name(name):
        yield "file_executable"
    elif Flag.MACRO in inspection.flags or filetypes.is_macro_name(name):
        yield "file_macro"
    elif filetypes.contradicts(name, inspection.media_type):
        yield "file_type_mismatch"
    elif inspection.media_type not in filetypes.ALLOWED and not filetypes.is_signature_name(name):
        yield "file_type_unexpected"
