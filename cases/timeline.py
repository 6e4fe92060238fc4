"""What happened to a Vorgang, in German, from its histories."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from audit.registries import TimelineEntry, timeline
from cases import deadline_timeline, telling
from cases.models import Case, Document
from cases.telling import Told
from cases.telling_rows import Histories, Row

TEXTS = {
    "open_case": "Vorgang eröffnet",
    "take_up": "Prüfung begonnen",
    "assign": "Bearbeitung zugewiesen",
    "undo_assign": "Zuweisung rückgängig gemacht",
    "close": "Vorgang abgeschlossen",
    "withdraw": "Antrag zurückgenommen (über das Portal)",
    "report_examination": "Vom Fachverfahren gemeldet: in Prüfung",
    "report_request": "Vom Fachverfahren gemeldet: Nachforderung",
    "report_decision": "Vom Fachverfahren gemeldet: entschieden",
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
    "withhold_letter": "Schreiben nicht versandt",
    "give_receipt": "Empfangsbekenntnis abgegeben",
    "refuse_receipt": "Störung statt Empfangsbekenntnis gemeldet",
    "receipt_by_hand": "Empfangsbekenntnis von Hand abgegeben",
    "send_to_court": "Dokumente an das Gericht gegeben",
    "court_delivered": "Nachricht über EGVP zugegangen",
    "court_refused": "Nachricht über EGVP nicht angenommen",
    "court_again": "Nachricht über EGVP erneut gesendet",
    "court_by_hand": "Nachricht von Hand erledigt",
    "provide_letter": "Schreiben im Portal bereitgestellt",
    "note_notified": "Über die Bereitstellung benachrichtigt",
    "note_retrieved": "Schreiben im Portal abgerufen",
    "end_provision": "Bereitstellung im Portal beendet",
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
    "begin_rule_draft": "Regelentwurf begonnen",
    "change_rule_draft": "Regelentwurf bearbeitet",
    "discard_rule_draft": "Regelentwurf verworfen",
    "publish_rules": "Regeln veröffentlicht",
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
    """The steps of the Vorgang with what they changed, its documents, and viruses found in them (two queries)."""
    histories = Histories(case)
    rows = case.history.order_by("history_id").select_related("handler", "unit")
    for row, before in telling.between(rows):
        if row.history_action in deadline_timeline.TEXTS:
            continue  # told by the Frist itself
        run = telling.Run(histories, row.history_action, before and before.history_date, row.history_date)
        told = telling.told(run) or Told(_text(row))
        who, why, details = row.history_user_id, row.history_reason, (*told.details, *telling.assigned(row, before))
        yield TimelineEntry(
            row.history_date, who, row.history_source, row.history_action, told.text, why, details=details
        )
    yield from _documents(case, histories)
    for found in histories.infections:
        text = f"Schadsoftware gefunden in „{found['file_name']}“: {found['signature']}"
        at = datetime.fromisoformat(found["at"])
        yield TimelineEntry(at, "Virenscanner", "system", "infected", text, "Die Datei ist gesperrt.")


def _text(row: Any) -> str:
    action = row.history_action
    if action == "assign":
        return f"Zugewiesen an {row.handler}" if row.handler_id else "Zuweisung aufgehoben"
    if action == "hand_over":
        return f"Abgegeben an {row.unit}"
    if action == "set_follow_up" and row.next_follow_up:
        return f"Wiedervorlage gesetzt, die nächste am {row.next_follow_up:%d.%m.%Y}"
    if action == "report_decision":
        return f"Vom Fachverfahren gemeldet: {Case.Outcome(row.outcome).label}"
    if action == "close":
        return f"Abgeschlossen: {Case.Outcome(row.outcome).label}"
    return TEXTS.get(action, action)


def _documents(case: Case, histories: Histories) -> Iterator[TimelineEntry]:
    numbers = {}
    for row in histories.all("documents"):
        is_here = row["case_id"] == case.pk
        if is_here:
            numbers[row["id"]] = row["number"]
        if is_here and row["type"] == "+":
            yield _entry(row, f"Dokument {row['number']:02d} abgelegt: {Document.Role(row['role']).label}")
        elif is_here and row.action == "move_document":
            yield _entry(row, telling.moved_here(row))
    for row in histories.all("files"):
        yield _entry(row, f"Dokument {numbers[row['document_id']]:02d}: neue Version {row['version']}")


def _entry(row: Row, text: str) -> TimelineEntry:
    return TimelineEntry(row.at, row["who"], row["source"], row.action, text, row["reason"])
