"""Bereitstellung zum Abruf: on which ground, when it counts as known, and when it ends without having been fetched."""

from __future__ import annotations

from datetime import date, timedelta

from cases import authority
from cases.actions import deadline_rows as rows
from cases.deadlines import Basis, Computed, Event, known
from cases.deadlines.notification import basis_of
from cases.deadlines.rules import Rule, find
from cases.models import Case, Dispatch


def basis_for(case: Case, *, is_account: bool) -> Basis:
    """On which ground something is provided for this Vorgang: § 9 OZG in the mailbox of the Nutzerkonto
    (``is_account``), else that of its law for other portals."""
    return Basis.OZG_9 if is_account else basis_of(Event.RETRIEVED, rows.regime_of(case))


def rule_of(case: Case, basis: Basis, on: date) -> Rule:
    """The rule row for what is provided on this day."""
    return find(basis, rows.regime_of(case), authority.calendar().land, on)


def bekanntgabe(row: Dispatch) -> Computed | None:
    """When what was provided counts as known, and why; None while what the rule counts from has not happened."""
    rule = rule_of(row.case, Basis(row.basis), row.sent_on)
    on = {Event.PROVIDED: row.sent_on, Event.NOTIFIED: row.notified_on, Event.RETRIEVED: row.delivered_on}[rule.event]
    if on is None:
        return None
    found = known(rule.event, on, regime=rule.regime, calendar=authority.calendar(), basis=rule.basis)
    return Computed(found.on, found.reasons)


def ends_on(row: Dispatch) -> date | None:
    """The last day on which it can be fetched before a letter follows; None where it need not be fetched."""
    rule = rule_of(row.case, Basis(row.basis), row.sent_on)
    if not rule.unretrieved_days:
        return None
    return (row.notified_on or row.sent_on) + timedelta(days=rule.unretrieved_days)
