"""``GET /api/v1/schema`` and the page ``/api/docs/``: what the interface can do, for programs and for people."""

from __future__ import annotations

import json
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from intake.api.base import ApiView, as_json, without_body
from intake.api.plain import reading
from intake.api.problems import Problem
from returnchannel import openapi

Json = dict[str, Any]
METHODS = ("get", "put", "post", "delete")


class OtherMethods(ApiView):
    """What is neither GET nor HEAD, and what asks for another format: for anybody."""

    authentication_classes = ()
    permission_classes = ()
    throttle_classes = ()

    def get(self, request: HttpRequest) -> HttpResponse:
        """Only ever asked for a format that there is not; then it is not called at all."""
        raise Problem("not_acceptable")


@reading(OtherMethods)
def schema(request: HttpRequest) -> HttpResponse:
    """The description in OpenAPI 3.1; needs no token."""
    headers = {"Cache-Control": "public, max-age=300"}
    return without_body(request, as_json(openapi.as_text(), status=200, headers=headers))


@login_not_required
@require_safe
def docs(request: HttpRequest) -> HttpResponse:
    """The same as a page to read."""
    document = openapi.document()
    return render(request, "returnchannel/docs.html", {"about": document["info"], "resources": _resources(document)})


def _resources(document: Json) -> list[Json]:
    """The calls by resource, as the page shows them."""
    calls: dict[str, list[Json]] = {tag["name"]: [] for tag in document["tags"]}
    for path, item in document["paths"].items():
        for method in METHODS:
            if method in item:
                call = item[method]
                calls[call["tags"][0]].append(_call(document, path, method, item, call))
    return [tag | {"calls": calls[tag["name"]]} for tag in document["tags"]]


def _call(document: Json, path: str, method: str, item: Json, call: Json) -> Json:
    body = call.get("requestBody", {}).get("content", {}).get("application/json", {})
    parameters = [_at(document, each) for each in [*item.get("parameters", ()), *call.get("parameters", ())]]
    answers = [(status, _at(document, each)) for status, each in call["responses"].items()]
    return {
        "id": call["operationId"],
        "method": method.upper(),
        "path": path,
        "summary": call["summary"],
        "description": call.get("description", ""),
        "parameters": parameters,
        "members": _members(document, body.get("schema")),
        "request": _example(body),
        "answers": [
            {
                "status": status,
                "description": each["description"],
                "members": _members(document, _of_success(status, each).get("schema")),
                "example": _example(_of_success(status, each)),
            }
            for status, each in sorted(answers, key=lambda pair: pair[0])
        ],
    }


def _of_success(status: str, response: Json) -> Json:
    return response.get("content", {}).get("application/json", {}) if status < "300" else {}


def _at(document: Json, part: Json) -> Json:
    """What a reference leads to."""
    if "$ref" not in part:
        return part
    for name in part["$ref"].split("/")[1:]:
        document = document[name]
    return document


def _members(document: Json, part: Json | None) -> list[Json]:
    """The members of an object, each with its name, whether it must be there, and what it is."""
    found = _at(document, part) if part else {}
    return [
        {"name": name, "required": name in found.get("required", ()), "description": _said(document, each)}
        for name, each in found.get("properties", {}).items()
    ]


def _said(document: Json, part: Json) -> str:
    for each in (part, *part.get("anyOf", ())):
        if text := _at(document, each).get("description"):
            return text
    return ""


def _example(content: Json) -> str:
    for each in content.get("examples", {}).values():
        return json.dumps(each["value"], ensure_ascii=False, indent=2)
    return ""
