"""The kinds of Klärfälle and, for each reason, what it means and what to do.

Upper rooms register kinds of their own (a delivery that failed, …).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from routing.models import ExceptionEntry

Explain = Callable[[ExceptionEntry], "Explanation"]
Resume = Callable[..., Any]  # called with entry=, by=, and what the person corrected


@dataclass(frozen=True)
class Explanation:
    """Why something is in the queue: a short label for the list, the cause and what to do, as German sentences."""

    label: str
    cause: str
    what_to_do: str


@dataclass(frozen=True)
class Kind:
    """One kind of Klärfall: how it explains itself and goes on; ``ways`` (code → label) are passed as ``way``."""

    explain: Explain
    resume: Resume
    ways: Mapping[str, str]


_kinds: dict[str, Kind] = {}


def register(name: str, explain: Explain, resume: Resume, ways: Mapping[str, str] | None = None) -> None:
    """Register a kind; a name twice raises ValueError. ``ways`` are what a person can choose from for ``resume``."""
    if name in _kinds:
        raise ValueError(f"exception kind {name!r} is registered twice")
    _kinds[name] = Kind(explain, resume, ways or {})


def kind_of(entry: ExceptionEntry) -> Kind:
    """The kind of an entry."""
    return _kinds[entry.kind]


REASONS: dict[str, Explanation] = {
    "no_rule": Explanation(
        "Keine Regel passt",
        "Keine Regel sagt, wohin diese Nachricht gehört.",
        "Bitte einem Vorgang zuordnen oder mit Leistung und Team einen neuen eröffnen.",
    ),
    "equal_rules": Explanation(
        "Mehrere gleichrangige Regeln passen",
        "Mehrere Regeln desselben Ranges passen, und keine geht vor.",
        "Bitte das richtige Team wählen und den Rang der Regeln unterscheiden.",
    ),
    "no_unit": Explanation(
        "Kein Team zuständig",
        "Die Regel nennt eine Leistung, für die kein Team zuständig ist.",
        "Bitte ein Team wählen und der Leistung ein zuständiges Team geben.",
    ),
    "unit_closed": Explanation(
        "Team nimmt nichts an",
        "Die Regel führt zu einem Team, das nichts Neues mehr annimmt.",
        "Bitte ein anderes Team wählen und die Regel ändern.",
    ),
    "service_closed": Explanation(
        "Leistung nimmt nichts an",
        "Die Leistung nimmt zurzeit keine Eingänge an.",
        "Bitte eine andere Leistung wählen oder einem bestehenden Vorgang zuordnen.",
    ),
    "several_candidates": Explanation(
        "Mehrere Vorgänge kommen in Frage",
        "Die Nachricht nennt Zeichen von mehreren Vorgängen.",
        "Bitte den richtigen Vorgang auswählen.",
    ),
    "swapped_uncertain": Explanation(
        "Zeichen vielleicht vertauscht",
        "Das Zeichen des Absenders gleicht einem unserer Aktenzeichen. Das kann eine Verwechslung sein oder Zufall.",
        "Bitte prüfen, ob die Nachricht zu diesem Vorgang gehört, und zuordnen oder einen neuen eröffnen.",
    ),
    "reference_in_text": Explanation(
        "Aktenzeichen im Text",
        "Im Text steht ein Aktenzeichen, unter dem es einen Vorgang gibt. Ob die Nachricht dazugehört, sagt sie nicht.",
        "Bitte lesen und diesem Vorgang zuordnen, oder einen anderen wählen oder eröffnen.",
    ),
    "case_decided": Explanation(
        "Vorgang schon entschieden",
        "Die Nachricht gehört zu einem Vorgang, der schon entschieden ist.",
        "Bitte prüfen, ob er wieder aufzunehmen ist (etwa nach Klage oder Widerspruch), und zuordnen "
        "oder einen neuen Vorgang eröffnen.",
    ),
    "portal_reference": Explanation(
        "Antrag nennt einen Vorgang",
        "Ein Antrag aus einem Portal nennt das Zeichen oder die Vorgangs-ID eines Vorgangs, der nicht erkennbar von "
        "derselben Person stammt. Zeichen lassen sich erraten, deshalb ordnet die Maschine hier nicht zu; nach außen "
        "ist von dem Vorgang nichts zu sehen.",
        "Bitte prüfen, ob der Antrag zu diesem Vorgang gehört, und zuordnen oder einen neuen eröffnen.",
    ),
    "answer_unasked": Explanation(
        "Antwort ohne offene Nachforderung",
        "Über ein Portal kam etwas zu diesem Vorgang, aber keine Nachforderung wartet darauf: Sie ist schon "
        "beantwortet oder abgelaufen, oder es gab keine.",
        "Bitte ansehen und dem Vorgang zuordnen; nach Ablauf der Frist entscheiden Sie, ob es noch zählt.",
    ),
    "awaits_application": Explanation(
        "Gehört zu einem Antrag in Klärung",
        "Ein Portal hat etwas zu einem Antrag gesandt, aus dem noch kein Vorgang geworden ist: eine Antwort oder die "
        "Rücknahme.",
        "Bitte zuerst den Antrag klären (er liegt auch hier); danach geht dies von selbst weiter.",
    ),
    "reply_elsewhere": Explanation(
        "Antwort zu einem anderswo abgelegten Antrag",
        "Ein Portal hat etwas zu einem Antrag gesandt, der in einem Vorgang liegt, den es nicht eingereicht hat. "
        "Die Maschine ordnet hier nicht zu; nach außen ist von dem Vorgang nichts zu sehen.",
        "Bitte prüfen, wozu es gehört, und zuordnen oder einen neuen Vorgang eröffnen.",
    ),
    "withdrawal_of_part": Explanation(
        "Rücknahme eines zugeordneten Antrags",
        "Ein Portal nimmt einen Antrag zurück, der in einem älteren Vorgang abgelegt wurde. Ob damit der ganze Vorgang "
        "endet, ist nicht zu erkennen.",
        "Bitte prüfen, dem Vorgang zuordnen und ihn, wenn er ganz zurückgenommen ist, abschließen.",
    ),
    "message_id_reused": Explanation(
        "Kennung mit anderem Inhalt wiederholt",
        "Unter derselben Kennung desselben Absenders ist schon eine Nachricht mit anderem Inhalt eingegangen.",
        "Bitte beide vergleichen und entscheiden, ob diese dazugehört, sie ersetzt oder ein eigener Vorgang ist.",
    ),
    "technical_error": Explanation(
        "Technischer Fehler",
        "Die Verarbeitung ist mehrmals an einem technischen Fehler gescheitert.",
        "Bitte den Betrieb verständigen; danach berichtigen und fortsetzen, oder von Hand zuordnen.",
    ),
}


# The same for the blocking findings of gates and readers; their sentences come with the finding.
FINDINGS = {
    "attachment_missing": "Anlage fehlt",
    "data_invalid": "Antrag unvollständig",
    "json_invalid": "JSON beschädigt",
    "mail_empty": "Leere E-Mail",
    "mail_too_many_parts": "E-Mail zu verschachtelt",
    "mail_unreadable": "E-Mail nicht lesbar",
    "message_empty": "Leere Nachricht",
    "message_too_large": "Nachricht zu groß",
    "message_too_many_objects": "Zu viele Einträge",
    "message_too_many_files": "Zu viele Dateien",
    "not_a_message": "Keine Nachricht",
    "not_a_regular_file": "Verweis statt Datei",
    "scan_several_case_ids": "Scan mit mehreren Vorgangs-IDs",
    "scan_unreadable": "Scan nicht lesbar",
    "schema_invalid": "XJustiz ungültig",
    "service_unknown": "Unbekannte Leistung",
    "several_xjustiz": "Mehrere XJustiz-Datensätze",
    "unknown_message_type": "Unbekannte Nachrichtenart",
    "unknown_standard": "Unbekannter Standard",
    "unknown_version": "Unbekannte Version",
    "xml_doctype": "XML mit DOCTYPE",
    "xml_empty": "Leere XML-Datei",
    "xml_not_wellformed": "XML beschädigt",
    "xml_too_deep": "XML zu tief verschachtelt",
    "xml_too_large": "XML zu groß",
    "zip_bomb": "ZIP dehnt sich zu stark aus",
    "zip_broken": "ZIP beschädigt",
    "zip_duplicate_name": "ZIP mit doppelten Namen",
    "zip_encrypted": "ZIP verschlüsselt",
    "zip_symlink": "ZIP mit Verknüpfung",
    "zip_unsafe_name": "ZIP mit gefährlichem Namen",
}


def explain_submission(entry: ExceptionEntry) -> Explanation:
    """Why a message is in the queue: by its reason, else by the blocking finding with that code."""
    if entry.reason in REASONS:
        return REASONS[entry.reason]
    findings = entry.submission.findings if entry.submission else []
    cause = next((f["message"] for f in findings if f["code"] == entry.reason), "Der Mangel besteht nicht mehr.")
    is_portal = entry.submission is not None and entry.submission.channel == "portal"  # of it nothing is turned away
    last = "oder berichtigen und fortsetzen" if is_portal else "berichtigen und fortsetzen oder zurückweisen"
    what_to_do = f"Bitte einem Vorgang zuordnen, einen neuen eröffnen{'' if is_portal else ','} {last}."
    return Explanation(label_of(entry.reason), cause, what_to_do)


def label_of(reason: str) -> str:
    """The short German label of a reason code, for lists."""
    return REASONS[reason].label if reason in REASONS else FINDINGS.get(reason, "Nachricht mit Mangel")


def explain(entry: ExceptionEntry) -> Explanation:
    """The explanation of any entry."""
    return kind_of(entry).explain(entry)
