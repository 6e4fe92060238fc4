"""How the worklist is put before people: tabs with counts, sortable headers, rows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.http import HttpRequest, QueryDict
from django.urls import reverse
from django.utils import timezone

from cases.models import Case, Presence, User
from cases.selectors import PRESENT, Scope
from cases.worklist.forms import SCOPES, WorklistForm
from cases.worklist.listing import COUNT_LIMIT, Listing, counts, waits_for
from cases.worklist.selection import Choices


@dataclass(frozen=True)
class Tab:
    """A list that one can turn to, with how many Vorgänge are in it."""

    label: str
    address: str
    count: str
    is_current: bool
    of_team: str = ""


@dataclass(frozen=True)
class Header:
    """A column: by what a click sorts it (empty: it cannot be sorted), and how it is sorted now."""

    label: str
    query: str = ""
    sorted: str = ""


@dataclass(frozen=True)
class Row:
    """A Vorgang in the list."""

    case: Case
    people: str
    waits: str
    covered: bool
    present: list[User]


def shown_count(count: int) -> str:
    """``7``, or ``1000+``."""
    return f"{COUNT_LIMIT}+" if count > COUNT_LIMIT else str(count)


def tabs(request: HttpRequest, choices: Choices, form: WorklistForm, listing: Listing) -> tuple[list[Tab], int]:
    """Meine, Team, Alle and the saved views, and how many Vorgänge the list at hand has (one query)."""
    scope = choices.scope
    plain = {name: choices.form(QueryDict(f"scope={name}")) for name in SCOPES}
    saved = [(view, choices.form(QueryDict(view.query))) for view in choices.views]
    listings = [Listing(scope, each.wanted()) for each in (*plain.values(), *(form for _, form in saved))]
    *numbers, total = counts([*listings, listing])
    chosen = request.GET.get("ansicht", "")
    here = form.cleaned_data.get("scope", "")
    found = []
    for (name, label), number in zip(SCOPES.items(), numbers, strict=False):
        query = f"?scope={name}" if name else ""
        found.append(Tab(label, f"{reverse('worklist')}{query}", shown_count(number), not chosen and name == here))
    for (view, each), number in zip(saved, numbers[len(SCOPES) :], strict=True):
        address = f"{reverse('worklist')}?{each.query()}&ansicht={view.pk}"
        team = view.unit.name if view.unit_id else ""
        found.append(Tab(view.name, address, shown_count(number), chosen == str(view.pk), team))
    return found, total


SORTABLE = (
    ("Aktenzeichen", "aktenzeichen", "-aktenzeichen"),
    ("Betreff", "", ""),
    ("Leistung", "", ""),
    ("Frist", "frist", ""),
    ("Wiedervorlage", "wiedervorlage", ""),
    ("Eingang", "eingang", "-eingang"),
    ("Status", "", ""),
    ("Bearbeitung", "", ""),
)


def headers(form: WorklistForm) -> list[Header]:
    """The columns; clicking one sorts by it, once more turns it round, or back to urgency."""
    now = form.cleaned_data.get("sort", "")
    found = []
    for label, up, down in SORTABLE:
        if not up:
            found.append(Header(label))
            continue
        following = {up: down, down: ""}.get(now, up) if now else up
        state = {up: "ascending", down: "descending"}.get(now, "") if now else ""
        found.append(Header(label, form.query(sort=following) or "sort=", state))
    return found


def rows(scope: Scope, cases: list[Case]) -> list[Row]:
    """The Vorgänge with who applies, what they wait for, and who has them open (one query)."""
    present = present_people([case.pk for case in cases], scope.user)
    return [
        Row(
            case,
            ", ".join(party.name for party in case.applying[:2] if party.name),
            waits_for(case),
            case.handler_id in scope.covered,
            [presence.user for presence in present.get(case.pk, [])],
        )
        for case in cases
    ]


def present_from(rows: list[dict[str, str]]) -> list[Presence]:
    """Who else has a Vorgang open, from what ``selectors.case_with_marks`` gives."""
    return [
        Presence(user=User(**{name: row[name] for name in ("username", "first_name", "last_name")}), seen_at=seen)
        for row in rows
        for seen in [datetime.fromisoformat(row["seen_at"])]
    ]


def present_people(case_ids: list[int], user: User, now: datetime | None = None) -> dict[int, list[Presence]]:
    """Who else has these Vorgänge open, who was seen last first (one query)."""
    since = (now or timezone.now()) - PRESENT
    found: dict[int, list[Presence]] = {}
    others = Presence.objects.filter(case__in=case_ids, seen_at__gte=since).exclude(user=user)
    for presence in others.select_related("user").order_by("-seen_at"):
        found.setdefault(presence.case_id, []).append(presence)
    return found
