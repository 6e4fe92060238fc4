"""The demonstration's authority: teams, people, Leistungen and routing rules of the Stadt Musterhausen."""

from __future__ import annotations

import secrets
from dataclasses import dataclass

from django.conf import settings

from audit.acting import SYSTEM
from cases.actions import load_package, make_team, make_user, set_membership
from cases.conditions import Condition
from cases.models import OrgUnit, Role, Service, User
from cases.packages import SHIPPED
from routing.actions.rules import set_rule

TEAMS = {
    "poststelle": "Poststelle",
    "rechtsamt": "Rechtsamt",
    "ordnungsamt": "Ordnungsamt",
    "migration": "Migration und Aufenthalt",
    "wohngeld": "Wohngeldstelle",
    "verkehr": "Straßenverkehr",
    "bauaufsicht": "Bauaufsicht",
    "jugendamt": "Jugendamt",
}
CLEARING = "poststelle"

# Court mail goes by its subject: words -> team
SUBJECTS = {
    "ordnungsamt": "Gewerbe|Bußgeld|OWi",
    "wohngeld": "Wohngeld",
    "migration": "Aufenthalt|Asyl",
    "bauaufsicht": "Baugenehmigung|Nutzungsuntersagung",
    "jugendamt": "Unterhalt|Vormundschaft|Umgang",
    "verkehr": "Fahrerlaubnis|Verkehr",
}


@dataclass(frozen=True)
class Person:
    """Somebody who works in Musterhausen; ``teams`` with the role in each ("" = the whole authority)."""

    username: str
    first_name: str
    last_name: str
    roles: tuple[tuple[str, Role], ...]
    is_admin: bool = False

    @property
    def what(self) -> str:
        """Role and team in words, for the list of log-ins."""
        return ", ".join(f"{role.label} {TEAMS.get(team, '')}".strip() for team, role in self.roles)


PEOPLE = (
    Person("pia.post", "Pia", "Postel", (("poststelle", Role.LEAD),)),
    Person("rana.recht", "Rana", "Öztürk", (("rechtsamt", Role.CASEWORKER),)),
    Person("ruth.recht", "Ruth", "Lindqvist", (("rechtsamt", Role.LEAD),)),
    Person("olaf.ordnung", "Olaf", "Brückner", (("ordnungsamt", Role.CASEWORKER), ("verkehr", Role.CASEWORKER))),
    Person("mira.migration", "Mira", "Kovačević", (("migration", Role.LEAD),)),
    Person("wanda.wohngeld", "Wanda", "Szymańska", (("wohngeld", Role.CASEWORKER),)),
    Person("willi.wohngeld", "Willi", "Nowak", (("wohngeld", Role.LEAD),)),
    Person("bert.bau", "Bert", "Großmann", (("bauaufsicht", Role.CASEWORKER),)),
    Person("jule.jugend", "Jule", "Nguyễn", (("jugendamt", Role.CASEWORKER),)),
    Person("admin", "Adrian", "Şahin", (("", Role.ADMIN), ("", Role.OPERATIONS)), is_admin=True),
)


def build() -> str | None:
    """Create what is missing of Musterhausen; returns the password of everybody, when somebody was created."""
    for slug, name in TEAMS.items():
        make_team(slug=slug, name=name, is_clearing=slug == CLEARING, by=SYSTEM)
    for package in sorted(path for path in SHIPPED.iterdir() if path.is_dir()):
        load_package(directory=package, by=SYSTEM)
    _rules()
    # Only in local mode, which listens on this machine alone, everybody has the same well-known password.
    password = "Musterhausen-2026" if settings.LOCAL else secrets.token_urlsafe(12)
    units = {unit.slug: unit for unit in OrgUnit.objects.all()}
    known = set(User.objects.values_list("username", flat=True))
    missing = [person for person in PEOPLE if person.username not in known]
    for person in missing:
        user = make_user(
            username=person.username,
            first_name=person.first_name,
            last_name=person.last_name,
            password=password,
            is_admin=person.is_admin,
            by=SYSTEM,
        )
        for team, role in person.roles:
            set_membership(user=user, role=role, unit=units.get(team), by=SYSTEM)
    return password if missing or settings.LOCAL else None


def _rules() -> None:
    service = Service.objects.get(slug="gerichtspost")
    for rank, (team, words) in enumerate(SUBJECTS.items(), 1):
        set_rule(
            name=f"Gerichtspost: {words.replace('|', ', ')}",
            rank=rank * 10,
            conditions=[Condition("channel", "is", "egvp"), Condition("subject", "contains_one_of", words)],
            service=service,
            unit=OrgUnit.objects.get(slug=team),
            by=SYSTEM,
        )
