"""The status of a Vorgang."""

from __future__ import annotations

from cases.models import Case
from returnchannel.openapi.parts import (
    AT,
    CASE_ID,
    answer,
    in_json,
    moment,
    obj,
    one_of,
    or_null,
    problems,
    ref,
    schema,
    text,
)

TAG = "Vorgänge"
ABOUT = "Was aus einem Antrag geworden ist: in vier groben Schritten, ohne Namen und ohne Innenleben der Behörde."
STATUS = one_of("Der Status.", *Case.Status.values)
ZBP = ("RECEIVED", "PROCESSING", "ACTION_REQUIRED", "COMPLETED")
EXAMPLE = {
    "case_id": CASE_ID,
    "file_reference": "50.2-2026-000123",
    "service": "wohngeld",
    "status": "nachforderung",
    "status_since": "2026-11-26T11:30:00.000+01:00",
    "version": 3,
    "public_note": "Wir brauchen noch Unterlagen von Ihnen. Bitte reichen Sie sie bis zum genannten Tag ein.",
    "open_information_request": {
        "id": "1",
        "due": "2026-12-10",
        "items": [{"key": "lohn", "title": "Lohnabrechnung", "received": False}],
        "text": "Bitte reichen Sie nach:",
    },
    "expected_by": "2027-01-19",
    "outcome": None,
    "external": {"zbp": "ACTION_REQUIRED"},
    "history": [
        {"status": "eingegangen", "at": AT},
        {"status": "nachforderung", "at": "2026-11-26T11:30:00.000+01:00"},
    ],
}
RECEIVED = EXAMPLE | {
    "file_reference": None, "status": "eingegangen", "status_since": AT, "version": 0, "public_note": None,
    "open_information_request": None, "expected_by": None, "external": {"zbp": "RECEIVED"},
    "history": [{"status": "eingegangen", "at": AT}],
}  # fmt: skip

SCHEMAS = {
    "CaseStatus": obj(
        "Was vom Vorgang gesagt werden darf.",
        {
            "case_id": text("Die Vorgangs-ID, wie sie angefragt wurde."),
            "file_reference": or_null(text("Das Aktenzeichen; `null`, bis der Vorgang angelegt ist.")),
            "service": text("Kürzel der Leistung."),
            "status": STATUS,
            "status_since": moment("Seit wann."),
            "version": {"type": "integer", "minimum": 0, "description": "Wächst mit jeder Änderung um eins."},
            "public_note": or_null(text("Ein Satz für die antragstellende Person.")),
            "open_information_request": or_null(schema("OpenInformationRequest")),
            "expected_by": or_null(text("Bis wann voraussichtlich entschieden ist.", format="date")),
            "outcome": or_null(one_of("Das Ergebnis, wenn die Leistung es veröffentlicht.", *Case.Outcome.values)),
            "external": obj("Der Status in anderen Systemen.", {"zbp": one_of("Im Postfach des Bundes.", *ZBP)}),
            "history": {
                "type": "array",
                "minItems": 1,
                "description": "Die Schritte, ältester zuerst.",
                "items": obj("Ein Schritt.", {"status": STATUS, "at": moment("Seit wann.")}),
            },
            "alias": {
                "type": "boolean",
                "description": "Der Antrag gehört zu einem anderen Vorgang. Hier steht nur, dass er eingegangen ist.",
            },
        },
        optional=("alias",),
    ),
    "OpenInformationRequest": obj(
        "Was noch fehlt.",
        {
            "id": text("Kennung der Nachforderung im Vorgang."),
            "due": text("Letzter Tag der Frist.", format="date"),
            "items": {
                "type": "array",
                "description": "Was fehlt oder noch geprüft wird; Anerkanntes steht nicht mehr hier.",
                "items": obj(
                    "Ein Punkt.",
                    {
                        "key": text("Kürzel des Punkts."),
                        "title": text("Was gemeint ist."),
                        "received": {"type": "boolean", "description": "Dazu ist etwas eingegangen; es wird geprüft."},
                    },
                ),
            },
            "text": text("Der Text der Nachforderung."),
        },
    ),
}
PATHS = {
    "/api/v1/cases/{case_id}": {
        "parameters": [ref("parameters", "case_id")],
        "get": {
            "tags": [TAG],
            "operationId": "case",
            "summary": "Status abfragen",
            "description": "Mit `If-None-Match` kommt 304, solange sich nichts geändert hat. Ist der Antrag noch nicht "
            "angelegt, steht hier nur der Eingang.",
            "parameters": [
                {
                    "name": "If-None-Match",
                    "in": "header",
                    "required": False,
                    "description": "Die Stände, die schon bekannt sind, oder `*`.",
                    "schema": {"type": "string"},
                    "example": '"v2"',
                }
            ],
            "responses": {
                "200": answer(
                    "Der Status.",
                    in_json("CaseStatus", nachforderung=EXAMPLE, eingegangen=RECEIVED),
                    ETag=ref("headers", "ETag"),
                ),
                "304": answer("Nichts Neues.", ETag=ref("headers", "ETag")),
                **problems(404),
            },
        },
    }
}
