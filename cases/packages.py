"""Leistungspakete: directories of declarative files. Each room reads its own files (sections) by registering them.

A package is read as a whole before anything is written; what is wrong is told by file and sentence.
"""

from __future__ import annotations

import hashlib
import json
import re
import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import SchemaError, ValidationError

SHIPPED = Path(__file__).parent / "leistungen"

Reader = Callable[[Path], Any]
Apply = Callable[..., None]  # called with version= and by= after the version has been stored


class PackageError(Exception):
    """A package cannot be loaded; the message names the file and says what is wrong (German)."""

    def __init__(self, file: Path, sentence: str, line: int | None = None) -> None:
        self.file, self.sentence, self.line = file, sentence, line
        place = f", Zeile {line}" if line else ""
        super().__init__(f"{file}{place}: {sentence}")


@dataclass(frozen=True)
class Section:
    """One file of a package: who reads it, and what happens when a version of it has been stored."""

    name: str
    file_name: str
    read: Reader
    required: bool
    apply: Apply | None


@dataclass(frozen=True)
class Package:
    """A package as read: its directory, the parsed sections by name, a digest over all its files."""

    directory: Path
    sections: dict[str, Any]
    digest: str


_sections: dict[str, Section] = {}


def register_section(
    name: str, file_name: str, read: Reader, *, required: bool = False, apply: Apply | None = None
) -> None:
    """Register who reads ``file_name`` of a package; a name twice raises ValueError."""
    if name in _sections:
        raise ValueError(f"section {name!r} is registered twice")
    _sections[name] = Section(name, file_name, read, required, apply)


def sections() -> list[Section]:
    """All registered sections."""
    return list(_sections.values())


def read(directory: Path) -> Package:
    """Read the package in ``directory``; PackageError at the first thing that is wrong."""
    if not directory.is_dir():
        raise PackageError(directory, "Das Verzeichnis gibt es nicht.")
    parsed: dict[str, Any] = {}
    for section in _sections.values():
        path = directory / section.file_name
        if path.is_file():
            parsed[section.name] = section.read(path)
        elif section.required:
            raise PackageError(path, "Diese Datei fehlt, sie gehört zu jedem Leistungspaket.")
    _check_applicant(directory, parsed)
    digest = hashlib.sha256()
    for path in sorted(p for p in directory.rglob("*") if p.is_file()):
        digest.update(f"{path.relative_to(directory)}\0{hashlib.sha256(path.read_bytes()).hexdigest()}\n".encode())
    return Package(directory, parsed, digest.hexdigest())


def _check_applicant(directory: Path, parsed: dict[str, Any]) -> None:
    """What ``[applicant]`` points to must be a field of ``schema.json``."""
    for name, pointer in parsed["leistung"].get("applicant", {}).items():
        if not _is_declared(parsed.get("schema", {}), pointer):
            path = directory / "leistung.toml"
            raise PackageError(
                path, f"applicant.{name}: „{pointer}“ ist kein Feld von schema.json.", _line_of(path, [name])
            )


def _is_declared(schema: dict[str, Any], pointer: str) -> bool:
    for name in pointer_steps(pointer):
        schema = schema.get("properties", {}).get(name)
        if schema is None:
            return False
    return True


def pointer_steps(pointer: str) -> list[str]:
    """The member names that a JSON pointer (RFC 6901) leads through."""
    return [name.replace("~1", "/").replace("~0", "~") for name in pointer.split("/")[1:]]


def read_toml(path: Path, schema: dict[str, Any]) -> dict[str, Any]:
    """A TOML file that follows ``schema`` (JSON Schema 2020-12); PackageError names the place otherwise."""
    try:
        data = tomllib.loads(path.read_text("utf-8"))
    except UnicodeDecodeError as error:
        raise PackageError(path, "Die Datei ist nicht in UTF-8.") from error
    except tomllib.TOMLDecodeError as error:
        place = re.search(r"line (\d+), column (\d+)", str(error))
        line, column = (int(place[1]), int(place[2])) if place else (None, None)
        where = f" (ab Spalte {column})" if column else " (am Ende)"
        raise PackageError(path, f"Hier ist kein gültiges TOML{where}.", line) from error
    for problem in sorted(Draft202012Validator(schema).iter_errors(data), key=lambda e: list(map(str, e.path))):
        place = ".".join(str(part) for part in problem.absolute_path)
        sentence = f"{place}: {_in_german(problem)}" if place else _in_german(problem)
        raise PackageError(path, sentence, _line_of(path, problem.absolute_path))
    return data


