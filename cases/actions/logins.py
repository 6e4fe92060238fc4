"""Who comes in by the authority's log-in service (OIDC): known by their subject, with the roles that it names.

Roles that the service gives are marked (``Membership.from_login``) and are exactly what it says at each log-in.
Roles given by hand stay as they are: a role that a person has by hand is not given a second time.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.db import transaction

from audit.acting import Actor, Source, acting
from cases.models import Membership, OrgUnit, Role, User

LOGIN_SERVICE = Actor(Source.SYSTEM, "Anmeldedienst")
# Who has one of these finds something in the Verwaltung; what, the roles say
IN_THE_ADMIN = frozenset({Role.LEAD, Role.ADMIN, Role.AUDITOR, Role.OPERATIONS})


class Refused(Exception):
    """Somebody who is known to the log-in service does not come in; the message is a German sentence for them."""


@dataclass(frozen=True)
class LoginClaims:
    """What the log-in service says of a person; ``grants`` are (role, slug of the unit, or empty for the authority)."""

    subject: str
    username: str = ""
    first_name: str = ""
    last_name: str = ""
    email: str = ""
    grants: frozenset[tuple[Role, str]] = frozenset()


def enter_by_login_service(*, claims: LoginClaims) -> User:
    """The person with this subject, made when new, with the names and roles of the claims. Raises Refused.

    A local account of the same name is never taken over: its ``oidc_subject`` is set in the Verwaltung.
    """
    with transaction.atomic(), acting(LOGIN_SERVICE, "login_service"):
        user = User.objects.select_for_update().filter(oidc_subject=claims.subject).first()
        if user is not None and not user.is_active:
            raise Refused("Ihr Konto ist stillgelegt. Bitte wenden Sie sich an die Fachadministration.")
        user = user or _new_user(claims)
        _take_names(user, claims)
        _give_exactly(user, _known(claims.grants))
    return user


def _known(grants: Iterable[tuple[Role, str]]) -> set[tuple[Role, int | None]]:
    """The grants whose unit exists here."""
    wanted = set(grants)
    ids = dict(OrgUnit.objects.filter(slug__in={slug for _, slug in wanted if slug}).values_list("slug", "id"))
    return {(role, ids.get(slug)) for role, slug in wanted if not slug or slug in ids}


def _new_user(claims: LoginClaims) -> User:
    if not _known(claims.grants):
        raise Refused(
            "Für Sie ist in Laufmappe noch keine Rolle eingerichtet. Bitte wenden Sie sich an die Fachadministration."
        )
    username = claims.username or claims.subject
    if User.objects.filter(username__iexact=username).exists():
        raise Refused(
            "Ihr Benutzername ist hier schon an ein Konto vergeben. Bitte lassen Sie die Fachadministration dort Ihre "
            "Kennung beim Anmeldedienst eintragen."
        )
    user = User(username=username[:150], oidc_subject=claims.subject)
    user.set_unusable_password()
    user.save()
    return user


def _take_names(user: User, claims: LoginClaims) -> None:
    """What the service does not say stays."""
    said = {"first_name": claims.first_name, "last_name": claims.last_name, "email": claims.email}
    changed = {name: value for name, value in said.items() if value and getattr(user, name) != value}
    for name, value in changed.items():
        setattr(user, name, value)
    if changed:
        user.save(update_fields=list(changed))


def _give_exactly(user: User, wanted: set[tuple[Role, int | None]]) -> None:
    held = list(Membership.objects.select_for_update().filter(user=user))
    for membership in held:
        if membership.from_login and (Role(membership.role), membership.unit_id) not in wanted:
            membership.delete()
    known = {(Role(each.role), each.unit_id) for each in held}
    for role, unit_id in sorted(wanted - known, key=str):
        membership = Membership(user=user, role=role, unit_id=unit_id, from_login=True)
        membership.full_clean()
        membership.save()
    roles = set(Membership.objects.filter(user=user).values_list("role", flat=True))
    is_staff = user.is_superuser or not roles.isdisjoint(IN_THE_ADMIN)
    if user.is_staff != is_staff:
        user.is_staff = is_staff
        user.save(update_fields=["is_staff"])
