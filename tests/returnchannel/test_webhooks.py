"""Portals are told, each change at least once and in order, whatever their receiver does meanwhile."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.db import transaction
from django.utils import timezone
from standardwebhooks.webhooks import WebhookVerificationError

from audit.acting import SYSTEM
from cases.actions import reserve_number
from intake import actions as intake
from returnchannel import calling, tasks
from returnchannel.actions import deliveries, webhooks
from returnchannel.channels import Outcome, Result
from returnchannel.models import Webhook, WebhookDelivery
from tests import factories as make
from tests.intake.portal_client import PortalClient
from tests.returnchannel.hooks import changed, hook, later, states
from tests.returnchannel.receiver import Receiver, Request, closed_port, receiving

State = WebhookDelivery.State
pytestmark = pytest.mark.usefixtures("own_network")


@pytest.mark.django_db
class TestWritten:
    """A delivery is written with its change."""

    def test_with_the_change_of_a_vorgang_and_without_a_further_query(self, django_assert_num_queries: Any) -> None:
        client, _ = make.portal()
        hook(client, "https://portal.example/")
        number = reserve_number()
        with django_assert_num_queries(1):
            changed(client, number=number)
        delivery = WebhookDelivery.objects.get()
        assert (delivery.change.number, delivery.state, delivery.attempts) == (number, State.WAITING, 0)

    def test_nothing_is_told_of_what_was_rolled_back(self) -> None:
        client, _ = make.portal()
        hook(client, "https://portal.example/")
        with pytest.raises(ZeroDivisionError), transaction.atomic():
            changed(client)
            raise ZeroDivisionError
        assert states() == []

    @pytest.mark.parametrize("times", [1, 5, 30])
    def test_for_each_webhook_that_wants_the_kind(self, times: int) -> None:
        client, other = make.portal()[0], make.portal()[0]
        hook(client, "https://portal.example/alles")
        hook(client, "https://portal.example/status", "zwei", kinds=["status", "decision"])
        hook(client, "https://portal.example/bescheid", "drei", kinds=["decision"])
        hook(other, "https://anderes.example/")
        gone = hook(client, "https://portal.example/weg", "vier").webhook
        webhooks.remove_webhook(webhook=gone, by=SYSTEM)
        changed(client, times)
        found = WebhookDelivery.objects.order_by("id").values_list("webhook__name", "change__version")
        assert sorted(found) == sorted((name, n) for name in ("eins", "zwei") for n in range(times))
        assert WebhookDelivery.objects.values("event_id").distinct().count() == 2 * times

    def test_not_for_who_was_revoked(self) -> None:
        client, _ = make.portal()
        hook(client, "https://portal.example/")
        changed(client)
        intake.revoke_client(client=client, by=SYSTEM)
        changed(client)
        assert WebhookDelivery.objects.count() == 1
        assert deliveries.claim() is None
        deliveries.tidy()
        assert states() == [State.CANCELLED]


@pytest.mark.django_db
class TestSent:
    """What arrives, and what becomes of it."""

    def test_signed_thin_and_without_a_person(self, receiver: Receiver) -> None:
        client, _ = make.portal()
        secret = hook(client, receiver.url).secret
        number = changed(client)
        assert tasks.deliver_due() == 1
        (got,) = receiver.got
        event = got.verified(secret)
        assert event.pop("time")
        assert event == {
            "specversion": "1.0",
            "id": got.event_id,
            "source": "/api/v1/changes",
            "type": "de.laufmappe.case.changed",
            "subject": number.public_id,
            "datacontenttype": "application/json",
            "data": {"case_id": number.public_id, "version": 0, "status": "in_pruefung", "kind": "status"},
        }
        assert got.headers["content-type"] == "application/cloudevents+json; charset=utf-8"
        assert got.headers["host"] == f"127.0.0.1:{receiver.port}"
        delivery = WebhookDelivery.objects.get()
        assert (delivery.state, delivery.last_status, delivery.attempts) == (State.DELIVERED, 204, 1)
        assert delivery.delivered_at and str(delivery.event_id) == got.event_id

    def test_a_wrong_secret_does_not_verify_it(self, receiver: Receiver) -> None:
        client, _ = make.portal()
        hook(client, receiver.url)
        changed(client)
        tasks.deliver_due()
        with pytest.raises(WebhookVerificationError):
            receiver.got[0].verified("whsec_" + "A" * 43 + "=")

    def test_while_the_secret_changes_both_verify_and_after_a_day_the_new_one_only(self, receiver: Receiver) -> None:
        client, _ = make.portal()
        old = hook(client, receiver.url).secret
        new = hook(client, receiver.url, rotate=True).secret
        assert old and new and old != new
        changed(client)
        tasks.deliver_due()
        assert receiver.got[0].verified(old) == receiver.got[0].verified(new)
        with later(hours=25):
            changed(client)
            tasks.deliver_due()
            receiver.got[1].verified(new)
            with pytest.raises(WebhookVerificationError):
                receiver.got[1].verified(old)
            deliveries.tidy()
        assert Webhook.objects.get().previous_secret == ""

    @pytest.mark.parametrize(
        ("behave", "sentence"),
        [
            (lambda request: 500, "Der Empfänger hat mit HTTP 500 geantwortet."),
            (lambda request: 429, "Der Empfänger hat mit HTTP 429 geantwortet."),
            (lambda request: 0, "Der Empfänger hat die Verbindung ohne lesbare Antwort beendet."),
            (lambda request: request.wfile.write(b"\0\1\2\r\n\r\n") and 0, "ohne lesbare Antwort"),
            (lambda request: time.sleep(2) or 204, "nicht innerhalb von 0.5 Sekunden geantwortet"),
        ],
    )
    def test_who_fails_is_asked_again_and_gets_the_same_event(
        self, receiver: Receiver, monkeypatch: pytest.MonkeyPatch, behave: Callable[[Request], int], sentence: str
    ) -> None:
        monkeypatch.setattr(calling, "TOTAL_SECONDS", 0.5)
        client, _ = make.portal()
        secret = hook(client, receiver.url).secret
        changed(client)
        receiver.answer = behave
        assert tasks.deliver_due() == 1
        delivery = WebhookDelivery.objects.get()
        assert (delivery.state, delivery.attempts) == (State.WAITING, 1)
        assert sentence in delivery.last_error
        assert tasks.deliver_due() == 0, "not before its time"
        receiver.answers(200)
        with later(seconds=37):
            assert tasks.deliver_due() == 1
            assert states() == [State.DELIVERED]
            assert len({got.event_id for got in receiver.got}) == 1
            assert receiver.got[0].body == receiver.got[1].body
            receiver.got[1].verified(secret)

    def test_who_sends_one_byte_after_another_is_cut_off(
        self, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(calling, "TOTAL_SECONDS", 0.6)

        def drip(request: Request) -> int:
            for _ in range(50):
                request.wfile.write(b"H")
                request.wfile.flush()
                time.sleep(0.1)
            return 0

        client, _ = make.portal()
        hook(client, receiver.url)
        changed(client)
        receiver.answer = drip
        began = time.monotonic()
        tasks.deliver_due()
        assert time.monotonic() - began < 3
        assert "nicht innerhalb" in WebhookDelivery.objects.get().last_error

    @pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
    def test_a_redirect_is_not_followed(self, receiver: Receiver, status: int) -> None:
        client, _ = make.portal()
        with receiving() as private:
            receiver.location = private.url
            receiver.answers(status)
            hook(client, receiver.url)
            changed(client)
            tasks.deliver_due()
            assert private.got == []
        delivery = WebhookDelivery.objects.get()
        assert delivery.state == State.WAITING
        assert f"leitet weiter (HTTP {status})" in delivery.last_error

    def test_no_proxy_of_the_environment_is_asked(self, receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
        for name in ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{closed_port()}")
        client, _ = make.portal()
        hook(client, receiver.url)
        changed(client)
        tasks.deliver_due()
        assert states() == [State.DELIVERED]

    def test_410_ends_it_and_what_waits_is_cancelled_until_the_portal_sets_it_again(self, receiver: Receiver) -> None:
        client, token = make.portal()
        secret = hook(client, receiver.url).secret
        number = changed(client, 3)
        receiver.answers(410)
        tasks.deliver_due()
        assert (len(receiver.got), states()) == (1, [State.CANCELLED] * 3)
        webhook = Webhook.objects.get()
        assert (webhook.is_active, webhook.switched_off_reason) == (False, Webhook.Off.GONE)
        last = webhook.history.latest("history_id")
        assert (last.history_action, last.history_user_id) == ("switch_off_webhook", "Webhook")
        changed(client, number=number, start=3)
        assert len(states()) == 3, "nobody writes for who wants nothing"
        receiver.answers(200)
        again = hook(client, receiver.url)
        assert (again.is_new, again.secret) == (False, None)
        changed(client, number=number, start=4)
        tasks.deliver_due()
        receiver.got[-1].verified(secret)

    def test_the_410_of_the_place_before_does_not_end_the_new_one(self, receiver: Receiver) -> None:
        client, _ = make.portal()
        hook(client, f"{receiver.url}/alt")
        changed(client)
        _, delivery = deliveries.begin(deliveries.claim())
        hook(client, receiver.url)
        deliveries.settle(delivery, Outcome(Result.ENDED, 410, "Der Empfänger will nichts mehr (HTTP 410)."))
        assert (Webhook.objects.get().is_active, states()) == (True, [State.WAITING])
        with later(minutes=5):  # the claim has run out
            tasks.deliver_due()
        assert states() == [State.DELIVERED]

    def test_the_pauses_grow_to_a_day_and_then_it_is_parked(self, receiver: Receiver, settings: Any) -> None:
        client, _ = make.portal()
        hook(client, receiver.url)
        changed(client)
        receiver.answers(500)
        pauses = []
        now = timezone.now()
        for attempt in range(1, settings.WEBHOOK_MAX_ATTEMPTS + 1):
            with time_machine.travel(now, tick=False):
                assert tasks.deliver_due() == 1
            delivery = WebhookDelivery.objects.get()
            assert delivery.attempts == attempt
            if delivery.next_attempt_at:
                pauses.append((delivery.next_attempt_at - now).total_seconds())
                with time_machine.travel(delivery.next_attempt_at - timedelta(seconds=1), tick=False):
                    assert tasks.deliver_due() == 0
                now = delivery.next_attempt_at
        assert delivery.state == State.PARKED
        assert 30 <= pauses[0] <= 36 and 120 <= pauses[1] <= 144
        assert all(20 * 3600 <= pause <= 24 * 3600 for pause in pauses[6:]) and len(pauses) == 9
        assert delivery.last_error and len(receiver.got) == 10

    def test_pauses_are_not_all_the_same(self) -> None:
        assert len({deliveries.pause_after(3) for _ in range(50)}) > 40
        assert deliveries.pause_after(10**6) <= timedelta(hours=24)


@pytest.mark.django_db
class TestInOrder:
    """The order of a Vorgang, and who waits for whom."""

    def test_a_later_state_waits_for_an_earlier_one_and_other_vorgaenge_do_not(self, receiver: Receiver) -> None:
        client, _ = make.portal()
        hook(client, receiver.url)
        stuck, free = changed(client, 2), changed(client, 2)
        receiver.answers(500, 204)
        tasks.deliver_due()
        assert receiver.versions == [(stuck.public_id, 0), (free.public_id, 0), (free.public_id, 1)]
        with later(seconds=37):
            tasks.deliver_due()
        assert receiver.versions[3:] == [(stuck.public_id, 0), (stuck.public_id, 1)]

    def test_what_was_parked_holds_nothing_up(self, receiver: Receiver, settings: Any) -> None:
        settings.WEBHOOK_MAX_ATTEMPTS = 1
        client, _ = make.portal()
        hook(client, receiver.url)
        number = changed(client, 2)
        receiver.answers(500, 204)
        tasks.deliver_due()
        assert receiver.versions == [(number.public_id, 0), (number.public_id, 1)]
        assert states() == [State.PARKED, State.DELIVERED]

    def test_where_nobody_answers_the_rest_is_not_tried_and_comes_when_they_are_back(self, receiver: Receiver) -> None:
        client, _ = make.portal()
        hook(client, f"http://127.0.0.1:{closed_port()}/")
        for _ in range(5):
            changed(client)
        assert tasks.deliver_due() == 1
        assert list(WebhookDelivery.objects.order_by("id").values_list("attempts", flat=True)) == [1, 0, 0, 0, 0]
        assert "kam nicht zustande" in WebhookDelivery.objects.order_by("id")[0].last_error
        hook(client, receiver.url)
        with later(minutes=6):
            tasks.deliver_due()
        assert states() == [State.DELIVERED] * 5

    def test_one_that_hangs_holds_up_no_other(self, receiver: Receiver) -> None:
        client, _ = make.portal()
        hook(client, receiver.url, "a-haengt")
        hook(client, receiver.url, "b")
        changed(client)
        busy = deliveries.claim()
        assert busy is not None, "somebody is at it"
        other = deliveries.claim()
        assert other is not None and other.webhook_id != busy.webhook_id
        tasks.deliver(other)
        assert len(receiver.got) == 1


@pytest.mark.django_db
def test_the_whole_way_of_an_application_is_told(receiver: Receiver) -> None:
    make.service("wohngeld")
    portal = PortalClient()
    secret = hook(portal.client, receiver.url).secret
    submission = portal.submitted(make.application())
    tasks.deliver_due()
    events = [got.verified(secret)["data"] for got in receiver.got]
    assert {event["case_id"] for event in events} == {submission.number.public_id}
    assert [event["version"] for event in events] == list(range(len(events)))
    assert events[0]["kind"] == "receipt" and len(events) > 1
    name = submission.case.parties.get().last_name
    assert not any(name.encode() in got.body for got in receiver.got)
