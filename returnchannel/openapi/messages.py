"""What the authority has written."""

from __future__ import annotations

from returnchannel.models import OutboundMessage
from returnchannel.openapi.parts import AT, CASE_ID, answer, in_json, moment, obj, one_of, problems, ref, schema, text

TAG = "Nachrichten"
ABOUT = "Was die Behörde geschrieben hat: Eingangsbestätigung, Nachforderung, Bescheid, Mitteilung, jeweils mit PDF."
EXAMPLE = {
    "messages": [
        {
            "n": 1,
            "kind": "receipt",
            "at": AT,
            "title": "Eingangsbestätigung",
            "text": f"Ihr Antrag ist eingegangen. Er hat die Vorgangs-ID {CASE_ID}.",
            "has_document": True,
        }
    ]
}
SCHEMAS = {
    "Messages": obj(
        "Die Nachrichten in ihrer Reihenfolge.", {"messages": {"type": "array", "items": schema("Message")}}
    ),
    "Message": obj(
        "Eine Nachricht.",
        {
            "n": {"type": "integer", "minimum": 1, "description": "Laufende Nummer unter der Vorgangs-ID."},
            "kind": one_of("Die Art.", *OutboundMessage.Kind.values),
            "at": moment("Wann sie geschrieben wurde."),
            "title": text("Betreff."),
            "text": text("Text."),
            "has_document": {"type": "boolean", "description": "Ob es ein PDF dazu gibt."},
        },
    ),
}
PATHS = {
    "/api/v1/cases/{case_id}/messages": {
        "parameters": [ref("parameters", "case_id")],
        "get": {
            "tags": [TAG],
            "operationId": "messages",
            "summary": "Nachrichten lesen",
            "responses": {
                "200": answer("Die Nachrichten.", in_json("Messages", bestaetigung=EXAMPLE)),
                **problems(404),
            },
        },
    },
    "/api/v1/cases/{case_id}/messages/{n}/document": {
        "parameters": [
            ref("parameters", "case_id"),
            {
                "name": "n",
                "in": "path",
                "required": True,
                "description": "Nummer der Nachricht.",
                "schema": {"type": "integer", "minimum": 1},
                "example": 1,
            },
        ],
        "get": {
            "tags": [TAG],
            "operationId": "document",
            "summary": "PDF einer Nachricht holen",
            "responses": {
                "200": answer("Das PDF, immer dieselben Bytes.", {"application/pdf": {}}),
                **problems(404),
            },
        },
    },
}
