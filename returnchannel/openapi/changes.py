"""The feed of changes."""

from __future__ import annotations

from returnchannel.api.changes import DEFAULT, MOST, cursor_of
from returnchannel.models import PublicChange
from returnchannel.openapi.cases import STATUS
from returnchannel.openapi.parts import AT, CASE_ID, answer, in_json, moment, obj, one_of, problems, schema, text

TAG = "Änderungen"
ABOUT = "Alles, was sich an den eigenen Anträgen ändert, jede Änderung einmal und in ihrer Reihenfolge."
EXAMPLE = {
    "changes": [{"case_id": CASE_ID, "version": 1, "status": "eingegangen", "at": AT, "kind": "status"}],
    "next": cursor_of(1),
    "more": False,
}
SCHEMAS = {
    "Changes": obj(
        "Einige Änderungen.",
        {
            "changes": {"type": "array", "items": schema("Change")},
            "next": text("Der Cursor für den nächsten Aufruf; er gilt unbegrenzt."),
            "more": {"type": "boolean", "description": "Ob gleich noch mehr da ist."},
        },
    ),
    "Change": obj(
        "Eine Änderung.",
        {
            "case_id": text("Die Vorgangs-ID."),
            "version": {"type": "integer", "minimum": 0, "description": "Der Stand danach."},
            "status": STATUS,
            "at": moment("Wann."),
            "kind": one_of("Was sich geändert hat.", *PublicChange.Kind.values),
        },
    ),
}
PATHS = {
    "/api/v1/changes": {
        "get": {
            "tags": [TAG],
            "operationId": "changes",
            "summary": "Änderungen lesen",
            "parameters": [
                {
                    "name": "after",
                    "in": "query",
                    "required": False,
                    "description": "`next` der letzten Antwort; ohne ihn von Anfang an.",
                    "schema": {"type": "string"},
                },
                {
                    "name": "limit",
                    "in": "query",
                    "required": False,
                    "description": "Wie viele höchstens.",
                    "schema": {"type": "integer", "minimum": 1, "maximum": MOST, "default": DEFAULT},
                    "example": DEFAULT,
                },
            ],
            "responses": {"200": answer("Die Änderungen.", in_json("Changes", eine=EXAMPLE)), **problems(400)},
        }
    }
}
