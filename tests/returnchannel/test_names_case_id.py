"""The Vorgangs-ID stands on everything that leaves the house, and what lacks it is a figure."""

from __future__ import annotations

import json
from collections.abc import Callable

import pypdfium2
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from audit.acting import Actor
from audit.registries import integrity, metrics
from cases import actions, blobs
from cases.models import Case, Document, User
from returnchannel import naming
from returnchannel.actions import outbox
from returnchannel.channels.webhook import body_of
from returnchannel.models import OutboundMessage, WebhookDelivery
from returnchannel.receipts import pdf_of, text_of
from tests import factories as make
from tests.intake.portal_client import PortalClient
from tests.returnchannel.hooks import hook
from tests.returnchannel.replying import Matter, response

pytestmark = pytest.mark.django_db
WORDS = st.text("aÄß€ –'\"#*_$@<>&\\/=`~+-.1\n", min_size=1, max_size=80).map(lambda text: f"Guten {text}.")


def figures() -> dict[str, float]:
    """The figures about the Vorgangs-ID."""
    return {figure.name: figure.value for figure in dict(metrics)["vorgangs_id"]()}


def words(content: bytes) -> str:
    with pypdfium2.PdfDocument(content) as pdf:
        return " ".join(page.get_textpage().get_text_bounded() for page in pdf)


def content_of(document: Document) -> bytes:
    with blobs.open_blob(document.files.get().blob_id) as stream:
        return stream.read()


def ask(case: Case, person: User, text: str) -> None:
    make.information_request(case, person, text=text)


def remind(case: Case, person: User, text: str) -> None:
    request = make.information_request(case, person, text=text)
    make.posted(request, person)
    actions.remind_request(request=request, by=Actor.of(person))


def decide(case: Case, person: User, text: str) -> None:
    draft = make.draft(case, person, operative_part=text)
    actions.release_decision(decision=draft, revision=draft.revision, by=Actor.of(make.user(case.unit)))


def inform(case: Case, person: User, text: str) -> None:
    actions.send_notice(case=case, kind="mitteilung", subject="Stand der Dinge", text=text, by=Actor.of(person))


@pytest.mark.parametrize(
    ("write", "letters"), [(ask, 1), (remind, 2), (decide, 1), (inform, 1)], ids=["ask", "remind", "decide", "inform"]
)
@settings(max_examples=4, deadline=None, suppress_health_check=list(HealthCheck))
@given(text=WORDS)
def test_whatever_is_written_its_pdf_names_the_vorgangs_id(write: Callable, letters: int, text: str) -> None:
    unit = make.team("wohngeld")
    case, person = make.application_case(unit), make.user(unit)
    write(case, person, text)
    messages = list(OutboundMessage.objects.filter(case=case))
    assert len(messages) == letters
    for message in messages:
        assert message.names_case_id
        for dispatch in message.dispatches.all():
            assert case.public_id in words(content_of(dispatch.document))
    assert figures()["outbound_without_case_id"] == 0


def test_so_does_the_receipt_and_what_the_portal_is_told() -> None:
    make.service("wohngeld")
    portal = PortalClient()
    hook(portal.client, "https://portal.example/")
    submission = portal.submitted(make.application())
    public_id = submission.number.public_id
    assert OutboundMessage.objects.get().names_case_id
    assert public_id in text_of(submission) and public_id in words(pdf_of(submission))
    deliveries = WebhookDelivery.objects.all()
    assert [json.loads(body_of(each))["subject"] for each in deliveries] == [public_id] * 2


def test_a_letter_without_it_is_counted_and_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """The figure is measured, not presumed: a letter that is set otherwise shows."""
    unit = make.team("wohngeld")
    case, person = make.application_case(unit), make.user(unit)
    assert not naming.letter_names(case.public_id, make.document(case, make.PDF))
    monkeypatch.setattr(outbox.naming, "_title", lambda sha256: "Nachforderung")
    ask(case, person, "Bitte")
    assert figures()["outbound_without_case_id"] == 1
    (problem,) = dict(integrity)["vorgangs_id"]()
    assert (problem.subject, "Nachforderung 1 nennt die Vorgangs-ID nicht" in problem.message) == (case.public_id, True)


def test_what_joins_a_vorgang_without_it_is_a_share() -> None:
    unit = make.team("ordnungsamt")
    make.rule("Gewerbe", unit=unit)
    case = make.processed(foreign="12 K 345/26").case
    assert figures() == dict.fromkeys(figures(), 0)
    make.processed(own=case.file_reference, foreign="12 K 345/26")
    make.processed(own=case.public_id, foreign="12 K 345/26")
    found = figures()
    assert (found["inbound_to_cases"], found["inbound_without_case_id"]) == (2, 1)
    assert found["inbound_without_case_id_percent"] == 50


def test_an_answer_by_the_interface_names_it_in_its_address() -> None:
    matter = Matter()
    request = matter.asked()
    matter.sent("responses", response(request, "lohn", "rente"))
    assert (figures()["inbound_to_cases"], figures()["inbound_without_case_id"]) == (1, 0)
