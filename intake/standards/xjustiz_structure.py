"""Our own structural check of an XJustiz message, for when no official schema is installed.

It asks only for what no message can do without; it does not replace the schema.
"""

from __future__ import annotations

from lxml import etree

from intake.facts import Facts
from intake.findings import Finding
from intake.standards import xjustiz_paths as paths
from intake.standards.xjustiz_access import first, first_text


def check(root: etree._Element, facts: Facts) -> list[Finding]:
    """Blocking findings ``schema_invalid`` for what is missing in the message that ``facts`` were read from."""
    header = first(root, paths.HEADER)
    if header is None:
        return [_missing(root, "nachrichtenkopf", "der Nachrichtenkopf")]
    findings = []
    if not facts.version:
        findings.append(_missing(header, "nachrichtenkopf/@xjustizVersion", "die XJustiz-Version"))
    if not first_text(header, paths.CREATED_AT):
        findings.append(_missing(header, "nachrichtenkopf/erstellungszeitpunkt", "der Erstellungszeitpunkt"))
    for side, path, german in (("sender", "absender", "der Absender"), ("recipient", "empfaenger", "der Empfänger")):
        correspondent = getattr(facts, side)
        if not (correspondent.name or correspondent.code or correspondent.safe_id):
            findings.append(_missing(header, f"nachrichtenkopf/{path}", german))
    if facts.message_type == "0005005" and first(root, paths.TOP_DOCUMENTS + paths.TOP_FILES) is None:
        findings.append(_missing(root, "schriftgutobjekte", "ein Dokument oder eine Akte"))
    if facts.message_type == "2200007" and facts.eeb is None:
        findings.append(_missing(root, "fachdaten", "die Empfangsbestätigung (Datum) oder die Störungsmeldung"))
    return findings


def _missing(element: etree._Element, path: str, german: str) -> Finding:
    return Finding(
        code="schema_invalid",
        message=f"In der XJustiz-Nachricht fehlt {german}. Bitte den Inhalt prüfen und von Hand zuordnen oder eine "
        "berichtigte Nachricht anfordern.",
        path=f"/*/{path}",
        line=element.sourceline,
        expected=german,
    )
