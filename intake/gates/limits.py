"""The gate for quantities: how many files and bytes a message may hold before a person has to look.

The courts accept at most 1000 files and 200 MB per message (ERVB); the settings ``MAX_MESSAGE_FILES`` and
``MAX_MESSAGE_MB`` say what this installation takes. What is larger is kept all the same, with a blocking
finding. The carrier's own technical files (raw message, Prüfvermerk, visiting card) come on top.
"""

from __future__ import annotations

from collections.abc import Sequence

from django.conf import settings

from intake.envelope import MessageFile
from intake.findings import Finding

MB = 1024 * 1024
TECHNICAL_FILES = 50
"""How many technical files a container may add to ``MAX_MESSAGE_FILES``."""
TECHNICAL_MB = 50
"""How many megabytes technical files may add to ``MAX_MESSAGE_MB``, apart from the raw message."""


def max_bytes() -> int:
    """``settings.MAX_MESSAGE_MB`` in bytes."""
    return settings.MAX_MESSAGE_MB * MB


def max_unpacked_bytes() -> int:
    """How many bytes an archive may unpack to, its technical files included."""
    return max_bytes() + TECHNICAL_MB * MB


def max_entries() -> int:
    """How many entries an archive may have, its technical files included."""
    return settings.MAX_MESSAGE_FILES + TECHNICAL_FILES


def message_findings(files: Sequence[MessageFile]) -> list[Finding]:
    """Blocking findings when the content ``files`` of a message are too many or too large together."""
    findings = []
    if len(files) > settings.MAX_MESSAGE_FILES:
        findings.append(
            Finding(
                code="message_too_many_files",
                message=f"Die Nachricht enthält {len(files)} Dateien, erlaubt sind {settings.MAX_MESSAGE_FILES}. "
                "Sie ist vollständig gespeichert; bitte prüfen, ob sie zu übernehmen oder aufzuteilen ist.",
                value=str(len(files)),
            )
        )
    total = sum(file.size for file in files)
    if total > max_bytes():
        findings.append(
            Finding(
                code="message_too_large",
                message=f"Die Nachricht ist {total / MB:.0f} MB groß, erlaubt sind {settings.MAX_MESSAGE_MB} MB. "
                "Sie ist vollständig gespeichert; bitte prüfen, ob sie zu übernehmen oder aufzuteilen ist.",
                value=str(total),
            )
        )
    return findings
