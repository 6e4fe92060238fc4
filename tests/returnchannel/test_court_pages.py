"""The pages of what goes to courts: the task, its form, the proof, and what was not accepted."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils import timezone

from cases.models import Document
from returnchannel import tasks
from returnchannel.models import CourtMessage
from tests import factories as make
from tests.pages import address, done, logged_in, refused, shown, text_of
from tests.returnchannel.courts import Registry, needs_schemas

pytestmark = [needs_schemas, pytest.mark.django_db]


@pytest.fixture
def registry(settings: Any) -> Registry:
    """A Vorgang in which a court asks for an Empfangsbekenntnis."""
    return Registry(settings)


def test_the_task_its_form_and_the_status(registry: Registry) -> None:
    client = logged_in(registry.person)
    case = address("case", registry.case)
    form = address("receipt-give", registry.case, registry.asked.pk)
    shown(client, case, "Empfangsbekenntnis abgeben", "eEB offen", form)
    page = shown(client, form, "Kenntnis genommen am", "Inhalt der Sendung unklar oder unvollständig")
    assert f'value="{timezone.localdate().isoformat()}"' not in page  # nothing is filled in
    refused(client, form, {}, "Bitte")
    refused(client, form, {"answer": "received"}, "Bitte den Tag angeben")
    refused(client, form, {"answer": "received", "on": "2999-01-01"}, "liegt in der Zukunft")
    refused(client, form, {"answer": "failure"}, "Bitte den Grund wählen")
    refused(client, form, {"answer": "failure", "code": "2", "on": "2026-11-24"}, "gehört kein Datum")
    today = timezone.localdate()
    page = done(client, form, {"answer": "received", "on": today.isoformat()}, "wird jetzt übermittelt")
    assert "eEB offen" not in page and f"Kenntnis am {today:%d.%m.%Y}" in page and "Wanda Amt" in page
    tasks.court_post()
    registry.accept(CourtMessage.objects.get(), timezone.now())
    tasks.court_post()
    shown(client, case, "zugegangen", "govapp_4711")
    refused(client, form, {"answer": "received", "on": today.isoformat()}, "schon abgegeben")


def test_a_failure(registry: Registry) -> None:
    form = address("receipt-give", registry.case, registry.asked.pk)
    done(logged_in(registry.person), form, {"answer": "failure", "code": "1", "text": "Nicht wir."}, "Störungsmeldung")
    assert CourtMessage.objects.get().failure_code == "1"


def test_without_the_channel_only_by_hand(registry: Registry, settings: Any) -> None:
    settings.EGVP_OUTBOX = None
    client = logged_in(registry.person)
    form = address("receipt-give", registry.case, registry.asked.pk)
    page = shown(client, form, "nicht eingerichtet (EGVP_OUTBOX)", "von Hand abgegeben")
    assert "Ich bestätige den Empfang" not in page
    refused(client, form, {"answer": "received", "on": "2026-11-24"}, "")
    done(client, form, {"answer": "by_hand", "on": timezone.localdate().isoformat()}, "von Hand abgegeben")
    assert client.get(address("court-send", registry.case)).status_code == 422


def test_not_accepted(registry: Registry) -> None:
    client = logged_in(registry.person)
    form = address("receipt-give", registry.case, registry.asked.pk)
    done(client, form, {"answer": "received", "on": timezone.localdate().isoformat()})
    tasks.court_post()
    message = CourtMessage.objects.get()
    registry.refuse(message, "Das <Postfach> ist voll.")
    tasks.court_post()
    shown(
        client, address("case", registry.case), "Das &lt;Postfach&gt; ist voll.", "Erneut senden", "Von Hand erledigt"
    )
    done(client, address("court-again", registry.case, message.pk), {}, "noch einmal übermittelt")
    tasks.court_post()
    registry.refuse(message)
    tasks.court_post()
    by_hand = address("court-by-hand", registry.case, message.pk)
    refused(client, by_hand, {"reason": " "}, "Bitte")
    done(client, by_hand, {"reason": "per Fax am 24.11."}, "von Hand erledigt")


def test_documents_are_sent(registry: Registry) -> None:
    document = make.document(registry.case, title="Stellungnahme", role=Document.Role.LETTER)
    client = logged_in(registry.person)
    form = address("court-send", registry.case)
    shown(client, form, "Stellungnahme", "An das Gericht senden")
    data = {"to": str(registry.asked.pk), "subject": "Stellungnahme"}
    refused(client, form, data, "Bitte")
    done(client, form, data | {"documents": [str(document.number)]}, "werden jetzt übermittelt")
    assert CourtMessage.objects.get().kind == CourtMessage.Kind.DOCUMENTS


def test_who_may_only_look(registry: Registry) -> None:
    stranger = logged_in(make.user(make.team("anderes")))
    for name, args in (("receipt-give", [registry.asked.pk]), ("court-send", [])):
        assert stranger.get(address(name, registry.case, *args)).status_code == 404
    other = make.case(registry.unit)
    own = logged_in(registry.person)
    assert own.get(address("receipt-give", other, registry.asked.pk)).status_code == 404
    assert own.get(address("court-by-hand", other, 4711)).status_code == 404


def test_few_queries(registry: Registry, django_assert_max_num_queries: Any) -> None:
    client = logged_in(registry.person)
    make.document(registry.case, title="Brief")
    for url in (
        address("case", registry.case),
        address("receipt-give", registry.case, registry.asked.pk),
        address("court-send", registry.case),
    ):
        client.get(url)
        with django_assert_max_num_queries(15):
            text_of(client.get(url))
