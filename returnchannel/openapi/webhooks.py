"""Where a portal wants to be told of changes."""

from __future__ import annotations

from returnchannel.api.webhooks import KINDS
from returnchannel.openapi.parts import AT, answer, in_json, moment, obj, one_of, or_null, problems, schema, text

TAG = "Webhooks"
ABOUT = (
    "Ein Portal lässt sich benachrichtigen, statt zu fragen: signiert nach Standard Webhooks, als CloudEvent "
    "`de.laufmappe.case.changed` ohne Angaben zu Personen. Was sich geändert hat, holt es dann selbst."
)
EXAMPLE = {
    "name": "buergerportal",
    "url": "https://portal.musterhausen.de/laufmappe",
    "kinds": KINDS,
    "active": True,
    "switched_off_at": None,
    "created_at": AT,
}
SCHEMAS = {
    "WebhookTarget": {
        "type": "object",
        "required": ["url"],
        "properties": {
            "url": text("Die Adresse: https, öffentlich erreichbar.", format="uri", maxLength=500),
            "kinds": {
                "type": "array",
                "minItems": 1,
                "description": "Welche Arten von Änderungen; fehlt sie, alle.",
                "items": {"type": "string", "enum": KINDS},
            },
        },
    },
    "Webhook": obj(
        "Ein Webhook.",
        {
            "name": text("Sein Name."),
            "url": text("Wohin."),
            "kinds": {"type": "array", "items": one_of("Art der Änderung.", *KINDS), "description": "Welche Arten."},
            "active": {"type": "boolean", "description": "Ob etwas gesendet wird."},
            "switched_off_at": or_null(moment("Seit wann nichts mehr gesendet wird.")),
            "created_at": moment("Wann er angelegt wurde."),
            "secret": text("Das Geheimnis, mit dem signiert wird; nur wenn es neu ist.", examples=["whsec_…"]),
        },
        optional=("secret",),
    ),
}
_NAME = {
    "name": "name",
    "in": "path",
    "required": True,
    "description": "Ein Name aus Kleinbuchstaben, Ziffern und Bindestrichen.",
    "schema": {"type": "string", "pattern": "^[a-z0-9]([a-z0-9-]{0,48}[a-z0-9])?$"},
    "example": "buergerportal",
}
_ROTATE = {
    "name": "rotate",
    "in": "query",
    "required": False,
    "description": "`1`: ein neues Geheimnis. Das bisherige signiert noch einen Tag mit.",
    "schema": {"type": "string", "enum": ["1"]},
}
PATHS = {
    "/api/v1/webhooks/{name}": {
        "parameters": [_NAME],
        "put": {
            "tags": [TAG],
            "operationId": "webhook_set",
            "summary": "Webhook anlegen oder ändern",
            "parameters": [_ROTATE],
            "requestBody": {
                "required": True,
                "content": {
                    "application/json": {
                        "schema": schema("WebhookTarget"),
                        "examples": {"alles": {"value": {"url": EXAMPLE["url"]}}},
                    }
                },
            },
            "responses": {
                "200": answer("Geändert.", in_json("Webhook", geaendert=EXAMPLE)),
                "201": answer(
                    "Angelegt.",
                    in_json("Webhook", angelegt=EXAMPLE | {"secret": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"}),
                ),
                **problems(400, 409, 413, 415, 503),
            },
        },
        "get": {
            "tags": [TAG],
            "operationId": "webhook",
            "summary": "Webhook ansehen",
            "responses": {"200": answer("Wie er ist.", in_json("Webhook", webhook=EXAMPLE)), **problems(404)},
        },
        "delete": {
            "tags": [TAG],
            "operationId": "webhook_remove",
            "summary": "Webhook löschen",
            "responses": {"204": answer("Es wird nichts mehr gesendet."), **problems(404)},
        },
    }
}
