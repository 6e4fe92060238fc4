"""What a portal sends to an application that it has handed over: answers, and the Rücknahme."""

from __future__ import annotations

from typing import Any

from intake.standards.replies import KEY_LENGTH, MOST_ITEMS, REASON_LENGTH, TEXT_LENGTH
from returnchannel.openapi.parts import (
    AT,
    CASE_ID,
    answer,
    handed_over,
    header,
    in_json,
    moment,
    obj,
    or_null,
    problems,
    ref,
    schema,
    text,
)

TAG = "Antworten"
ABOUT = (
    "Was zu einem Antrag nachkommt: Antworten auf Nachforderungen und die Rücknahme. Beides ist ein Eingang wie jeder "
    "andere; was niemand erwartet, sieht sich ein Mensch an."
)
RESPONSE = {
    "information_request": "1",
    "items": [{"key": "lohn", "attachment": 0}],
    "text": "Anbei die Lohnabrechnung.",
    "attachments": [
        {"filename": "lohn.txt", "media_type": "text/plain", "role": "nachweis", "content": "TG9objogMTIzNCBFdXJv"}
    ],
}
WITHDRAWAL = {"reason": "Ich ziehe in eine andere Stadt."}
_DONE = {"submission_id": 4712, "case_id": CASE_ID, "received_at": AT}

SCHEMAS = {
    "Response": {
        "type": "object",
        "description": "Eine Antwort. Sie hat mindestens einen Punkt, einen Text oder eine Anlage.",
        "anyOf": [
            {"required": ["items"], "properties": {"items": {"type": "array", "minItems": 1}}},
            {"required": ["text"], "properties": {"text": {"type": "string", "pattern": r"\S"}}},
            {"required": ["attachments"], "properties": {"attachments": {"type": "array", "minItems": 1}}},
        ],
        "properties": {
            "information_request": {
                "type": ["string", "integer", "null"],
                "description": "Die Kennung aus `open_information_request`, unverändert. Fehlt sie, wird die eine "
                "beantwortet, die offen ist.",
                "pattern": "^[0-9]{1,18}$",
                "minimum": 0,
                "maximum": 2**63 - 1,
            },
            "items": {
                "type": ["array", "null"],
                "maxItems": MOST_ITEMS,
                "description": "Welche Anlage welchen Punkt beantwortet.",
                "items": schema("ResponseItem"),
            },
            "text": or_null(text("Was dazu zu sagen ist.", maxLength=TEXT_LENGTH)),
            "attachments": {"type": ["array", "null"], "items": schema("Attachment"), "description": "Anlagen."},
        },
    },
    "ResponseItem": {
        "type": "object",
        "required": ["key", "attachment"],
        "properties": {
            "key": text("Kürzel des Punkts.", pattern=r"\S", maxLength=KEY_LENGTH),
            "attachment": {
                "type": ["integer", "string"],
                "description": "Index in `attachments` (ab 0); bei multipart der Name des Teils.",
            },
        },
    },
    "Withdrawal": {
        "type": "object",
        "properties": {"reason": or_null(text("Warum, wenn man es sagen will.", maxLength=REASON_LENGTH))},
    },
    "ReplyAnswer": obj(
        "Eingegangen.",
        {
            "submission_id": {"type": "integer", "description": "Kennung des Eingangs."},
            "case_id": text("Die Vorgangs-ID."),
            "received_at": moment("Wann es eingegangen ist."),
        },
    ),
}


def _received(name: str) -> dict[str, Any]:
    location = header("Wo der Status steht.", f"/api/v1/cases/{CASE_ID}", required=True)
    return answer("Eingegangen.", in_json("ReplyAnswer", **{name: _DONE}), Location=location)


PATHS = {
    "/api/v1/cases/{case_id}/responses": {
        "parameters": [ref("parameters", "case_id")],
        "post": {
            "tags": [TAG],
            "operationId": "respond",
            "summary": "Nachforderung beantworten",
            "description": "Als `multipart/form-data` trägt der Teil `response` das JSON, und jede Anlage ist ein Teil "
            "mit Dateinamen.",
            "parameters": [ref("parameters", "idempotency_key")],
            "requestBody": handed_over("response", "Response", antwort=RESPONSE),
            "responses": {"201": _received("antwort"), **problems(400, 404, 409, 413, 415, 422, 503)},
        },
    },
    "/api/v1/cases/{case_id}/withdrawal": {
        "parameters": [ref("parameters", "case_id")],
        "post": {
            "tags": [TAG],
            "operationId": "withdraw",
            "summary": "Antrag zurücknehmen",
            "description": "Der Vorgang endet als zurückgenommen; ist er schon entschieden, kommt 409.",
            "parameters": [ref("parameters", "idempotency_key")],
            "requestBody": {
                "required": True,
                "content": {
                    "application/json": {
                        "schema": schema("Withdrawal"),
                        "examples": {"ruecknahme": {"value": WITHDRAWAL}},
                    }
                },
            },
            "responses": {"201": _received("ruecknahme"), **problems(400, 404, 409, 413, 415, 422, 503)},
        },
    },
}
