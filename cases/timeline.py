"""What happened to a Vorgang, in German, from its histories."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from audit.registries import TimelineEntry, timeline
from cases import deadline_timeline
from cases.models import BlobCheck, Case, Document, DocumentFile, OrgUnit, User

TEXTS = {
    "open_case": "Vorgang eröffnet",
    "take_up": "Prüfung begonnen",
    "assign": "Bearbeitung zugewiesen",
    "undo_assign": "Zuweisung rückgängig gemacht",
    "close": "Vorgang abgeschlossen",
    "reopen": "Vorgang wieder aufgenommen",
    "hand_over": "An ein anderes Team abgegeben",
    "set_follow_up": "Wiedervorlage gesetzt",
    "finish_follow_up": "Wiedervorlage erledigt",
    "save_view": "Ansicht gespeichert",
    "rename_view": "Ansicht umbenannt",
    "delete_view": "Ansicht gelöscht",
    "set_cover": "Vertretung eingetragen",
    "end_cover": "Vertretung beendet",
    "add_documents": "Dokumente abgelegt",
    "request_information": "Nachforderung erstellt",
    "extend_request": "Frist der Nachforderung verlängert",
    "remind_request": "An die Nachforderung erinnert",
    "set_items": "Vorliegende Nachweise vermerkt",
    "note_arrival": "Antwort eingegangen",
    "expire_request": "Frist der Nachforderung abgelaufen",
    "withdraw_request": "Nachforderung zurückgenommen",
    "send_notice": "Mitteilung erstellt",
    "mark_sent": "Schreiben versandt",
    "record_delivery": "Zustellung vermerkt",
    "draft_decision": "Bescheid entworfen",
    "change_draft": "Entwurf des Bescheids geändert",
    "discard_draft": "Entwurf des Bescheids verworfen",
    "release_decision": "Bescheid freigegeben",
    "withdraw_decision": "Bescheid zurückgenommen",
    "mark_final": "Bestandskraft vermerkt",
    "register_remedy": "Rechtsbehelf erfasst",
    "settle_remedy": "Rechtsbehelf: Ergebnis eingetragen",
    "write_note": "Vermerk geschrieben",
    "change_note": "Vermerk geändert",
    "add_party": "Beteiligte hinzugefügt",
    "change_party": "Beteiligte geändert",
    "protect": "Vorgang geschützt",
    "lift_protection": "Schutz aufgehoben",
    "describe_document": "Dokument beschrieben",
    "move_document": "Dokument verschoben",
    "note_foreign_reference": "Fremdes Zeichen vermerkt",
    "open_deadline": "Frist eingetragen",
    "settle_deadline": "Frist erledigt",
    "cancel_deadline": "Frist entfallen",
    "extend_deadline": "Frist verlängert",
    "start_pause": "Bearbeitungsuhr angehalten",
    "end_pause": "Bearbeitungsuhr läuft weiter",
    "add_local_holiday": "Feiertag nachgetragen",
    "receive": "Eingang gespeichert",
    "file_submission": "Eingang abgelegt",
    "hold_submission": "Eingang in die Klärung gegeben",
    "resume_submission": "Eingang erneut verarbeitet",
    "reject_submission": "Eingang zurückgewiesen",
    "link_duplicate": "Als Dublette verknüpft",
    "raise_exception": "Klärfall angelegt",
    "resolve_assigned": "Klärfall gelöst: zugeordnet",
    "resolve_new_case": "Klärfall gelöst: neuer Vorgang",
    "resolve_duplicate": "Klärfall gelöst: Dublette",
    "resolve_rejected": "Klärfall gelöst: zurückgewiesen",
    "resolve_resumed": "Klärfall gelöst: fortgesetzt",
    "set_rule": "Regel gesetzt",
    "retire_rule": "Regel außer Kraft gesetzt",
    "load_package": "Leistungspaket geladen",
    "make_team": "Team eingerichtet",
    "make_user": "Person angelegt",
    "set_membership": "Rolle gegeben",
    "set_preferences": "Einstellungen geändert",
    "change_password": "Passwort geändert",
    "login_service": "Vom Anmeldedienst übernommen",
    "set_service_unit": "Zuständigkeit gesetzt",
    "admin_change": "In der Verwaltung geändert",
}


@timeline.register("cases")
def entries(case: Case) -> Iterator[TimelineEntry]:
    """The steps of the Vorgang, the documents that came into it, and viruses found in them (at most six queries)."""
    rows = list(case.history.order_by("history_id"))
    handlers = User.objects.in_bulk({row.handler_id for row in rows if row.handler_id})
    handed_over = {row.unit_id for row in rows if row.history_action == "hand_over"}
    units = OrgUnit.objects.in_bulk(handed_over) if handed_over else {}
    for row in rows:
        if row.history_action in deadline_timeline.TEXTS:
            continue  # told by the Frist itself
        text = TEXTS.get(row.history_action, row.history_action)
        if row.history_action == "assign":
            text = f"Zugewiesen an {handlers[row.handler_id]}" if row.handler_id else "Zuweisung aufgehoben"
        if row.history_action == "hand_over":
            text = f"Abgegeben an {units[row.unit_id]}"
        if row.history_action == "set_follow_up" and row.next_follow_up:
            text = f"Wiedervorlage gesetzt, die nächste am {row.next_follow_up:%d.%m.%Y}"
        if row.history_action == "close":
            text = f"Abgeschlossen: {Case.Outcome(row.outcome).label}"
        yield _entry(row, text)
    numbers = {}
    for row in Document.history.filter(case_id=case.pk, history_type="+").order_by("history_id"):
        numbers[row.id] = row.number
        yield _entry(row, f"Dokument {row.number:02d} abgelegt: {Document.Role(row.role).label}")
    later = DocumentFile.history.filter(document_id__in=numbers, history_type="+", version__gt=1, part="original")
    for row in later.order_by("history_id"):
        yield _entry(row, f"Dokument {numbers[row.document_id]:02d}: neue Version {row.version}")
    yield from _infections(case)


def _entry(row: Any, text: str) -> TimelineEntry:
    who, why = row.history_user_id, row.history_reason
    return TimelineEntry(row.history_date, who, row.history_source, row.history_action, text, why)


def _infections(case: Case) -> Iterator[TimelineEntry]:
    """What the virus scanner found in the documents, whenever it was."""
    infected = DocumentFile.objects.filter(document__case=case, blob__result__scan_state=BlobCheck.Scan.INFECTED)
    for file in infected.select_related("blob__result").order_by("id"):
        found = file.blob.result
        text = f"Schadsoftware gefunden in „{file.file_name}“: {found.signature}"
        yield TimelineEntry(found.scanned_at, "Virenscanner", "system", "infected", text, "Die Datei ist gesperrt.")
