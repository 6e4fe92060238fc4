"""What this room shows on the page of a Vorgang: why its messages are in it."""

from __future__ import annotations

from typing import Any

from cases import panels
from cases.models import Case, User
from routing import selectors


def decisions(case: Case, user: User) -> dict[str, Any] | None:
    """The decisions of the Verteilung, and what was taken for a repetition (two queries); None when there was none."""
    found = list(selectors.decisions_of(case))
    return {"decisions": found, "duplicates": selectors.duplicates_of(case)} if found else None


panels.register("routing", 20, decisions, "routing/panel.html")
