"""What the schema of XJustiz cannot say: values of open code lists, and the business rules of the Grunddatensatz.

The rules are those of the official Schematron (SCH-GDS-0005, -0006, -0010 and -0011, version 1.3.0). It is written for
XSLT 2, which libxml2 does not run, so they are said again here. All of it is hints: the message can be worked with.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import islice

from lxml import etree

from intake.findings import Finding, Severity
from intake.standards import xjustiz_paths as paths
from intake.standards.values import text
from intake.standards.xjustiz_access import first

CODE_LISTS = {
    "gericht": "gds.gerichte",
    "absender.gericht": "gds.gerichte",
    "empfaenger.gericht": "gds.gerichte",
    "absender_Gericht": "gds.gerichte",
    "empfaenger_Gericht": "gds.gerichte",
    "dokumentklasse": "gds.dokumentklasse",
    "dokumententyp": "gds.dokumenttyp",
    "bestandteil": "gds.bestandteiltyp",
    "rollenbezeichnung": "gds.rollenbezeichnung",
    "registerzeichen": "gds.registerzeichen",
}
"""Element with a ``code`` of its own → its code list (a list of type 3: the schema does not hold its values)."""

MAX_FINDINGS = 10
"""How many unknown codes are named."""

RESTRICTED, CONFIDENTIAL = "001", "002"
"""GDS.Vertraulichkeitsstufe: VS - Nur für den Dienstgebrauch; vertraulich zu behandeln."""

_WITH_LEVELS = ("3.4.", "3.5.")
"""Versions that state the level in header and objects: earlier ones in objects only, 3.6 has other elements."""
_LEVEL = "t:vertraulichkeitsstufe/code"
_ASK = "Bitte die Angaben zur Vertraulichkeit beim Absender erfragen und den Vorgang bis dahin vertraulich behandeln."
_RULES = {
    "SCH-GDS-0005": f"Ein Schriftgutobjekt ist als vertraulich bezeichnet, die Nachricht selbst aber nicht. {_ASK}",
    "SCH-GDS-0006": "Ein Dokument ist nur mit seinen Metadaten beschrieben, es fehlt aber die Angabe, zu welchem "
    "nachrichtenübergreifenden Prozess es gehört. Bitte beim Absender nachfragen, mit welcher Nachricht es kommt.",
    "SCH-GDS-0010": f"Ein Schriftgutobjekt ist „VS - Nur für den Dienstgebrauch“, die Nachricht aber nicht. {_ASK}",
    "SCH-GDS-0011": f"Ein Schriftgutobjekt ist „vertraulich zu behandeln“, die Nachricht ist anders bezeichnet. {_ASK}",
}


def check(root: etree._Element, version: str, codelist: Callable[[str], dict[str, str]]) -> list[Finding]:
    """Hints ``code_unknown`` and ``business_rule`` about the message ``root`` of the XJustiz ``version``.

    ``codelist`` gives code → designation of an installed list by its name, {} for one that is not installed (then its
    codes are not checked). Codes of 2.4 come from other editions of the lists, and are not checked either.
    """
    unknown = [] if version.startswith("2.") else list(islice(_unknown_codes(root, codelist), MAX_FINDINGS))
    return [*unknown, *_broken_rules(root, version)]


def _unknown_codes(root: etree._Element, codelist: Callable[[str], dict[str, str]]) -> Iterator[Finding]:
    lists = {name: codelist(name) for name in set(CODE_LISTS.values())}
    seen: set[tuple[str, str]] = set()
    for element in root.iter("code"):
        holder = element.getparent()
        name = CODE_LISTS.get(etree.QName(holder).localname, "") if holder is not None else ""
        code = text(element.text)
        if name and code and lists[name] and code not in lists[name] and (name, code) not in seen:
            seen.add((name, code))
            yield _unknown(name, code, holder)


def _unknown(name: str, code: str, holder: etree._Element) -> Finding:
    return Finding(
        code="code_unknown",
        message=f"Der Code „{code[:40]}“ steht nicht in der installierten Codeliste {name}. Die Nachricht wurde "
        "trotzdem gelesen; bitte die Angabe prüfen. Ist die Liste veraltet, kann die IT eine neue einspielen.",
        severity=Severity.HINT,
        path=holder.getroottree().getpath(holder),
        value=f"{name}: {code}",
        line=holder.sourceline,
        expected=f"ein Code der Liste {name}",
    )


def _broken_rules(root: etree._Element, version: str) -> Iterator[Finding]:
    header = root.find("t:nachrichtenkopf", paths.NSMAP)
    if header is None:
        return
    rules = [_broken_confidentiality(root, header)] if version.startswith(_WITH_LEVELS) else []
    for rule in filter(None, [*rules, _broken_process(root, header)]):
        yield Finding("business_rule", _RULES[rule], Severity.HINT, "/*/nachrichtenkopf", rule, header.sourceline)


def _broken_confidentiality(root: etree._Element, header: etree._Element) -> str:
    """The first of three rules that is broken: what 0005 says, the other two would only say again."""
    objects = {text(code.text) for code in root.iterfind(f"t:schriftgutobjekte//{_LEVEL}", paths.NSMAP)}
    stated = {text(code.text) for code in header.iterfind(f"t:vertraulichkeit/{_LEVEL}", paths.NSMAP)}
    if objects & {RESTRICTED, CONFIDENTIAL} and not stated:
        return "SCH-GDS-0005"
    if RESTRICTED in objects:
        return "" if RESTRICTED in stated else "SCH-GDS-0010"
    return "SCH-GDS-0011" if CONFIDENTIAL in objects and CONFIDENTIAL not in stated else ""


def _broken_process(root: etree._Element, header: etree._Element) -> str:
    flags = root.iterfind(".//t:justizinterneDaten/t:nurMetadaten", paths.NSMAP)
    only_metadata = any(text(flag.text) in ("true", "1") for flag in flags)
    return "SCH-GDS-0006" if only_metadata and first(header, paths.PROCESS) is None else ""
