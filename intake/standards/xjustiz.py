"""The reader for XJustiz 2.4.0 to 3.7: one message, whatever its version, becomes Facts.

Read are 0005005 (Schriftgutobjekte), 0005006 (Basisnachricht) and 2200007 (returned elektronisches
Empfangsbekenntnis); of other XJustiz messages the header is read, and a person decides. The version stands in an
attribute, never in the namespace. A reader that stops at the first surprise would cost somebody a deadline: every
field is read on its own, and what is wrong becomes a finding.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from lxml import etree

from intake import schemas
from intake.facts import Correspondent, EebReceipt, Facts
from intake.findings import Finding, Severity
from intake.standards import codes, values, xjustiz_rules, xjustiz_structure
from intake.standards import xjustiz_paths as paths
from intake.standards.xjustiz_access import all_texts, first, first_text, found
from intake.standards.xjustiz_objects import limit_objects, read_documents, read_parties

STANDARD = "xjustiz"
READABLE_TYPES = frozenset({"0005005", "0005006", "2200007"})
_KNOWN_MINORS = frozenset({(2, 4), (3, 2), (3, 3), (3, 4), (3, 5), (3, 6)})
_TOLERATED_MINORS = frozenset({(3, 0), (3, 1), (3, 7)})  # read by the same paths, but not checked against a schema
_VERSION = re.compile(r"^(\d+)\.(\d+)(?:\.(\d+))?$")
_TYPE = re.compile(r"\.(\d{7})$")


def message_id(root: etree._Element) -> str:
    """The sender's id of the message (eigeneNachrichtenID) of an XJustiz document, as sent; "" for others."""
    header = first(root, paths.HEADER)
    return first_text(header, paths.MESSAGE_ID) if header is not None else ""


def version(root: etree._Element) -> str:
    """The value of ``xjustizVersion``, which stands at the nachrichtenkopf (3.x) or at the grunddaten (2.4); or ""."""
    for holder in found(root, paths.VERSION_HOLDERS):
        if value := values.text(holder.get("xjustizVersion")):
            return value
    return ""


def read(root: etree._Element) -> tuple[Facts, list[Finding]]:
    """The Facts of an XJustiz message and what was noticed; ``root`` comes from ``intake.gates.xml.parse``.

    Facts are as complete as can be even where findings are blocking: ``unknown_standard`` (not XJustiz),
    ``unknown_version``, ``unknown_message_type``, ``schema_invalid``. Hints are ``code_unknown`` and ``business_rule``.
    """
    name = etree.QName(root)
    if name.namespace != paths.NAMESPACE:
        return Facts(), [_unknown_standard(root)]
    type_match = _TYPE.search(name.localname)
    facts = Facts(standard=STANDARD, version=version(root), message_type=type_match.group(1) if type_match else "")
    findings = _check_kind(facts, name.localname)
    _read_header(root, facts, findings)
    _read_proceedings(root, facts)
    facts.parties = read_parties(root)
    facts.documents, demands_eeb, confidential = read_documents(root)
    findings += limit_objects(facts)
    facts.eeb_required = demands_eeb or any(document.eeb_required for document in facts.documents)
    facts.confidential = facts.confidential or confidential
    facts.eeb = _read_eeb(root)
    findings += _check_structure(root, facts)
    findings += xjustiz_rules.check(root, facts.version, schemas.codelist)
    return facts, findings


def _check_kind(facts: Facts, localname: str) -> list[Finding]:
    findings = _check_version(facts.version)
    if facts.message_type not in READABLE_TYPES:
        findings.append(
            Finding(
                code="unknown_message_type",
                message=f"Die XJustiz-Nachricht „{localname[:120]}“ wird nicht automatisch verarbeitet. "
                "Bitte von Hand zuordnen.",
                path="/*",
                value=localname,
                expected="eine Nachricht der Arten 0005005, 0005006 oder 2200007",
            )
        )
    return findings


def _check_version(value: str) -> list[Finding]:
    match = _VERSION.match(value)
    minor = (int(match.group(1)), int(match.group(2))) if match else None
    if minor in _KNOWN_MINORS:
        return []
    if minor in _TOLERATED_MINORS:
        return [
            Finding(
                code="version_unverified",
                message=f"XJustiz {value} gehört nicht zu den geprüften Versionen (2.4, 3.2 bis 3.6). Die Nachricht "
                "wurde gelesen; bitte die erkannten Angaben gegenprüfen.",
                severity=Severity.HINT,
                path="/*/nachrichtenkopf/@xjustizVersion",
                value=value,
            )
        ]
    stated = f"„{value[:40]}“" if value else "nicht angegeben"
    return [
        Finding(
            code="unknown_version",
            message=f"Die XJustiz-Version der Nachricht ist {stated} und hier nicht bekannt (bekannt: 2.4 bis 3.7). "
            "Bitte die erkannten Angaben prüfen und die Nachricht von Hand zuordnen.",
            path="/*/nachrichtenkopf/@xjustizVersion",
            value=value,
            expected="eine Version von 2.4 bis 3.7",
        )
    ]


