"""Leistungen come from Leistungspakete."""

from __future__ import annotations

from pathlib import Path

from django.db import transaction

from audit.acting import Actor, acting
from cases import packages
from cases.models import OrgUnit, Service, ServiceVersion


def load_package(*, directory: Path, by: Actor) -> tuple[ServiceVersion, bool]:
    """Load the package in ``directory`` as a new version of its Leistung; True when there was something new.

    Raises ``cases.packages.PackageError`` before anything is written. Vorgänge that exist keep their version.
    """
    package = packages.read(directory)
    declared = package.sections["leistung"]
    with transaction.atomic(), acting(by, "load_package"):
        service = Service.objects.select_for_update().filter(slug=declared["slug"]).first()
        newest = service.versions.order_by("-number").first() if service else None
        if newest and newest.digest == package.digest:
            return newest, False
        service = _describe(service or Service(slug=declared["slug"]), declared)
        version = ServiceVersion.objects.create(
            service=service,
            number=newest.number + 1 if newest else 1,
            digest=package.digest,
            sections=package.sections,
        )
        for section in packages.sections():
            if section.apply and section.name in package.sections:
                section.apply(version=version, by=by)
    return version, True


def set_service_unit(*, service: Service, unit: OrgUnit, by: Actor) -> None:
    """Make ``unit`` responsible for the Leistung."""
    with transaction.atomic(), acting(by, "set_service_unit"):
        service.unit = unit
        service.save()


def _describe(service: Service, declared: dict) -> Service:
    """Name, key and (while nobody has chosen another) the unit, as the package says."""
    service.name = declared["name"]
    service.leika_key = declared.get("leika_key", "")
    if service.unit_id is None:
        service.unit = OrgUnit.objects.filter(slug=declared["unit"]).first()
    service.save()
    return service
