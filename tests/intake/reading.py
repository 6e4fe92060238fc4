"""Reading messages in tests: the translation of a few files, and what was found."""

from __future__ import annotations

from collections.abc import Mapping

from intake.facts import Facts
from intake.findings import Finding
from intake.translate import Translation, translate
from tests.intake.builders import PDF, memory_files


def read(xjustiz: bytes, attachments: Mapping[str, bytes] | None = None) -> Translation:
    """The translation of a folder with the XML and its attachments (by default the one that it names)."""
    files = {"Verfuegung.pdf": PDF} if attachments is None else attachments
    return translate(memory_files({"xjustiz_nachricht.xml": xjustiz, **files}))


def facts_of(xjustiz: bytes, attachments: Mapping[str, bytes] | None = None) -> Facts:
    """The Facts of ``read``, of a message that nothing is wrong with."""
    translation = read(xjustiz, attachments)
    assert not is_blocked(translation), translation.findings
    return translation.facts


def is_blocked(translation: Translation) -> bool:
    """Whether a person has to look before the message may be filed."""
    return any(finding.is_blocking for finding in translation.findings)


def codes(translation: Translation) -> list[str]:
    """The codes of all findings but the hint that no schema is installed."""
    return [finding.code for finding in translation.findings if finding.code != "schema_not_installed"]


def the(translation: Translation, code: str) -> Finding:
    """The one finding with ``code``."""
    (finding,) = (each for each in translation.findings if each.code == code)
    return finding
