"""Which way a letter takes to its recipient: the portal where that is open and wanted, else the post.

A letter is the way whenever another one is not certainly open: no portal, no consent, a Zustellung that has to be
proven, the written form, another recipient than who applied, or a law that counts from a notice which nobody can send.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings
from django.utils import timezone

from cases import provision
from cases.actions import deadline_rows
from cases.deadlines import Basis, DeadlineError, Event, Regime
from cases.models import Case, Dispatch, Party
from intake.models import ApiClient, Submission
from returnchannel import channels, consent

PORTAL, LETTER, MAIL = "portal", "letter", "mail"
BY_POST = (Dispatch.Method.LETTER, Dispatch.Method.REGISTERED, Dispatch.Method.PZU)


@dataclass(frozen=True)
class Choice:
    """What is open to the letters of a Vorgang: whether a portal stands behind it, and what was agreed to."""

    client: ApiClient | None
    consent: consent.Consent

    @classmethod
    def of(cls, case: Case) -> Choice:
        """That of a Vorgang, by the application that it began with (one query)."""
        rows = Submission.objects.filter(number__public_id=case.public_id).select_related("client")
        submission = rows.first()
        client = submission.client if submission else None
        if client is None or client.kind != ApiClient.Kind.PORTAL or not client.is_active:
            return cls(None, consent.Consent())
        return cls(client, consent.of(submission.reply_channel))

    def basis_for(self, dispatch: Dispatch) -> Basis | None:
        """On which ground the portal is the way of this letter; None when it goes by post."""
        if self.client is None or not self.consent.portal or not _is_plain_to_applicant(dispatch):
            return None
        if dispatch.decision_id is not None and not self.consent.decisions:
            return None
        if _needs_written_form(dispatch) and not channels.get(PORTAL).is_written_form:
            return None
        basis = provision.basis_for(dispatch.case, is_account=settings.PORTAL_IS_ACCOUNT)
        try:
            rule = provision.rule_of(dispatch.case, basis, timezone.localdate())
        except DeadlineError:
            return None
        return None if rule.event is Event.NOTIFIED and not self.can_be_notified(dispatch) else basis

    def can_be_notified(self, dispatch: Dispatch) -> bool:
        """True when the recipient wants to be told by e-mail, and this house can."""
        return settings.HAS_MAIL and bool(self.consent.address) and dispatch.recipient.role == Party.Role.APPLICANT


def _is_plain_to_applicant(dispatch: Dispatch) -> bool:
    return dispatch.method == Dispatch.Method.LETTER and dispatch.recipient.role == Party.Role.APPLICANT


def _needs_written_form(dispatch: Dispatch) -> bool:
    """A Nachforderung on which a Versagung may rest (§ 66 III SGB I)."""
    request = None if dispatch.is_reminder else dispatch.request
    is_social_law = deadline_rows.regime_of(dispatch.case) is Regime.SGB
    return request is not None and request.names_consequence and is_social_law


def prints() -> bool:
    """True when letters go to a print shop; otherwise people print them."""
    return settings.PRINT_FOLDER is not None
