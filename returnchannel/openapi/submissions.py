"""Handing an application over."""

from __future__ import annotations

import json

from cases.packages import SHIPPED
from returnchannel.openapi.parts import (
    AT,
    CASE_ID,
    answer,
    header,
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

TAG = "Anträge"
ABOUT = (
    "Ein Portal übergibt Anträge. Was ein Antrag auch enthält, er wird behalten; "
    "abgewiesen wird nur, was nicht lesbar ist."
)
EXAMPLE = json.loads((SHIPPED / "wohngeld" / "tests" / "example.json").read_text())
_DONE = {"submission_id": 4711, "case_id": CASE_ID, "status": "eingegangen", "received_at": AT}
_ANYTHING = "Weitere Angaben werden behalten und gemeldet."

SCHEMAS = {
    "Submission": {
        "type": "object",
        "description": f"Ein Antrag. {_ANYTHING}",
        "required": ["service", "data"],
        "properties": {
            "service": text("Kürzel der Leistung; eine unbekannte klärt die Behörde.", minLength=1),
            "data": {"type": "object", "description": "Die Angaben, wie das Schema der Leistung sie beschreibt."},
            "reply_channel": {
                "type": ["object", "null"],
                "description": "Wie geantwortet werden soll.",
            },
            "sender_reference": or_null(text("Das Zeichen des Portals für diesen Antrag.")),
            "attachments": {"type": ["array", "null"], "items": schema("Attachment"), "description": "Anlagen."},
        },
    },
    "Attachment": {
        "type": "object",
        "required": ["filename", "content"],
        "properties": {
            "filename": text("Name der Datei.", minLength=1),
            "media_type": {"type": ["string", "null"], "description": "Format, etwa application/pdf."},
            "role": {"type": ["string", "null"], "description": "Wofür die Anlage da ist, etwa nachweis."},
            "content": text("Die Datei in Base64.", contentEncoding="base64"),
        },
    },
    "SubmissionAnswer": obj(
        "Der Antrag ist eingegangen.",
        {
            "submission_id": {"type": "integer", "description": "Kennung des Eingangs."},
            "case_id": text("Die Vorgangs-ID, unter der alles Weitere steht."),
            "status": one_of("Der Status.", "eingegangen"),
            "received_at": moment("Wann er eingegangen ist."),
        },
    ),
}
PATHS = {
    "/api/v1/submissions": {
        "post": {
            "tags": [TAG],
            "operationId": "submit",
            "summary": "Antrag übergeben",
            "description": "Die Vorgangs-ID steht sofort fest, was auch geschieht. Als `multipart/form-data` trägt der "
            "Teil `submission` das JSON, und jede Anlage ist ein Teil mit Dateinamen.",
            "parameters": [ref("parameters", "idempotency_key")],
            "requestBody": {
                "required": True,
                "content": {
                    "application/json": {"schema": schema("Submission"), "examples": {"wohngeld": {"value": EXAMPLE}}},
                    "multipart/form-data": {
                        "schema": {
                            "type": "object",
                            "required": ["submission"],
                            "properties": {"submission": schema("Submission")},
                            "additionalProperties": {"type": "string", "contentMediaType": "application/octet-stream"},
                        },
                        "encoding": {"submission": {"contentType": "application/json"}},
                    },
                },
            },
            "responses": {
                "201": answer(
                    "Eingegangen.",
                    in_json("SubmissionAnswer", eingegangen=_DONE),
                    Location=header("Wo der Status steht.", f"/api/v1/cases/{CASE_ID}", required=True),
                ),
                **problems(400, 409, 413, 415, 422, 503),
            },
        }
    }
}
