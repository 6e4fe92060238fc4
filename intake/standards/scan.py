"""Scanned letters: one PDF or image, whose Vorgangs-ID stands on it as a QR code, a bar code or in the text layer.

The pages are read by a process of its own (``scan_pages``), because decoders are native code and scans come from
anywhere. What cannot be read there is kept all the same, with a finding.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from cases import numbers
from intake.envelope import MessageFile
from intake.facts import DocumentFacts, Facts, FileFacts
from intake.findings import Finding, Severity
from intake.gates import filenames
from intake.gates.limits import MB
from intake.standards import values

STANDARD = "scan"
SUBJECT = "Gescanntes Schriftstück"
ENDINGS = (".pdf", ".tif", ".tiff", ".png", ".jpg", ".jpeg")
MAX_SCAN_BYTES = 200 * MB
"""Larger scans are kept, but nobody searches them for codes."""
PATIENCE_SECONDS = 60
"""How long the reader may take; it ends itself before."""
_PROGRAM = Path(__file__).with_name("scan_pages.py")


@dataclass(frozen=True)
class Pages:
    """What stands on the pages: texts of codes, text layer, number of pages, and how many of them were read.

    ``error``: ``encrypted``, ``broken`` or ``failed`` (the reader crashed or took too long); "" when all went well.
    """

    codes: tuple[str, ...] = ()
    text: str = ""
    pages: int = 0
    read: int = 0
    error: str = ""


def is_scan(files: Sequence[MessageFile]) -> bool:
    """Whether a message is nothing but one PDF or image."""
    return len(files) == 1 and "/" not in files[0].name and files[0].name.lower().endswith(ENDINGS)


def read(file: MessageFile) -> tuple[Facts, list[Finding]]:
    """The Facts of a scanned letter, and what was noticed. ``case_id`` is that of the codes, else of the text layer."""
    document = DocumentFacts(
        name=file.name, role="schreiben", title=SUBJECT, number=1, files=[FileFacts(name=file.name)]
    )
    facts = Facts(standard=STANDARD, subject=SUBJECT, documents=[document])
    pages = read_pages(file)
    facts.text = values.free_text(values.clean(pages.text))
    on_codes = _ids(pages.codes)
    in_text = numbers.find(pages.text)
    if len(on_codes) == 1 or (not on_codes and len(in_text) == 1):
        facts.case_id = (on_codes or in_text)[0]
    return facts, _findings(pages, on_codes, filenames.display(file.name))


def read_pages(file: MessageFile) -> Pages:
    """What stands on the pages of ``file``, read in a process of its own with limits of time and memory."""
    if file.size > MAX_SCAN_BYTES:
        return Pages(error="failed")
    with tempfile.TemporaryFile() as copy:
        with file.open() as stream:
            shutil.copyfileobj(stream, copy)
        copy.seek(0)
        command = [sys.executable, "-I", str(_PROGRAM)]
        try:
            done = subprocess.run(
                command, stdin=copy, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, timeout=PATIENCE_SECONDS
            )
        except subprocess.TimeoutExpired:
            return Pages(error="failed")
    if done.returncode != 0:
        return Pages(error="failed")
    result = json.loads(done.stdout)
    return Pages(**(result | {"codes": tuple(result.get("codes", ()))}))


def _ids(texts: Sequence[str]) -> list[str]:
    return list(dict.fromkeys(number for text in texts for number in numbers.find(text)))


def _findings(pages: Pages, ids: list[str], name: str) -> list[Finding]:
    if pages.error:
        return [Finding("scan_unreadable", _UNREADABLE[pages.error], path=name)]
    findings = []
    if len(ids) > 1:
        shown = ", ".join(ids[:10])
        sentence = (
            f"Auf dem Scan stehen Codes mit verschiedenen Vorgangs-IDs ({shown}). Bitte prüfen, ob mehrere Schreiben "
            "zusammen gescannt wurden, und zuordnen oder getrennt neu scannen."
        )
        findings.append(Finding("scan_several_case_ids", sentence, path=name, value=shown))
    if pages.read < pages.pages:
        share = f"{pages.read} von {pages.pages} Seiten"
        sentence = f"Nach einer Vorgangs-ID durchsucht wurden nur {share}; gespeichert sind alle."
        findings.append(Finding("scan_partly_read", sentence, Severity.HINT, path=name, value=str(pages.pages)))
    return findings


_UNREADABLE = {
    "encrypted": "Der Scan ist mit einem Kennwort geschützt und konnte nicht gelesen werden. Er ist gespeichert; bitte "
    "ohne Kennwort neu scannen oder von Hand zuordnen.",
    "broken": "Der Scan ist beschädigt und konnte nicht gelesen werden. Er ist gespeichert; bitte neu scannen oder "
    "von Hand zuordnen.",
    "failed": "Der Scan ist zu groß oder zu aufwendig, um ihn zu lesen. Er ist gespeichert; bitte von Hand zuordnen "
    "oder in kleineren Teilen neu scannen.",
}
