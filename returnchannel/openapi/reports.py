"""What a Fachverfahren reports about a Vorgang that it leads."""

from __future__ import annotations

from cases.models import Case
from returnchannel.api.report_body import MOST_ITEMS
from returnchannel.openapi.cases import EXAMPLE, STATUS
from returnchannel.openapi.parts import answer, in_json, obj, or_null, problems, ref, schema, text

TAG = "Fachverfahren"
ABOUT = "Ein Fachverfahren meldet, wie es steht und wie entschieden wurde; die antragstellende Person sieht es."
REQUESTED = {
    "status": "nachforderung",
    "items": [{"key": "lohn", "title": "Lohnabrechnung"}],
    "due": "2026-12-20",
    "text": "Bitte reichen Sie nach:",
}
EXAMINING = {"status": "in_pruefung"}
DECIDED = {
    "status": "entschieden",
    "outcome": "bewilligt",
    "decided_by": "Sachgebiet Wohngeld",
    "decided_at": "2026-11-24T09:00:00+01:00",
}

SCHEMAS = {
    "StatusReport": {
        "type": "object",
        "description": "Eine Meldung. `nachforderung` braucht `items` und `due`, `entschieden` braucht `outcome`, "
        "`decided_by` und `decided_at`.",
        "required": ["status"],
        "anyOf": [
            {"properties": {"status": {"enum": ["eingegangen", "in_pruefung"]}}},
            {
                "properties": {
                    "status": {"const": "nachforderung"},
                    "items": {"type": "array", "minItems": 1},
                    "due": {"type": "string"},
                },
                "required": ["items", "due"],
            },
            {
                "properties": {
                    "status": {"const": "entschieden"},
                    "outcome": {"type": "string"},
                    "decided_by": {"type": "string", "pattern": r"\S"},
                    "decided_at": {"type": "string"},
                },
                "required": ["outcome", "decided_by", "decided_at"],
            },
        ],
        "properties": {
            "status": {"type": "string", "enum": list(Case.Status.values), "description": "Der gemeldete Status."},
            "items": {
                "type": ["array", "null"],
                "minItems": 1,
                "maxItems": MOST_ITEMS,
                "description": "Was fehlt; jeder Punkt einmal.",
                "items": {
                    "type": "object",
                    "required": ["key", "title"],
                    "properties": {
                        "key": text("Kürzel des Punkts.", pattern="^[-a-zA-Z0-9_]{1,60}$"),
                        "title": text("Was gemeint ist.", pattern=r"\S", maxLength=300),
                    },
                },
            },
            "due": or_null(text("Letzter Tag der Frist.", format="date")),
            "text": or_null(text("Der Text der Nachforderung.", maxLength=10_000)),
            "outcome": {
                "type": ["string", "null"],
                "enum": [*Case.Outcome.values, None],
                "description": "Wie entschieden wurde.",
            },
            "decided_by": or_null(text("Wer entschieden hat: eine Person oder Stelle.", maxLength=200)),
            "decided_at": or_null(text("Wann entschieden wurde.", format="date-time", maxLength=40)),
            "document": or_null(schema("Attachment")),
        },
    },
    "NotAllowed": {
        "allOf": [
            schema("Problem"),
            obj(
                "Was statt dessen geht.",
                {"allowed": {"type": "array", "description": "Die möglichen Status.", "items": STATUS}},
                optional=("allowed",),
            ),
        ]
    },
}
PATHS = {
    "/api/v1/cases/{case_id}/status-reports": {
        "parameters": [ref("parameters", "case_id")],
        "post": {
            "tags": [TAG],
            "operationId": "report_status",
            "summary": "Stand melden",
            "description": "Was schon so ist, ändert nichts (200). Was vom jetzigen Status aus nicht geht, ist 409 mit "
            "`allowed`. Das Aktenzeichen allein genügt nicht; gebraucht wird die Vorgangs-ID.",
            "parameters": [ref("parameters", "idempotency_key")],
            "requestBody": {
                "required": True,
                "content": {
                    "application/json": {
                        "schema": schema("StatusReport"),
                        "examples": {
                            "in_pruefung": {"value": EXAMINING},
                            "nachforderung": {"value": REQUESTED},
                            "entschieden": {"value": DECIDED},
                        },
                    }
                },
            },
            "responses": {
                "200": answer("Es war schon so.", in_json("CaseStatus", nachforderung=EXAMPLE)),
                "201": answer("Der Status, wie er jetzt ist.", in_json("CaseStatus", nachforderung=EXAMPLE)),
                **problems(400, 404, 413, 415, 422, 503),
                "409": ref("responses", "problem409"),
            },
        },
    }
}
