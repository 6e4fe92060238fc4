"""The section of a Leistungspaket that belongs to this room: ``routing.toml``, the rules that it brings along."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from cases import packages
from cases.conditions import OPERATORS, Condition, ConditionError, check
from routing.actions import rules
from routing.fields import FIELDS

SCHEMA: dict[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "required": ["rule"],
    "properties": {
        "rule": {
            "type": "array",
            "items": {
                "type": "object",
                "additionalProperties": False,
                "required": ["name", "rank", "when"],
                "properties": {
                    "name": {"type": "string", "minLength": 1, "maxLength": 200},
                    "rank": {"type": "integer", "minimum": 1},
                    "unit": {"type": "string"},
                    "note": {"type": "string"},
                    "when": {
                        "type": "array",
                        "minItems": 1,
                        "items": {
                            "type": "object",
                            "additionalProperties": False,
                            "required": ["field", "operator"],
                            "properties": {
                                "field": {"enum": sorted(FIELDS)},
                                "operator": {"enum": sorted(OPERATORS)},
                                "value": {"type": "string"},
                            },
                        },
                    },
                },
            },
        }
    },
}


def read(path: Path) -> dict[str, Any]:
    """The rules of a package; ``PackageError`` names what is wrong."""
    data = packages.read_toml(path, SCHEMA)
    for rule in data["rule"]:
        try:
            check([Condition(**condition) for condition in rule["when"]], FIELDS)
        except ConditionError as error:
            raise packages.PackageError(path, f"Regel „{rule['name']}“: {error}") from error
    return data


packages.register_section("routing", "routing.toml", read, apply=rules.apply_package)
