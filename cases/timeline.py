"""What happened to a Vorgang, in German, from its histories."""

from __future__ import annotations

from collections.abc import Iterator

from audit.registries import TimelineEntry, timeline
from cases.models import BlobCheck, Case, Document, DocumentFile, User

TEXTS = {
    "open_case": "Vorgang eröffnet",
    "take_up": "Prüfung begonnen",
    "assign": "Bearbeitung zugewiesen",
    "close": "Vorgang abgeschlossen",
    "reopen": "Vorgang wieder aufgenommen",
}


@timeline.register("cases")
def entries(case: Case) -> Iterator[TimelineEntry]:
    """The steps of the Vorgang, the documents that came into it, and viruses found in them (four queries)."""
    rows = list(case.history.order_by("history_id"))
    handlers = User.objects.in_bulk({row.handler_id for row in rows if row.handler_id})
    for row in rows:
        text = TEXTS.get(row.history_action, row.history_action)
        if row.history_action == "assign":
            text = f"Zugewiesen an {handlers[row.handler_id]}" if row.handler_id else "Zuweisung aufgehoben"
        if row.history_action == "close":
            text = f"Abgeschlossen: {Case.Outcome(row.outcome).label}"
        yield TimelineEntry(
            row.history_date, row.history_user_id, row.history_source, row.history_action, text, row.history_reason
        )
    for row in Document.history.filter(case_id=case.pk, history_type="+").order_by("history_id"):
        text = f"Dokument {row.number:02d} abgelegt: {Document.Role(row.role).label}"
        yield TimelineEntry(
            row.history_date, row.history_user_id, row.history_source, row.history_action, text, row.history_reason
        )
    yield from _infections(case)


def _infections(case: Case) -> Iterator[TimelineEntry]:
    """What the virus scanner found in the documents, whenever it was."""
    infected = DocumentFile.objects.filter(document__case=case, blob__result__scan_state=BlobCheck.Scan.INFECTED)
    for file in infected.select_related("blob__result").order_by("id"):
        found = file.blob.result
        text = f"Schadsoftware gefunden in „{file.file_name}“: {found.signature}"
        yield TimelineEntry(found.scanned_at, "Virenscanner", "system", "infected", text, "Die Datei ist gesperrt.")
