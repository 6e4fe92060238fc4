"""What exactly an action did with a Vorgang, in German: which Nachforderung, which Bescheid, to whom, old and new."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from cases.models import Decision, Dispatch, Document, InformationRequestItem, Note, Notice, Party, Remedy
from cases.telling_rows import Histories, Row, day

Detail = tuple[str, str, str]
ERASED = "gelöscht"


@dataclass(frozen=True)
class Told:
    """The sentence, and what was changed as (what, old, new)."""

    text: str
    details: tuple[Detail, ...] = ()


@dataclass(frozen=True)
class Run:
    """One run of an action: what it has written in the histories."""

    histories: Histories
    action: str
    after: datetime | None
    until: datetime

    def rows(self, kind: str) -> list[Row]:
        """What it has written of one kind."""
        return self.histories.by(kind, self.action, self.after, self.until)

    def recipients(self) -> str:
        """``, an Erika Muster, Karl Klug``; empty where no letter was written by this."""
        fresh = (row for row in self.rows("dispatches") if row.before is None)
        names = dict.fromkeys(self.histories.name(row["recipient_id"]) for row in fresh)
        return f", an {', '.join(names)}" if names else ""


def _request(run: Run) -> Told | None:
    rows = run.rows("requests")
    if not rows:
        return None
    titles = run.histories.requests  # as they are now: what has been erased is not told any more
    named = ", ".join(
        f"{row['number']} ({titles[row['id']]})" if titles[row["id"]] else str(row["number"]) for row in rows
    )
    text = {
        "request_information": "Nachforderung {} erstellt",
        "extend_request": "Frist der Nachforderung {} verlängert",
        "remind_request": "An die Nachforderung {} erinnert",
        "note_arrival": "Antwort eingegangen zu Nachforderung {}",
        "expire_request": "Frist der Nachforderung {} abgelaufen",
        "withdraw_request": "Nachforderung {} zurückgenommen",
    }[run.action].format(named)
    changes = (_changed("Frist", row, "due_on", day) for row in rows if run.action == "extend_request")
    return Told(text + run.recipients(), tuple(change for change in changes if change))


def _items(run: Run) -> Told | None:
    rows = run.rows("items")
    if not rows:
        return None
    number = run.histories.last("requests", rows[0]["request_id"])["number"]
    state = InformationRequestItem.State
    changes = (
        (run.histories.items[row["id"]] or "Nachweis", state(row.before["state"]).label, state(row["state"]).label)
        for row in rows
    )
    return Told(f"Nachforderung {number}: vorliegende Nachweise vermerkt", tuple(changes))


def _notice(run: Run) -> Told | None:
    for row in run.rows("notices"):
        return Told(f"{Notice.Kind(row['kind']).label} {row['number']} erstellt{run.recipients()}")
    return None


IN_THE_PORTAL = {
    "provide_letter": ("im Portal bereitgestellt", "sent_on"),
    "note_notified": ("bereitgestellt; Benachrichtigung versandt", "notified_on"),
    "note_retrieved": ("im Portal abgerufen", "delivered_on"),
}


def _sent(run: Run) -> Told | None:
    for row in run.rows("dispatches"):
        letter = _letter(run.histories, row)
        name = run.histories.name(row["recipient_id"])
        method = Dispatch.Method(row["method"]).label
        if run.action == "withhold_letter":
            return Told(f"{letter} an {name} nicht versandt")
        if run.action == "end_provision":
            return Told(f"{letter} an {name}: Bereitstellung im Portal beendet, es folgt ein Brief")
        if run.action in IN_THE_PORTAL:
            what, when = IN_THE_PORTAL[run.action]
            return Told(f"{letter} an {name} {what} am {day(row[when])}")
        if run.action == "mark_sent":
            return Told(f"{letter} an {name} versandt am {day(row['sent_on'])} ({method})")
        change = _changed("Zugestellt am", row, "delivered_on", day) if row.before["delivered_on"] else None
        text = f"{letter} an {name} zugestellt am {day(row['delivered_on'])} ({method})"
        return Told(text, (change,) if change else ())
    return None


def _letter(histories: Histories, row: Row) -> str:
    if row["request_id"]:
        number = histories.last("requests", row["request_id"])["number"]
        return f"Erinnerung zur Nachforderung {number}" if row["is_reminder"] else f"Nachforderung {number}"
    if row["decision_id"]:
        return f"Bescheid {histories.last('decisions', row['decision_id'])['number']}"
    notice = histories.last("notices", row["notice_id"])
    return f"{Notice.Kind(notice['kind']).label} {notice['number']}"


def _decision(run: Run) -> Told | None:
    rows = [row for row in run.rows("decisions") if row["state"] != Decision.State.REPLACED]
    if not rows:
        return None
    row = rows[0]
    outcome = Decision._meta.get_field("outcome")
    label = dict(outcome.choices)[row["outcome"]]
    text = {
        "draft_decision": f"Bescheid {row['number']} entworfen: {label}",
        "change_draft": f"Entwurf des Bescheids {row['number']} geändert",
        "discard_draft": f"Entwurf des Bescheids {row['number']} verworfen",
        "release_decision": f"Bescheid {row['number']} freigegeben: {label}",
        "withdraw_decision": f"Bescheid {row['number']} zurückgenommen",
        "mark_final": f"Bescheid {row['number']} bestandskräftig seit {day(row['final_since'])}",
    }[run.action]
    if row["corrects_id"] and run.action in ("draft_decision", "release_decision"):
        text += f" (berichtigt Bescheid {run.histories.last('decisions', row['corrects_id'])['number']})"
    changes = [
        _changed("Ergebnis", row, "outcome", lambda value: dict(outcome.choices)[value]),
        _changed("Zustellungsart", row, "method", lambda value: Dispatch.Method(value).label),
    ]
    return Told(text + run.recipients(), tuple(change for change in changes if change))


def _remedy(run: Run) -> Told | None:
    for row in run.rows("remedies"):
        number = run.histories.last("decisions", row["decision_id"])["number"]
        text = f"{Remedy.Kind(row['kind']).label} vom {day(row['filed_on'])} gegen Bescheid {number}"
        if run.action == "register_remedy":
            return Told(f"{text} erfasst")
        return Told(f"{text}: {Remedy.State(row['state']).label}")
    return None


def _note(run: Run) -> Told | None:
    done = {"write_note": "geschrieben", "change_note": "geändert"}[run.action]
    for row in run.rows("notes"):
        return Told(f"{Note.Kind(row['kind']).label} {done}")
    return None


def _party(run: Run) -> Told | None:
    rows = run.rows("parties")
    if not rows:
        return None
    row = rows[0]
    name, role = run.histories.name(row["id"]), Party.Role(row["role"]).label
    if run.action == "add_party":
        return Told(f"Beteiligte hinzugefügt: {name}" + (f" ({role})" if role != name else ""))
    changes = [
        _changed("Rolle", row, "role", lambda value: Party.Role(value).label),
        _changed("Art", row, "kind", lambda value: Party.Kind(value).label),
        _changed("bekommt die Post", row, "receives_post", _yes_or_no),
        _changed("Auskunftssperre", row, "information_block", _yes_or_no),
    ]
    found = [*_versions(run, Party), *(change for change in changes if change)]
    return Told(f"Beteiligte geändert: {name}", tuple(found))


def _document(run: Run) -> Told | None:
    for row in run.rows("documents"):
        if run.action == "move_document":
            return Told(f"Dokument {row.before['number']:02d} verschoben in den Vorgang {_case(row.values)}")
        change = _changed("Art", row, "role", lambda value: Document.Role(value).label)
        found = [*([change] if change else []), *_versions(run, Document)]
        return Told(f"Dokument {row['number']:02d} beschrieben", tuple(found))
    return None


def moved_here(row: Row) -> str:
    """The sentence for a document that has come from another Vorgang."""
    return (
        f"Dokument {row.before['number']:02d} des Vorgangs {_case(row.before)} hierher verschoben, "
        f"jetzt Dokument {row['number']:02d}"
    )


def _case(values: dict[str, Any]) -> str:
    return values["file_reference"] or values["public_id"]


def _versions(run: Run, model: type[Party] | type[Document]) -> Iterator[Detail]:
    """Old and new person data; of what has been erased, that it has been."""
    for row in run.rows("versions"):
        if row["model"] != model._meta.label_lower:
            continue
        for name in row["fields"]:
            label = str(model._meta.get_field(name).verbose_name)
            old, new = row["values"][name] if row["values"] is not None else (ERASED, ERASED)
            yield label, _written(name, old), _written(name, new)


def _written(name: str, value: Any) -> str:
    if value == ERASED or value in (None, ""):
        return value or "leer"
    return day(value) if name == "birth_date" else str(value)


def _changed(label: str, row: Row, name: str, written: Callable[[Any], str]) -> Detail | None:
    if row.before is None or row.before[name] == row[name]:
        return None
    return label, written(row.before[name]) or "leer", written(row[name]) or "leer"


def _yes_or_no(value: bool) -> str:
    return "ja" if value else "nein"


TELLERS: dict[str, Callable[[Run], Told | None]] = {
    action: teller
    for teller, actions in (
        (
            _request,
            "request_information extend_request remind_request note_arrival expire_request withdraw_request",
        ),
        (_items, "set_items"),
        (_notice, "send_notice"),
        (
            _sent,
            "mark_sent record_delivery withhold_letter provide_letter note_notified note_retrieved end_provision",
        ),
        (_decision, "draft_decision change_draft discard_draft release_decision withdraw_decision mark_final"),
        (_remedy, "register_remedy settle_remedy"),
        (_note, "write_note change_note"),
        (_party, "add_party change_party"),
        (_document, "describe_document move_document"),
    )
    for action in actions.split()
}


def told(run: Run) -> Told | None:
    """What this run of an action did; None where there is nothing to add to its name."""
    teller = TELLERS.get(run.action)
    return teller(run) if teller else None


def between(case_rows: Iterable[Any]) -> Iterator[tuple[Any, Any | None]]:
    """Each row of the Vorgang's own history with the one before it."""
    before = None
    for row in case_rows:
        yield row, before
        before = row


def assigned(row: Any, before: Any | None) -> tuple[Detail, ...]:
    """Handler and team, old and new, where a row of the Vorgang's own history has others than the one before."""
    if before is None:
        return ()
    found = []
    if row.handler_id != before.handler_id:
        found.append(("Bearbeitung", str(before.handler or "niemand"), str(row.handler or "niemand")))
    if row.unit_id != before.unit_id:
        found.append(("Team", str(before.unit), str(row.unit)))
    return tuple(found)
