"""Handing an application over."""

from __future__ import annotations

import json

from cases.packages import SHIPPED
from intake.standards.application import REFERENCE_LENGTH, SERVICE_LENGTH
from returnchannel.openapi.parts import (
    AT,
    CASE_ID,
    answer,
    handed_over,
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
_ANYTHING = "Weitere Angaben werden behalten und gemeldet. U+0000 und einzelne Surrogate darf kein Text enthalten."

SCHEMAS = {
    "Submission": {
        "type": "object",
        "description": f"Ein Antrag. {_ANYTHING}",
        "required": ["service", "data"],
        "properties": {
            "service": text(
                "Kürzel der Leistung; eine unbekannte klärt die Behörde.", pattern=r"\S", maxLength=SERVICE_LENGTH
            ),
            "data": {"type": "object", "description": "Die Angaben, wie das Schema der Leistung sie beschreibt."},
            "reply_channel": {"description": "Wie geantwortet werden soll, so wie das Portal es sagt."},
            "sender_reference": or_null(text("Das Zeichen des Portals für diesen Antrag.", maxLength=REFERENCE_LENGTH)),
            "attachments": {"type": ["array", "null"], "items": schema("Attachment"), "description": "Anlagen."},
        },
    },
    "Attachment": {
        "type": "object",
        "required": ["filename"],
        "properties": {
            "filename": text("Name der Datei.", pattern=r"\S", maxLength=1000),
            "media_type": or_null(text("Format, etwa application/pdf.", maxLength=200)),
            "role": or_null(text("Wofür die Anlage da ist, etwa nachweis.", maxLength=200)),
            "content": text("Die Datei in Base64. Sie fehlt nur, wenn die Datei bei multipart als eigener Teil kommt."),
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
            "requestBody": handed_over("submission", "Submission", wohngeld=EXAMPLE),
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
