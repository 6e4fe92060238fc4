"""What a Leistung says about its applications: its name, the schema of the data, and where they say who applies."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from cases.models import ServiceVersion
from cases.packages import pointer_steps
from intake.facts import PartyFacts
from intake.standards.values import day, text


@dataclass(frozen=True)
class Leistung:
    """A Leistung as its newest Leistungspaket declares it; ``applicant``: field of a Beteiligter → JSON pointer."""

    name: str
    schema: dict[str, Any] = field(default_factory=dict)
    applicant: dict[str, str] = field(default_factory=dict)


def find(slug: str) -> Leistung | None:
    """The Leistung with this slug, or None (one query)."""
    versions = ServiceVersion.objects.filter(service__slug=slug).select_related("service")
    version = versions.order_by("-number").first()
    if version is None:
        return None
    return Leistung(
        name=version.service.name,
        schema=version.sections.get("schema", {}),
        applicant=version.declaration.get("applicant", {}),
    )


def applicant_for(slug: str, data: dict[str, Any]) -> list[PartyFacts]:
    """Who applies for this Leistung with these data."""
    leistung = find(slug)
    return applicant(data, leistung.applicant) if leistung else []


def applicant(data: dict[str, Any], mapping: dict[str, str]) -> list[PartyFacts]:
    """Who applies, by the pointers of the Leistung; nobody, when the data say no name."""
    values = {name: _at(data, pointer) for name, pointer in mapping.items()}
    if not values.get("last_name"):
        return []
    born = day(values.pop("birth_date", ""))
    return [PartyFacts(role="applicant", kind="person", birth_date=born, **values)]


def _at(data: Any, pointer: str) -> str:
    for name in pointer_steps(pointer):
        data = data.get(name) if isinstance(data, dict) else None
    return text(data) if isinstance(data, str) else ""
