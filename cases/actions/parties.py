"""Beteiligte: added, corrected, and who of them receives the post."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.core.exceptions import ValidationError
from django.forms.models import model_to_dict

from audit import versions
from audit.acting import Actor
from cases.actions.base import NotPossible, Outdated, changing
from cases.actions.searching import index_again
from cases.models import Case, Party

# Who gets the letters when nobody has been chosen: who acts for the applicant comes first (§ 14 Abs. 3 VwVfG,
# § 13 Abs. 3 SGB X; § 1629 BGB), then the applicant.
POST_GOES_TO = (Party.Role.REPRESENTATIVE, Party.Role.GUARDIAN, Party.Role.APPLICANT)
EDITABLE = (*Party.PERSONAL_FIELDS, "role", "kind", "receives_post", "information_block")


def choose_post_recipient(parties: Sequence[Party]) -> None:
    """Mark who receives the post among unsaved Beteiligte where nobody is marked; with several of a role, none."""
    if any(party.receives_post for party in parties):
        return
    for role in POST_GOES_TO:
        found = [party for party in parties if party.role == role]
        if found:
            found[0].receives_post = len(found) == 1
            return


def add_party(*, case: Case, values: Mapping[str, Any], by: Actor, reason: str = "") -> Party:
    """Add somebody with a role in the matter; ``values`` are the fields of ``EDITABLE``."""
    with changing(case, by=by, action="add_party", kind="parties", reason=reason, permission="edit_parties") as locked:
        party = Party(case=locked)
        _set(party, values)
        party.save()
        versions.record_created([party])
        index_again(locked)
    return party


def change_party(
    *, party: Party, values: Mapping[str, Any], seen: Mapping[str, Any], by: Actor, reason: str = ""
) -> Party:
    """Correct somebody's data. ``seen`` are the values that the change is based on (as ``editable`` gives them).

    Outdated when they have changed since.
    """
    with changing(
        party.case, by=by, action="change_party", kind="parties", reason=reason, permission="edit_parties"
    ) as case:
        current = Party.objects.select_for_update().get(pk=party.pk, case=case)
        if dict(seen) != editable(current):
            raise Outdated(current)
        before = versions.snapshot(current)
        _set(current, values)
        current.save()
        versions.record_changed(current, before)
        index_again(case)
    return current


def editable(party: Party) -> dict[str, Any]:
    """What can be changed of somebody, by field name."""
    return model_to_dict(party, fields=EDITABLE)


def _set(party: Party, values: Mapping[str, Any]) -> None:
    for name in EDITABLE:
        if name in values:
            setattr(party, name, values[name])
    if not party.name:
        raise NotPossible("Bitte einen Namen oder eine Organisation angeben.")
    try:
        party.clean_fields(exclude=["case", "represented_by"])
    except ValidationError as error:
        raise NotPossible(" ".join(error.messages)) from error
