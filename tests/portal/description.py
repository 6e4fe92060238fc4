"""What the OpenAPI document says: how each call is made, and whether an answer is as described."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from urllib.parse import quote

import httpx
from jsonschema import Draft202012Validator, FormatChecker

Json = dict[str, Any]
METHODS = ("get", "put", "post", "delete", "patch")
FORMATS = FormatChecker(formats=())


class NotAsDescribed(Exception):
    """A request or an answer is not as the OpenAPI document says."""


@FORMATS.checks("date-time", raises=ValueError)
def _is_moment(value: object) -> bool:
    return not isinstance(value, str) or datetime.fromisoformat(value).tzinfo is not None


@FORMATS.checks("date", raises=ValueError)
def _is_day(value: object) -> bool:
    return not isinstance(value, str) or bool(date.fromisoformat(value))


@dataclass(frozen=True)
class Operation:
    """One call: its method, its path with placeholders, and what the document says about it."""

    method: str
    path: str
    parameters: list[Json]
    said: Json

    @property
    def needs_key(self) -> bool:
        """True when the call is made once, however often it is sent with the same ``Idempotency-Key``."""
        return any(each["name"] == "Idempotency-Key" for each in self.parameters)


class Description:
    """An OpenAPI 3.1 document."""

    def __init__(self, document: Json) -> None:
        if not str(document.get("openapi", "")).startswith("3.1."):
            raise NotAsDescribed("Das ist keine Beschreibung nach OpenAPI 3.1.")
        self.document = document
        self._operations: dict[str, Operation] = {}
        for path, item in document["paths"].items():
            for method in METHODS:
                if method in item:
                    said = item[method]
                    shared = [*item.get("parameters", ()), *said.get("parameters", ())]
                    parameters = [self._at(each) for each in shared]
                    self._operations[said["operationId"]] = Operation(method.upper(), path, parameters, said)

    @property
    def names(self) -> list[str]:
        """The names of all calls."""
        return sorted(self._operations)

    def operation(self, name: str) -> Operation:
        """The call with this ``operationId``. Raises NotAsDescribed when there is none."""
        if name not in self._operations:
            raise NotAsDescribed(f"Es gibt keinen Aufruf „{name}“, nur {', '.join(self.names)}.")
        return self._operations[name]

    def address(self, name: str, values: dict[str, Any]) -> str:
        """The path of a call, its placeholders filled."""
        operation = self.operation(name)
        return re.sub(r"\{(\w+)\}", lambda found: quote(str(values[found[1]]), safe=""), operation.path)

    def examples(self, name: str) -> Json:
        """The examples of a call's JSON body, by their names."""
        content = self.operation(name).said["requestBody"]["content"]["application/json"]
        return {key: self._at(each)["value"] for key, each in content.get("examples", {}).items()}

    def check_request(self, name: str, given: dict[str, Any], body: Any, media_type: str) -> None:
        """Raise NotAsDescribed when a call lacks something, has what nobody described, or is not as described.

        ``given``: the parameters by their names; ``body``: the JSON value.
        """
        operation = self.operation(name)
        known = {each["name"]: each for each in operation.parameters}
        for parameter, value in given.items():
            if parameter not in known:
                raise NotAsDescribed(f"{name}: „{parameter}“ ist nicht beschrieben.")
            self._validate(value, known[parameter]["schema"], f"{name}, {parameter}")
        if missing := [key for key, each in known.items() if each.get("required") and key not in given]:
            raise NotAsDescribed(f"{name}: Es fehlt {', '.join(missing)}.")
        content = operation.said.get("requestBody", {}).get("content", {})
        if body is None:
            return
        if media_type not in content:
            raise NotAsDescribed(f"{name}: {media_type} ist nicht beschrieben.")
        schema = content[media_type]["schema"]
        if media_type == "multipart/form-data":
            part = next(key for key, each in self._at(schema)["properties"].items() if self._is_object(each))
            schema = self._at(schema)["properties"][part]
        self._validate(body, schema, f"{name}, {media_type}")

    def json_part(self, name: str) -> str:
        """The name of the part of ``multipart/form-data`` that carries the JSON."""
        schema = self._at(self.operation(name).said["requestBody"]["content"]["multipart/form-data"]["schema"])
        return next(key for key, each in schema["properties"].items() if self._is_object(each))

    def check_answer(self, name: str, answer: httpx.Response) -> None:
        """Raise NotAsDescribed when the status, a header, the media type or the body is not as described."""
        responses = self.operation(name).said["responses"]
        told = responses.get(str(answer.status_code))
        if told is None:
            raise NotAsDescribed(f"{name}: {answer.status_code} ist nicht beschrieben: {answer.text[:300]}")
        told, where = self._at(told), f"{name}, {answer.status_code}"
        for header, each in told.get("headers", {}).items():
            self._check_header(where, header, self._at(each), answer.headers.get(header))
        content = told.get("content", {})
        if answer.request.method == "HEAD":
            return
        media_type = answer.headers.get("Content-Type", "").partition(";")[0]
        if not content:
            if answer.content:
                raise NotAsDescribed(f"{where}: Ein Körper ist nicht beschrieben.")
        elif media_type not in content:
            raise NotAsDescribed(f"{where}: {media_type} ist nicht beschrieben.")
        elif "json" in media_type:
            self._validate(self._json(answer, where), content[media_type]["schema"], where)

    def _check_header(self, where: str, name: str, said: Json, value: str | None) -> None:
        if value is None:
            if said.get("required"):
                raise NotAsDescribed(f"{where}: Die Kopfzeile {name} fehlt.")
            return
        is_number = said["schema"].get("type") == "integer"
        if is_number and not re.fullmatch(r"-?\d+", value):
            raise NotAsDescribed(f"{where}: {name} ist „{value}“ statt einer Zahl.")
        self._validate(int(value) if is_number else value, said["schema"], f"{where}, {name}")

    def _json(self, answer: httpx.Response, where: str) -> Any:
        try:
            return answer.json()
        except json.JSONDecodeError as error:
            raise NotAsDescribed(f"{where}: Das ist kein JSON: {answer.text[:300]}") from error

    def _is_object(self, schema: Json) -> bool:
        return self._at(schema).get("type") == "object"

    def _validate(self, value: Any, schema: Json, where: str) -> None:
        whole = {"allOf": [schema], "components": self.document["components"]}
        for error in Draft202012Validator(whole, format_checker=FORMATS).iter_errors(value):
            raise NotAsDescribed(f"{where}: {error.json_path}: {error.message[:500]}")

    def _at(self, part: Json) -> Json:
        """What a reference leads to."""
        if "$ref" not in part:
            return part
        found: Any = self.document
        for key in part["$ref"].removeprefix("#/").split("/"):
            found = found[key]
        return self._at(found)
