"""What the citizen is to see is written with the change, and under the id that its portal has."""

from __future__ import annotations

import pytest
from django.test import Client

from audit.acting import SYSTEM, Actor
from audit.registries import integrity
from cases.actions import close, take_up
from cases.models import Case
from intake.models import Submission
from returnchannel.actions.erasure import erase_messages
from returnchannel.models import OutboundMessage, PublicChange
from routing import pipeline
from tests import factories as make
from tests.pages import logged_in, text_of

pytestmark = pytest.mark.django_db


def told(of: Case) -> list[tuple[int, str, str]]:
    """Version, kind and status of each step under the Vorgang's id."""
    rows = PublicChange.objects.filter(number__public_id=of.public_id).order_by("id")
    return [(row.version, row.kind, row.status) for row in rows]


def test_each_public_change_is_a_step_without_gaps() -> None:
    case = make.case()
    by = Actor.of(make.user(case.unit))
    take_up(case=case, by=by)
    close(case=case, outcome=Case.Outcome.DONE, reason="erledigt", by=by)
    assert told(case) == [(1, "status", "eingegangen"), (2, "status", "in_pruefung"), (3, "status", "entschieden")]


def test_what_the_citizen_does_not_see_is_no_step() -> None:
    case = make.case()
    make.document(case)
    assert told(case) == [(1, "status", "eingegangen")]


def test_a_nachforderung_is_a_step_and_a_message_with_its_letter() -> None:
    case = make.application_case()
    make.information_request(case, make.user(case.unit))
    assert told(case)[-1][1:] == ("information_request", "nachforderung")
    message = OutboundMessage.objects.get(case=case)
    assert (message.n, message.kind) == (1, "information_request")
    assert message.document == message.dispatches.get().document
    assert message.text


def test_nothing_is_told_of_what_was_rolled_back() -> None:
    case = make.case()
    by = Actor.of(make.user(make.team("fremd")))
    with pytest.raises(Exception, match="Berechtigung"):
        take_up(case=case, by=by)
    assert len(told(case)) == 1


def test_the_page_of_a_vorgang_says_what_its_portal_shows() -> None:
    unit = make.team("wohngeld")
    make.service("wohngeld", unit)
    _, token = make.portal("Bürgerportal")
    Client().post(
        "/api/v1/submissions",
        make.application(),
        content_type="application/json",
        headers={"Authorization": f"Bearer {token}", "Idempotency-Key": "1"},
    )
    pipeline.process(Submission.objects.get().pk)
    case = Case.objects.get()
    page = text_of(logged_in(make.user(unit)).get(f"/vorgaenge/{case.public_id}/antrag/"))
    assert "über „Bürgerportal“" in page
    assert "Eingangsbestätigung" in page
    assert list(dict(integrity)["rueckkanal"]()) == []


def test_erasure_reaches_what_was_written() -> None:
    case = make.application_case()
    make.information_request(case, make.user(case.unit), title="Sehr persönlich")
    erase_messages(case, by=SYSTEM)
    message = OutboundMessage.objects.get(case=case)
    assert (message.title, message.text, message.kind) == ("", "", "information_request")
