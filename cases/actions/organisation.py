"""Teams, people and their roles."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.utils import timezone

from audit.acting import Actor, acting
from cases.actions.worklist import forget_presence
from cases.models import Membership, OrgUnit, Role, User


def make_team(*, slug: str, name: str, by: Actor, parent: OrgUnit | None = None, is_clearing: bool = False) -> OrgUnit:
    """Create the Organisationseinheit ``slug``, or change it to this name, parent and task."""
    with transaction.atomic(), acting(by, "make_team"):
        unit = OrgUnit.objects.select_for_update().filter(slug=slug).first() or OrgUnit(slug=slug)
        wanted = (name, parent.pk if parent else None, is_clearing)
        if unit.pk and (unit.name, unit.parent_id, unit.is_clearing) == wanted:
            return unit
        unit.name, unit.parent, unit.is_clearing = name, parent, is_clearing
        unit.save()
    return unit


def make_user(
    *,
    username: str,
    by: Actor,
    password: str | None = None,
    first_name: str = "",
    last_name: str = "",
    email: str = "",
    is_admin: bool = False,
) -> User:
    """Create a user who can log in (``password=None``: not with a password). ``is_admin`` opens the Verwaltung.

    Raises ``django.db.IntegrityError`` when the name is taken.
    """
    with transaction.atomic(), acting(by, "make_user"):
        user = User(
            username=username,
            first_name=first_name,
            last_name=last_name,
            email=email,
            is_staff=is_admin,
            is_superuser=is_admin,
        )
        user.set_password(password)
        user.save()
    return user


def set_membership(*, user: User, role: Role, by: Actor, unit: OrgUnit | None = None) -> Membership:
    """Give ``user`` the role, in ``unit`` or for the whole authority; given twice is given once."""
    with transaction.atomic(), acting(by, "set_membership"):
        known = Membership.objects.filter(user=user, role=role, unit=unit).first()
        if known:
            if known.from_login:  # given by hand as well, it no longer ends with what the log-in service says
                known.from_login = False
                known.save()
            return known
        membership = Membership(user=user, role=role, unit=unit)
        membership.full_clean()
        membership.save()
        if role is Role.LEAD and not user.is_staff:  # the exception queue is in the Verwaltung as well
            user.is_staff = True
            user.save()
    return membership


def set_preferences(*, user: User, shortcuts: bool, theme: User.Theme, by: Actor) -> User:
    """Keep how ``user`` wants the pages: single-key shortcuts on or off, and the colours."""
    with transaction.atomic(), acting(by, "set_preferences"):
        locked = User.objects.select_for_update().get(pk=user.pk)
        locked.shortcuts, locked.theme = shortcuts, theme
        locked.save(update_fields=["shortcuts", "theme"])
    return locked


def change_password(*, user: User, password: str, by: Actor) -> User:
    """Give ``user`` a new password; whoever checks it has done so before."""
    with transaction.atomic(), acting(by, "change_password"):
        user.set_password(password)
        user.save(update_fields=["password"])
    return user


def note_login(sender: type[User], user: User, **kwargs: Any) -> None:
    """Receiver of a log-in: when it was is kept, but is no change that belongs into the history.

    What the person had open days ago is forgotten with it.
    """
    User.objects.filter(pk=user.pk).update(last_login=timezone.now())
    forget_presence(user)
