"""Documents to a court or lawyer, and the Empfangsbekenntnis that comes back as the proof of delivery."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
from django.utils import timezone

from audit.acting import acting
from cases import actions
from cases.actions.base import NotPossible
from cases.models import Dispatch, Document, Notice
from returnchannel import court as reading
from returnchannel import tasks
from returnchannel.actions import court
from returnchannel.models import CourtMessage
from tests import factories as make
from tests.intake import builders
from tests.returnchannel.courts import COURT, THEIR_ID, Registry, needs_schemas, returned
from tests.sample_files import PDF

pytestmark = [needs_schemas, pytest.mark.django_db]


@pytest.fixture
def registry(settings: Any) -> Registry:
    """A Vorgang in which a court has written."""
    return Registry(settings)


def send(registry: Registry, *documents: Document, subject: str = "Stellungnahme") -> CourtMessage:
    """These documents go to the court."""
    numbers = [each.number for each in documents]
    message = court.send_documents(
        case=registry.case, submission=registry.asked, numbers=numbers, subject=subject, by=registry.by
    )
    tasks.court_post()
    return CourtMessage.objects.get(pk=message.pk)


def served(registry: Registry) -> Dispatch:
    """A Mitteilung that is to be served against Empfangsbekenntnis."""
    party = make.applicant(case=registry.case, receives_post=True)
    with acting(make.SYSTEM, "test"):
        party.save()
    told = {"kind": Notice.Kind.INTERIM, "subject": "Stand", "text": "Es dauert noch."}
    notice = actions.send_notice(case=registry.case, by=registry.by, method=Dispatch.Method.EEB, **told)
    return notice.dispatches.get()


def test_the_chosen_documents_with_their_files(registry: Registry) -> None:
    first = make.document(registry.case, title="Stellung/nahme: §5", role=Document.Role.LETTER)
    second = make.document(registry.case, PDF + b"2", title="Stellung/nahme: §5", role=Document.Role.ATTACHMENT)
    message = send(registry, first, second)
    said = registry.sent(message)
    assert (said.message_type, said.reply_to, said.subject) == ("0005005", THEIR_ID, "Stellungnahme")
    assert (said.foreign_reference, said.own_reference) == (builders.OWN, builders.FOREIGN)
    names = ["Stellung_nahme_5.pdf", "Stellung_nahme_5_2.pdf"]
    assert [(each.name, each.role) for each in said.documents] == [(names[0], "schreiben"), (names[1], "anlage")]
    folder = registry.outbox / str(message.message_id) / "attachments"
    assert [(folder / name).read_bytes() for name in names] == [PDF, PDF + b"2"]


def test_what_cannot_be_sent(registry: Registry, settings: Any) -> None:
    document = make.document(registry.case, title="Brief")
    fake = make.document(registry.case, b"MZ no pdf at all", name="Tarnung.pdf", title="Tarnung")
    for chosen in ([], [document, fake]):
        with pytest.raises(NotPossible):
            send(registry, *chosen)
    settings.MAX_MESSAGE_MB = 0
    with pytest.raises(NotPossible, match="größer als 0 MB"):
        send(registry, document)
    settings.MAX_MESSAGE_MB = 200
    settings.EGVP_OUTBOX = None
    with pytest.raises(NotPossible, match="EGVP_OUTBOX"):
        send(registry, document)
    assert not CourtMessage.objects.exists()


def test_characters_that_the_standard_does_not_know(registry: Registry) -> None:
    document = make.document(registry.case, title="Brief")
    with pytest.raises(NotPossible, match="gegenstand"):
        send(registry, document, subject="Smiley 😀")
    assert not CourtMessage.objects.exists()


def test_the_button_pressed_twice(registry: Registry) -> None:
    document = make.document(registry.case, title="Brief")
    send(registry, document)
    with pytest.raises(NotPossible, match="schon dorthin"):
        send(registry, document)
    assert len(registry.waiting()) == 1


class TestServed:
    """Our own Zustellung gegen Empfangsbekenntnis."""

    def test_it_demands_one_and_counts_as_sent(self, registry: Registry) -> None:
        row = served(registry)
        message = send(registry, row.document)
        assert registry.sent(message).eeb_required
        row.refresh_from_db()
        assert (row.state, row.sent_on, row.sent_by) == ("sent", timezone.localdate(), registry.person)

    def test_its_return_is_the_proof(self, registry: Registry) -> None:
        row = served(registry)
        message = send(registry, row.document)
        today = timezone.localdate()
        back = returned(str(message.message_id).upper(), today.isoformat(), own=builders.OWN)
        assert back.case == registry.case
        tasks.court_post()
        row.refresh_from_db()
        assert (row.delivered_on, row.known_on) == (today, today)
        newest = row.history.first()
        assert (newest.history_source, newest.history_user_id) == ("channel", "EGVP/beBPo")
        assert reading.overview(registry.case).unmatched == []
        assert tasks.court_post() == 0

    @pytest.mark.parametrize("which", ["unknown id", "other mailbox", "day before it was sent"])
    def test_what_does_not_match_is_for_a_person(self, registry: Registry, which: str) -> None:
        row = served(registry)
        message = send(registry, row.document)
        returned(
            str(uuid4()) if which == "unknown id" else str(message.message_id),
            "2020-01-01" if which.startswith("day") else timezone.localdate().isoformat(),
            own=builders.OWN,
            safe_id=COURT.replace("9999", "0000") if which == "other mailbox" else COURT,
        )
        tasks.court_post()
        row.refresh_from_db()
        assert row.delivered_on is None
        assert len(reading.overview(registry.case).unmatched) == 1