def _in_german(problem: ValidationError) -> str:
    """What a value does wrong, as a sentence that says what belongs there."""
    value, wanted = problem.instance, problem.validator_value
    match problem.validator:
        case "required":
            missing = [name for name in wanted if name not in value]
            return f"Es fehlt: {', '.join(missing)}."
        case "additionalProperties":
            unknown = sorted(set(value) - set(problem.schema["properties"]))
            return f"Diese Angabe gibt es hier nicht: {', '.join(unknown)}."
        case "enum":
            return f"„{value}“ ist nicht erlaubt; erlaubt ist: {', '.join(map(str, wanted))}."
        case "pattern":
            return f"„{value}“ hat nicht die richtige Form ({wanted})."
        case "type":
            return f"„{value}“ ist kein Wert der Art {wanted}."
        case _:
            return f"„{value}“ passt nicht ({problem.validator}: {wanted})."


def _line_of(path: Path, place: Any) -> int | None:
    names = [part for part in place if isinstance(part, str)]
    if not names:
        return None
    for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
        if line.split("=")[0].strip() == names[-1]:
            return number
    return None


def _read_declaration(path: Path) -> dict[str, Any]:
    return read_toml(path, DECLARATION)


def _read_schema(path: Path) -> dict[str, Any]:
    try:
        schema = json.loads(path.read_text("utf-8"))
        Draft202012Validator.check_schema(schema)
    except json.JSONDecodeError as error:
        raise PackageError(path, f"Kein gültiges JSON: {error.msg}", error.lineno) from error
    except SchemaError as error:
        raise PackageError(path, f"Kein gültiges JSON Schema: {error.message}") from error
    return _with_order(schema)


def _with_order(schema: Any) -> Any:
    """A schema that says the order of its properties (``x-order``): the database's JSON does not keep it."""
    if not isinstance(schema, dict):
        return schema
    ordered = dict(schema)
    if isinstance(schema.get("properties"), dict):
        ordered["properties"] = {name: _with_order(inner) for name, inner in schema["properties"].items()}
        ordered["x-order"] = list(schema["properties"])
    if "items" in schema:
        ordered["items"] = _with_order(schema["items"])
    return ordered


_TEXT = {"type": "string", "minLength": 1}
_POINTER = {"type": "string", "pattern": "^(/[^/]+)+$"}
APPLICANT_FIELDS = ("first_name", "last_name", "birth_date", "street", "house_number", "postcode", "city")
PUBLIC_STATES = ("eingegangen", "in_pruefung", "nachforderung", "entschieden")
DECLARATION: dict[str, Any] = {  # what leistung.toml holds
    "type": "object",
    "additionalProperties": False,
    "required": ["slug", "name", "regime", "unit", "file_plan", "file_reference", "owners", "lead"],
    "properties": {
        "slug": {"type": "string", "pattern": "^[a-z][a-z0-9-]*$", "maxLength": 50},
        "name": _TEXT,
        "leika_key": {"type": "string", "pattern": "^(99[0-9]{12})?$"},
        "regime": {"enum": ["vwvfg", "sgb", "ao"]},
        "inaction": {"enum": ["vwgo_75", "sgg_88", "none"]},  # what follows if nobody decides; default: by the regime
        "unit": {"type": "string", "pattern": "^[a-z][a-z0-9-]*$"},
        "binding_channel": _TEXT,
        "lead": {"enum": ["laufmappe", "fachverfahren"]},
        "four_eyes": {"type": "boolean"},
        "file_plan": _TEXT,
        "file_reference": {
            "type": "object",
            "additionalProperties": False,
            "required": ["source"],
            "properties": {
                "source": {"enum": ["own", "eakte", "fachverfahren"]},
                "pattern": {"type": "string", "pattern": r"\{number(:[0-9]*d)?\}"},
            },
            "if": {"properties": {"source": {"const": "own"}}},
            "then": {"required": ["pattern"]},
        },
        "retention_years": {"type": "integer", "minimum": 0},
        "processing_days": {"type": "integer", "minimum": 1},
        "owners": {
            "type": "object",
            "additionalProperties": False,
            "required": ["fachlich", "technik"],
            "properties": {name: _TEXT for name in ("fachlich", "technik", "dms", "hersteller")},
        },
        "public_notes": {  # what the citizen is told in each state; Bescheid and letters say the rest
            "type": "object",
            "additionalProperties": False,
            "properties": {name: _TEXT | {"maxLength": 500} for name in PUBLIC_STATES},
        },
        "publish_outcome": {"type": "boolean"},  # whether portals are told how it ended; default: no
        "applicant": {  # where the data say who applies: JSON pointers (RFC 6901) into what schema.json describes
            "type": "object",
            "additionalProperties": False,
            "required": ["last_name"],
            "properties": {name: _POINTER for name in APPLICANT_FIELDS},
        },
    },
}
register_section("leistung", "leistung.toml", _read_declaration, required=True)
register_section("schema", "schema.json", _read_schema)