def _read_header(root: etree._Element, facts: Facts, findings: list[Finding]) -> None:
    header = first(root, paths.HEADER)
    if header is None:
        return
    own = list(_references(header, paths.OWN_REFERENCE))
    facts.own_reference, facts.further_own_references = (own[0] if own else ""), own[1:]
    facts.foreign_reference = next(_references(header, paths.FOREIGN_REFERENCE), "")
    facts.message_id = first_text(header, paths.MESSAGE_ID)[: values.MAX_ID]
    facts.reply_to = first_text(header, paths.REPLY_TO)[: values.MAX_ID]
    facts.sender, facts.recipient = _correspondent(header, "sender"), _correspondent(header, "recipient")
    facts.urgent = codes.is_urgent(first_text(header, paths.PRIORITY_CODE)) or values.boolean(
        first_text(header, paths.PRIORITY_FLAG)
    )
    facts.confidential = first(header, paths.CONFIDENTIALITY) is not None
    _read_process(header, facts)
    created = first_text(header, paths.CREATED_AT)
    facts.created_at = values.timestamp(created)
    if created and facts.created_at is None:
        findings.append(_unreadable_time(created))


def _references(header: etree._Element, candidates: tuple[str, ...]) -> Iterator[str]:
    """Every real file reference at ``candidates``, once each (up to 3.5 the header may name several)."""
    seen = dict.fromkeys(values.reference(value) for value in all_texts(header, candidates))
    yield from (value for value in seen if value)


def _correspondent(header: etree._Element, side: str) -> Correspondent:
    name = first_text(header, paths.CORRESPONDENT_NAMES[side])
    mailbox = first_text(header, paths.MAILBOXES[side])
    if values.is_safe_id(name):  # some senders put the mailbox where the name goes
        name, mailbox = "", mailbox or name
    for kind, code_list in paths.CODE_KINDS.items():
        candidates = [path.format(kind=kind) for path in paths.CORRESPONDENT_CODES[side]]
        candidates += filter(None, [paths.CORRESPONDENT_CODES_24[side].get(kind)])
        if code := first_text(header, candidates):
            return Correspondent(name=name or schemas.codelist(code_list).get(code, ""), code=code, safe_id=mailbox)
    return Correspondent(name=name, safe_id=mailbox)


def _read_process(header: etree._Element, facts: Facts) -> None:
    process = first(header, paths.PROCESS)
    if process is None:
        return
    facts.process_id = first_text(process, [paths.PROCESS_ID])
    facts.part_number = values.integer(first_text(process, [paths.PROCESS_NUMBER]))
    facts.part_count = values.integer(first_text(process, [paths.PROCESS_COUNT]))


def _read_proceedings(root: etree._Element, facts: Facts) -> None:
    facts.subject = first_text(root, paths.SUBJECTS)
    facts.court_code = first_text(root, paths.COURT_CODES)
    structured = first(root, paths.STRUCTURED_REFERENCES)
    written = values.reference(first_text(root, paths.COURT_REFERENCES))
    facts.court_reference = _spelled_out(structured) if structured is not None else written


def _spelled_out(structured: etree._Element) -> str:
    """A structured Aktenzeichen as courts write it: ``12 K 345/26``, ``1 K 519/20.KO``."""
    names = ("vorsatz", "abteilung", "laufendeNummer", "jahr", "zusatz")
    part = {name: first_text(structured, [f"t:{name}"]) for name in names}
    year = part["jahr"][-2:] if re.fullmatch(r"\d{4}", part["jahr"]) else part["jahr"]
    number = "/".join(filter(None, (part["laufendeNummer"], year)))
    suffix = part["zusatz"] if part["zusatz"].startswith(".") else f" {part['zusatz']}"
    register = first_text(structured, ["t:register/code"])
    return values.text(" ".join(filter(None, (part["vorsatz"], part["abteilung"], register, number))) + suffix)


def _read_eeb(root: etree._Element) -> EebReceipt | None:
    failure = first(root, paths.EEB_FAILURE)
    if failure is not None:
        return EebReceipt(
            failure_code=first_text(failure, paths.EEB_FAILURE_CODE),
            failure_reason=first_text(failure, paths.EEB_FAILURE_REASON),
        )
    received = values.day(first_text(root, paths.EEB_DATE))
    return EebReceipt(received_on=received) if received else None


def _check_structure(root: etree._Element, facts: Facts) -> list[Finding]:
    """The official schema where one is installed, else our own check of what no message can do without."""
    checked = schemas.validate(root, STANDARD, facts.version, etree.QName(root).localname)
    if checked is not None:
        return checked
    return [*xjustiz_structure.check(root, facts), _not_installed(facts.version)]


def _not_installed(value: str) -> Finding:
    return Finding(
        code="schema_not_installed",
        message=f"Das amtliche Schema für XJustiz {value or '(ohne Version)'} ist nicht installiert; geprüft wurden "
        "nur die notwendigen Angaben. Die IT kann es mit „manage.py standards install“ einspielen.",
        severity=Severity.HINT,
        value=value,
    )


def _unknown_standard(root: etree._Element) -> Finding:
    return Finding(
        code="unknown_standard",
        message=f"Das XML mit dem Wurzelelement „{etree.QName(root).localname[:120]}“ ist keine XJustiz-Nachricht und "
        "kann nicht gelesen werden. Bitte den Inhalt ansehen und von Hand zuordnen.",
        path="/*",
        value=str(root.tag),
        line=root.sourceline,
        expected=f"ein Wurzelelement aus {paths.NAMESPACE}",
    )


def _unreadable_time(value: str) -> Finding:
    return Finding(
        code="timestamp_unreadable",
        message=f"Der Erstellungszeitpunkt „{value[:60]}“ kann nicht gelesen werden. Maßgeblich ist ohnehin die "
        "Eingangszeit; bitte diese im Prüfvermerk ansehen.",
        severity=Severity.HINT,
        path="/*/nachrichtenkopf/erstellungszeitpunkt",
        value=value,
        expected="ein Zeitpunkt wie 2026-11-24T09:12:33+01:00",
    )
