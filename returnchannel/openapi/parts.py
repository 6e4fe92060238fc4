"""What the descriptions of all calls share."""

from __future__ import annotations

from typing import Any

from intake.api.problems import KINDS

Json = dict[str, Any]
CASE_ID = "V-7K3M-9QTR-G"
AT = "2026-11-24T09:00:00.000+01:00"


def ref(kind: str, name: str) -> Json:
    """A reference to a component."""
    return {"$ref": f"#/components/{kind}/{name}"}


def schema(name: str) -> Json:
    """A reference to a schema."""
    return ref("schemas", name)


def text(description: str, **more: Any) -> Json:
    """A string."""
    return {"type": "string", "description": description} | more


def moment(description: str) -> Json:
    """A time."""
    return text(description, format="date-time", examples=[AT])


def or_null(what: Json) -> Json:
    """That, or null."""
    return {"anyOf": [what, {"type": "null"}]} if "$ref" in what else what | {"type": [what["type"], "null"]}


def one_of(description: str, *values: str) -> Json:
    """An open enumeration: more values may come."""
    shown = ", ".join(f"`{value}`" for value in values)
    return text(f"{description} Zur Zeit: {shown}; weitere können hinzukommen.", **{"x-extensible-enum": list(values)})


def obj(description: str, properties: Json, *, optional: tuple[str, ...] = ()) -> Json:
    """An object of an answer; all members are there but the optional ones, and more may come."""
    required = [name for name in properties if name not in optional]
    return {"type": "object", "description": description, "required": required, "properties": properties}


def answer(description: str, content: Json | None = None, **headers: Json) -> Json:
    """An answer with what the rate limit leaves, and these headers."""
    named = {name.replace("_", "-"): header for name, header in headers.items()}
    made: Json = {"description": description, "headers": {name: ref("headers", name) for name in RATE} | named}
    return made | ({"content": content} if content else {})


def in_json(name: str, **examples: Any) -> Json:
    """JSON of a schema, with examples."""
    shown = {"examples": {key: {"value": value} for key, value in examples.items()}} if examples else {}
    return {"application/json": {"schema": schema(name)} | shown}


def handed_over(part: str, name: str, **examples: Any) -> Json:
    """The body of a call that hands something over: JSON of a schema, or multipart with the JSON in this part."""
    files = {"type": "string", "contentMediaType": "application/octet-stream"}
    form = {"type": "object", "required": [part], "properties": {part: schema(name)}, "additionalProperties": files}
    multipart = {"schema": form, "encoding": {part: {"contentType": "application/json"}}}
    return {"required": True, "content": in_json(name, **examples) | {"multipart/form-data": multipart}}


def problems(*statuses: int) -> Json:
    """The problems that a call may answer with."""
    return {str(status): ref("responses", f"problem{status}") for status in sorted({401, 403, 406, 429, *statuses})}


def header(description: str, example: Any, kind: str = "string", **more: Any) -> Json:
    """A header of an answer."""
    return {"description": description, "schema": {"type": kind, "examples": [example]}} | more


RATE = ("RateLimit-Limit", "RateLimit-Remaining", "RateLimit-Reset")
HEADERS: Json = {
    "RateLimit-Limit": header("Anfragen je Minute, die der Zugang hat.", 600, "integer"),
    "RateLimit-Remaining": header("Wie viele davon noch frei sind.", 599, "integer"),
    "RateLimit-Reset": header("In wie vielen Sekunden die nächste Minute beginnt.", 42, "integer"),
    "Retry-After": header("Nach wie vielen Sekunden es wieder versucht werden kann.", 30, "integer", required=True),
    "ETag": header("Der Stand des Vorgangs, für `If-None-Match`.", '"v3"', required=True),
    "WWW-Authenticate": header("Wie man sich anmeldet.", 'Bearer realm="Laufmappe"', required=True),
}
PARAMETERS: Json = {
    "case_id": {
        "name": "case_id",
        "in": "path",
        "required": True,
        "description": "Die Vorgangs-ID. Groß oder klein, mit oder ohne Bindestriche.",
        "schema": {"type": "string", "minLength": 1},
        "example": CASE_ID,
    },
    "idempotency_key": {
        "name": "Idempotency-Key",
        "in": "header",
        "required": True,
        "description": "Für jede Anfrage ein neuer Schlüssel, etwa eine UUID; bei Wiederholung derselben derselbe: "
        "dann kommt die erste Antwort noch einmal, und nichts entsteht doppelt.",
        "schema": {"type": "string", "pattern": "^[!-~]{1,255}$", "minLength": 1, "maxLength": 255},
        "example": "0b9f3a52-6c1e-4d6c-9a55-1f7d2c0a8e11",
    },
}
SCHEMAS: Json = {
    "Problem": obj(
        "Was nicht ging (RFC 9457).",
        {
            "type": text("Art des Problems und Adresse der Seite, die es erklärt.", format="uri-reference"),
            "title": text("Überschrift."),
            "status": {"type": "integer", "minimum": 400, "maximum": 599, "description": "Der HTTP-Status."},
            "detail": text("Was los ist und was zu tun ist."),
            "errors": {
                "type": "array",
                "description": "Die Stellen im Körper der Anfrage.",
                "items": obj(
                    "Eine Stelle.",
                    {
                        "pointer": text("JSON-Pointer (RFC 6901).", examples=["/attachments/0/content"]),
                        "code": text("Kennung des Fehlers."),
                        "detail": text("Was dort erwartet wird."),
                    },
                ),
            },
        },
    ),
}


def _problem(status: int) -> Json:
    codes = [code for code, kind in KINDS.items() if kind.status == status]
    lines = [f"`/problems/{code}`: {KINDS[code].title}." for code in codes]
    headers = {name: ref("headers", name) for name in RATE}
    if status == 429:
        headers["Retry-After"] = HEADERS["Retry-After"]
    if status == 401:
        headers = {"WWW-Authenticate": HEADERS["WWW-Authenticate"]}
    examples = {
        code: {
            "value": {
                "type": f"/problems/{code}",
                "title": KINDS[code].title,
                "status": status,
                "detail": KINDS[code].explanation,
                "errors": [],
            }
        }
        for code in codes
    }
    content = {"application/problem+json": {"schema": schema("Problem"), "examples": examples}}
    return {"description": " ".join(lines), "headers": headers, "content": content}


RESPONSES: Json = {f"problem{status}": _problem(status) for status in sorted({kind.status for kind in KINDS.values()})}
